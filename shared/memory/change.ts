import type { Key } from '#shared/kernel/key.ts'
import type { StampId, Version } from '#shared/kernel/version.ts'
import type { ObjectMeta } from '#shared/ports/object-store.ts'

/** Something that happened in a bucket, from which its cloud would make an event. */
export interface Change {
  /**
   * `put`: a version came, perhaps behind a newer one. `delete`: the current version left the view. `delete-marker`: a marker was put over it.
   * `removed-version`: one version is gone for good. `patched`: metadata changed without an upload. `tags`: tags alone changed.
   */
  readonly kind: 'put' | 'delete' | 'delete-marker' | 'removed-version' | 'patched' | 'tags'
  readonly key: Key
  /** The version that came, changed or went; a marker's own. */
  readonly id: StampId
  readonly version: Version
  /** That version's own date. */
  readonly dateMs: number
  /** When it happened, by the store's clock, not rounded. */
  readonly atMs: number
  /** Whether that version is on top now, a delete marker included. */
  readonly current: boolean
  readonly deleteMarker: boolean
  /** Who did it: a request's tag, `lifecycle`, or `null` for a user. */
  readonly by: string | null
  /** `null` for a delete marker. */
  readonly meta: ObjectMeta | null
}

export type ChangeListener = (change: Change) => void
