import type { Bucket, Entry } from '#local/servers/engine/model.ts'
import type { Answer } from '#local/servers/http/answer.ts'
import { type ByteRange, range } from '#local/servers/http/range.ts'
import { bucketOf, type Call, parameter } from './call.ts'
import { headerOf } from './checksums.ts'
import { argumentRefused, noSuchKey, noSuchVersion, Refusal } from './errors.ts'
import { checkCustomerKey, checkKms } from './outcomes.ts'
import { checkRead } from './preconditions.ts'
import { isArchived, propertyHeaders } from './properties.ts'
import { type ObjectRecord, quoted, recordOf, sizesOf } from './record.ts'
import { checkId, versionHeader } from './versioning.ts'

export function getObject(call: Call): Answer {
  const { entry, place, headers, status, piece } = lookAt(call)
  checkKms(call.outcomes, place, 'kms:Decrypt')
  const record = recordOf(entry)
  if (isArchived(record)) {
    const message = 'The object is archived: restore it to read it.'
    throw new Refusal('InvalidObjectState', message, { StorageClass: record.storageClass })
  }
  return { status, headers, body: call.engine.read(entry.content, piece) }
}

export function headObject(call: Call): Answer {
  const { place, headers, status } = lookAt(call)
  // Telling a checksum takes the key that encrypts it.
  if (wantsChecksum(call)) checkKms(call.outcomes, place, 'kms:Decrypt')
  return { status, headers, body: null }
}

interface View {
  readonly entry: Entry
  readonly place: { readonly bucket: string; readonly key: string }
  readonly status: 200 | 206
  readonly headers: Record<string, string>
  readonly piece: ByteRange
}

function lookAt(call: Call): View {
  const bucket = bucketOf(call)
  const { key } = call.address
  const entry = shown(bucket, key, parameter(call, 'versionId'))
  const place = { bucket: bucket.name, key }
  checkCustomerKey(call.outcomes, place, call.headers, 'x-amz-server-side-encryption-customer-algorithm')
  checkRead(call.headers, entry)
  const record = recordOf(entry)
  const asked = pieceOf(call, entry)
  const piece = asked ?? { start: 0, end: entry.content.size, part: null }
  const headers: Record<string, string> = {
    ...propertyHeaders(record),
    ...versionHeader(bucket, entry.id),
    'accept-ranges': 'bytes',
    'content-length': String(piece.end - piece.start),
    etag: quoted(record.etag),
    'last-modified': new Date(entry.dateMs).toUTCString(),
    ...(wantsChecksum(call) ? checksumHeaders(record, piece, entry.content.size) : {}),
  }
  if (asked === null) return { entry, place, headers, status: 200, piece }
  headers['content-range'] = `bytes ${piece.start}-${piece.end - 1}/${entry.content.size}`
  if (piece.part !== null && record.parts !== null)
    headers['x-amz-mp-parts-count'] = String(sizesOf(record.parts).length)
  return { entry, place, headers, status: 206, piece }
}

/** What a plain read shows, or the version that it names. A delete marker shows nothing, and says that it is there. */
export function shown(bucket: Bucket, key: string, id: string | null): Entry {
  if (id !== null) checkId(id)
  const entry = id === null ? bucket.live(key) : bucket.find(key, id)
  if (entry !== null && !entry.marker) return entry
  if (entry !== null) {
    const headers = {
      allow: 'DELETE',
      'x-amz-delete-marker': 'true',
      'x-amz-version-id': entry.id,
      'last-modified': new Date(entry.dateMs).toUTCString(),
    }
    const details = { Method: 'GET', ResourceType: 'DeleteMarker' }
    throw new Refusal(
      'MethodNotAllowed',
      'A delete marker has no content and no tags: it can only be deleted.',
      details,
      headers,
    )
  }
  if (id !== null) throw noSuchVersion(key, id)
  const [newest] = bucket.versions(key)
  if (newest === undefined) throw noSuchKey(key)
  const headers = { 'x-amz-delete-marker': 'true', 'x-amz-version-id': newest.id }
  throw new Refusal('NoSuchKey', 'A delete marker covers this key.', { Key: key }, headers)
}

interface Piece extends ByteRange {
  readonly part: number | null
}

/** `null`: the whole. */
function pieceOf(call: Call, entry: Entry): Piece | null {
  const { size } = entry.content
  const header = call.headers.get('range')
  const number = parameter(call, 'partNumber')
  if (number !== null) {
    if (header !== undefined) throw new Refusal('InvalidRequest', 'Range: found one beside partNumber, expected either')
    return partOf(entry, number)
  }
  const asked = range(header, size)
  if (asked !== 'unsatisfiable') return asked === null ? null : { ...asked, part: null }
  const details = { RangeRequested: header ?? '', ActualObjectSize: size }
  const headers = { 'content-range': `bytes */${size}` }
  throw new Refusal('InvalidRange', 'The range begins beyond the end of the object.', details, headers)
}

function partOf(entry: Entry, text: string): Piece | null {
  if (!/^\d{1,5}$/.test(text) || Number(text) < 1 || Number(text) > 10_000) {
    throw argumentRefused('partNumber', text, 'a number from 1 to 10000')
  }
  const part = Number(text)
  const { size } = entry.content
  const sizes = sizesOf(recordOf(entry).parts ?? [[size, 1]])
  const one = sizes[part - 1]
  if (one === undefined) {
    const details = { PartNumberRequested: part, ActualPartCount: sizes.length }
    throw new Refusal('InvalidPartNumber', 'The object has fewer parts.', details)
  }
  if (size === 0) return null
  const start = sizes.slice(0, part - 1).reduce((sum, before) => sum + before, 0)
  return { start, end: start + one, part }
}

function wantsChecksum({ headers }: Call): boolean {
  return headers.get('x-amz-checksum-mode')?.toUpperCase() === 'ENABLED'
}

/** A client checks the bytes that it gets: a piece does not carry the checksum of the whole. */
function checksumHeaders({ checksum }: ObjectRecord, piece: Piece, size: number): Record<string, string> {
  if (piece.start > 0 || piece.end < size) return {}
  return { [headerOf(checksum.algorithm)]: checksum.value, 'x-amz-checksum-type': checksum.type }
}
