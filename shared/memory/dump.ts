import type { Digests } from '#shared/kernel/digest.ts'
import type { Headers } from '#shared/ports/object-store.ts'
import type { Entry } from './entry.ts'

/** One version as plain data, for a judge that shares no code with what it judges. */
export interface Dumped {
  readonly key: string
  /** Current or kept; a delete marker on top is current. */
  readonly current: boolean
  readonly deleteMarker: boolean
  /** Removed for good, and listed until its retention ends. */
  readonly softDeleted: boolean
  readonly dateMs: number
  /** Its place in the store's own order, across keys. */
  readonly sequence: number
  readonly id: string
  readonly inParts: boolean
  readonly body: Uint8Array
  readonly digests: Digests
  readonly headers: Headers
  readonly metadata: Readonly<Record<string, string>>
  readonly tags: Readonly<Record<string, string>>
  readonly storageClass: string | null
  /** The writer's tag; `null` for a user. */
  readonly by: string | null
}

const empty = new Uint8Array(0)

export function dumpOf(entry: Entry, current: boolean): Dumped {
  const { key, softDeleted, dateMs, sequence, id, inParts, digests, headers, metadata, tags, storageClass, by } = entry
  const body = entry.content?.bytes ?? empty
  const what = { key, current, deleteMarker: entry.marker, softDeleted, dateMs, sequence, id, inParts, body }
  return { ...what, digests, headers, metadata, tags, storageClass, by }
}
