import type { Bucket, Entry, Transaction } from '#local/servers/engine/model.ts'
import type { Call } from './calls.ts'
import { parameterRefused, Refusal } from './errors.ts'
import { type BlobRecord, recordOf } from './record.ts'

export interface Found {
  readonly entry: Entry
  readonly record: BlobRecord
}

/** The version that the request names, or the one that shows. */
export function blobOf(bucket: Bucket | Transaction, call: Call): Found {
  const entry = named(bucket, call)
  if (entry === null) throw new Refusal('BlobNotFound')
  const record = recordOf(entry)
  if (record.deleted !== null) throw new Refusal('BlobNotFound', {}, { 'x-ms-is-soft-deleted': 'true' })
  return { entry, record }
}

/** The version or snapshot of the id that the request gives, the soft-deleted too. */
export function named(bucket: Bucket | Transaction, { address, query }: Call): Entry | null {
  const versionId = idIn(query, 'versionid')
  const snapshot = idIn(query, 'snapshot')
  if (versionId !== null && snapshot !== null) {
    throw parameterRefused('versionid', versionId, 'A request names a version or a snapshot, not both.')
  }
  const id = versionId ?? snapshot
  if (id === null) return bucket.live(address.blob)
  const entry = bucket.find(address.blob, id)
  if (entry === null) return null
  const { versioned, snapshot: isSnapshot } = recordOf(entry)
  return (versionId === null ? isSnapshot : versioned && !isSnapshot) ? entry : null
}

export function namesOne({ query }: Pick<Call, 'query'>): boolean {
  return query.has('versionid') || query.has('snapshot')
}

function idIn(query: ReadonlyMap<string, string>, name: string): string | null {
  const id = query.get(name)
  if (id === undefined) return null
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z$/.test(id) || Number.isNaN(Date.parse(id))) {
    throw parameterRefused(name, id, 'Expected a time with seven decimals.')
  }
  return id
}
