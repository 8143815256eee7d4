import { describe, expect, it } from 'vitest'
import { ByHand } from './by-hand.ts'
import { broken, calm } from './by-hand-judged.ts'
import { requestsMax } from './checker-bounds.ts'
import type { Letter } from './history.ts'

describe('law 0, by hand', () => {
  it('is broken by what nobody throws on purpose', () => {
    const { hand } = calm()
    expect(broken(hand.invocation({ error: 'TypeError: x is undefined' }).history())).toEqual([0])
  })

  it('is kept by a failure that says what it is', () => {
    const { hand } = calm()
    expect(broken(hand.invocation({ error: 'Failure: a: slow down' }).history())).toEqual([])
  })
})

describe('law 8, by hand: while one site is ill', () => {
  const ill = { site: 'c', fromMs: 0, untilMs: 60_000 }
  const whole = `#1 ${'whole '.repeat(30)}`

  /** Written at `a` at second 1, at `b` so many ms later, at the ill `c` when it is well again. */
  function copied(lateMs: number, body = '#1 first', writtenMs = 1_000) {
    const hand = new ByHand(['a', 'b', 'c']).with({ ill })
    const first = hand.at(writtenMs).userWrites('a', { body })
    hand.at(writtenMs + lateMs).weCopy('b', first)
    hand.at(120_000).weCopy('c', first)
    return hand
  }

  it('is broken where a healthy target waits for the ill one', () => {
    expect(broken(copied(45_000).history())).toEqual([8])
  })

  it('is kept where the healthy one has its copy soon, a large object a little later', () => {
    expect(broken(copied(5_000).history())).toEqual([])
    expect(broken(copied(7_000).history())).toEqual([8])
    expect(broken(copied(7_000, whole).history())).toEqual([])
    expect(broken(copied(9_000, whole).history())).toEqual([8])
  })

  it('is not kept by a copy of something else', () => {
    const hand = copied(45_000)
    hand.at(2_000).weCopy('b', hand.history().versions[0]!, { key: 'g/k', body: '#1 other' })
    expect(broken(hand.history())).toContain(8)
  })

  it('asks nothing once the illness is over, or where another act on the key came between', () => {
    expect(broken(copied(45_000, '#1 first', 58_000).history())).toEqual([])
    const hand = copied(45_000)
    hand.at(4_000).userWrites('a', { body: '#1 first', properties: 'team=two' })
    for (const site of ['b', 'c']) hand.at(125_000).weCopy(site, hand.history().versions.at(-1)!)
    expect(broken(hand.history())).toEqual([])
  })

  it('asks nothing of two acts that come close together', () => {
    const hand = new ByHand(['a', 'b', 'c']).with({ ill })
    hand.at(1_000).userWrites('a', { body: '#1 first' })
    hand.at(50_000).weCopy('b', hand.history().versions[0]!)
    const second = hand.at(56_000).userWrites('a', { body: '#2 second' })
    hand.at(60_100).weCopy('b', second)
    hand.at(120_000).weCopy('c', second)
    expect(broken(hand.history())).toEqual([8])
    const other = new ByHand(['a', 'b', 'c']).with({ ill })
    other.at(1_000).userWrites('a', { body: '#1 first' })
    other.at(2_000).userWrites('a', { body: '#2 second' })
    for (const site of ['b', 'c']) other.at(90_000).weCopy(site, other.history().versions[1]!)
    expect(broken(other.history())).toEqual([])
  })

  it('asks nothing of what is written at the ill site, or written anew by us', () => {
    const hand = new ByHand(['a', 'b', 'c']).with({ ill })
    const first = hand.at(1_000).userWrites('c', { body: '#1 first' })
    for (const site of ['a', 'b']) hand.at(45_000).weCopy(site, first)
    expect(broken(hand.history())).toEqual([])
    const { hand: other, first: old } = calm()
    const lifted = other.at(3_000).weLift(other.userPatches(old, 'team=one'))
    other.at(50_000).weCopy('b', lifted)
    expect(broken(other.with({ ill }).history())).toEqual([])
  })
})

describe('law 9, by hand', () => {
  it.each([
    ['asks without end', { requests: requestsMax + 1 }],
    ['asks everybody at once', { width: 100 }],
    ['has a large object in memory whole', { keptParts: 100 }],
    ['does not end in its time', { end: 'timeout' as const }],
  ])('is broken by an invocation that %s', (_what, facts) => {
    expect(broken(calm().hand.invocation(facts).history())).toEqual([9])
  })

  it('is broken by a pass that never comes to its end', () => {
    expect(broken(calm().hand.passes('reconcile', 2, { whole: false }).history())).toEqual([9])
  })

  it('is broken by a world that never rests, or long after all works again', () => {
    const { hand } = calm()
    const { rest } = hand.history()
    const late = { ...rest, quietAtMs: rest.healedAtMs + 3_600_000 }
    expect(broken(hand.history({ rest: { ...rest, quietAtMs: null } }))).toEqual([9])
    expect(broken(hand.history({ rest: late }))).toEqual([9])
    expect(broken(hand.passes('reconcile').history({ rest: late }))).toEqual([]) // Passes take their time.
  })
})

describe('law 13, by hand', () => {
  const letter = { atMs: 1, what: 'settle', poison: 'rule', error: 'rule "no-such-rule" is not there' } as const
  function judged(letters: readonly Letter[], poisonSent: number, quietAtMs: number | null = 2_000) {
    const { hand } = calm()
    const { rest } = hand.history()
    return broken(hand.history({ letters, rest: { ...rest, quietAtMs, poisonSent } }))
  }

  it('is kept by poison that is refused and names its field', () => {
    expect(judged([letter, { ...letter, poison: 'route', error: 'route "no-such-route"' }], 2)).toEqual([])
  })

  it('is broken by poison that is refused without naming its field, or names another', () => {
    expect(judged([{ ...letter, error: 'something is wrong' }], 1)).toEqual([13])
    expect(judged([{ ...letter, poison: 'route' }], 1)).toEqual([13])
  })

  it('is broken by poison that lies about, unless the world lies about with it', () => {
    expect(judged([], 1)).toEqual([13])
    expect(judged([letter], 2)).toEqual([13])
    expect(judged([], 1, null)).toEqual([9])
  })

  it('is broken by poison that takes others with it', () => {
    const other = { ...letter, poison: null }
    expect(judged([other], 0)).toEqual([13])
    expect(judged([other], 1)).toEqual([13])
  })
})
