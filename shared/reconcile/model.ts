import type { Digests } from '#shared/kernel/digest.ts'
import type { SiteId } from '#shared/kernel/ids.ts'
import type { Key } from '#shared/kernel/key.ts'
import type { Stamp } from '#shared/kernel/stamp.ts'
import type { StampId } from '#shared/kernel/version.ts'
import type { ObjectMeta } from '#shared/ports/object-store.ts'
import type { Again, Outcome, Receipt } from '#shared/replication/model.ts'

/** What one invocation of a pass did, and where the next goes on. */
export interface Pass {
  readonly receipts: readonly Receipt[]
  /** Must be in a queue before the message that asked for this pass is acknowledged. */
  readonly again: readonly Again[]
  /** `null`: the pass is at its end. The same cursor again, after a death, does no harm. */
  readonly next: string | null
  /** Before going on from `next`: above 0 where somebody did not answer. */
  readonly delayMs: number
  /** Keys that the listings showed, those included that the rule does not take. */
  readonly keys: number
  /** What did not answer or was lost, in words. It cost requests or time, never an object. */
  readonly troubles: readonly string[]
}

/** One key as one member's listing tells it. */
export interface Row {
  readonly key: Key
  /** The current version; `null` where only history is left. */
  readonly shown: Shown | null
  /** Date of the youngest version that was deleted here and is kept; -Infinity where none is, or nobody listed them. */
  readonly buriedMs: number
  /** How many entries of the listing it took: what it cost to read. */
  readonly entries: number
  /** There were too many versions to come to the current one: nothing is known of what it shows. */
  readonly cut: boolean
}

export interface Shown {
  readonly id: StampId
  readonly dateMs: number
  /** `null` where the listing does not tell. */
  readonly size: number | null
  /** The whole of it where this store's listings show metadata. */
  readonly meta: ObjectMeta | null
}

/** What is known of one key at one member, so far. */
export type Glimpse = Nothing | Unread | Opaque | Doubtful | Known

/** Not in the listing: which is no proof that it is absent. */
export interface Nothing {
  readonly site: SiteId
  readonly shows: 'nothing'
}

/** Its listing did not come to what it shows. */
export interface Unread {
  readonly site: SiteId
  readonly shows: 'unread'
}

/** Its listing shows no metadata: native or replica, who knows. */
export interface Opaque {
  readonly site: SiteId
  readonly shows: 'opaque'
  /** What it would be called if a user wrote it here. */
  readonly native: Stamp
}

/** A mark that only a look into the history, or a newer Isobar, can judge. */
export interface Doubtful {
  readonly site: SiteId
  readonly shows: 'doubtful'
}

export interface Known {
  readonly site: SiteId
  readonly shows: 'native' | 'replica'
  readonly stamp: Stamp
  /** A copy written where nothing was, over something deleted that may be as great as it. */
  readonly suspect: boolean
  /** Digest of headers and user metadata. */
  readonly properties: string
  readonly digests: Digests
  readonly tagCount: number
}

/** A route's source, as far as its listing tells: `null` where it shows nothing. */
export interface ListedOriginal {
  readonly stamp: Stamp
  /** `null` where the listing shows no metadata. */
  readonly properties: string | null
  /** Whether the route takes it; `null` where only its tags can tell. */
  readonly admitted: boolean | null
}

/** What became of one key, and who did not answer for it. */
export interface Upshot {
  readonly outcome: Outcome
  readonly missed: readonly SiteId[]
}
