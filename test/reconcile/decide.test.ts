import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { siteId } from '#shared/kernel/ids.ts'
import type { Stamp } from '#shared/kernel/stamp.ts'
import { decide, decideRoute } from '#shared/reconcile/decide.ts'
import type { Glimpse, Known, Opaque, ListedOriginal } from '#shared/reconcile/model.ts'
import { stampAt } from '#test/replication/plant.ts'

const written = stampAt('gcp', 1_000, 'g1')

function known(site: string, shows: Known['shows'], stamp: Stamp, more: Partial<Known> = {}): Known {
  return { site: siteId(site), shows, stamp, suspect: false, properties: 'p', digests: {}, tagCount: 0, ...more }
}

function opaque(site: string, timeMs: number, id = 'etag'): Opaque {
  return { site: siteId(site), shows: 'opaque', native: stampAt(site, timeMs, id) }
}

function nothing(site: string): Glimpse {
  return { site: siteId(site), shows: 'nothing' }
}

function doubtful(site: string): Glimpse {
  return { site: siteId(site), shows: 'doubtful' }
}

const ask = (glimpses: readonly Glimpse[], { remembered = false, deep = false } = {}) =>
  decide({ glimpses, remembered, deep })
const home = known('gcp', 'native', written)
const copy = known('azure', 'replica', written)

describe('a key of a group', () => {
  it('is in sync where every mark names the one version', () => {
    expect(ask([home, copy])).toEqual({ verdict: 'in-sync' })
  })

  it('is in sync where a mark names exactly what a listing without marks shows', () => {
    const stamp = stampAt('aws', 2_000, 'etag')
    expect(ask([opaque('aws', 2_000), known('azure', 'replica', stamp), known('gcp', 'replica', stamp)])).toEqual({
      verdict: 'in-sync',
    })
  })

  it('is looked at where the date or the id is another than the mark names', () => {
    const stamp = stampAt('aws', 2_000, 'etag')
    const look = { verdict: 'look', sites: ['aws'] }
    expect(ask([opaque('aws', 3_000), known('azure', 'replica', stamp)])).toEqual(look)
    expect(ask([opaque('aws', 2_000, 'other'), known('azure', 'replica', stamp)])).toEqual(look)
  })

  it('is looked at wherever no listing shows a mark', () => {
    expect(ask([opaque('aws', 2_000), opaque('onprem', 2_000)])).toEqual({ verdict: 'look', sites: ['aws', 'onprem'] })
  })

  it('is settled where two versions are shown', () => {
    expect(ask([home, known('azure', 'native', stampAt('azure', 5))])).toEqual({ verdict: 'settle' })
    expect(ask([home, known('azure', 'replica', stampAt('gcp', 900))])).toEqual({ verdict: 'settle' })
  })

  it('is settled where a listing lacks it, remembered or not: absence is never concluded', () => {
    for (const remembered of [false, true]) {
      expect(ask([home, copy, nothing('aws')], { remembered })).toEqual({ verdict: 'settle' })
    }
  })

  it('is looked at where a mark is doubtful, though it says the right thing: its headers may differ', () => {
    for (const deep of [false, true])
      expect(ask([home, doubtful('azure')], { deep })).toEqual({ verdict: 'look', sites: ['azure'] })
  })

  it('is settled where the listing did not come to what it shows, remembered or not', () => {
    const unread: Glimpse = { site: siteId('azure'), shows: 'unread' }
    for (const remembered of [false, true]) expect(ask([home, unread], { remembered })).toEqual({ verdict: 'settle' })
  })

  it('needs nothing where these versions were found to agree before', () => {
    for (const other of [doubtful('azure'), opaque('aws', 5), known('azure', 'native', stampAt('azure', 5))]) {
      expect(ask([home, other], { remembered: true })).toEqual({ verdict: 'in-sync' })
    }
  })

  it('needs nothing where nobody shows it', () => {
    expect(ask([nothing('aws'), nothing('gcp')])).toEqual({ verdict: 'in-sync' })
  })

  it('is settled where a copy lies over a deletion that may be as great as it', () => {
    expect(ask([home, { ...copy, suspect: true }], { deep: true })).toEqual({ verdict: 'settle' })
  })

  it('is written anew at its origin where headers or metadata differ under one stamp', () => {
    expect(ask([{ ...home, properties: 'patched' }, copy])).toEqual({ verdict: 'lift', site: 'gcp' })
    expect(ask([copy, { ...home, properties: 'patched' }])).toEqual({ verdict: 'lift', site: 'gcp' })
  })

  it('is reported where two stores vouch for different bytes of one version', () => {
    const a = { ...home, digests: { md5: 'a' } }
    expect(ask([a, { ...copy, digests: { md5: 'b' } }])).toEqual({ verdict: 'corrupt', sites: ['gcp', 'azure'] })
    expect(ask([a, { ...copy, digests: { crc32c: 'b' } }])).toEqual({ verdict: 'in-sync' })
  })

  it('has its tags compared by a deep pass alone, and only where somebody shows any', () => {
    const tagged = { ...copy, tagCount: 2 }
    expect(ask([home, tagged], { deep: true })).toEqual({ verdict: 'tags' })
    expect(ask([home, { ...copy, tagCount: 1 }], { deep: true })).toEqual({ verdict: 'tags' })
    expect(ask([home, tagged])).toEqual({ verdict: 'in-sync' })
    expect(ask([home, copy], { deep: true })).toEqual({ verdict: 'in-sync' })
  })

  it('a deep pass takes what was adopted on trust, and nothing that one HEAD can tell', () => {
    const deep = { remembered: true, deep: true }
    expect(ask([home, known('azure', 'native', stampAt('azure', 5))], deep)).toEqual({ verdict: 'in-sync' })
    expect(ask([home, opaque('aws', 5)], deep)).toEqual({ verdict: 'look', sites: ['aws'] })
    const named = known('azure', 'replica', stampAt('aws', 5, 'etag'))
    for (const remembered of [false, true])
      expect(ask([opaque('aws', 5), named], { remembered, deep: true })).toEqual({ verdict: 'look', sites: ['aws'] })
  })

  it('is never in sync, by listings alone, where two known stamps differ or one is missing', () => {
    const site = fc.constantFrom('aws', 'azure', 'gcp')
    const stamp = fc
      .record({ time: fc.integer({ min: 1, max: 3 }), origin: site, id: fc.constantFrom('a', 'b') })
      .map(({ time, origin, id }) => stampAt(origin, time, id))
    const glimpse = fc.oneof(
      fc
        .tuple(site, fc.constantFrom('native' as const, 'replica' as const), stamp)
        .map(([at, shows, s]) => known(at, shows, s)),
      fc.tuple(site, fc.integer({ min: 1, max: 3 })).map(([at, time]) => opaque(at, time, 'a')),
      site.map(nothing),
      site.map(doubtful),
    )
    fc.assert(
      fc.property(fc.array(glimpse, { minLength: 2, maxLength: 4 }), fc.boolean(), (glimpses, deep) => {
        if (ask(glimpses, { deep }).verdict !== 'in-sync') return
        const shown = glimpses.filter(({ shows }) => shows !== 'nothing')
        expect(shown.length === 0 || shown.length === glimpses.length).toBe(true)
        const names = shown.map((one) =>
          JSON.stringify(one.shows === 'opaque' ? one.native : 'stamp' in one ? one.stamp : one.shows),
        )
        expect(new Set(names).size).toBeLessThan(2)
      }),
    )
  })
})

describe('a key of a route', () => {
  const original: ListedOriginal = { stamp: written, properties: 'p', admitted: true }

  it('is in sync where the target is a copy of exactly this version, headers and metadata included', () => {
    expect(decideRoute(original, copy)).toBe('in-sync')
    expect(decideRoute({ ...original, properties: null }, copy)).toBe('in-sync')
  })

  it('is mirrored where the target shows another version, or other metadata', () => {
    expect(decideRoute({ ...original, stamp: stampAt('gcp', 2_000) }, copy)).toBe('mirror')
    expect(decideRoute({ ...original, properties: 'patched' }, copy)).toBe('mirror')
  })

  it('is mirrored where either side shows nothing: mirror asks the source itself', () => {
    expect(decideRoute(original, nothing('azure'))).toBe('mirror')
    expect(decideRoute(null, copy)).toBe('mirror')
  })

  it('leaves alone what is no copy and has no source', () => {
    expect(decideRoute(null, known('azure', 'native', stampAt('azure', 1)))).toBe('in-sync')
  })

  it('a source that the route does not take counts as none, and one that only its tags can tell is asked', () => {
    expect(decideRoute({ ...original, admitted: false }, nothing('azure'))).toBe('in-sync')
    expect(decideRoute({ ...original, admitted: false }, copy)).toBe('mirror')
    expect(decideRoute({ ...original, admitted: null }, nothing('azure'))).toBe('mirror')
    expect(decideRoute({ ...original, admitted: null }, copy)).toBe('mirror')
  })

  it('is looked at where the listing shows no mark', () => {
    expect(decideRoute(original, opaque('aws', 1))).toBe('look')
    expect(decideRoute(null, opaque('aws', 1))).toBe('look')
  })

  it('is mirrored where the mark cannot be judged', () => {
    expect(decideRoute(original, doubtful('azure'))).toBe('mirror')
    expect(decideRoute(null, doubtful('azure'))).toBe('mirror')
  })
})
