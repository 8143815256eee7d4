import { admits } from '#shared/config/rules-at.ts'
import type { Route } from '#shared/config/model.ts'
import { digestText } from '#shared/kernel/digest.ts'
import { asFailure } from '#shared/kernel/failure.ts'
import type { SiteId } from '#shared/kernel/ids.ts'
import type { Key } from '#shared/kernel/key.ts'
import type { ObjectMeta } from '#shared/ports/object-store.ts'
import { believe, type Circle } from '#shared/replication/believe.ts'
import type { Core } from '#shared/replication/core.ts'
import { clockOf } from '#shared/replication/hold.ts'
import type { Sight } from '#shared/replication/model.ts'
import { nativeStamp } from '#shared/replication/observe.ts'
import { digestProperties } from '#shared/replication/properties.ts'
import type { Seat } from './merge.ts'
import type { Glimpse, Known, ListedOriginal, Row, Shown } from './model.ts'

/** Takes a row as far as it goes without a request: a mark in a listing is believed as on a HEAD, except where history would have to be asked. */
export function glimpse(core: Core, circle: Circle, site: SiteId, key: Key, row: Row | null): Glimpse {
  if (row?.cut) return { site, shows: 'unread' }
  if (row === null || row.shown === null) return { site, shows: 'nothing' }
  const { shown, buriedMs } = row
  const { meta } = shown
  if (meta === null) return { site, shows: 'opaque', native: nativeStamp(site, shown) }
  const properties = digestProperties(core.hashing, meta)
  const about = { site, properties, digests: meta.digests, tagCount: meta.tagCount }
  const native: Known = { ...about, shows: 'native', stamp: nativeStamp(site, meta), suspect: false }
  if (meta.metadata[circle.entry] === undefined) return native
  const ageMs = ageOf(core, site, shown)
  if (ageMs === null) return { site, shows: 'doubtful' }
  const { digest: algorithm } = core.store(site).traits
  const bearer = { meta, algorithm, keyDigest: digestText(core.hashing, key), propertiesDigest: properties, ageMs }
  const belief = believe(circle, bearer, core.limits)
  if (belief.is === 'native') return native
  if (belief.is !== 'replica') return { site, shows: 'doubtful' }
  const { stamp, onto } = belief.mark
  return { ...about, shows: 'replica', stamp, suspect: onto === 'absent' && buriedMs >= stamp.timeMs }
}

/** The same of an answer to a HEAD, beside the row that the listing had. */
export function glimpseOf(sight: Sight, row: Row | null): Glimpse {
  if (sight.shows === 'nothing') return { site: sight.site, shows: 'nothing' }
  const { site, shows, stamp, content, meta } = sight
  // No version carries a stamp later than its own date: what lies below and is older than the stamp cannot be as great.
  const suspect = sight.shows === 'replica' && sight.onto === 'absent' && (row?.buriedMs ?? -Infinity) >= stamp.timeMs
  return {
    site,
    shows,
    stamp,
    suspect,
    properties: content.properties,
    digests: content.digests,
    tagCount: meta.tagCount,
  }
}

/** What a route's source shows. Size is in every listing; tags are not. */
export function originalOf(core: Core, route: Route, row: Row | null): ListedOriginal | null {
  const shown = row?.shown ?? null
  if (shown === null) return null
  const { meta } = shown
  const properties = meta === null ? null : digestProperties(core.hashing, meta)
  return { stamp: nativeStamp(route.from, shown), properties, admitted: admitted(route, shown, meta) }
}

function admitted(route: Route, { size }: Shown, meta: ObjectMeta | null): boolean | null {
  if (size !== null && !admits({ ...route, tags: new Map() }, size, new Map())) return false
  if (route.tags.size === 0) return size === null ? null : true
  return meta !== null && meta.tagCount < route.tags.size ? false : null
}

/** A short name for exactly this version as the listing shows it; '-' where it shows none. */
export function printOf(core: Core, row: Row | null): string {
  const shown = row?.shown ?? null
  if (shown === null) return '-'
  const { id, dateMs, meta } = shown
  return digestText(
    core.hashing,
    JSON.stringify([id, dateMs, meta === null ? null : digestProperties(core.hashing, meta)]),
  )
}

/** Whether an answer to a HEAD is of exactly the version that the listing showed: only then may what was found be remembered of it. */
export function isOfRow(meta: ObjectMeta | null, row: Row | null): boolean {
  const shown = row?.shown ?? null
  if (meta === null || shown === null) return meta === null && shown === null
  return meta.id === shown.id && meta.dateMs === shown.dateMs
}

/** Asks whether the store still shows what its listing showed. One that does not answer says no. */
export async function stillShows(core: Core, key: Key, { site, row }: Seat, signal: AbortSignal): Promise<boolean> {
  try {
    return isOfRow(await core.store(site).head(key, signal), row)
  } catch (thrown) {
    asFailure(thrown)
    return false
  }
}

/** Its event is probably still under way. */
export function isYoung(core: Core, site: SiteId, row: Row | null): boolean {
  const ageMs = row?.shown ? ageOf(core, site, row.shown) : null
  return ageMs !== null && ageMs < core.limits.freshMs
}

/** By the store's own clock; `null` where it has not told the time. */
function ageOf(core: Core, site: SiteId, { dateMs }: Shown): number | null {
  const store = core.store(site)
  return store.heard() === null ? null : clockOf(core, store) - dateMs
}
