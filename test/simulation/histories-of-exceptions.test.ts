import { describe, expect, it } from 'vitest'
import { ByHand } from './by-hand.ts'
import { broken } from './by-hand-judged.ts'
import { check } from './checker.ts'

const etag = 'etag1'

/** At `b` our write over what it saw met other bytes that are equal: an older version replaced a newer one. */
function met(
  options: {
    readonly goneAtMs?: number
    readonly beganMs?: number
    readonly seenId?: string
    readonly seenAt?: string
    readonly seenKey?: string
    readonly buried?: boolean
    readonly names?: readonly string[]
  } = {},
) {
  const { seenId = etag, seenAt = 'b', seenKey = 'g/k', beganMs = 3_500, buried = false, names = ['b'] } = options
  const hand = new ByHand()
  const first = hand.at(1_000).userWrites(seenAt, { body: '#1 first', id: seenId, buried }, seenKey)
  const other = hand.at(2_000).userWrites('a', { body: '#2 other' })
  const again = hand.at(4_000).userWrites('b', { body: '#1 first', id: etag })
  hand.at(5_000).weCopy('b', other, { beganMs })
  hand.weReport('b', again)
  if (options.goneAtMs !== undefined) hand.at(options.goneAtMs).vanishes(again)
  for (const name of names) hand.site(name, { equalBytesEqualEtag: true })
  return { hand, first, other, again }
}

describe('the one stated exception, by hand', () => {
  it('is told apart: a condition on S3 met by other bytes that are equal, the loser kept', () => {
    expect(check(met().hand.history())).toMatchObject({ violations: [], exceptions: [{ key: 'g/k', site: 'b' }] })
  })

  it.each([
    ['at a store that tells equal bytes apart', { names: [] }],
    ['at another such store', { names: ['a'] }],
    ['where the loser is gone', { goneAtMs: 6_000 }],
    ['where it began after the newer version came', { beganMs: 4_500 }],
    ['where what was seen has another name', { seenId: 'etag2' }],
    ['where what was seen lies at another site', { seenAt: 'a' }],
    ['where what was seen has another key', { seenKey: 'g/other' }],
    ['where what was seen never showed', { buried: true }],
  ])('is none %s', (_where, options) => {
    expect(broken(met(options).hand.history())).toContain(2)
  })

  it('is none where what might have been seen came only afterwards', () => {
    const { hand } = met({ seenId: 'etag2' })
    const later = hand.at(6_000).userWrites('b', { body: '#1 first', id: etag })
    hand.at(7_000).weCopy('a', later)
    expect(broken(hand.history())).toContain(2)
  })

  it('covers the missing receipt of its loser, and what follows from it', () => {
    const hand = new ByHand().site('b', { equalBytesEqualEtag: true })
    hand.at(1_000).userWrites('b', { body: '#1 first', id: etag })
    const other = hand.at(2_000).userWrites('a', { body: '#2 other' })
    const again = hand.at(4_000).userWrites('b', { body: '#1 first', id: etag })
    hand.at(5_000).weCopy('b', other, { beganMs: 3_500 })
    hand.at(6_000).weCopy('a', again)
    hand.at(7_000).weCopy('a', other)
    expect(check(hand.history()).violations).toEqual([])
    expect(check(hand.history()).exceptions.map(({ site }) => site)).toEqual(['b', 'a', 'b', 'a'])
  })

  it('lets either win, but in the end after a reconcile all must agree: law 3', () => {
    const { hand, other } = met()
    hand.at(6_000).userWrites('a', { body: '#3 third' })
    expect(broken(hand.history())).toEqual([])
    expect(check(hand.passes('again').history()).violations).toMatchObject([
      { law: 3, what: 'the members differ: a: #3 (v4 at a); b: #2 (v3 at b, a copy)' },
    ])
    hand.at(7_000).weCopy('b', hand.history().versions.at(-1)!)
    expect(broken(hand.history())).toEqual([])
    expect(other.site).toBe('a')
  })

  it('holds where one member shows nothing in the end: law 3', () => {
    const { hand } = met()
    hand.at(6_000).userDeletes('a')
    expect(broken(hand.passes('again').history())).toEqual([3])
    hand.at(7_000).userDeletes('b')
    expect(broken(hand.passes('again').history())).toEqual([])
    const { hand: first } = met()
    first.at(6_000).userDeletes('b')
    expect(broken(first.passes('again').history())).toEqual([3])
  })
})

describe('the one stated exception, by hand: where it covers a deletion', () => {
  /** The copy over the namesake of what was seen; when and where a user deleted what was seen. */
  function covered(
    options: { readonly onto?: 'absent' | 'over'; readonly at?: string; readonly deletedMs?: number } = {},
  ) {
    const { onto = 'over', at = 'b', deletedMs = 5_000 } = options
    const hand = new ByHand().site('b', { equalBytesEqualEtag: true })
    const first = hand.at(1_000).userWrites('a', { body: '#1 first' })
    hand.at(2_000).weCopy('b', first, { id: etag })
    const second = hand.at(3_000).userWrites('a', { body: '#2 second' })
    hand.at(4_000).weCopy('b', second)
    if (deletedMs < 6_000) hand.at(deletedMs).userDeletes(at)
    hand.at(6_000).weCopy('b', first, { id: etag })
    hand.at(7_000).weCopy('b', second, { beganMs: 3_500, onto })
    if (at === 'a') hand.at(8_000).weCopy('a', second)
    return hand
  }

  it('is told apart: a copy over the namesake of what was seen', () => {
    expect(check(covered().history())).toMatchObject({ violations: [], exceptions: [{ key: 'g/k', site: 'b' }] })
  })

  it('is none where the copy does not say that it was written over something, or the names differ', () => {
    expect(broken(covered({ onto: 'absent' }).history())).toContain(5)
    expect(broken(covered().site('b', { equalBytesEqualEtag: false }).history())).toContain(5)
  })

  it('is none where the deletion was elsewhere, or before what was seen came', () => {
    expect(broken(covered({ at: 'a' }).history())).toContain(5)
  })

  it('is none where nobody deleted anything between them', () => {
    const hand = new ByHand().site('b', { equalBytesEqualEtag: true })
    const first = hand.at(1_000).userWrites('a', { body: '#1 first' })
    hand.at(2_000).weCopy('b', first, { id: etag })
    hand.at(2_500).weCopy('b', first, { id: etag })
    const second = hand.at(3_000).userWrites('a', { body: '#2 second' })
    hand.at(7_000).weCopy('b', second, { beganMs: 2_200 })
    expect(check(hand.history())).toEqual({ violations: [], exceptions: [] })
    hand.at(8_000).userDeletes('b')
    hand.at(9_000).weDelete('a')
    expect(check(hand.history())).toEqual({ violations: [], exceptions: [] })
  })

  it('is none where the deletion came before what was seen', () => {
    const hand = new ByHand().site('b', { equalBytesEqualEtag: true })
    hand.at(500).userWrites('b', { body: '#0 older' })
    hand.at(600).userDeletes('b')
    const first = hand.at(1_000).userWrites('a', { body: '#1 first' })
    hand.at(2_000).weCopy('b', first, { id: etag })
    hand.at(2_500).weCopy('b', first, { id: etag })
    const second = hand.at(3_000).userWrites('a', { body: '#2 second' })
    hand.at(7_000).weCopy('b', second, { beganMs: 2_200 })
    expect(check(hand.history())).toEqual({ violations: [], exceptions: [] })
  })
})

describe('the one stated exception, by hand: along a route', () => {
  it('is told apart: a user changed the metadata alone', () => {
    const hand = new ByHand().site('vault', { equalBytesEqualEtag: true })
    const routed = hand.at(1_000).userWrites('a', { body: '#1 routed', id: etag }, 'r/k')
    hand.at(2_000).weCopy('vault', routed, { entry: 'route', id: etag })
    hand.at(3_000).userDeletes('a', 'r/k')
    hand.at(5_000).userWrites('vault', { body: '#1 routed', properties: 'team=one', id: etag }, 'r/k')
    hand.at(6_000).weDelete('vault', 'r/k', { beganMs: 4_000 })
    expect(check(hand.history())).toMatchObject({ violations: [], exceptions: [{ key: 'r/k', site: 'vault' }] })
    expect(broken(hand.site('vault', { equalBytesEqualEtag: false }).history())).toEqual([4])
  })
})
