import type { DatabaseSync } from 'node:sqlite'
import { Statement } from './database.ts'
import { entryColumns, entryOf, type EntryRow } from './entries.ts'
import { afterPrefix, bytesOf, greater, justAfter, keyOf, type Order } from './keys.ts'
import type { Entry, ListPage, ListQuery } from './model.ts'
import { Gone } from './pieces.ts'

/** Rows are fetched in steps that grow, because what follows a common prefix is skipped unread. */
const rowsAtFirst = 8
const rowsAtMost = 256

/** An upload of ten thousand parts has as many pieces, and who lists it wants none of them: longer columns are left out. */
const piecesBytesMax = 4096

type Place = NonNullable<ListPage['end']>
type Item = { readonly entry: Entry; readonly place: Place } | { readonly commonPrefix: string; readonly place: Place }

/** Pages of keys, in either order. */
export class Listing {
  readonly #seeks: Readonly<Record<Order, ReturnType<typeof prepare>>>
  readonly #pieces: Statement<{ pieces: string }>

  constructor(database: DatabaseSync) {
    this.#pieces = new Statement(database, 'SELECT pieces FROM entries WHERE bucket = ? AND key8 = ? AND id = ?')
    this.#seeks = { utf8: prepare(database, 'utf8'), utf16: prepare(database, 'utf16') }
  }

  page(bucket: number, query: ListQuery): ListPage {
    const entries: Entry[] = []
    const commonPrefixes: string[] = []
    let end = query.after
    for (const item of this.#items(bucket, query)) {
      if (entries.length + commonPrefixes.length >= query.max) return { entries, commonPrefixes, more: true, end }
      if ('entry' in item) entries.push(item.entry)
      else commonPrefixes.push(item.commonPrefix)
      end = item.place
    }
    return { entries, commonPrefixes, more: false, end }
  }

  *#items(bucket: number, query: ListQuery): Generator<Item> {
    const { prefix, delimiter, after, sorted, what } = query
    const prefixBytes = bytesOf(prefix, sorted)
    const end = afterPrefix(prefixBytes)
    let from: Uint8Array | null = prefixBytes
    if (after !== null) {
      const place =
        'key' in after ? justAfter(bytesOf(after.key, sorted)) : afterPrefix(bytesOf(after.commonPrefix, sorted))
      from = place && greater(from, place)
      if (what === 'all' && 'key' in after && after.order !== undefined && after.key.startsWith(prefix)) {
        const rest = this.#versions(bucket, query, after.key, after.order)
        if (commonPrefixOf(after.key, prefix, delimiter) === null) yield* rest
        else if (rest.next().done !== true) from = bytesOf(after.key, sorted)
      }
    }
    for (let rows = rowsAtFirst; from !== null;) {
      const page = this.#rows(bucket, query, from, end, rows)
      if (page.length === 0) return
      let whole = page.length < rows
      rows = Math.min(rows * 2, rowsAtMost)
      for (const group of groupsOf(page)) {
        const key = keyOf(group[0]!.key8)
        const commonPrefix = commonPrefixOf(key, prefix, delimiter)
        if (commonPrefix !== null) {
          yield { commonPrefix, place: { commonPrefix } }
          from = afterPrefix(bytesOf(commonPrefix, sorted))
          rows = rowsAtFirst
          whole = false
          break
        }
        from = justAfter(bytesOf(key, sorted))
        if (what === 'live') yield { entry: this.#entryOf(bucket, group[0]!), place: { key } }
        else if (group.at(-1) === page.at(-1) && !whole) yield* this.#versions(bucket, query, key, null)
        else for (const row of query.newestFirst ? group.toReversed() : group) yield this.#itemOf(bucket, key, row)
      }
      if (whole) return
    }
  }

  /** Rows from a place on, in the order of keys, the versions of one key oldest first. */
  #rows(bucket: number, query: ListQuery, from: Uint8Array, end: Uint8Array | null, rows: number): EntryRow[] {
    const { live, liveToEnd, all, allToEnd } = this.#seeks[query.sorted]
    const [within, toEnd] = query.what === 'live' ? [live, liveToEnd] : [all, allToEnd]
    return end === null ? toEnd.all(bucket, from, rows) : within.all(bucket, from, end, rows)
  }

  *#versions(bucket: number, query: ListQuery, key: string, after: number | null): Generator<Item> {
    const { newestFirst, oldestFirst } = this.#seeks[query.sorted]
    const statement = query.newestFirst ? newestFirst : oldestFirst
    const bytes = bytesOf(key, query.sorted)
    let place = after ?? (query.newestFirst ? Infinity : -Infinity)
    for (let rows = rowsAtFirst; ; rows = Math.min(rows * 2, rowsAtMost)) {
      const page = statement.all(bucket, bytes, place, rows)
      for (const row of page) yield this.#itemOf(bucket, key, row)
      const last = page.at(-1)
      if (last === undefined || page.length < rows) return
      place = last.place
    }
  }

  #itemOf(bucket: number, key: string, row: EntryRow): Item {
    return { entry: this.#entryOf(bucket, row), place: { key, order: row.place } }
  }

  #entryOf(bucket: number, row: EntryRow): Entry {
    return entryOf(row, () => {
      const pieces = row.pieces ?? this.#pieces.one(bucket, row.key8, row.id)?.pieces
      if (pieces === undefined) throw new Gone(`version ${row.id} was erased since it was listed: look again`)
      return pieces
    })
  }
}

/** The rows of each key. */
function groupsOf(rows: readonly EntryRow[]): EntryRow[][] {
  const groups: EntryRow[][] = []
  for (const row of rows) {
    const group = groups.at(-1)
    if (group !== undefined && Buffer.compare(group[0]!.key8, row.key8) === 0) group.push(row)
    else groups.push([row])
  }
  return groups
}

/** What a key is rolled up into, if it is. */
function commonPrefixOf(key: string, prefix: string, delimiter: string | null): string | null {
  if (delimiter === null || delimiter === '') return null
  const at = key.indexOf(delimiter, prefix.length)
  return at === -1 ? null : key.slice(0, at + delimiter.length)
}

function prepare(database: DatabaseSync, order: Order) {
  const number = order === 'utf8' ? '8' : '16'
  const column = `key${number}`
  const pieces = `CASE WHEN octet_length(pieces) <= ${piecesBytesMax} THEN pieces END AS pieces`
  // Named, so that a query which could not use its index is refused when it is prepared.
  const select = (index: string, rest: string) =>
    new Statement<EntryRow>(
      database,
      `SELECT ${entryColumns}, ${pieces} FROM entries INDEXED BY entries_${index}${number} WHERE bucket = ? AND ${rest}`,
    )
  const live = (end: string) =>
    select('live', `live = 1 AND marker = 0 AND ${column} >= ? ${end} ORDER BY ${column} LIMIT ?`)
  const all = (end: string) => select('all', `${column} >= ? ${end} ORDER BY ${column}, place LIMIT ?`)
  const end = `AND ${column} < ?`
  return {
    live: live(end),
    liveToEnd: live(''),
    all: all(end),
    allToEnd: all(''),
    newestFirst: select('all', `${column} = ? AND place < ? ORDER BY place DESC LIMIT ?`),
    oldestFirst: select('all', `${column} = ? AND place > ? ORDER BY place LIMIT ?`),
  }
}
