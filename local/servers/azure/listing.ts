import type { Bucket, ListPage, ListQuery } from '#local/servers/engine/model.ts'
import type { Answer } from '#local/servers/http/answer.ts'
import { type Call, containerOf, saidInXml } from './calls.ts'
import { hierarchicalPage } from './hierarchy.ts'
import { compareNames, cut, isShown, type Item, nameOf, type Page } from './list-items.ts'
import { markerOf, type Wanted, wantedOf } from './list-query.ts'
import { listBody } from './listing-xml.ts'

/** List Blobs, in the order of UTF-16 units; the versions of one name oldest first, the current one last. */
export function listBlobs(call: Call): Answer {
  const bucket = containerOf(call)
  const wanted = wantedOf(call)
  const page = call.account.hierarchical
    ? hierarchicalPage(bucket, wanted, call.nowMs)
    : pageOf(bucket, wanted, call.nowMs)
  return saidInXml(listBody(call, wanted, page.items, markerOf(page.end)))
}

function pageOf(bucket: Bucket, wanted: Wanted, nowMs: number): Page {
  const { after, max } = wanted
  const page = bucket.list(queryOf(wanted, after, max))
  const shown = page.entries.filter((entry) => isShown(entry, wanted, nowMs))
  const folders = page.commonPrefixes.filter(
    (one) => !looksBehind(wanted, after) || hasShown(bucket, wanted, one, nowMs),
  )
  const items: Item[] = [
    ...shown.map((entry) => ({ entry })),
    ...folders.map((commonPrefix) => ({ commonPrefix })),
    ...(wanted.include.has('uncommittedblobs') ? uncommitted(bucket, wanted, page) : []),
  ]
  // Sorting is stable: versions of one name keep their order.
  const sorted = items.toSorted((a, b) => compareNames(nameOf(a), nameOf(b), false))
  return cut(sorted, max, page.more ? page.end : null)
}

/** Whether more than what shows must be looked at. A place among the versions of a name is found only there. */
function looksBehind({ include }: Wanted, after: ListQuery['after']): boolean {
  const more = include.has('versions') || include.has('snapshots') || include.has('deleted')
  return more || (after !== null && 'key' in after && after.order !== undefined)
}

function queryOf(wanted: Wanted, after: ListQuery['after'], max: number): ListQuery {
  const { prefix, delimiter } = wanted
  const what = looksBehind(wanted, after) ? 'all' : 'live'
  return { prefix, delimiter, after, max, what, sorted: 'utf16', newestFirst: false }
}

/** A folder below which only hidden versions are left is none. */
function hasShown(bucket: Bucket, wanted: Wanted, prefix: string, nowMs: number): boolean {
  for (let after: ListQuery['after'] = null; ;) {
    const query = { ...queryOf(wanted, after, wanted.max), prefix, delimiter: null, what: 'all' as const }
    const page: ListPage = bucket.list(query)
    if (page.entries.some((entry) => isShown(entry, wanted, nowMs))) return true
    if (!page.more) return false
    after = page.end
  }
}

/** Names under which only blocks wait, as far as the page goes. */
function uncommitted(bucket: Bucket, { prefix, delimiter, after }: Wanted, page: ListPage): Item[] {
  const folders = new Set(page.commonPrefixes)
  const items: Item[] = []
  for (const { key } of bucket.uploads(prefix)) {
    const at = delimiter === null ? -1 : key.indexOf(delimiter, prefix.length)
    const folder = delimiter === null || at < 0 ? null : key.slice(0, at + delimiter.length)
    const name = folder ?? key
    if (bucket.live(key) !== null || isBefore(name, after) || (page.more && !isBefore(name, page.end))) continue
    if (folder === null) items.push({ uncommitted: key })
    else if (!folders.has(folder)) items.push({ commonPrefix: folder })
    if (folder !== null) folders.add(folder)
  }
  return items
}

/** Whether a page that goes on after this place has passed the name. */
function isBefore(name: string, place: ListQuery['after']): boolean {
  if (place === null) return false
  if ('commonPrefix' in place) return name.startsWith(place.commonPrefix) || name < place.commonPrefix
  // Waiting blocks come after the versions of their name: a place among those has not passed them.
  return name < place.key || (name === place.key && place.order === undefined)
}
