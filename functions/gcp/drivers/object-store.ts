import type { Storage } from '@google-cloud/storage'
import type { Clock } from '#shared/kernel/clock.ts'
import type { Hashing } from '#shared/kernel/digest.ts'
import type { SiteId } from '#shared/kernel/ids.ts'
import type { Key } from '#shared/kernel/key.ts'
import type { ObjectStore } from '#shared/ports/object-store.ts'
import type { About } from './failure.ts'
import { list, listVersions, versions } from './histories.ts'
import { found, look, orNull } from './reads.ts'
import { discard, type Yard } from './ledger.ts'
import { gcsTraits, leastPart } from './traits.ts'
import { commit, parts, putPart } from './transfers.ts'
import { Wire } from './wire.ts'
import { put, remove } from './writes.ts'

export interface GcsStoreOptions {
  /** From `gcsClient`: retries nothing. */
  readonly storage: Storage
  readonly site: SiteId
  readonly bucket: string
  /** In the same region and of the same default class, so that a large object is put together without moving a byte. */
  readonly control: { readonly bucket: string }
  readonly hashing: Hashing
  readonly clock: Clock
  /** Whether the bucket keeps noncurrent generations. */
  readonly versioned: boolean
  /** Objects on a page of a listing, where fewer than Cloud Storage gives are wanted. */
  readonly pageMax?: number
  /** The least that a part may have, except the last, where fewer bytes than by default are to make one: composing knows no least. */
  readonly partBytesMin?: number
}

const pageMax = 1000

/** One bucket of Cloud Storage. Nothing here retries, and every write that can change a user's object names its condition. */
export function gcsStore(options: GcsStoreOptions): ObjectStore {
  const { site, bucket, control, hashing, partBytesMin = leastPart } = options
  const wire = new Wire(options.storage, site, options.clock)
  const shelf = { bucket, pageMax: options.pageMax ?? pageMax }
  const reading = (verb: string, key: Key | null): About => ({ site, verb, key, buckets: [bucket], write: false })
  const writing = (verb: string, key: Key): About => ({ site, verb, key, buckets: [bucket], write: true })
  const staging = (verb: string, key: Key): About => ({ site, verb, key, buckets: [control.bucket], write: true })
  const yard = (key: Key, transfer: string): Yard => ({ bucket, control: control.bucket, key, transfer })
  return {
    site,
    traits: gcsTraits(options.versioned, partBytesMin),
    heard: () => wire.heard,
    head: async (key, signal, pinned) => {
      const resource = await orNull(look(wire, reading('head', key), { bucket, key, pinned }, signal))
      return resource?.meta ?? null
    },
    get: async (key, signal, { version: pinned, range } = {}) => {
      const about = reading('get', key)
      const resource = await orNull(look(wire, about, { bucket, key, pinned }, signal))
      return resource === null ? null : found(wire, about, bucket, resource.meta, range, signal)
    },
    tags: async (key, pinned, signal) => (await look(wire, reading('tags', key), { bucket, key, pinned }, signal)).tags,
    put: (key, write, condition, signal) =>
      put(wire, hashing, writing('put', key), { bucket, key }, write, condition, signal),
    remove: (key, since, signal) => remove(wire, writing('remove', key), { bucket, key }, since, signal),
    versions: (key, cursor, signal) => versions(wire, reading('versions', key), shelf, key, cursor, signal),
    list: (query, signal) => list(wire, reading('list', null), shelf, query, signal),
    listVersions: (query, signal) => listVersions(wire, reading('listVersions', null), shelf, query, signal),
    parts: (key, transfer, signal) =>
      parts(wire, { ...staging('parts', key), write: false }, yard(key, transfer), signal),
    putPart: (key, transfer, number, body, digests, signal) =>
      putPart(wire, hashing, staging('putPart', key), yard(key, transfer), { number, body, digests }, signal),
    commit: (key, transfer, parts, said, condition, signal) => {
      const about = { ...writing('commit', key), buckets: [control.bucket, bucket] }
      return commit(wire, about, yard(key, transfer), { parts, said, condition, partBytesMin }, signal)
    },
    discard: (key, transfer, signal) => discard(wire, staging('discard', key), yard(key, transfer), signal),
  }
}
