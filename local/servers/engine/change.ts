import type { Entries } from './entries.ts'
import type { Entry, Transaction, Upload, UploadPart } from './model.ts'
import { count, type Tally } from './pieces.ts'
import type { Uploads } from './uploads.ts'

/** The tables that a change of one bucket works on. */
export interface Tables {
  readonly entries: Entries
  readonly uploads: Uploads
  nextOrder(): number
}

/** What one transaction does to one bucket; it ends with the transaction. */
export class Change implements Transaction {
  /** Which pieces it took hold of, and which it let go. */
  readonly tally: Tally = new Map()
  readonly #tables: Tables
  readonly #bucket: number
  #ended = false

  constructor(tables: Tables, bucket: number) {
    this.#tables = tables
    this.#bucket = bucket
  }

  end(): void {
    this.#ended = true
  }

  live(key: string): Entry | null {
    return this.#tables.entries.live(this.#bucket, key)
  }

  newest(key: string): Entry | null {
    return this.#tables.entries.newest(this.#bucket, key)
  }

  find(key: string, id: string): Entry | null {
    return this.#tables.entries.find(this.#bucket, key, id)
  }

  versions(key: string): Iterable<Entry> {
    return this.#tables.entries.versions(this.#bucket, key)
  }

  nextOrder(): number {
    this.#mustBeOpen()
    return this.#tables.nextOrder()
  }

  add(entry: Entry): void {
    this.#mustBeOpen()
    this.#tables.entries.add(this.#bucket, entry)
    count(this.tally, entry.content, 1)
  }

  update(key: string, id: string, change: Parameters<Transaction['update']>[2]): void {
    this.#mustBeOpen()
    const entry = this.find(key, id)
    if (entry === null) throw new Error(`${key}: found no version ${id} to update: look for it first`)
    this.#tables.entries.change(this.#bucket, { ...entry, ...change })
  }

  /** Absent is done. */
  erase(key: string, id: string): void {
    this.#mustBeOpen()
    const entry = this.find(key, id)
    if (entry === null) return
    this.#tables.entries.remove(this.#bucket, entry)
    count(this.tally, entry.content, -1)
  }

  upload(id: string): Upload | null {
    return this.#tables.uploads.find(this.#bucket, id)
  }

  parts(uploadId: string): readonly UploadPart[] {
    return this.#tables.uploads.parts(this.#bucket, uploadId)
  }

  beginUpload(upload: Upload): void {
    this.#mustBeOpen()
    this.#tables.uploads.begin(this.#bucket, upload)
  }

  putPart(uploadId: string, part: UploadPart): void {
    this.#mustBeOpen()
    const replaced = this.#tables.uploads.putPart(this.#bucket, uploadId, part)
    count(this.tally, part.content, 1)
    if (replaced !== null) count(this.tally, replaced.content, -1)
  }

  /** Absent is done. */
  endUpload(uploadId: string): void {
    this.#mustBeOpen()
    for (const { content } of this.parts(uploadId)) count(this.tally, content, -1)
    this.#tables.uploads.end(this.#bucket, uploadId)
  }

  #mustBeOpen(): void {
    if (this.#ended) throw new Error('this change has ended: begin another with transact')
  }
}
