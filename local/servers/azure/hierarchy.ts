import type { Bucket, Entry, ListQuery } from '#local/servers/engine/model.ts'
import { compareNames, cut, isShown, type Item, nameOf, type Page } from './list-items.ts'
import type { Wanted } from './list-query.ts'

/**
 * A page of an account with hierarchical namespace, where `/` sorts before everything. No index has this order: all that begins with the
 * prefix is looked at for every page, which does for an account that exists here only to be refused.
 */
export function hierarchicalPage(bucket: Bucket, wanted: Wanted, nowMs: number): Page {
  const { prefix, delimiter, after, max } = wanted
  const folders = new Set<string>()
  const items: Item[] = []
  for (const entry of everything(bucket, prefix)) {
    if (!isShown(entry, wanted, nowMs)) continue
    const at = delimiter === null ? -1 : entry.key.indexOf(delimiter, prefix.length)
    if (delimiter === null || at < 0) items.push({ entry })
    else folders.add(entry.key.slice(0, at + delimiter.length))
  }
  items.push(...[...folders].map((commonPrefix) => ({ commonPrefix })))
  const sorted = items.toSorted((a, b) => compareNames(nameOf(a), nameOf(b), true))
  return cut(
    sorted.filter((item) => isAfter(item, after)),
    max,
    null,
  )
}

function isAfter(item: Item, place: ListQuery['after']): boolean {
  if (place === null) return true
  const compared = compareNames(nameOf(item), 'key' in place ? place.key : place.commonPrefix, true)
  if (compared !== 0) return compared > 0
  const order = 'key' in place ? place.order : undefined
  return order !== undefined && 'entry' in item && item.entry.order > order
}

const all = { delimiter: null, max: 1000, sorted: 'utf16', what: 'all', newestFirst: false } as const

function* everything(bucket: Bucket, prefix: string): Generator<Entry, void, undefined> {
  for (let after: ListQuery['after'] = null; ;) {
    const page = bucket.list({ ...all, prefix, after })
    yield* page.entries
    if (!page.more) return
    after = page.end
  }
}
