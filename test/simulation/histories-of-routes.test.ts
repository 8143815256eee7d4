import { describe, expect, it } from 'vitest'
import { ByHand } from './by-hand.ts'
import { broken } from './by-hand-judged.ts'
import { check } from './checker.ts'
import type { History, RuleFacts } from './history.ts'

type RouteFacts = Extract<RuleFacts, { kind: 'route' }>

/** The history under other terms of its route. */
function under(hand: ByHand, terms: Partial<RouteFacts>, more: readonly RuleFacts[] = []): History {
  const [group, route] = hand.history().rules
  return hand.history({ rules: [group!, { ...(route as RouteFacts), ...terms }, ...more] })
}

/** An object copied along the route. */
function routed() {
  const hand = new ByHand()
  const first = hand.at(1_000).userWrites('a', { body: '#1 routed' }, 'r/k')
  const copy = hand.at(2_000).weCopy('vault', first, { entry: 'route' })
  return { hand, first, copy }
}

/** Somebody's own object at the target, and what the source shows beside it. */
function foreign() {
  const hand = new ByHand()
  const first = hand.at(1_000).userWrites('a', { body: '#1 routed' }, 'r/k')
  const own = hand.at(2_000).userWrites('vault', { body: '#2 own' }, 'r/k')
  return { hand, first, own }
}

describe('law 3 along a route, by hand', () => {
  it('is broken where the target does not show what the source shows', () => {
    const hand = new ByHand()
    hand.at(1_000).userWrites('a', { body: '#1 routed' }, 'r/k')
    expect(check(hand.history()).violations).toMatchObject([
      { law: 3, what: 'safe: the source shows #1 (v0 at a), the target nothing' },
    ])
  })

  it('is broken where the target shows something else of the source’s, or other tags', () => {
    const { hand, copy } = routed()
    hand.at(3_000).userWrites('a', { body: '#2 second' }, 'r/k')
    expect(check(hand.history()).violations).toMatchObject([
      { law: 3, what: `safe: the source shows #2 (v2 at a), the target #1 (v${copy.n} at vault, a copy)` },
    ])
    const other = new ByHand()
    const tagged = other.at(1_000).userWrites('a', { body: '#1 routed', tags: 'team=one' }, 'r/k')
    other.at(2_000).weCopy('vault', tagged, { entry: 'route', tags: '' })
    expect(broken(other.history())).toEqual([3])
  })

  it('asks nothing of what its own site alone writes', () => {
    const hand = new ByHand()
    hand.at(1_000).userWrites('b', { body: '#1 elsewhere' }, 'r/k')
    hand.at(2_000).userWrites('a', { body: '#2 outside' }, 's/k')
    expect(broken(hand.history())).toEqual([])
  })

  it('counts what the route does not take as absent', () => {
    const hand = new ByHand()
    const first = hand.at(1_000).userWrites('a', { body: '#1 cold', tags: 'kind=cold' }, 'r/k')
    expect(broken(under(hand, { tag: 'kind=hot' }))).toEqual([])
    hand.at(2_000).weCopy('vault', first, { entry: 'route' })
    expect(broken(under(hand, { tag: 'kind=hot' }))).toEqual([5])
    expect(broken(under(hand, { tag: 'kind=cold' }))).toEqual([])
  })

  it('follows a name that changes on the way', () => {
    const hand = new ByHand()
    const first = hand.at(1_000).userWrites('a', { body: '#1 routed' }, 'r/k')
    hand.at(2_000).weCopy('vault', first, { entry: 'route', key: 'copy/k' })
    const rename = { from: 'r/', to: 'copy/' }
    expect(broken(under(hand, { rename }))).toEqual([])
    hand.at(3_000).userWrites('vault', { body: '#2 own' }, 'copy/other')
    hand.at(4_000).weCopy('vault', first, { entry: 'route', key: 'copy/other' })
    expect(broken(under(hand, { rename }))).toEqual([4])
  })
})

describe('law 5 along a route, by hand', () => {
  it('is broken where the target keeps what its source deleted, and says since when', () => {
    const { hand } = routed()
    hand.at(3_000).userDeletes('a', 'r/k')
    const other = hand.at(4_000).userWrites('a', { body: '#2 other' }, 'r/other')
    hand.at(4_500).weCopy('vault', other, { entry: 'route' })
    hand.at(5_000).userWrites('b', { body: '#3 elsewhere' }, 'r/k')
    expect(check(hand.history()).violations).toMatchObject([{ law: 5, key: 'r/k', site: 'vault', atMs: 3_000 }])
  })

  it('is broken for each name by itself', () => {
    const { hand } = routed()
    const other = hand.at(3_000).userWrites('a', { body: '#2 other' }, 'r/other')
    hand.at(4_000).weCopy('vault', other, { entry: 'route' })
    expect(broken(hand.history())).toEqual([])
    hand.at(5_000).userDeletes('a', 'r/k')
    expect(broken(hand.history())).toEqual([5])
  })

  it('is kept where the route keeps what its source deletes, or may not know who did', () => {
    const { hand } = routed()
    hand.at(3_000).userDeletes('a', 'r/k')
    expect(broken(under(hand, { deletes: false }))).toEqual([])
    expect(broken(under(hand, { deletes: 'seen' }))).toEqual([])
  })
})

describe('law 4 along a route, by hand', () => {
  it('is broken where a route displaces what is no copy of its source', () => {
    const { hand, first } = foreign()
    hand.at(3_000).weCopy('vault', first, { entry: 'route' })
    expect(broken(hand.history())).toEqual([4])
  })

  it('is broken where a route removes what is no copy of its source', () => {
    const { hand } = foreign()
    hand.at(3_000).weDelete('vault', 'r/k')
    expect(broken(hand.history())).toEqual([4, 3])
  })

  it('is kept where it is left alone, though the target shows something else', () => {
    expect(broken(foreign().hand.history())).toEqual([])
  })

  it('lets a route that replaces replace, and asks it to', () => {
    const { hand, first } = foreign()
    expect(broken(under(hand, { foreign: 'replace' }))).toEqual([3])
    hand.at(3_000).weCopy('vault', first, { entry: 'route' })
    expect(broken(under(hand, { foreign: 'replace' }))).toEqual([])
  })

  it('asks nothing where the source shows nothing either', () => {
    const { hand } = foreign()
    hand.at(3_000).userDeletes('a', 'r/k')
    expect(broken(under(hand, { foreign: 'replace' }))).toEqual([])
  })

  it('asks nothing of users, of keys outside the route, or of what another route brought', () => {
    const { hand, first } = foreign()
    hand.at(3_000).userDeletes('vault', 'r/k')
    hand.at(4_000).userWrites('vault', { body: '#3 own' }, 's/k')
    hand.at(5_000).weCopy('vault', first, { entry: 'route', key: 's/k' })
    hand.at(6_000).weCopy('vault', first, { entry: 'route' })
    expect(broken(hand.history())).toEqual([])
  })

  it('takes a copy that a user put there, mark and all, for a copy', () => {
    const { hand, first } = routed()
    hand.at(3_000).userWrites('vault', { body: '#1 routed', entry: 'route' }, 'r/k')
    const second = hand.at(4_000).userWrites('a', { body: '#2 second' }, 'r/k')
    hand.at(5_000).weCopy('vault', second, { entry: 'route' })
    expect(broken(hand.history())).toEqual([])
    expect(first.site).toBe('a')
  })

  it('takes bytes that a user changed under a mark for her own', () => {
    const { hand } = routed()
    hand.at(3_000).userWrites('vault', { body: '#3 changed', entry: 'route' }, 'r/k')
    const second = hand.at(4_000).userWrites('a', { body: '#2 second' }, 'r/k')
    hand.at(5_000).weCopy('vault', second, { entry: 'route' })
    expect(broken(hand.history())).toEqual([4])
  })

  it('takes the copy of a group at its target for no user’s, and a group’s removal for no route’s', () => {
    const group = { kind: 'group', id: 'beside', among: ['b', 'vault'], prefix: 'r/' } as const
    const hand = new ByHand()
    const first = hand.at(1_000).userWrites('b', { body: '#1 hers' }, 'r/k')
    const copy = hand.at(2_000).weCopy('vault', first)
    const routed = hand.at(3_000).userWrites('a', { body: '#2 routed' }, 'r/k')
    hand.at(4_000).weCopy('vault', routed, { entry: 'route' })
    hand.at(5_000).weCopy('b', hand.history().versions.at(-1)!)
    hand.weReport('b', first)
    const history = under(hand, {}, [group])
    const bare = history.sites.map((site) => ({ ...site, keeps: 'kept' as const }))
    expect(broken({ ...history, sites: bare })).toEqual([])
    expect(copy.entry).toBe('group')
    expect(broken(under(hand, {}))).toContain(4)
  })
})
