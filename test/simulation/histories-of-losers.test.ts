import { describe, expect, it } from 'vitest'
import { ByHand } from './by-hand.ts'
import { broken, calm } from './by-hand-judged.ts'

/** A user's second version at `b`, over a copy, is copied to `a`: the first loses there, and no receipt says so. */
function displaced() {
  const { hand, first } = calm()
  const second = hand.at(5_000).userWrites('b', { body: '#2 second' })
  hand.at(6_000).weCopy('a', second)
  return { hand, first, second }
}

describe('law 4, by hand', () => {
  it('is broken where what was acknowledged is gone', () => {
    const { hand, first } = calm()
    hand.at(5_000).vanishes(first)
    expect(broken(hand.history())).toEqual([4])
    expect(broken(hand.site('a', { keeps: 'none' }).history())).not.toContain(4)
  })

  it('is broken where a loser is kept, but nobody says where', () => {
    const { hand, first } = displaced()
    expect(broken(hand.history())).toEqual([4])
    expect(broken(hand.weReport('a', first).history())).toEqual([])
  })

  it.each([
    ['of something else', { action: 'copied' }],
    ['of another site', { site: 'b' }],
    ['of another name', { key: 'g/other' }],
    ['of no loser', { loser: null }],
    ['of another version', { loser: { timeMs: 0, origin: 'a', id: 'id9' } }],
  ])('is broken where the receipt is %s', (_what, more) => {
    const { hand, first } = displaced()
    expect(broken(hand.weReport('a', first, more).history())).toEqual([4])
  })

  it.each([
    ['date', { timeMs: -1 }],
    ['id', { id: 'id9' }],
  ])('is broken where the receipt names another %s', (_what, more) => {
    const { hand, first } = displaced()
    const loser = { timeMs: first.dateMs, origin: 'a', id: first.id, ...more }
    expect(broken(hand.weReport('a', first, { loser }).history())).toEqual([4])
  })

  it('asks no receipt of a function that died, or was not told', () => {
    for (const facts of [{ end: 'killed' }, { told: [] }] as const) {
      const { hand } = displaced()
      expect(broken(hand.lastInvocation(facts).history())).toEqual([])
    }
  })

  it('asks no receipt of a user, of a copy that loses, or of a version written over itself', () => {
    const { hand, first } = calm()
    const again = hand.at(3_000).weLift(hand.userPatches(first, 'team=one'))
    hand.at(4_000).weCopy('b', again)
    const second = hand.at(5_000).userWrites('a', { body: '#2 second' })
    hand.at(6_000).weCopy('b', second)
    expect(broken(hand.history())).toEqual([])
  })

  it('asks no receipt of what a user deleted somewhere, or its equal', () => {
    const { hand } = calm()
    hand.at(5_000).userDeletes('b')
    hand.at(9_000).weDelete('a')
    expect(broken(hand.history())).toEqual([])
  })

  it('asks a receipt of the removal of what nobody deleted', () => {
    const { hand } = calm()
    const second = hand.at(3_000).userWrites('a', { body: '#2 second' })
    hand.at(4_000).weCopy('b', second)
    hand.at(5_000).userWrites('a', { body: '#3 third', dateMs: second.dateMs })
    hand.at(6_000).userDeletes('b')
    hand.at(9_000).weDelete('a')
    expect(broken(hand.history())).toContain(4)
  })

  it('asks no receipt of what a route brought: it is at its source too', () => {
    const hand = new ByHand()
    const routed = hand.at(1_000).userWrites('c', { body: '#1 routed' })
    const brought = hand.at(2_000).weCopy('a', routed, { entry: 'route', cloud: 'vault' })
    hand.at(3_000).weCopy('b', brought)
    const second = hand.at(4_000).userWrites('b', { body: '#2 second' })
    hand.at(5_000).weCopy('a', second)
    expect(broken(hand.history())).toEqual([])
  })

  it('asks a receipt of a user’s version that carries a route’s mark', () => {
    const hand = new ByHand()
    const hers = hand.at(1_000).userWrites('a', { body: '#1 hers', entry: 'route' })
    hand.at(2_000).weCopy('b', hers)
    const second = hand.at(3_000).userWrites('b', { body: '#2 second' })
    hand.at(4_000).weCopy('a', second)
    expect(broken(hand.history())).toEqual([4])
  })
})

describe('law 4, by hand: where nothing is kept', () => {
  /** Both are asked to agree, and `b` keeps no versions. */
  function bare() {
    const hand = new ByHand().site('b', { keeps: 'none' })
    const second = hand.at(5_000).userWrites('a', { body: '#2 second' })
    return { hand, second }
  }

  it('is broken where a user’s version is displaced, whatever receipt says so', () => {
    const { hand, second } = bare()
    const lost = hand.at(1_000).userWrites('b', { body: '#1 first' })
    hand.at(6_000).weCopy('b', second)
    expect(broken(hand.weReport('b', lost).history())).toEqual([4])
  })

  it('is broken where a user’s version is removed', () => {
    const { hand } = bare()
    const lost = hand.at(1_000).userWrites('b', { body: '#1 first' })
    hand.at(6_000).userDeletes('a')
    hand.at(7_000).weDelete('b')
    expect(broken(hand.weReport('b', lost).history())).toEqual([4])
  })

  it('is kept where a copy is displaced, where users write over their own, and where the same is written again', () => {
    const { hand, second } = bare()
    hand.at(6_000).weCopy('b', second)
    hand.at(7_000).weCopy('b', hand.userWrites('a', { body: '#3 third' }))
    const own = hand.at(8_000).userWrites('b', { body: '#4 fourth' })
    hand.at(9_000).weLift(hand.userPatches(own, 'team=one'))
    hand.at(10_000).userWrites('b', { body: '#5 fifth' })
    expect(broken(hand.history())).toEqual([])
  })

  it('lets nothing go where a removal is followed by the same again', () => {
    const { hand, second } = bare()
    const own = hand.at(1_000).userWrites('b', { body: '#2 second' })
    hand.at(6_000).userDeletes('a')
    hand.at(7_000).weDelete('b')
    expect(broken(hand.weReport('b', own).history())).toEqual([4])
    expect(second.site).toBe('a')
  })
})

describe('law 6, by hand', () => {
  it('is broken by a byte changed on the way', () => {
    const hand = new ByHand()
    const first = hand.at(1_000).userWrites('a', { body: '#1 first' })
    hand.at(2_000).weCopy('b', first, { body: '#1 fjrst' })
    expect(broken(hand.history())).toEqual([6, 3])
  })

  it('is broken by bytes that bear nobody’s name', () => {
    const hand = new ByHand()
    const first = hand.at(1_000).userWrites('a', { body: '#1 first' })
    hand.at(2_000).weCopy('b', first, { body: 'noise' })
    expect(broken(hand.history())).toEqual([6, 3])
  })

  it('is broken by headers that no user gave', () => {
    const hand = new ByHand()
    const first = hand.at(1_000).userWrites('a', { body: '#1 first' })
    hand.at(2_000).weCopy('b', first, { properties: 'contentType=text/odd ' })
    expect(broken(hand.history())).toEqual([6, 3])
  })

  it('is kept where two users gave the same bytes other headers', () => {
    const hand = new ByHand()
    const first = hand.at(1_000).userWrites('a', { body: '#1 first' })
    hand.at(2_000).weCopy('b', first)
    const again = hand.at(3_000).userWrites('b', { body: '#1 first', properties: 'contentType=text/2 ' })
    hand.at(4_000).weCopy('a', again)
    expect(broken(hand.weReport('a', first).history())).toEqual([])
  })
})

describe('law 10, by hand', () => {
  it('is broken by half an object', () => {
    const hand = new ByHand()
    hand.at(500).userWrites('a', { body: '#3 other' }, 'g/other')
    const first = hand.at(1_000).userWrites('a', { body: '#1 first and last' })
    hand.at(1_500).weCopy('b', hand.history().versions[0]!)
    hand.at(2_000).weCopy('b', first, { body: '#1 first' })
    expect(broken(hand.history())).toEqual([10, 3])
  })
})
