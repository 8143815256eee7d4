import type { Entry } from '#local/servers/engine/model.ts'
import { leaseHeaders, usualTier } from './blob-headers.ts'
import { type Call, httpDate } from './calls.ts'
import type { Item } from './list-items.ts'
import type { Wanted } from './list-query.ts'
import { type BlobRecord, recordOf } from './record.ts'
import { dayMs } from './succession.ts'
import { tagSet } from './tags.ts'
import { attribute, element, nameElement, prolog, text } from './xml.ts'

/** The answer of List Blobs: elements in the order in which Azure has them, and only those that it has. */
export function listBody(call: Call, wanted: Wanted, items: readonly Item[], next: string): string {
  const { account, container } = call.address
  const { prefix, marker, maxResults, delimiter } = wanted
  const asked = [
    prefix === '' ? '' : nameElement('Prefix', prefix),
    marker === '' ? '' : element('Marker', text(marker)),
    maxResults === null ? '' : element('MaxResults', String(maxResults)),
    delimiter === null ? '' : nameElement('Delimiter', delimiter),
  ]
  const blobs = items.map((item) => itemElement(item, wanted, call.nowMs))
  const inner = `${asked.join('')}${element('Blobs', blobs.join(''))}${element('NextMarker', text(next))}`
  const endpoint = attribute(`${call.service.origin()}/${account}/`)
  const opening = `<EnumerationResults ServiceEndpoint="${endpoint}" ContainerName="${attribute(container)}">`
  return `${prolog}${opening}${inner}</EnumerationResults>`
}

function itemElement(item: Item, wanted: Wanted, nowMs: number): string {
  if ('commonPrefix' in item) return element('BlobPrefix', nameElement('Name', item.commonPrefix))
  if ('entry' in item) return blobElement(item.entry, wanted, nowMs)
  const properties = [
    '<Content-Length>0</Content-Length><BlobType>BlockBlob</BlobType>',
    `<AccessTier>${usualTier}</AccessTier><AccessTierInferred>true</AccessTierInferred>`,
    '<LeaseStatus>unlocked</LeaseStatus><LeaseState>available</LeaseState><ServerEncrypted>false</ServerEncrypted>',
  ]
  return element(
    'Blob',
    `${nameElement('Name', item.uncommitted)}${element('Properties', properties.join(''))}<OrMetadata />`,
  )
}

function blobElement(entry: Entry, wanted: Wanted, nowMs: number): string {
  const record = recordOf(entry)
  const { include } = wanted
  const metadata = include.has('metadata') ? metadataElement(record) : ''
  const tags = include.has('tags') && Object.keys(record.tags).length > 0 ? element('Tags', tagSet(record.tags)) : ''
  const inner = [
    nameElement('Name', entry.key),
    record.snapshot ? element('Snapshot', entry.id) : '',
    record.versioned && !record.snapshot ? element('VersionId', entry.id) : '',
    record.versioned && entry.live ? '<IsCurrentVersion>true</IsCurrentVersion>' : '',
    record.deleted === null ? '' : '<Deleted>true</Deleted>',
    element('Properties', propertyElements(entry, wanted, nowMs)),
    metadata,
    tags,
    '<OrMetadata />',
  ]
  return element('Blob', inner.join(''))
}

/** What a customer's key protects is not shown to who does not bring it, and a listing brings none. */
function metadataElement({ metadata, keySha256 }: BlobRecord): string {
  if (keySha256 !== null) return '<Metadata Encrypted="true" />'
  return element(
    'Metadata',
    Object.entries(metadata)
      .map(([name, value]) => element(name, text(value)))
      .join(''),
  )
}

function propertyElements(entry: Entry, { include }: Wanted, nowMs: number): string {
  const record = recordOf(entry)
  const { headers, tier, md5, keySha256 } = record
  return [
    element('Creation-Time', httpDate(record.createdMs)),
    element('Last-Modified', httpDate(entry.dateMs)),
    element('Etag', record.etag),
    element('Content-Length', String(entry.content.size)),
    element('Content-Type', text(headers.type ?? '')),
    element('Content-Encoding', text(headers.encoding ?? '')),
    element('Content-Language', text(headers.language ?? '')),
    '<Content-CRC64 />',
    element('Content-MD5', md5 ?? ''),
    element('Cache-Control', text(headers.cacheControl ?? '')),
    element('Content-Disposition', text(headers.disposition ?? '')),
    '<BlobType>BlockBlob</BlobType>',
    element('AccessTier', tier ?? usualTier),
    tier === null ? '<AccessTierInferred>true</AccessTierInferred>' : '',
    entry.live ? leaseElements(record, nowMs) : '',
    '<ServerEncrypted>true</ServerEncrypted>',
    keySha256 === null ? '' : element('CustomerProvidedKeySha256', keySha256),
    deletionElements(record, nowMs),
    include.has('copy') ? copyElements(record) : '',
    protectionElements(record, include),
    Object.keys(record.tags).length === 0 ? '' : element('TagCount', String(Object.keys(record.tags).length)),
  ].join('')
}

function leaseElements(record: BlobRecord, nowMs: number): string {
  const headers = leaseHeaders(record, nowMs)
  const duration = headers['x-ms-lease-duration']
  return [
    element('LeaseStatus', headers['x-ms-lease-status'] ?? ''),
    element('LeaseState', headers['x-ms-lease-state'] ?? ''),
    duration === undefined ? '' : element('LeaseDuration', duration),
  ].join('')
}

function deletionElements({ deleted }: BlobRecord, nowMs: number): string {
  if (deleted === null) return ''
  const days = Math.max(0, Math.floor((deleted.untilMs - nowMs) / dayMs))
  return `${element('DeletedTime', httpDate(deleted.atMs))}${element('RemainingRetentionDays', String(days))}`
}

function copyElements({ copied }: BlobRecord): string {
  if (copied === null) return ''
  return [
    element('CopyId', copied.id),
    '<CopyStatus>success</CopyStatus>',
    element('CopySource', text(copied.source)),
    element('CopyCompletionTime', httpDate(copied.atMs)),
  ].join('')
}

function protectionElements({ legalHold, immutableUntilMs }: BlobRecord, include: Wanted['include']): string {
  const hold = legalHold && include.has('legalhold') ? '<LegalHold>true</LegalHold>' : ''
  if (immutableUntilMs === null || !include.has('immutabilitypolicy')) return hold
  const until = element('ImmutabilityPolicyUntilDate', httpDate(immutableUntilMs))
  return `${until}<ImmutabilityPolicyMode>unlocked</ImmutabilityPolicyMode>${hold}`
}
