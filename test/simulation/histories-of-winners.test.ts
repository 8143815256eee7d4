import { describe, expect, it } from 'vitest'
import { ByHand } from './by-hand.ts'
import { broken, calm } from './by-hand-judged.ts'
import { check } from './checker.ts'
import { startMs } from './epoch.ts'

describe('who wins, by hand: order', () => {
  it('the later date wins, whatever the site; of one date the greater site; of one site its own order', () => {
    const later = new ByHand()
    const b = later.at(1_000).userWrites('b', { body: '#1 first' })
    later.at(2_000).weCopy('b', later.userWrites('a', { body: '#2 second' }))
    expect(broken(later.weReport('b', b).history())).toEqual([])

    const site = new ByHand()
    const a = site.at(1_000).userWrites('a', { body: '#1 first' })
    site.at(2_000).weCopy('a', site.userWrites('b', { body: '#2 second', dateMs: a.dateMs }))
    expect(broken(site.weReport('a', a).history())).toEqual([])

    const own = new ByHand()
    const { dateMs } = own.at(1_000).userWrites('a', { body: '#1 first', id: 'z' })
    own.at(2_000).weCopy('b', own.userWrites('a', { body: '#2 second', id: 'y', dateMs }))
    expect(broken(own.history())).toEqual([])
  })

  it('of one date the lesser site loses', () => {
    const hand = new ByHand()
    const b = hand.at(1_000).userWrites('b', { body: '#1 first' })
    hand.at(2_000).weCopy('b', hand.userWrites('a', { body: '#2 second', dateMs: b.dateMs }))
    expect(broken(hand.weReport('b', b).history())).toContain(2)
  })

  it('a later version beats an older deletion, and a deletion what it deleted', () => {
    const { hand } = calm()
    hand.at(3_000).userDeletes('a')
    hand.at(4_000).userWrites('b', { body: '#2 second' })
    hand.at(5_000).weCopy('a', hand.history().versions.at(-1)!)
    expect(broken(hand.history())).toEqual([])
  })

  it('a deletion of nothing, or of what nobody wrote, is worth nothing', () => {
    const { hand, first } = calm()
    hand.at(3_000).userDeletes('a', 'g/other')
    hand.at(4_000).weCopy('b', first, { key: 'g/other', body: '#1 noise' })
    hand.at(5_000).userDeletes('b', 'g/other')
    expect(broken(hand.history())).toEqual([6])
    hand.at(6_000).weCopy('b', first, { body: '#9 noise' })
    hand.at(7_000).weCopy('b', first)
    hand.at(8_000).weCopy('b', first, { body: '#9 noise' })
    hand.at(9_000).weDelete('b')
    hand.at(10_000).weCopy('b', first)
    expect(broken(hand.history())).toEqual([6])
  })
})

describe('who wins, by hand: versions of equal bytes', () => {
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

  it.each([
    ['site', 'b', {}],
    ['date', 'a', { dateMs: startMs + 2_000 }],
    ['id', 'a', { id: 'other' }],
  ] as const)('are told apart by the %s that the mark names', (_what, at, more) => {
    const hand = new ByHand(['a', 'b', 'c'])
    const first = hand.at(1_000).userWrites('a', { body: '#1 same', id: 'same' })
    const twin = hand.at(1_500).userWrites(at, { body: '#1 same', id: 'same', dateMs: first.dateMs, ...more })
    hand.at(2_500).weCopy('c', first)
    hand.at(3_000).userDeletes('c')
    for (const site of ['a', 'b', 'c'].filter((one) => one !== at)) hand.at(9_000).weCopy(site, twin)
    expect(broken(hand.history())).toEqual([])
  })

  it.each(['', '1', '1;0', '1;0;x;a', '1;0;x;a;id9'])(
    'are, where the mark %j names none of them, the last that can have been copied',
    (mark) => {
      const hand = new ByHand()
      hand.at(1_000).userWrites('a', { body: '#1 same' })
      hand.at(1_500).userWrites('a', { body: '#1 same' })
      hand.at(2_000).weCopy('b', hand.history().versions[0]!, { mark })
      hand.at(3_000).userDeletes('b')
      hand.at(8_000).weDelete('a')
      expect(broken(hand.history())).toEqual([])

      const later = new ByHand()
      later.at(1_000).userWrites('a', { body: '#1 same' })
      later.at(2_000).weCopy('b', later.history().versions[0]!, { mark })
      later.at(3_000).userDeletes('b')
      const again = later.at(4_000).userWrites('a', { body: '#1 same' })
      later.at(5_000).weCopy('b', again)
      expect(broken(later.history())).toEqual([])
    },
  )

  it('are a stated exception where one second and one name hold both, and nobody can tell them apart', () => {
    const hand = new ByHand().site('a', { equalBytesEqualEtag: true })
    const first = hand.at(1_000).userWrites('a', { body: '#1 same', id: 'etag', properties: 'one' })
    const again = hand
      .at(1_200)
      .userWrites('a', { body: '#1 same', id: 'etag', dateMs: first.dateMs, properties: 'two' })
    hand.at(2_000).weCopy('b', again)
    expect(check(hand.history())).toEqual({ violations: [], exceptions: [] })
    hand.at(3_000).weCopy('b', first)
    hand.at(4_000).userDeletes('a')
    expect(check(hand.history())).toMatchObject({ violations: [], exceptions: [{ key: 'g/k' }] })
    expect(broken(hand.site('a', { equalBytesEqualEtag: false }).history())).toEqual([3])
  })

  it('are none that lets members differ once a reconcile has been there: law 3', () => {
    const hand = new ByHand().site('a', { equalBytesEqualEtag: true })
    const first = hand.at(1_000).userWrites('a', { body: '#1 same', id: 'etag' })
    hand.at(1_200).userWrites('a', { body: '#1 same', id: 'etag', dateMs: first.dateMs })
    expect(check(hand.history())).toMatchObject({ violations: [], exceptions: [{ key: 'g/k' }] })
    expect(broken(hand.passes('reconcile').history())).toEqual([3])
    hand.at(3_000).userDeletes('a')
    hand.at(4_000).userUncovers(first)
    hand.at(5_000).weCopy('b', first)
    expect(broken(hand.passes('reconcile').history())).toEqual([])
  })

  it('one of two that are one stamp may win, as may the other', () => {
    for (const shown of [0, 1]) {
      const hand = new ByHand()
      const first = hand.at(1_000).userWrites('a', { body: '#1 one', id: 'etag' })
      hand.at(1_200).userWrites('a', { body: '#2 two', id: 'etag', dateMs: first.dateMs })
      for (const site of ['a', 'b']) hand.at(2_000).weCopy(site, hand.history().versions[shown]!)
      expect(broken(hand.history())).not.toContain(3)
    }
  })

  it('what a user restores, mark and all, is the user’s', () => {
    const { hand, first } = calm()
    const second = hand.at(3_000).userWrites('a', { body: '#2 second' })
    hand.at(4_000).weCopy('b', second)
    const restored = hand.at(90_000).userWrites('b', { body: '#1 first', entry: 'group' })
    hand.at(91_000).weCopy('a', restored)
    expect(broken(hand.weReport('a', second).history())).toEqual([])
    expect(first.site).toBe('a')
  })
})

describe('who wins, by hand: joining and leaving', () => {
  it('deleting what was adopted deletes its equal', () => {
    const hand = new ByHand(['a', 'b', 'c']).joins('b', 60_000)
    hand.at(1_000).userWrites('b', { body: '#1 same' })
    hand.at(2_000).userWrites('c', { body: '#1 same' })
    const first = hand.at(3_000).userWrites('a', { body: '#1 same' })
    hand.at(4_000).weCopy('c', first)
    hand.at(70_000).userDeletes('b')
    for (const site of ['a', 'c']) hand.at(80_000).weDelete(site)
    expect(broken(hand.history())).toEqual([])
  })

  it('deleting what was there before deletes nothing that came after the joining', () => {
    const hand = new ByHand().joins('b', 60_000)
    hand.at(1_000).userWrites('b', { body: '#1 same' })
    const after = hand.at(61_000).userWrites('a', { body: '#1 same' })
    hand.at(70_000).userDeletes('b')
    hand.at(80_000).weCopy('b', after)
    expect(broken(hand.history())).toEqual([])
  })

  it('a site that left takes along what it had told nobody', () => {
    const hand = new ByHand(['a', 'b', 'c']).site('c', { retiredAtMs: 6_000 })
    const first = hand.at(1_000).userWrites('a', { body: '#1 first' })
    for (const site of ['b', 'c']) hand.at(2_000).weCopy(site, first)
    const second = hand.at(5_000).userWrites('c', { body: '#2 second' })
    expect(broken(hand.history())).toEqual([])
    hand.at(6_000).weCopy('b', second)
    expect(broken(hand.history())).toEqual([3])
    hand.at(7_000).weCopy('a', second)
    expect(broken(hand.weReport('a', first).history())).toEqual([])
  })

  it('a deletion at a site that left may count or not', () => {
    for (const counts of [true, false]) {
      const hand = new ByHand(['a', 'b', 'c']).site('c', { retiredAtMs: 6_000 })
      const first = hand.at(1_000).userWrites('a', { body: '#1 first' })
      for (const site of ['b', 'c']) hand.at(2_000).weCopy(site, first)
      hand.at(5_000).userDeletes('c')
      if (counts) for (const site of ['a', 'b']) hand.at(9_000).weDelete(site)
      expect(broken(hand.history())).toEqual([])
    }
  })

  it.each([
    ['one date from a site that left may stand either way', {}, []],
    ['two dates from a site that left may not', { dateMs: startMs + 1_001 }, [2]],
  ] as const)('two versions of %s', (_what, more, laws) => {
    const hand = new ByHand(['a', 'b', 'c']).site('c', { retiredAtMs: 6_000 })
    const one = hand.at(1_000).userWrites('c', { body: '#1 one' })
    const two = hand.at(1_300).userWrites('c', { body: '#2 two', dateMs: one.dateMs, ...more })
    hand.at(2_000).weCopy('a', one)
    const below = hand.at(2_000).weCopy('b', one)
    const top = hand.at(3_000).weCopy('b', two)
    hand.at(4_000).isTakenAway(top, below)
    expect(broken(hand.history())).toEqual(laws)
    expect(broken(hand.site('c', { retiredAtMs: null }).history())).toEqual([3])
  })

  it('a version of one date from another site decides as ever, though the greater site left', () => {
    const hand = new ByHand(['a', 'b', 'c']).site('c', { retiredAtMs: 6_000 })
    const one = hand.at(1_000).userWrites('b', { body: '#1 one' })
    const two = hand.at(1_300).userWrites('c', { body: '#2 two', dateMs: one.dateMs })
    const below = hand.at(2_000).weCopy('a', one)
    const top = hand.at(3_000).weCopy('a', two)
    hand.at(4_000).isTakenAway(top, below)
    expect(broken(hand.history())).toEqual([2])
  })
})

describe('who wins, by hand: a deletion taken back', () => {
  /** Deleted at `b` with a marker, and the marker removed. */
  function takenBack() {
    const { hand, copy } = calm()
    hand.at(3_000).userDeletes('b', 'g/k', { marker: true })
    hand.at(4_000).userUncovers(copy)
    return hand
  }

  it('is as if it had never been', () => {
    expect(broken(takenBack().history())).toEqual([])
  })

  it('may count where somebody else knew of it', () => {
    const hand = takenBack()
    for (const site of ['a', 'b']) hand.at(9_000).weDelete(site)
    expect(broken(hand.history())).toEqual([])
  })

  it('is not taken back by a marker removed elsewhere, or before', () => {
    const hand = takenBack()
    hand.at(5_000).userDeletes('b')
    expect(broken(hand.history())).toEqual([3])
    const { hand: other, first } = calm()
    other.at(2_500).userDeletes('a', 'g/k', { marker: true })
    other.at(3_000).userUncovers(first)
    other.at(3_500).userDeletes('b')
    other.at(4_000).userUncovers(first)
    other.at(9_000).weCopy('b', first)
    expect(broken(other.history())).toEqual([5])
  })
})
