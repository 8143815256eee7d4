import type { DatabaseSync } from 'node:sqlite'
import { Change, type Tables } from './change.ts'
import { attributesOf } from './contents.ts'
import { Statement } from './database.ts'
import { Entries } from './entries.ts'
import { Listing } from './listing.ts'
import type { Attributes, Bucket, Entry, ListPage, ListQuery, Transaction, Upload, UploadPart } from './model.ts'
import { Gone, type Pieces } from './pieces.ts'
import { Uploads } from './uploads.ts'

interface BucketRow {
  readonly id: number
  readonly name: string
  readonly created_ms: number
  readonly attributes: string
}

interface Statements {
  readonly create: Statement
  readonly find: Statement<BucketRow>
  readonly all: Statement<BucketRow>
  readonly setAttributes: Statement
  readonly remove: Statement
  readonly nextOrder: Statement<{ last: number }>
}

/** All buckets of one engine, and the one door to a change. */
export class Buckets implements Tables {
  readonly entries: Entries
  readonly uploads: Uploads
  readonly listing: Listing
  readonly statements: Statements
  readonly #database: DatabaseSync
  readonly #pieces: Pieces
  readonly #now: () => number

  constructor(database: DatabaseSync, pieces: Pieces, now: () => number) {
    this.entries = new Entries(database)
    this.uploads = new Uploads(database)
    this.listing = new Listing(database)
    this.statements = prepare(database)
    this.#database = database
    this.#pieces = pieces
    this.#now = now
  }

  create(name: string, attributes: Attributes): boolean {
    return this.statements.create.run(name, Math.floor(this.#now()), JSON.stringify(attributes)) > 0
  }

  find(name: string): Bucket | null {
    const row = this.statements.find.one(name)
    return row === null ? null : new StoredBucket(this, row)
  }

  all(): Bucket[] {
    return this.statements.all.all().map((row) => new StoredBucket(this, row))
  }

  /** Uploads that have not ended go with it. */
  remove(name: string): boolean {
    const row = this.statements.find.one(name)
    if (row === null || !this.entries.isEmpty(row.id)) return false
    this.transact(row.id, (change) => {
      for (const { id } of this.uploads.list(row.id, '')) change.endUpload(id)
      this.statements.remove.run(row.id)
    })
    return true
  }

  /** Microseconds, which leave room for a thousand changes a millisecond before they run ahead of the clock. */
  nextOrder(): number {
    return this.statements.nextOrder.one(Math.floor(this.#now() * 1000))!.last
  }

  transact<T>(bucket: number, act: (change: Transaction) => T): T {
    const change = new Change(this, bucket)
    this.#database.exec('BEGIN IMMEDIATE')
    try {
      const answer = act(change)
      if (answer instanceof Promise) throw new TypeError('a change is synchronous: take what it waits for before')
      const committed = this.#pieces.apply(change.tally)
      this.#database.exec('COMMIT')
      committed()
      return answer
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
      throw error
    } finally {
      change.end()
    }
  }
}

/** One bucket, as whoever looked it up holds it. It may be gone meanwhile: then it is empty, and a change throws `Gone`. */
class StoredBucket implements Bucket {
  readonly name: string
  readonly createdMs: number
  readonly #number: number
  readonly #all: Buckets

  constructor(all: Buckets, row: BucketRow) {
    this.name = row.name
    this.createdMs = row.created_ms
    this.#number = row.id
    this.#all = all
  }

  /** As they are now, not as they were when it was looked up. */
  get attributes(): Attributes {
    return attributesOf(this.#row())
  }

  setAttributes(attributes: Attributes): void {
    this.#all.statements.setAttributes.run(JSON.stringify(attributes), this.#row().id)
  }

  live(key: string): Entry | null {
    return this.#all.entries.live(this.#number, key)
  }

  find(key: string, id: string): Entry | null {
    return this.#all.entries.find(this.#number, key, id)
  }

  versions(key: string): Iterable<Entry> {
    return this.#all.entries.versions(this.#number, key)
  }

  list(query: ListQuery): ListPage {
    return this.#all.listing.page(this.#number, query)
  }

  upload(id: string): Upload | null {
    return this.#all.uploads.find(this.#number, id)
  }

  uploads(prefix: string): Iterable<Upload> {
    return this.#all.uploads.list(this.#number, prefix)
  }

  parts(uploadId: string): readonly UploadPart[] {
    return this.#all.uploads.parts(this.#number, uploadId)
  }

  transact<T>(act: (change: Transaction) => T): T {
    return this.#all.transact(this.#row().id, act)
  }

  #row(): BucketRow {
    const row = this.#all.statements.find.one(this.name)
    if (row === null || row.id !== this.#number) throw new Gone(`bucket ${this.name} was removed: look it up again`)
    return row
  }
}

function prepare(database: DatabaseSync): Statements {
  const columns = 'id, name, created_ms, attributes'
  return {
    create: new Statement(database, 'INSERT OR IGNORE INTO buckets (name, created_ms, attributes) VALUES (?, ?, ?)'),
    find: new Statement(database, `SELECT ${columns} FROM buckets WHERE name = ?`),
    all: new Statement(database, `SELECT ${columns} FROM buckets ORDER BY name`),
    setAttributes: new Statement(database, 'UPDATE buckets SET attributes = ? WHERE id = ?'),
    remove: new Statement(database, 'DELETE FROM buckets WHERE id = ?'),
    nextOrder: new Statement(database, 'UPDATE orders SET last = max(last + 1, ?) RETURNING last'),
  }
}
