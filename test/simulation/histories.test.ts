import { describe, expect, it } from 'vitest'
import { ByHand } from './by-hand.ts'
import { requestsMax } from './checker-bounds.ts'
import { check } from './checker.ts'
import type { Law } from './checker-laws.ts'
import type { History } from './history.ts'

/** The laws that the checker says are broken. */
function broken(history: History): Law[] {
  return [...new Set(check(history).violations.map(({ law }) => law))]
}

/** One user's object, copied as it should be. */
function calm(): { hand: ByHand; first: ReturnType<ByHand['userWrites']> } {
  const hand = new ByHand()
  const first = hand.at(1_000).userWrites('a', { body: '#1 first' })
  hand.at(2_000).weCopy('b', first)
  return { hand, first }
}

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
})

describe('a history written by hand that breaks one law', () => {
  it('law 0: something was thrown that nobody throws on purpose', () => {
    const { hand } = calm()
    expect(broken(hand.invocation({ error: 'TypeError: x is undefined' }).history())).toEqual([0])
  })

  it('law 1: another pass over sites that agree writes', () => {
    const { hand, first } = calm()
    const from = hand.changesSoFar
    hand.at(90_000).weCopy('b', first)
    expect(broken(hand.with({ passes: [hand.passes('again', from, hand.changesSoFar)] }).history())).toEqual([1])
  })

  it('law 1: two sites copy each other’s copies for ever', () => {
    const { hand, first } = calm()
    for (let i = 0; i < 10; i++) hand.at(3_000 + i * 1_000).weCopy('b', first)
    expect(broken(hand.history())).toEqual([1])
  })

  it('law 2: an older version replaces a newer one', () => {
    const { hand, first } = calm()
    const second = hand.at(5_000).userWrites('b', { body: '#2 second' })
    hand.at(6_000).weCopy('b', first)
    hand.weReport('b', second)
    hand.at(7_000).weCopy('b', second)
    hand.at(7_100).weCopy('a', second)
    hand.weReport('a', first)
    expect(broken(hand.history())).toEqual([2])
  })

  it('law 2: a copy comes before the clock of its site has passed it, and who writes over it is older', () => {
    const hand = new ByHand()
    const ahead = hand.at(1_000).userWrites('a', { body: '#1 ahead', dateMs: Date.UTC(2026, 0, 1, 0, 1) })
    hand.at(2_000).weCopy('b', ahead)
    const behind = hand.at(3_000).userWrites('b', { body: '#2 behind' })
    hand.at(4_000).weCopy('b', ahead)
    hand.weReport('b', behind)
    expect(broken(hand.history())).toEqual([2])
  })

  it('law 2: what no user wrote anew is written as a user’s', () => {
    const { hand, first } = calm()
    const second = hand.at(5_000).userWrites('a', { body: '#2 second' })
    hand.at(6_000).weCopy('b', second)
    const history = hand.at(7_000).history()
    const n = history.versions.length
    const lifted = {
      ...first,
      n,
      sequence: n,
      id: 'lifted',
      dateMs: first.dateMs + 6_000,
      bornAtMs: 7_000,
      by: 'isobar' as const,
    }
    const change = {
      atMs: 7_000,
      site: 'a',
      key: 'g/k',
      kind: 'put' as const,
      by: 'isobar' as const,
      version: n,
      before: second.n,
      after: n,
      invocation: null,
    }
    expect(
      broken({ ...history, versions: [...history.versions, lifted], changes: [...history.changes, change] }),
    ).toContain(2)
  })

  it('law 3: members show different things in the end', () => {
    const { hand } = calm()
    hand.at(5_000).userWrites('b', { body: '#2 second' })
    expect(broken(hand.history())).toEqual([3])
  })

  it('law 3: the same bytes with other headers are not the same', () => {
    const { hand } = calm()
    hand.at(5_000).userWrites('a', { body: '#1 first', properties: 'contentType=text/2 ' })
    expect(broken(hand.history())).toEqual([3])
  })

  it('law 3: tags are part of it', () => {
    const hand = new ByHand()
    const first = hand.at(1_000).userWrites('a', { body: '#1 first', tags: 'team=one' })
    hand.at(2_000).weCopy('b', first, { tags: '' })
    expect(broken(hand.history())).toEqual([3])
  })

  it('law 3: a route’s target does not show what its source shows', () => {
    const hand = new ByHand()
    hand.at(1_000).userWrites('a', { body: '#1 routed' }, 'r/k')
    expect(broken(hand.history())).toEqual([3])
  })

  it('law 4: what was acknowledged is gone', () => {
    const { hand, first } = calm()
    hand.at(5_000).vanishes(first)
    expect(broken(hand.history())).toEqual([4])
  })

  it('law 4: a loser is kept, but nobody says where', () => {
    const { hand } = calm()
    const second = hand.at(5_000).userWrites('b', { body: '#2 second' })
    hand.at(6_000).weCopy('a', second)
    expect(broken(hand.history())).toEqual([4])
  })

  it('law 4: a route displaces what is no copy of its source', () => {
    const hand = new ByHand()
    const routed = hand.at(1_000).userWrites('a', { body: '#1 routed' }, 'r/k')
    hand.at(2_000).userWrites('vault', { body: '#2 somebody’s own' }, 'r/k')
    hand.at(3_000).weCopy('vault', routed, { entry: 'route' })
    expect(broken(hand.history())).toEqual([4])
  })

  it('law 5: a deletion that nobody made', () => {
    const { hand } = calm()
    hand.at(5_000).weDelete('b')
    expect(broken(hand.history())).toContain(5)
  })

  it('law 5: a stale deletion removes a newer version', () => {
    const { hand } = calm()
    hand.at(3_000).userDeletes('b')
    hand.at(4_000).userWrites('a', { body: '#2 newer' })
    hand.at(6_000).weDelete('a')
    expect(broken(hand.history())).toContain(5)
  })

  it('law 5: what was deleted is back everywhere', () => {
    const { hand, first } = calm()
    hand.at(3_000).userDeletes('b')
    hand.at(4_000).weCopy('b', first)
    expect(broken(hand.history())).toEqual([5])
  })

  it('law 5: a route’s target keeps what its source deleted', () => {
    const hand = new ByHand()
    const routed = hand.at(1_000).userWrites('a', { body: '#1 routed' }, 'r/k')
    hand.at(2_000).weCopy('vault', routed, { entry: 'route' })
    hand.at(3_000).userDeletes('a', 'r/k')
    expect(broken(hand.history())).toEqual([5])
  })

  it('law 6: a byte changed on the way', () => {
    const hand = new ByHand()
    const first = hand.at(1_000).userWrites('a', { body: '#1 first' })
    hand.at(2_000).weCopy('b', first, { body: '#1 fjrst' })
    expect(broken(hand.history())).toContain(6)
  })

  it('law 6: headers that no user gave', () => {
    const hand = new ByHand()
    const first = hand.at(1_000).userWrites('a', { body: '#1 first' })
    hand.at(2_000).weCopy('b', first, { properties: 'contentType=text/odd ' })
    expect(broken(hand.history())).toContain(6)
  })

  it('law 7: what a lost event left undone, a whole reconcile did not find', () => {
    const hand = new ByHand()
    const first = hand.at(1_000).userWrites('a', { body: '#1 first' })
    const pass = hand.at(60_000).passes('reconcile', 1, 1)
    hand.at(120_000).weCopy('b', first)
    expect(broken(hand.with({ passes: [pass] }).history())).toEqual([7])
  })

  it('law 8: a healthy target waits for a dead one', () => {
    const hand = new ByHand()
    const first = hand.at(1_000).userWrites('a', { body: '#1 first' })
    hand.at(46_000).weCopy('b', first)
    expect(broken(hand.with({ ill: { site: 'vault', fromMs: 0, untilMs: 60_000 } }).history())).toEqual([8])
  })

  it('law 9: one invocation asks without end, and a world never rests', () => {
    const { hand } = calm()
    expect(broken(hand.invocation({ requests: requestsMax + 1 }).history())).toEqual([9])
    const { rest } = hand.history()
    expect(broken({ ...calm().hand.history(), rest: { ...rest, quietAtMs: null } })).toEqual([9])
  })

  it('law 9: a large object lies in memory whole', () => {
    const { hand } = calm()
    expect(broken(hand.invocation({ keptParts: 100 }).history())).toEqual([9])
  })

  it('law 10: half an object is visible', () => {
    const hand = new ByHand()
    const first = hand.at(1_000).userWrites('a', { body: '#1 first and last' })
    hand.at(2_000).weCopy('b', first, { body: '#1 first' })
    expect(broken(hand.history())).toContain(10)
  })

  it('law 13: poison is refused without naming its field, or lies about, or takes others with it', () => {
    const { hand } = calm()
    const letter = { atMs: 1, what: 'settle', poison: 'rule' as const, error: 'something is wrong' }
    const { rest } = hand.history()
    const sent = { ...rest, poisonSent: 1 }
    expect(broken({ ...hand.history(), rest: sent, letters: [letter] })).toEqual([13])
    expect(broken({ ...hand.history(), rest: sent })).toEqual([13])
    expect(broken({ ...hand.history(), letters: [{ ...letter, poison: null }] })).toEqual([13])
  })
})

describe('the one stated exception', () => {
  it('is told apart: a condition on S3 met by other bytes that are equal, the loser kept', () => {
    const hand = new ByHand()
    const first = hand.at(1_000).userWrites('b', { body: '#1 first', id: 'etag1' })
    const other = hand.at(2_000).userWrites('a', { body: '#2 other', dateMs: first.dateMs + 1_500 })
    const again = hand.at(4_000).userWrites('b', { body: '#1 first', id: 'etag1' })
    hand.at(3_000).weCopy('b', other)
    const history = hand.history()
    const sites = history.sites.map((site) => ({ ...site, equalBytesEqualEtag: site.id === 'b' }))
    expect(check({ ...history, sites })).toMatchObject({ violations: [], exceptions: [{ key: 'g/k', site: 'b' }, {}] })
    expect(again.goneAtMs).toBeNull()
  })

  it('is told apart where it covers a deletion: a copy over the namesake of what was seen', () => {
    const hand = new ByHand()
    const first = hand.at(1_000).userWrites('a', { body: '#1 first' })
    hand.at(2_000).weCopy('b', first, { id: 'etag1' })
    const second = hand.at(3_000).userWrites('a', { body: '#2 second' })
    hand.at(4_000).weCopy('b', second)
    hand.at(5_000).userDeletes('b')
    hand.at(6_000).weCopy('b', first, { id: 'etag1' })
    hand.at(7_000).weCopy('b', second, { beganMs: 3_500 })
    const { sites, versions, ...rest } = hand.history()
    const told = (equalBytesEqualEtag: boolean, onto: 'a' | 'o'): History => ({
      ...rest,
      versions: versions.map((one) => ({ ...one, mark: one.mark?.replace(/o$/, onto) ?? null })),
      sites: sites.map((site) => ({ ...site, equalBytesEqualEtag: equalBytesEqualEtag && site.id === 'b' })),
    })
    expect(check(told(true, 'o'))).toMatchObject({ violations: [], exceptions: [{ key: 'g/k', site: 'b' }] })
    expect(broken(told(true, 'a'))).toContain(5)
    expect(broken(told(false, 'o'))).toContain(5)
  })

  it('is told apart along a route: a user changed the metadata alone', () => {
    const hand = new ByHand()
    const routed = hand.at(1_000).userWrites('a', { body: '#1 routed', id: 'etag1' }, 'r/k')
    hand.at(2_000).weCopy('vault', routed, { entry: 'route', id: 'etag1' })
    hand.at(3_000).userDeletes('a', 'r/k')
    hand.at(5_000).userWrites('vault', { body: '#1 routed', properties: 'team=one', id: 'etag1' }, 'r/k')
    hand.at(6_000).weDelete('vault', 'r/k', { beganMs: 4_000 })
    const history = hand.history()
    const sites = history.sites.map((site) => ({ ...site, equalBytesEqualEtag: site.id === 'vault' }))
    expect(check({ ...history, sites })).toMatchObject({ violations: [], exceptions: [{ key: 'r/k', site: 'vault' }] })
    expect(broken(history)).toEqual([4])
  })
})

describe('versions of equal bytes and one date', () => {
  it('are one to a mark that names them: the later of the two counts', () => {
    const hand = new ByHand()
    const dateMs = hand.at(1_000).userWrites('b', { body: '#1 first' }).dateMs + 60_000
    hand.at(2_000).userWrites('a', { body: '#3 third', id: 'etag3', dateMs })
    const between = hand.at(2_100).userWrites('a', { body: '#5 fifth', id: 'etag5', dateMs })
    hand.at(2_200).weCopy('b', between)
    const again = hand.at(2_300).userWrites('a', { body: '#3 third', id: 'etag3', dateMs })
    hand.at(2_400).weCopy('b', again)
    hand.weReport('b', hand.history().versions[0]!)
    expect(broken(hand.history())).toEqual([])
  })
})
