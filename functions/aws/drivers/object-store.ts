import type { S3Client } from '@aws-sdk/client-s3'
import type { Clock } from '#shared/kernel/clock.ts'
import type { SiteId } from '#shared/kernel/ids.ts'
import type { Key } from '#shared/kernel/key.ts'
import type { ObjectStore, TransferId } from '#shared/ports/object-store.ts'
import { wholeBytesMax } from './copies.ts'
import { listVersions, versions } from './histories.ts'
import { list } from './listings.ts'
import type { Place } from './place.ts'
import { get, head, tags } from './reads.ts'
import { stageFor } from './stage.ts'
import { s3Traits } from './traits.ts'
import { commit, discard, parts, putPart, Uploads } from './transfers.ts'
import { Wire } from './wire.ts'
import { put, remove } from './writes.ts'

export interface S3StoreOptions {
  /** From `s3Client`: it retries nothing. */
  readonly client: S3Client
  readonly site: SiteId
  readonly bucket: string
  /** In the same region: parts wait there, and the commit copies them from there. */
  readonly control: { readonly bucket: string }
  readonly clock: Clock
  /** Whether the bucket keeps versions; without them what is overwritten is gone. */
  readonly versioned: boolean
  /** Entries on a page of a listing, where fewer than S3 gives are wanted. */
  readonly pageMax?: number
  /** Above this a commit copies part by part, as it must above 5 GiB. */
  readonly copyBytesMax?: number
}

/** One bucket of S3, or of a store that speaks its protocol. It retries nothing and bounds nothing: that is its layers' work. */
export function s3Store(options: S3StoreOptions): ObjectStore {
  const { client, site, bucket, control, clock, versioned, pageMax = 1000, copyBytesMax = wholeBytesMax } = options
  const wire = new Wire(client, clock)
  const place: Place = { site, bucket, versioned, wire, pageMax }
  // Whether the control bucket keeps versions does not matter here: where it does, its answers name them.
  const aside: Place = { ...place, bucket: control.bucket, versioned: true }
  const stage = (key: Key, transfer: TransferId) => stageFor(place, aside, key, transfer)
  const uploads = new Uploads()
  return {
    site,
    traits: s3Traits(versioned),
    heard: () => wire.heard(),
    head: (key, signal, version) => head(place, key, signal, version),
    get: (key, signal, want) => get(place, key, signal, want),
    tags: (key, version, signal) => tags(place, key, version, signal),
    put: (key, write, condition, signal) => put(place, key, write, condition, signal),
    remove: (key, since, signal) => remove(place, key, since, signal),
    versions: (key, cursor, signal) => versions(place, key, cursor, signal),
    list: (query, signal) => list(place, query, signal),
    listVersions: (query, signal) => listVersions(place, query, signal),
    parts: (key, transfer, signal) => parts(stage(key, transfer), uploads, signal),
    putPart: (key, transfer, number, body, digests, signal) =>
      putPart(stage(key, transfer), uploads, { number, body, digests }, signal),
    commit: (key, transfer, parts, write, condition, signal) =>
      commit(stage(key, transfer), uploads, parts, { write, condition, copyBytesMax }, signal),
    discard: (key, transfer, signal) => discard(stage(key, transfer), uploads, signal),
  }
}
