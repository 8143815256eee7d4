import type { Entry, ListQuery } from '#local/servers/engine/model.ts'
import type { Wanted } from './list-query.ts'
import { recordOf } from './record.ts'
import { isGone } from './succession.ts'

/** One line of a listing: a version, a folder, or a name under which only blocks wait. */
export type Item = { readonly entry: Entry } | { readonly commonPrefix: string } | { readonly uncommitted: string }

export interface Page {
  readonly items: readonly Item[]
  /** `null` at the end. */
  readonly end: ListQuery['after']
}

export function nameOf(item: Item): string {
  if ('entry' in item) return item.entry.key
  return 'commonPrefix' in item ? item.commonPrefix : item.uncommitted
}

/** Where a page that ends with it goes on. */
function placeAfter(item: Item): NonNullable<ListQuery['after']> {
  if ('commonPrefix' in item) return { commonPrefix: item.commonPrefix }
  return 'entry' in item ? { key: item.entry.key, order: item.entry.order } : { key: item.uncommitted }
}

/** Of all that is kept, what the request includes. */
export function isShown(entry: Entry, { include }: Pick<Wanted, 'include'>, nowMs: number): boolean {
  const { deleted, snapshot, versioned } = recordOf(entry)
  if (entry.live) return true
  if (isGone(entry, nowMs) || (deleted !== null && !include.has('deleted'))) return false
  if (snapshot) return include.has('snapshots')
  return versioned ? include.has('versions') : deleted !== null
}

/** The order in which names compare: `/` first where folders are real. */
export function compareNames(a: string, b: string, slashFirst: boolean): number {
  const [one, other] = slashFirst ? [a.replaceAll('/', '\0'), b.replaceAll('/', '\0')] : [a, b]
  return one < other ? -1 : one > other ? 1 : 0
}

/** At most as many as a page may have; what is cut comes with the next. */
export function cut(items: readonly Item[], max: number, end: ListQuery['after']): Page {
  if (items.length <= max) return { items, end }
  const kept = items.slice(0, max)
  return { items: kept, end: placeAfter(kept.at(-1)!) }
}
