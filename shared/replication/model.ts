import type { Digests } from '#shared/kernel/digest.ts'
import type { RuleId, SiteId } from '#shared/kernel/ids.ts'
import type { Key } from '#shared/kernel/key.ts'
import type { Onto } from '#shared/kernel/mark.ts'
import type { Stamp } from '#shared/kernel/stamp.ts'
import type { StampId } from '#shared/kernel/version.ts'
import type { ObjectMeta } from '#shared/ports/object-store.ts'

/** A cloud's event in the core's words. A hint: what counts is what the store says now. */
export interface ObjectEvent {
  readonly site: SiteId
  readonly key: Key
  /**
   * `created`: a version became current. `deleted`: the key was deleted, or a version of it for good.
   * `uncovered`: a user removed a delete marker, and nothing else will do: a deletion that is under way must not look like it.
   * `updated`: metadata changed in place.
   */
  readonly kind: 'created' | 'deleted' | 'uncovered' | 'updated'
  /** The version that it names, where its cloud names one in the words of a stamp. */
  readonly id: StampId | null
  /** When it happened, by that site's clock. */
  readonly timeMs: number
  /** Where the event itself tells that Isobar wrote: the group or route that did. */
  readonly writtenFor: RuleId | null
  /** Whether a user did it (not lifecycle); `null` where the event cannot tell. */
  readonly byUser: boolean | null
}

/** What travels in Isobar's queues. */
export type Message =
  | { readonly kind: 'event'; readonly event: ObjectEvent }
  /** What one group left of an event that no look at the key replaces. */
  | {
      readonly kind: 'changed'
      readonly group: RuleId
      readonly event: ObjectEvent
      /** It was fresh when it was put off. */
      readonly wasFresh: boolean
    }
  | { readonly kind: 'settle'; readonly group: RuleId; readonly key: Key }
  | {
      readonly kind: 'mirror'
      readonly route: RuleId
      /** The source's key. */
      readonly key: Key
      readonly targets: readonly SiteId[]
      /** An event said that a user deleted it: routes that ask for that may delete. */
      readonly seen: boolean
    }

/** Work that goes back to the queue, uncounted. `long` is the queue of transfers in parts. */
export interface Again {
  readonly message: Message
  readonly delayMs: number
  readonly queue: 'short' | 'long'
  readonly why: string
}

export type Action =
  | 'copied' // a target now shows the winner
  | 'deleted' // a target no longer shows what is dead
  | 'lifted' // a user's version that its own store had buried is on top again
  | 'agreed' // everyone asked shows the same
  | 'echo' // the event was of our own write
  | 'superseded' // a newer version's own event will copy
  | 'conflict' // a native version was overwritten or removed: it is kept, and here is where
  | 'foreign' // a route's target holds something that is no copy of its source
  | 'kept' // a route keeps what its source deleted
  | 'parked' // refused for a reason that only a person can end
  | 'deferred' // back to the queue
  | 'held' // a guard, a pause or a dry run: what would have been done

/** What one replication did to one key at one site: a log line, a metric, a span; it can be summed into cost. */
export interface Receipt {
  readonly action: Action
  readonly rule: RuleId
  readonly key: Key
  readonly site: SiteId
  /** Of what was copied, deleted or found. */
  readonly stamp: Stamp | null
  /** Of a native version that lost; it lies at `site` as a noncurrent version. */
  readonly loser: Stamp | null
  readonly bytes: number
  readonly parts: number
  /** From the winner's date to the moment its copy was acknowledged. */
  readonly lagMs: number | null
  readonly checksum: 'verified' | 'unverified' | null
  readonly why: string
}

export interface Outcome {
  readonly receipts: readonly Receipt[]
  /** Must be in a queue before the message is acknowledged. */
  readonly again: readonly Again[]
  /** Who did not answer, or still shows what is deleted: agreement of the others is not theirs. */
  readonly missed: readonly SiteId[]
}

/** What one member shows of a key, and what lies below it where somebody looked. */
export type Sight = Absent | Native | Replica

export interface Absent {
  readonly site: SiteId
  readonly shows: 'nothing'
  readonly below: Buried | null
}

/** A version that a user wrote here. */
export interface Native {
  readonly site: SiteId
  readonly shows: 'native'
  readonly stamp: Stamp
  readonly content: Content
  readonly meta: ObjectMeta
}

/** A version that a believed mark names a copy. */
export interface Replica {
  readonly site: SiteId
  readonly shows: 'replica'
  readonly stamp: Stamp
  readonly onto: Onto
  readonly below: Buried | null
  readonly content: Content
  readonly meta: ObjectMeta
}

/** What was deleted at one site and is still kept there. */
export interface Buried {
  /** The greatest stamp among it; several where only their origin can order them; none where nothing is kept. */
  readonly greatest: readonly Stamp[]
  /** Uploads in parts, dated at their beginning, that may never have been seen: worth a deletion only to a winner of exactly this stamp. */
  readonly unseen: readonly Stamp[]
  /** The greatest, where it is a native version from before its site joined: it may be a copy of the winner. */
  readonly older: { readonly meta: ObjectMeta; readonly content: Content } | null
}

/** What two versions are compared by when no mark connects them. */
export interface Content {
  readonly size: number
  readonly digests: Digests
  /** Digest of headers and user metadata. */
  readonly properties: string
  /** When its site joined, for a version from before: if it equals a winner from before, it is a copy of it. Else `null`. */
  readonly joinedMs: number | null
}

/** One act under a condition that makes a member show the winner. */
export type Step = Write | Removal

export interface Write {
  readonly act: 'write'
  readonly site: SiteId
  readonly over: ObjectMeta | null
  /** Of the native version that it displaces. */
  readonly loser: Stamp | null
}

export interface Removal {
  readonly act: 'remove'
  readonly site: SiteId
  readonly over: ObjectMeta
  readonly loser: Stamp | null
}
