import type { SiteId } from '#shared/kernel/ids.ts'
import type { Key } from '#shared/kernel/key.ts'
import type { Call } from './failure.ts'
import type { Wire } from './wire.ts'

/** One bucket, and the way there. */
export interface Place {
  readonly site: SiteId
  readonly bucket: string
  /** Whether versions are kept; without them a version is pinned by its ETag. */
  readonly versioned: boolean
  readonly wire: Wire
  /** Entries on a page of a listing, at most. */
  readonly pageMax: number
}

export function readCall({ site, bucket }: Place, verb: string, key: Key | null): Call {
  return { site, bucket, verb, key, writes: false }
}

export function writeCall({ site, bucket }: Place, verb: string, key: Key, bytes?: number): Call {
  return { site, bucket, verb, key, writes: true, ...(bytes === undefined ? {} : { bytes }) }
}
