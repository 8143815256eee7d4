import type { DatabaseSync } from 'node:sqlite'
import { attributesOf, contentColumns, contentOf, type ContentRow } from './contents.ts'
import { Statement } from './database.ts'
import { bytesOf, keyOf } from './keys.ts'
import type { Entry } from './model.ts'

export interface EntryRow extends ContentRow {
  readonly key8: Uint8Array
  readonly id: string
  readonly place: number
  readonly live: number
  readonly marker: number
  readonly date_ms: number
  readonly left_ms: number | null
  readonly pieces: string | null
}

/** All but the pieces, which may be as large as all the rest a hundred times. */
export const entryColumns = 'key8, id, place, live, marker, date_ms, left_ms, size, sums, attributes'

/** Where the column of pieces was left out, it is asked for when somebody wants it. */
export function entryOf(row: EntryRow, column: () => string): Entry {
  return {
    key: keyOf(row.key8),
    id: row.id,
    order: row.place,
    live: row.live === 1,
    marker: row.marker === 1,
    dateMs: row.date_ms,
    leftMs: row.left_ms,
    content: contentOf(row, column),
    attributes: attributesOf(row),
  }
}

/** A key may have twenty thousand versions, and its reader may want three. */
const pageRows = 64

/** The versions of all keys of all buckets, by bucket number. */
export class Entries {
  readonly #statements: ReturnType<typeof prepare>

  constructor(database: DatabaseSync) {
    this.#statements = prepare(database)
  }

  live(bucket: number, key: string): Entry | null {
    return orNull(this.#statements.live.one(bucket, bytesOf(key, 'utf8')))
  }

  newest(bucket: number, key: string): Entry | null {
    return orNull(this.#statements.newest.one(bucket, bytesOf(key, 'utf8')))
  }

  find(bucket: number, key: string, id: string): Entry | null {
    return orNull(this.#statements.find.one(bucket, bytesOf(key, 'utf8'), id))
  }

  /** Page by page, so that it stays true while its reader erases what it shows. */
  *versions(bucket: number, key: string): Generator<Entry> {
    const key8 = bytesOf(key, 'utf8')
    for (let before = Infinity; ;) {
      const rows = this.#statements.versions.all(bucket, key8, before, pageRows)
      for (const row of rows) yield wholeOf(row)
      const last = rows.at(-1)
      if (last === undefined || rows.length < pageRows) return
      before = last.place
    }
  }

  isEmpty(bucket: number): boolean {
    return this.#statements.any.one(bucket) === null
  }

  add(bucket: number, entry: Entry): void {
    this.#statements.add.run(
      bucket,
      bytesOf(entry.key, 'utf8'),
      bytesOf(entry.key, 'utf16'),
      entry.id,
      entry.order,
      entry.live ? 1 : 0,
      entry.marker ? 1 : 0,
      entry.dateMs,
      entry.leftMs,
      ...contentColumns(entry.content),
      JSON.stringify(entry.attributes),
    )
  }

  change(bucket: number, { key, id, live, dateMs, leftMs, attributes }: Entry): void {
    const values = [live ? 1 : 0, dateMs, leftMs, JSON.stringify(attributes)]
    this.#statements.change.run(...values, bucket, bytesOf(key, 'utf8'), id)
  }

  remove(bucket: number, { key, id }: Entry): void {
    this.#statements.remove.run(bucket, bytesOf(key, 'utf8'), id)
  }
}

type WholeRow = EntryRow & { readonly pieces: string }

function wholeOf(row: WholeRow): Entry {
  return entryOf(row, () => row.pieces)
}

function orNull(row: WholeRow | null): Entry | null {
  return row === null ? null : wholeOf(row)
}

function prepare(database: DatabaseSync) {
  const select = (rest: string) =>
    new Statement<WholeRow>(database, `SELECT ${entryColumns}, pieces FROM entries ${rest}`)
  const one = 'WHERE bucket = ? AND key8 = ? AND id = ?'
  return {
    live: select('WHERE bucket = ? AND key8 = ? AND live = 1'),
    newest: select('WHERE bucket = ? AND key8 = ? ORDER BY place DESC LIMIT 1'),
    find: select(one),
    versions: select('WHERE bucket = ? AND key8 = ? AND place < ? ORDER BY place DESC LIMIT ?'),
    any: new Statement(database, 'SELECT 1 FROM entries WHERE bucket = ? LIMIT 1'),
    add: new Statement(
      database,
      `INSERT INTO entries
         (bucket, key8, key16, id, place, live, marker, date_ms, left_ms, size, sums, pieces, attributes)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    change: new Statement(database, `UPDATE entries SET live = ?, date_ms = ?, left_ms = ?, attributes = ? ${one}`),
    remove: new Statement(database, `DELETE FROM entries ${one}`),
  }
}
