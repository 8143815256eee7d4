import { describe, expect, it } from 'vitest'
import { ByHand } from './by-hand.ts'
import { broken, calm } from './by-hand-judged.ts'
import { check } from './checker.ts'
import { startMs } from './epoch.ts'

describe('law 2, by hand: a version written anew as a user’s', () => {
  it('must be the user’s: an older one that lost is not', () => {
    const { hand, first } = calm()
    const second = hand.at(5_000).userWrites('a', { body: '#2 second' })
    hand.at(6_000).weCopy('b', second)
    hand.at(7_000).weLift(first)
    expect(broken(hand.history())).toContain(2)
  })

  it('must be of that site: what another site has is no user’s here', () => {
    const { hand, copy } = calm()
    const second = hand.at(5_000).userWrites('a', { body: '#2 second' })
    hand.at(6_000).weLift(copy, { body: '#2 second' })
    hand.at(7_000).weCopy('a', hand.history().versions.at(-1)!)
    expect(broken(hand.weReport('a', second).history())).toEqual([2])
  })

  it('may be what shows, whose metadata or tags were changed in place', () => {
    const { hand, first } = calm()
    const patched = hand.at(3_000).userPatches(first, 'team=one')
    hand.at(5_000).weCopy('b', hand.at(4_000).weLift(patched))
    expect(broken(hand.history())).toEqual([])

    const { hand: other, first: tagged, copy } = calm()
    other.at(3_000).userTags(copy, 'kind=hot')
    other.at(5_000).weCopy('b', other.at(4_000).weLift(tagged))
    expect(broken(other.history())).toEqual([])
  })

  it('may be the later of two that one second and one name hold', () => {
    const hand = new ByHand().site('a', { equalBytesEqualEtag: true })
    const first = hand.at(1_000).userWrites('a', { body: '#1 first', id: 'etag' })
    const namesake = { body: '#1 first', id: 'etag', dateMs: first.dateMs, properties: 'team=one' }
    const second = hand.at(1_200).userWrites('a', namesake)
    const lifted = hand.at(1_900).weLift(second)
    hand.at(2_000).weCopy('b', lifted)
    expect(check(hand.history())).toEqual({ violations: [], exceptions: [] })
  })

  it('is no reason for itself, should the new version come in the second and by the name of the old', () => {
    const hand = new ByHand().site('a', { equalBytesEqualEtag: true })
    const first = hand.at(1_000).userWrites('a', { body: '#1 first', id: 'etag' })
    const lifted = hand.at(1_200).weLift(first, { dateMs: first.dateMs, id: 'etag' })
    hand.at(2_000).weCopy('b', lifted)
    expect(broken(hand.history())).toEqual([2])
  })

  it('may not be what shows and nobody had changed in place by then', () => {
    const { hand, first } = calm()
    const lifted = hand.at(4_000).weLift(first)
    hand.at(5_000).userTags(hand.weCopy('b', lifted), 'kind=hot')
    hand.userTags(lifted, 'kind=hot')
    expect(broken(hand.history())).toEqual([2])
  })

  it('may not be what came after what was changed in place', () => {
    const { hand, first } = calm()
    hand.at(3_000).userPatches(first, 'team=one')
    const second = hand.at(4_000).userWrites('a', { body: '#2 second' })
    hand.at(6_000).weCopy('b', hand.at(5_000).weLift(second))
    expect(broken(hand.history())).toEqual([2])
  })

  it('may not be a copy that shows: what was written elsewhere just before would lose to it', () => {
    const { hand, first } = calm()
    const second = hand.at(5_000).userWrites('b', { body: '#2 second' })
    const shown = hand.at(6_000).weCopy('a', second)
    hand.weReport('a', first).userTags(second, 'kind=hot').userTags(shown, 'kind=hot')
    const third = hand.at(7_000).userWrites('b', { body: '#3 third' })
    hand.at(9_000).weCopy('b', hand.at(8_000).weLift(shown))
    expect(broken(hand.weReport('b', third).history())).toEqual([2])
  })

  it.each([
    ['may be a copy whose original lay where a site has left', { retiredAtMs: 6_000 }, []],
    ['may not be a copy whose original lay where a site leaves only later', { retiredAtMs: 7_500 }, [2]],
  ])('%s', (_what, leaves, laws) => {
    const hand = new ByHand(['a', 'b', 'c']).site('c', leaves)
    const first = hand.at(1_000).userWrites('c', { body: '#1 first' })
    const copy = hand.at(2_000).weCopy('a', first)
    hand.weCopy('b', first)
    hand.at(5_000).userTags(copy, 'kind=hot')
    hand.at(8_000).weCopy('b', hand.at(7_000).weLift(copy))
    expect(broken(hand.history())).toEqual(laws)
  })

  it('may be what was uncovered at that site before', () => {
    const { hand, first } = calm()
    hand.at(3_000).userDeletes('a', 'g/k', { marker: true })
    hand.at(4_000).userUncovers(first)
    hand.at(4_500).userDeletes('a', 'g/k')
    hand.at(5_000).weCopy('b', hand.weLift(first))
    expect(broken(hand.history())).toEqual([])
  })

  it('may not be what was uncovered elsewhere, or only afterwards', () => {
    const { hand, first, copy } = calm()
    hand.at(3_000).userDeletes('a', 'g/k', { marker: true })
    hand.at(3_000).userDeletes('b', 'g/k', { marker: true })
    hand.at(4_000).userUncovers(copy)
    hand.at(5_000).weLift(first)
    hand.at(6_000).userUncovers(first)
    expect(broken(hand.history())).toContain(2)
  })

  /** At `a` an upload began, a newer version of `b` came, and the upload ended below it. */
  function buried(options: { readonly marker?: boolean; readonly inWhole?: boolean } = {}) {
    const hand = new ByHand().site('a', { datesByBeginning: true, keeps: 'markers' })
    const first = hand.at(1_000).userWrites('b', { body: '#1 first' })
    const upload = hand.at(2_000).userWrites('a', { body: '#2 upload', buried: options.inWhole !== true })
    if (options.marker) hand.at(2_500).userDeletes('a', 'g/k', { marker: true })
    const top = hand.at(3_000).weCopy('a', first)
    const lifted = hand.at(4_000).weLift(upload)
    hand.at(5_000).weCopy('b', lifted)
    hand.weReport('b', first)
    return { hand, top }
  }

  it('may be a newer version of a user that its store had buried below an older copy', () => {
    expect(broken(buried().hand.history())).toEqual([])
  })

  it('may not lie below a deletion', () => {
    expect(broken(buried({ marker: true }).hand.history())).toContain(2)
  })

  it('may not be older than the copy on top of it, nor a copy itself', () => {
    const hand = new ByHand()
    const upload = hand.at(1_000).userWrites('a', { body: '#1 upload', buried: true })
    const second = hand.at(2_000).userWrites('b', { body: '#2 second' })
    hand.at(3_000).weCopy('a', second)
    hand.at(4_000).weLift(upload)
    expect(broken(hand.history())).toContain(2)

    const { hand: other, copy } = calm()
    const third = other.at(3_000).userWrites('b', { body: '#3 third' })
    other.at(4_000).weCopy('a', third)
    other.at(5_000).weLift(copy)
    expect(broken(other.history())).toContain(2)
  })

  it('may not lie below a user’s own version', () => {
    const hand = new ByHand()
    const upload = hand.at(2_000).userWrites('a', { body: '#1 upload', buried: true })
    hand.at(3_000).userWrites('a', { body: '#2 second', dateMs: startMs + 1_000 })
    hand.at(4_000).weLift(upload)
    expect(broken(hand.history())).toContain(2)
  })
})
