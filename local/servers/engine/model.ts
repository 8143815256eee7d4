/**
 * What the one object engine keeps, and what its three faces (S3, Azure Blob, Cloud Storage) ask of it.
 * The engine knows versions, parts, contents and atomic change; what a version is called, what a deletion leaves behind and which
 * condition refuses a write are the faces' to say.
 */

/** Whatever a face keeps beside a version, an upload or a bucket. */
export type Attributes = { readonly [name: string]: Json }
export type Json = string | number | boolean | null | readonly Json[] | Attributes

/** Checksums that the engine computes while bytes pass; lower-case hex, most significant byte first. */
export type Sum = 'md5' | 'sha1' | 'sha256' | 'crc32' | 'crc32c' | 'crc64nvme'
export type Sums = Readonly<Partial<Record<Sum, string>>>

/** Bytes at rest. Contents share pieces: putting parts together, or copying, moves no byte. */
export interface Content {
  readonly size: number
  /** Of the whole; of contents put together, those that can be combined (the CRCs). */
  readonly sums: Sums
  readonly pieces: readonly Piece[]
}

export interface Piece {
  readonly name: string
  readonly size: number
}

/** One version of one key. */
export interface Entry {
  readonly key: string
  /** Names it within its key for ever. */
  readonly id: string
  /** Its place among the versions of its key: the greater the newer. A face that orders uploads by their beginning takes it then. */
  readonly order: number
  /** What plain reads and listings show; at most one of a key. */
  readonly live: boolean
  /** A record of a deletion; it has no content. */
  readonly marker: boolean
  readonly dateMs: number
  /** When it left the view. */
  readonly leftMs: number | null
  readonly content: Content
  readonly attributes: Attributes
}

export interface Upload {
  readonly id: string
  readonly key: string
  readonly order: number
  readonly dateMs: number
  readonly attributes: Attributes
}

/** A piece of an upload, named as its face likes (a number, a block id), in the order of names as bytes. */
export interface UploadPart {
  readonly name: string
  readonly dateMs: number
  readonly content: Content
  readonly attributes: Attributes
}

export interface Engine {
  /** `false` where there is one of that name already. */
  createBucket(name: string, attributes: Attributes): boolean
  bucket(name: string): Bucket | null
  buckets(): readonly Bucket[]
  /** `false` where it is not empty. */
  removeBucket(name: string): boolean

  /**
   * Takes a body to disk a chunk at a time, with these sums. Nobody sees it until a transaction adopts it; what is never adopted is
   * `release`d, or swept at the next start. Throws what the body throws, and leaves nothing.
   */
  take(body: AsyncIterable<Uint8Array>, sums: readonly Sum[]): Promise<Content>
  release(content: Content): Promise<void>
  /** One content made of several, in this order; no byte moves. Throws `TooManyPieces` (contents.ts) beyond a hundred thousand. */
  join(contents: readonly Content[]): Content
  /** The same bytes. Where they lie in very many pieces, small neighbours are copied together: the result is adopted or `release`d. */
  pack(content: Content): Content
  /** Bytes from `start` up to, not including, `end`. A content that is erased while it is read is read to its end. */
  read(content: Content, range?: { readonly start: number; readonly end: number }): AsyncIterable<Uint8Array>

  close(): Promise<void>
}

export interface Bucket {
  readonly name: string
  readonly createdMs: number
  readonly attributes: Attributes
  setAttributes(attributes: Attributes): void

  live(key: string): Entry | null
  find(key: string, id: string): Entry | null
  /** Newest first. */
  versions(key: string): Iterable<Entry>
  list(query: ListQuery): ListPage

  upload(id: string): Upload | null
  uploads(prefix: string): Iterable<Upload>
  parts(uploadId: string): readonly UploadPart[]

  /**
   * One atomic change: it happens whole, is on disk before this returns, and nothing comes between what `act` reads and what it writes.
   * What `act` throws undoes everything. `act` is synchronous: it decides, it does not wait.
   */
  transact<T>(act: (change: Transaction) => T): T
}

export interface Transaction {
  live(key: string): Entry | null
  /** The newest, live or not. */
  newest(key: string): Entry | null
  find(key: string, id: string): Entry | null
  /** Newest first. */
  versions(key: string): Iterable<Entry>
  /** Greater than every order given out before. */
  nextOrder(): number

  /** Adopts its content. If it is live, the face has put the former live one aside before. */
  add(entry: Entry): void
  update(key: string, id: string, change: Partial<Pick<Entry, 'live' | 'dateMs' | 'leftMs' | 'attributes'>>): void
  erase(key: string, id: string): void

  upload(id: string): Upload | null
  parts(uploadId: string): readonly UploadPart[]
  beginUpload(upload: Upload): void
  /** Adopts its content; the same name again replaces the part. */
  putPart(uploadId: string, part: UploadPart): void
  /** Forgets the upload and its parts; contents that `add` adopted stay. */
  endUpload(uploadId: string): void
}

export interface ListQuery {
  readonly prefix: string
  /** Keys with this after the prefix are rolled up into one common prefix; `null`: none is. */
  readonly delimiter: string | null
  /** Begin after this place; `null` for the beginning. An `order` begins among the versions of that key, after the one of that order. */
  readonly after: { readonly key: string; readonly order?: number } | { readonly commonPrefix: string } | null
  /** Entries and common prefixes together. */
  readonly max: number
  /** Byte order of UTF-8, or the order of UTF-16 units. */
  readonly sorted: 'utf8' | 'utf16'
  /** `live`: what shows, no markers. `all`: every version, in the order of keys, those of a key by `newestFirst`. */
  readonly what: 'live' | 'all'
  readonly newestFirst: boolean
}

export interface ListPage {
  readonly entries: readonly Entry[]
  readonly commonPrefixes: readonly string[]
  /** Whether there is more after the last of them. */
  readonly more: boolean
  /** Where it ended: pass it back as `after`. */
  readonly end: ListQuery['after']
}
