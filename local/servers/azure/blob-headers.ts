import type { Entry } from '#local/servers/engine/model.ts'
import { httpDate, quoted } from './calls.ts'
import { wireHeaders } from './content-headers.ts'
import { keyHeaders } from './customer-key.ts'
import { isHeld, stateOf } from './lease.ts'
import { metadataHeaders } from './metadata.ts'
import { type BlobRecord, recordOf, type Tier } from './record.ts'

/** What Get Blob and Get Properties both say of a version. */
export function blobHeaders(entry: Entry, nowMs: number): Record<string, string> {
  const record = recordOf(entry)
  const tags = Object.keys(record.tags).length
  return {
    'accept-ranges': 'bytes',
    etag: quoted(record.etag),
    'last-modified': httpDate(entry.dateMs),
    'x-ms-creation-time': httpDate(record.createdMs),
    'x-ms-blob-type': 'BlockBlob',
    'x-ms-server-encrypted': 'true',
    ...wireHeaders(record.headers),
    ...metadataHeaders(record.metadata),
    ...(tags === 0 ? {} : { 'x-ms-tag-count': String(tags) }),
    ...(record.versioned ? { 'x-ms-version-id': entry.id } : {}),
    ...(record.versioned && entry.live ? { 'x-ms-is-current-version': 'true' } : {}),
    ...(entry.live ? leaseHeaders(record, nowMs) : {}),
    ...protectionHeaders(record),
    ...keyHeaders(record.keySha256),
    ...copyHeaders(record),
  }
}

/** What Get Properties says beside. */
export function tierHeaders({ tier }: BlobRecord): Record<string, string> {
  return tier === null
    ? { 'x-ms-access-tier': usualTier, 'x-ms-access-tier-inferred': 'true' }
    : { 'x-ms-access-tier': tier }
}

export const usualTier: Tier = 'Hot'

export function leaseHeaders({ lease }: BlobRecord, nowMs: number): Record<string, string> {
  const state = stateOf(lease, nowMs)
  return {
    'x-ms-lease-state': state,
    'x-ms-lease-status': isHeld(lease, nowMs) ? 'locked' : 'unlocked',
    ...(state === 'leased' ? { 'x-ms-lease-duration': lease?.durationMs === null ? 'infinite' : 'fixed' } : {}),
  }
}

function protectionHeaders({ legalHold, immutableUntilMs }: BlobRecord): Record<string, string> {
  return {
    ...(legalHold ? { 'x-ms-legal-hold': 'true' } : {}),
    ...(immutableUntilMs === null
      ? {}
      : {
          'x-ms-immutability-policy-until-date': httpDate(immutableUntilMs),
          'x-ms-immutability-policy-mode': 'unlocked',
        }),
  }
}

function copyHeaders({ copied }: BlobRecord): Record<string, string> {
  if (copied === null) return {}
  return {
    'x-ms-copy-id': copied.id,
    'x-ms-copy-source': copied.source,
    'x-ms-copy-status': 'success',
    'x-ms-copy-completion-time': httpDate(copied.atMs),
  }
}
