import { describe, expect, it } from 'vitest'
import { ByHand } from './by-hand.ts'
import { broken, calm } from './by-hand-judged.ts'
import { check } from './checker.ts'

describe('a history that keeps the laws', () => {
  it('is found to keep them: an object copied, written over, deleted, and a route that follows', () => {
    const { hand, first } = calm()
    const second = hand.at(5_000).userWrites('b', { body: '#2 second' })
    hand.at(6_000).weCopy('a', second)
    hand.weReport('a', first)
    hand.at(9_000).userDeletes('a')
    hand.at(13_000).weDelete('b')
    const routed = hand.at(14_000).userWrites('a', { body: '#3 routed' }, 'r/k')
    hand.at(15_000).weCopy('vault', routed, { entry: 'route' })
    expect(check(hand.history())).toEqual({ violations: [], exceptions: [] })
  })

  it('may show a copy over a deletion for a while, if it goes again', () => {
    const { hand, first } = calm()
    hand.at(3_000).userDeletes('b')
    hand.at(4_000).weCopy('b', first)
    hand.at(8_000).weDelete('b')
    hand.at(8_100).weDelete('a')
    expect(broken(hand.history())).toEqual([])
  })

  it('judges each name by itself', () => {
    const { hand } = calm()
    const other = hand.at(3_000).userWrites('b', { body: '#2 other' }, 'g/other')
    hand.at(4_000).weCopy('a', other)
    expect(broken(hand.history())).toEqual([])
    hand.at(5_000).userDeletes('b', 'g/other')
    hand.at(9_000).weDelete('a', 'g/other')
    expect(broken(hand.history())).toEqual([])
  })
})

describe('law 3, by hand: in the end', () => {
  it('is broken where members show different things, and says what each should show and shows', () => {
    const { hand } = calm()
    hand.at(5_000).userWrites('b', { body: '#2 second' })
    const { violations } = check(hand.history())
    expect(violations.map(({ law, what }) => ({ law, what }))).toEqual([
      { law: 3, what: 'expected #2 (v2 at b) everywhere; found a: #1 (v0 at a); b: #2 (v2 at b)' },
    ])
  })

  it('is broken where one member shows nothing', () => {
    const hand = new ByHand(['a', 'b', 'c'])
    const first = hand.at(1_000).userWrites('b', { body: '#1 first' })
    hand.at(2_000).weCopy('c', first)
    expect(check(hand.history()).violations.map(({ what }) => what)).toEqual([
      'expected #1 (v0 at b) everywhere; found a: nothing; b: #1 (v0 at b); c: #1 (v1 at c, a copy)',
    ])
    const other = new ByHand(['a', 'b', 'c'])
    const second = other.at(1_000).userWrites('a', { body: '#1 first' })
    other.at(2_000).weCopy('b', second)
    expect(broken(other.history())).toEqual([3])
  })

  it('is broken where the same bytes have other headers', () => {
    const { hand } = calm()
    hand.at(5_000).userWrites('a', { body: '#1 first', properties: 'contentType=text/2 ' })
    expect(broken(hand.history())).toEqual([3])
  })

  it('is broken where tags differ, and says which', () => {
    const hand = new ByHand()
    const first = hand.at(1_000).userWrites('a', { body: '#1 first', tags: 'team=one' })
    hand.at(2_000).weCopy('b', first, { tags: '' })
    expect(check(hand.history()).violations).toMatchObject([{ law: 3, what: 'the tags differ: a {team=one}, b {}' }])
  })

  it('is broken where something shows that nobody wrote', () => {
    const { hand, first } = calm()
    hand.at(3_000).weCopy('b', first, { key: 'g/other', body: '#7 never' })
    expect(broken(hand.history())).toEqual([6, 3])
    hand.at(4_000).weDelete('b', 'g/other')
    expect(broken(hand.history())).toEqual([6])
  })

  it('asks nothing of a world that never came to rest, but that it rests', () => {
    const { hand } = calm()
    hand.at(5_000).userWrites('b', { body: '#2 second' })
    hand.at(6_000).userWrites('a', { body: '#3 routed' }, 'r/k')
    const { rest } = hand.history()
    expect(broken(hand.history({ rest: { ...rest, quietAtMs: null } }))).toEqual([9])
  })

  it('asks nothing of a group of which nobody is left', () => {
    const { hand } = calm()
    for (const site of ['a', 'b']) hand.site(site, { retiredAtMs: 4_000 })
    hand.at(5_000).userWrites('b', { body: '#2 second' })
    expect(broken(hand.history())).toEqual([])
  })

  it.each([
    ['has left', { retiredAtMs: 4_000 }],
    ['keeps no versions', { keeps: 'none' }],
  ] as const)('asks nothing of a member that %s', (_how, facts) => {
    const { hand, first } = calm()
    hand.at(5_000).weCopy('b', hand.userWrites('a', { body: '#2 second' }))
    hand.site('a', facts)
    hand.userWrites('a', { body: '#3 third' })
    expect(broken(hand.history())).toEqual([])
    expect(first.site).toBe('a')
  })
})

describe('law 2, by hand: in the end', () => {
  it('is broken where all agree on what is not the last', () => {
    const { hand, first } = calm()
    const second = hand.at(5_000).userWrites('a', { body: '#2 second' })
    hand.at(6_000).isTakenAway(second, first)
    expect(broken(hand.history())).toEqual([2])
  })
})

describe('law 5, by hand', () => {
  it('is broken by a deletion that nobody made', () => {
    const { hand } = calm()
    hand.at(5_000).weDelete('b')
    expect(broken(hand.history())).toEqual([5, 3])
    hand.at(5_000).weDelete('a')
    hand.weReport('a', hand.history().versions[0]!)
    expect(broken(hand.history())).toEqual([5])
  })

  it('is broken by a stale deletion that removes a newer version', () => {
    const { hand } = calm()
    hand.at(3_000).userDeletes('b')
    const newer = hand.at(4_000).userWrites('a', { body: '#2 newer' })
    hand.at(6_000).weDelete('a')
    expect(broken(hand.weReport('a', newer).history())).toEqual([5])
  })

  it('is broken by a stale deletion, though what it removed comes back', () => {
    const { hand } = calm()
    hand.at(3_000).userDeletes('b')
    const newer = hand.at(4_000).userWrites('a', { body: '#2 newer' })
    hand.at(5_000).weCopy('b', newer)
    expect(broken(hand.history())).toEqual([])
    hand.at(6_000).weDelete('b')
    hand.at(7_000).weCopy('b', newer)
    expect(broken(hand.history())).toEqual([5])
  })

  it('is broken by a removal before the deletion that would earn it', () => {
    const { hand } = calm()
    hand.at(3_000).weDelete('b')
    hand.at(4_000).userDeletes('a')
    expect(broken(hand.history())).toEqual([5])
  })

  it('is broken where what was deleted is back everywhere', () => {
    const { hand, first } = calm()
    hand.at(3_000).userDeletes('b')
    hand.at(4_000).weCopy('b', first)
    expect(check(hand.history()).violations).toMatchObject([
      {
        law: 5,
        what: 'expected nothing, for #1 (v0 at a) was deleted; found a: #1 (v0 at a); b: #1 (v2 at b, a copy)',
      },
    ])
  })

  it('lets what was there before a site joined go with its equal', () => {
    const hand = new ByHand().joins('a', 60_000).joins('b', 60_000)
    hand.at(2_000).userWrites('a', { body: '#1 first' })
    hand.at(3_000).userWrites('b', { body: '#1 first' })
    hand.at(70_000).userDeletes('a')
    hand.at(80_000).weDelete('b')
    expect(broken(hand.history())).toEqual([])
  })

  it('takes a removal by a route into the group for a user’s deletion, and no writing of it', () => {
    const hand = new ByHand()
    const routed = hand.at(1_000).userWrites('c', { body: '#1 routed' }, 'g/k')
    const brought = hand.at(2_000).weCopy('a', routed, { entry: 'route', cloud: 'vault' })
    const copy = hand.at(3_000).weCopy('b', brought)
    hand.at(4_000).weDelete('a', 'g/k', { cloud: 'vault' })
    hand.at(5_000).weDelete('b')
    expect(broken(hand.history())).toEqual([])
    expect(copy.entry).toBe('group')

    const other = new ByHand()
    const one = other.at(1_000).userWrites('c', { body: '#1 routed' }, 'g/k')
    other.at(3_000).weCopy('b', other.at(2_000).weCopy('a', one, { entry: 'route', cloud: 'vault' }))
    const two = other.at(4_000).userWrites('c', { body: '#2 routed' }, 'g/k')
    const next = other.at(5_000).weCopy('a', two, { entry: 'route', cloud: 'vault' })
    other.at(6_000).weDelete('b')
    other.at(7_000).weCopy('b', next)
    expect(broken(other.history())).toEqual([5])
  })
})

describe('law 7, by hand', () => {
  it('is broken by what a lost event left undone and a whole reconcile did not find', () => {
    for (const [from, to] of [
      ['a', 'b'],
      ['b', 'a'],
    ] as const) {
      const hand = new ByHand()
      const first = hand.at(1_000).userWrites(from, { body: '#1 first' })
      hand.at(60_000).passes('reconcile', 1)
      hand.at(120_000).weCopy(to, first)
      expect(broken(hand.history())).toEqual([7])
    }
  })

  it('is broken where they differ in bytes after it', () => {
    const { hand } = calm()
    const second = hand.at(5_000).userWrites('a', { body: '#2 second' })
    hand.at(60_000).passes('reconcile')
    hand.at(120_000).weCopy('b', second)
    expect(broken(hand.history())).toEqual([7])
  })

  it('is kept where all show nothing after it, or the same', () => {
    const { hand } = calm()
    hand.at(60_000).passes('reconcile')
    hand.at(70_000).userDeletes('a')
    hand.at(80_000).weDelete('b')
    expect(broken(hand.history())).toEqual([])
    const { hand: other } = calm()
    other.at(10_000).userDeletes('a')
    other.at(20_000).weDelete('b')
    expect(broken(other.at(60_000).passes('reconcile').history())).toEqual([])
  })

  it('asks nothing of a deep pass, or of a reconcile of another rule', () => {
    for (const [name, rule] of [
      ['deep', 'equals'],
      ['reconcile', 'safe'],
    ] as const) {
      const hand = new ByHand()
      const first = hand.at(1_000).userWrites('a', { body: '#1 first' })
      hand.at(60_000).passes(name, 1, { rule })
      hand.at(120_000).weCopy('b', first)
      expect(broken(hand.history())).toEqual([])
    }
  })
})
