import type { Algorithm, Digests } from '#shared/kernel/digest.ts'
import type { SiteId } from '#shared/kernel/ids.ts'
import type { Key } from '#shared/kernel/key.ts'
import type { StampId, Version } from '#shared/kernel/version.ts'

/** What a user says of an object beside its bytes, spelt the same at every site: names that a cloud refuses are the driver's to encode. */
export interface Properties {
  readonly headers: Headers
  readonly metadata: Readonly<Record<string, string>>
}

export interface Headers {
  readonly contentType?: string
  readonly contentEncoding?: string
  readonly contentLanguage?: string
  readonly contentDisposition?: string
  readonly cacheControl?: string
  readonly expires?: string
}

/** One version of one object, as its store tells it. */
export interface ObjectMeta extends Properties {
  readonly key: Key
  /** For conditions and pinned reads. */
  readonly version: Version
  /** For stamps. */
  readonly id: StampId
  /** The object's own date at this store. */
  readonly dateMs: number
  readonly size: number
  /** Whole-content checksums that the store vouches for; none where it has none. */
  readonly digests: Digests
  /** Uploaded in parts: a store that dates by the beginning dates this one before anyone could see it. */
  readonly inParts: boolean
  /** How many tags it has; the tags themselves are one more request. */
  readonly tagCount: number
}

/** A body that can be opened again: a half-read stream cannot be retried. */
export interface Body {
  readonly size: number
  open(): AsyncIterable<Uint8Array>
}

export interface Found {
  readonly meta: ObjectMeta
  /** Read at most once, or left unread: then nothing of it is transferred. */
  readonly body: AsyncIterable<Uint8Array>
}

/** Bytes from `start` up to, not including, `end`. */
export interface Range {
  readonly start: number
  readonly end: number
}

/** There is no write without one. */
export type Condition = { readonly if: 'absent' } | { readonly if: 'unchanged'; readonly since: Version }

export interface Write extends Properties {
  readonly body: Body
  /** Of the whole body; the store refuses the write as `corrupt` where what arrived differs. */
  readonly digests: Digests
  readonly tags: Readonly<Record<string, string>>
  readonly storageClass: string | null
}

/** Names one transfer in parts, the same for every function that works on it. */
export type TransferId = string

export interface Part {
  /** From 1, without gaps once complete. */
  readonly number: number
  readonly size: number
  readonly digests: Digests
}

/** One entry of a key's history. It may be listed and no longer readable (soft-deleted): then a pinned `head` answers `null`. */
export interface KeptVersion {
  readonly key: Key
  /** On top, a delete marker included. */
  readonly current: boolean
  /** S3's record of a deletion; it has no content. */
  readonly deleteMarker: boolean
  readonly version: Version
  readonly id: StampId
  readonly dateMs: number
  /** When it left the view, where the store tells: Azure does not. */
  readonly leftMs: number | null
  readonly inParts: boolean
  /** The whole of it where this store's listings show metadata, else `null`: one `head` more. */
  readonly meta: ObjectMeta | null
}

export interface VersionPage {
  readonly versions: readonly KeptVersion[]
  /** Pass it back for the next page; `null` at the end. */
  readonly next: string | null
}

export interface Listed {
  readonly key: Key
  readonly id: StampId
  readonly dateMs: number
  readonly size: number
  readonly digests: Digests
  /** The whole of it where this store's listings show metadata. */
  readonly meta: ObjectMeta | null
}

export interface ListPage {
  readonly objects: readonly Listed[]
  readonly next: string | null
}

export interface ListQuery {
  readonly prefix: string
  /** Only keys after this one in the store's own order; '' for all. */
  readonly after: string
  /** From the page before; it wins over `after`. */
  readonly cursor: string | null
  readonly max: number
}

/** What a store is like where that changes what the core does; stated by its driver, never guessed. */
export interface Traits {
  /** Its dates are multiples of this. */
  readonly dateGranularityMs: number
  /** Reported for whole objects that we write. */
  readonly digest: Algorithm
  /** An upload in parts is dated, and ordered among versions, by its beginning. */
  readonly datesByBeginning: boolean
  /** `markers`: a deletion leaves a marker in the history; `kept`: it only moves the version there; `none`: nothing is kept. */
  readonly history: 'markers' | 'kept' | 'none'
  /** Histories newest first. */
  readonly newestFirst: boolean
  readonly listingOrder: 'utf8' | 'utf16'
  readonly metadataBytesMax: number
  readonly objectBytesMax: number
  readonly partBytesMin: number
  readonly partsMax: number
}

/** The newest `Date` this store has answered with, and when that answer arrived by our clocks. */
export interface Heard {
  readonly dateMs: number
  readonly atMonotonicMs: number
  readonly atWallMs: number
}

/**
 * One bucket. Every method throws only `Failure`; `null` means absent and nothing else.
 * A write whose answer was lost fails as `unknown`, and may still land later. A condition that did not hold fails as `conflict`.
 * Nothing here retries a write.
 */
export interface ObjectStore {
  readonly site: SiteId
  readonly traits: Traits

  /** `null` before its first answer in this process. */
  heard(): Heard | null

  /** The current version, or the one named; `null` only when it is absent (a delete marker is absent). */
  head(key: Key, signal: AbortSignal, version?: Version): Promise<ObjectMeta | null>

  /** Opens the current version or a pinned one, whole or a range; `null` only when it is absent. */
  get(
    key: Key,
    signal: AbortSignal,
    want?: { readonly version?: Version; readonly range?: Range },
  ): Promise<Found | null>

  tags(key: Key, version: Version, signal: AbortSignal): Promise<Readonly<Record<string, string>>>

  /** Atomic: readers see the old version or the whole new one. Answers with what was stored. */
  put(key: Key, write: Write, condition: Condition, signal: AbortSignal): Promise<ObjectMeta>

  /** Removes the current version from view if it is still `since`; a store with history keeps it there. */
  remove(key: Key, since: Version, signal: AbortSignal): Promise<void>

  /** The history of exactly this key, the current version included. */
  versions(key: Key, cursor: string | null, signal: AbortSignal): Promise<VersionPage>

  list(query: ListQuery, signal: AbortSignal): Promise<ListPage>

  /** Every version of every key below the prefix, in listing order of the keys. */
  listVersions(query: ListQuery, signal: AbortSignal): Promise<VersionPage>

  /** The ledger: which parts of this transfer the store holds; empty where nothing was begun. */
  parts(key: Key, transfer: TransferId, signal: AbortSignal): Promise<readonly Part[]>

  /** Begins the transfer where nobody has; the same number again replaces the part. */
  putPart(
    key: Key,
    transfer: TransferId,
    number: number,
    body: Body,
    digests: Digests,
    signal: AbortSignal,
  ): Promise<Part>

  /** The object appears whole, under the condition, dated no earlier than this call was sent. */
  commit(
    key: Key,
    transfer: TransferId,
    parts: readonly Part[],
    write: Omit<Write, 'body'>,
    condition: Condition,
    signal: AbortSignal,
  ): Promise<ObjectMeta>

  /** Forgets the transfer's parts; absent is done. */
  discard(key: Key, transfer: TransferId, signal: AbortSignal): Promise<void>
}
