import type { Answer } from '#local/servers/http/answer.ts'
import type { ByteRange } from '#local/servers/http/range.ts'
import { small } from '#local/servers/http/small.ts'
import { blobHeaders, tierHeaders } from './blob-headers.ts'
import { type Call, containerOf, said } from './calls.ts'
import { crc64Wire, md5Wire, sumsOf } from './checksums.ts'
import { checkRead, conditionsOf, type HeaderLookup } from './conditions.ts'
import { checkKey } from './customer-key.ts'
import { headerRefused, Refusal } from './errors.ts'
import { checkReadLease } from './lease.ts'
import { blobOf, type Found } from './lookup.ts'

const MiB = 1024 * 1024
/** A range that is to be hashed is no longer than this. */
const hashedBytesMax = 4 * MiB

/** Get Blob: whole, or one range of it. */
export async function getBlob(call: Call): Promise<Answer> {
  const { entry, record } = readable(call)
  if (record.tier === 'Archive') throw new Refusal('BlobArchived')
  const { content } = entry
  const range = rangeOf(call.header, content.size)
  const hash = hashWanted(call, range)
  const { engine } = call.service
  const headers = blobHeaders(entry, call.nowMs)
  if (range === null) {
    const whole = { 'content-length': String(content.size), ...md5Header('content-md5', record.md5) }
    return { status: 200, headers: { ...headers, ...whole }, body: engine.read(content) }
  }
  const part = {
    'content-length': String(range.end - range.start),
    'content-range': `bytes ${range.start}-${range.end - 1}/${content.size}`,
    ...md5Header('x-ms-blob-content-md5', record.md5),
  }
  if (hash === null) return { status: 206, headers: { ...headers, ...part }, body: engine.read(content, range) }
  const bytes = await small({ headers: {}, body: engine.read(content, range) }, hashedBytesMax)
  const sums = sumsOf(bytes)
  const sum = hash === 'md5' ? { 'content-md5': md5Wire(sums) } : { 'x-ms-content-crc64': crc64Wire(sums) }
  return { status: 206, headers: { ...headers, ...part, ...sum }, body: bytes }
}

/** Get Blob Properties. */
export function getProperties(call: Call): Answer {
  const { entry, record } = readable(call)
  const length = { 'content-length': String(entry.content.size), ...md5Header('content-md5', record.md5) }
  return said(200, { ...blobHeaders(entry, call.nowMs), ...tierHeaders(record), ...length })
}

function md5Header(name: string, md5: string | null): Record<string, string> {
  return md5 === null ? {} : { [name]: md5 }
}

function readable(call: Call): Found {
  const found = blobOf(containerOf(call), call)
  const { entry, record } = found
  checkRead(conditionsOf(call.header), { etag: record.etag, modifiedMs: entry.dateMs })
  checkReadLease(record.lease, call.header('x-ms-lease-id'), call.nowMs)
  checkKey(record, call)
  return found
}

/** `x-ms-range` is asked before `Range`. Azure knows `bytes=a-` and `bytes=a-b`, not the last n bytes. */
export function rangeOf(
  header: HeaderLookup,
  size: number,
  names: readonly string[] = ['x-ms-range', 'range'],
): ByteRange | null {
  const name = names.find((one) => header(one) !== undefined)
  if (name === undefined) return null
  const value = header(name)!
  const [, first = '', last = ''] = /^bytes=(\d{1,15})-(\d{0,15})$/.exec(value) ?? []
  if (first === '' || (last !== '' && Number(last) < Number(first))) throw headerRefused(name, value)
  const start = Number(first)
  if (start >= size) throw new Refusal('InvalidRange', {}, { 'content-range': `bytes */${size}` })
  return { start, end: last === '' ? size : Math.min(Number(last) + 1, size) }
}

function hashWanted({ header }: Call, range: ByteRange | null): 'md5' | 'crc64' | null {
  const md5 = header('x-ms-range-get-content-md5')?.toLowerCase() === 'true'
  const crc64 = header('x-ms-range-get-content-crc64')?.toLowerCase() === 'true'
  if (!md5 && !crc64) return null
  const name = `x-ms-range-get-content-${md5 ? 'md5' : 'crc64'}`
  if ((md5 && crc64) || range === null) throw headerRefused(name, 'true')
  if (range.end - range.start > hashedBytesMax) throw new Refusal('OutOfRangeInput')
  return md5 ? 'md5' : 'crc64'
}
