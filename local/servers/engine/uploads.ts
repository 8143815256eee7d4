import type { DatabaseSync } from 'node:sqlite'
import { attributesOf, contentColumns, contentOf, type ContentRow } from './contents.ts'
import { Statement } from './database.ts'
import { afterPrefix, bytesOf, keyOf } from './keys.ts'
import type { Upload, UploadPart } from './model.ts'

interface UploadRow {
  readonly number: number
  readonly id: string
  readonly key8: Uint8Array
  readonly place: number
  readonly date_ms: number
  readonly attributes: string
}

interface PartRow extends ContentRow {
  readonly name8: Uint8Array
  readonly date_ms: number
  readonly pieces: string
}

const pageRows = 64

/** Uploads that have not ended, and the parts they hold. */
export class Uploads {
  readonly #statements: ReturnType<typeof prepare>

  constructor(database: DatabaseSync) {
    this.#statements = prepare(database)
  }

  find(bucket: number, id: string): Upload | null {
    const row = this.#statements.find.one(bucket, id)
    return row === null ? null : uploadOf(row)
  }

  /** By key, those of one key by their order. */
  *list(bucket: number, prefix: string): Generator<Upload> {
    const start = bytesOf(prefix, 'utf8')
    // No UTF-8 has this byte: it is greater than every key.
    const end = afterPrefix(start) ?? Uint8Array.of(0xff)
    for (let from: [Uint8Array, number, number] = [start, -Infinity, 0]; ;) {
      const rows = this.#statements.list.all(bucket, ...from, end, pageRows)
      for (const row of rows) yield uploadOf(row)
      const last = rows.at(-1)
      if (last === undefined || rows.length < pageRows) return
      from = [last.key8, last.place, last.number]
    }
  }

  /** In the order of names as bytes. */
  parts(bucket: number, id: string): UploadPart[] {
    return this.#statements.parts.all(bucket, id).map(partOf)
  }

  begin(bucket: number, upload: Upload): void {
    const { id, key, order, dateMs, attributes } = upload
    this.#statements.begin.run(bucket, id, bytesOf(key, 'utf8'), order, dateMs, JSON.stringify(attributes))
  }

  /** Answers with the part that it replaced. */
  putPart(bucket: number, id: string, part: UploadPart): UploadPart | null {
    const upload = this.#statements.find.one(bucket, id)
    if (upload === null) throw new Error(`upload ${id} is gone: look before a part is put`)
    const name8 = bytesOf(part.name, 'utf8')
    const before = this.#statements.part.one(upload.number, name8)
    const columns = [part.dateMs, ...contentColumns(part.content), JSON.stringify(part.attributes)]
    this.#statements.putPart.run(upload.number, name8, ...columns)
    return before === null ? null : partOf(before)
  }

  end(bucket: number, id: string): void {
    const upload = this.#statements.find.one(bucket, id)
    if (upload === null) return
    this.#statements.removeParts.run(upload.number)
    this.#statements.remove.run(upload.number)
  }
}

function uploadOf(row: UploadRow): Upload {
  return { id: row.id, key: keyOf(row.key8), order: row.place, dateMs: row.date_ms, attributes: attributesOf(row) }
}

function partOf(row: PartRow): UploadPart {
  const content = contentOf(row, () => row.pieces)
  return { name: keyOf(row.name8), dateMs: row.date_ms, content, attributes: attributesOf(row) }
}

function prepare(database: DatabaseSync) {
  const uploads = 'number, id, key8, place, date_ms, attributes'
  const parts = 'name8, date_ms, size, sums, pieces, attributes'
  const number = '(SELECT number FROM uploads WHERE bucket = ? AND id = ?)'
  return {
    find: new Statement<UploadRow>(database, `SELECT ${uploads} FROM uploads WHERE bucket = ? AND id = ?`),
    list: new Statement<UploadRow>(
      database,
      `SELECT ${uploads} FROM uploads WHERE bucket = ? AND (key8, place, number) > (?, ?, ?) AND key8 < ?
       ORDER BY key8, place, number LIMIT ?`,
    ),
    parts: new Statement<PartRow>(database, `SELECT ${parts} FROM parts WHERE upload = ${number} ORDER BY name8`),
    part: new Statement<PartRow>(database, `SELECT ${parts} FROM parts WHERE upload = ? AND name8 = ?`),
    begin: new Statement(
      database,
      'INSERT INTO uploads (bucket, id, key8, place, date_ms, attributes) VALUES (?, ?, ?, ?, ?, ?)',
    ),
    putPart: new Statement(database, `INSERT OR REPLACE INTO parts (upload, ${parts}) VALUES (?, ?, ?, ?, ?, ?, ?)`),
    removeParts: new Statement(database, 'DELETE FROM parts WHERE upload = ?'),
    remove: new Statement(database, 'DELETE FROM uploads WHERE number = ?'),
  }
}
