import { contentOf, md5Hex, sumOf } from '#test/differential/content.ts'
import type { Operation } from '#test/differential/operation.ts'
import { listQuery } from './draw-listings.ts'
import type { S3Pen } from './draw.ts'
import { algorithms, propertiesFrom } from './said.ts'
import { buckets, type Part, type Upload } from './state.ts'
import { encoded } from './voice.ts'

const MiB = 1024 * 1024
/** Of a key that every run begins with: parts are cut from it without being sent. */
export const big: { readonly key: string; readonly size: number } = { key: 'big', size: 6 * MiB }
/** Few other writes come to these while an upload goes on: what then happens is a question of its own. */
const keys = ['up/1', 'up/2', 'up/3', 'up-4']

const kinds = {
  begin: 5,
  part: 7,
  'part from a copy': 2,
  complete: 4,
  abort: 1,
  'list parts': 3,
  'list uploads': 2,
  'read a part': 2,
} as const

export function drawParts(pen: S3Pen): Operation {
  const { chance, state } = pen
  const kind = chance.weighted<keyof typeof kinds>(kinds)
  const uploads = [...state.uploads.values()]
  if (kind === 'read a part') return readPart(pen)
  if (kind === 'list uploads') return listUploads(pen)
  if (uploads.length === 0 || (kind === 'begin' && uploads.length < 8)) return begin(pen)
  const upload = chance.pick(uploads)
  switch (kind) {
    case 'begin':
    case 'part':
      return part(pen, upload)
    case 'part from a copy': {
      const free = uploads.find(({ algorithm }) => algorithm === null)
      if (chance.chance(0.01)) return partFromCopy(pen, upload)
      return free === undefined ? part(pen, upload) : partFromCopy(pen, free)
    }
    case 'complete':
      return completeOrFill(pen, uploads)
    case 'abort':
      return at(pen, upload, { kind: 'abort', method: 'DELETE' })
    case 'list parts':
      return at(pen, upload, { kind, method: 'GET', query: listPartsQuery(pen, upload) })
  }
}

function at(
  pen: S3Pen,
  { id, bucket, key }: Upload,
  wish: {
    readonly kind: string
    readonly method: string
    readonly query?: Readonly<Record<string, string>>
    readonly headers?: Readonly<Record<string, string>>
    readonly body?: string | Uint8Array
  },
): Operation {
  const changes = wish.method === 'GET' ? [] : [key]
  return pen.write({ theme: 'parts', bucket, key, changes, ...wish, query: { uploadId: id, ...wish.query } })
}

function begin(pen: S3Pen): Operation {
  const { chance } = pen
  const key = chance.pick(keys)
  const headers = propertiesFrom(chance)
  if (chance.chance(0.94)) headers['x-amz-checksum-algorithm'] = chance.pick(algorithms)
  const common = { theme: 'parts', kind: 'begin an upload', method: 'POST', query: { uploads: '' } } as const
  return pen.write({ ...common, bucket: chance.pick(buckets), key, changes: [key], headers })
}

function part(pen: S3Pen, upload: Upload): Operation {
  const { chance } = pen
  const bytes = contentOf(chance.chance(0.05) ? 5 * MiB : chance.pick([1, 7, 100, 3000]), chance.int(0, 5))
  const algorithm = upload.algorithm ?? chance.pick(algorithms)
  const given = algorithms.find((name) => name === algorithm) ?? 'CRC32'
  const headers = { [`x-amz-checksum-${given.toLowerCase()}`]: sumOf(given, bytes) }
  const query = { partNumber: chance.chance(0.01) ? '10001' : nextNumber(pen, upload) }
  return at(pen, upload, { kind: 'part', method: 'PUT', query, headers, body: bytes })
}

/** Without gaps: whether an object remembers them, the documentation does not tell. */
function nextNumber({ chance }: S3Pen, { parts }: Upload): string {
  return String(chance.int(1, Math.min(3, parts.size + 1)))
}

function partFromCopy(pen: S3Pen, upload: Upload): Operation {
  const { chance } = pen
  const ranges = [
    `bytes=0-${5 * MiB - 1}`,
    `bytes=0-${5 * MiB - 1}`,
    'bytes=100-199',
    `bytes=${5 * MiB}-${6 * MiB - 1}`,
  ]
  const headers = {
    'x-amz-copy-source': `/‹bucket plain›/${encoded(big.key)}`,
    ...(chance.chance(0.1) ? {} : { 'x-amz-copy-source-range': chance.pick(ranges) }),
  }
  const query = { partNumber: nextNumber(pen, upload) }
  return at(pen, upload, { kind: 'part from a copy', method: 'PUT', query, headers })
}

/** What completing an upload without parts is answered with, the documentation does not tell. */
function completeOrFill(pen: S3Pen, uploads: readonly Upload[]): Operation {
  const upload = pen.chance.pick(uploads)
  const filled = pen.chance.shuffled(uploads.filter(({ parts }) => parts.size > 0))
  return filled[0] === undefined ? part(pen, upload) : complete(pen, filled[0])
}

/** All parts that are there, mostly; the wrong ones now and then. */
function complete(pen: S3Pen, upload: Upload): Operation {
  const { chance, state } = pen
  const sorted = [...upload.parts].toSorted(([a], [b]) => a - b)
  let parts = sorted
  if (chance.chance(0.02)) parts = parts.toReversed()
  if (parts.length > 1 && chance.chance(0.03)) parts = parts.slice(0, -1)
  if (chance.chance(0.02)) parts = [...parts, [4, { etag: md5Hex(Buffer.from('no')), size: 1, checksum: '' }]]
  const live = state.live(upload.bucket, upload.key)
  const headers: Record<string, string> = {}
  // Two reasons to refuse have no order that the documentation tells.
  const whole = parts.every(
    ([number, { size }], i) => number === sorted[i]?.[0] && (size >= 5 * MiB || i === parts.length - 1),
  )
  const condition = whole
    ? chance.pick(['if-none-match', 'if-match', null, null, null, null, null, null, null, null])
    : null
  if (condition === 'if-none-match') headers['if-none-match'] = '*'
  if (condition === 'if-match') headers['if-match'] = `"${chance.chance(0.5) ? (live?.etag ?? 'none') : 'another'}"`
  const elements = parts.map((one) => partElement(upload, one)).join('')
  const body = `<CompleteMultipartUpload>${elements}</CompleteMultipartUpload>`
  return at(pen, upload, { kind: 'complete', method: 'POST', headers, body })
}

function partElement({ algorithm }: Upload, [number, { etag, checksum }]: readonly [number, Part]): string {
  const sum = algorithm === null || checksum === '' ? '' : `<Checksum${algorithm}>${checksum}</Checksum${algorithm}>`
  return `<Part><PartNumber>${number}</PartNumber><ETag>"${etag}"</ETag>${sum}</Part>`
}

function listPartsQuery({ chance }: S3Pen, { parts }: Upload): Record<string, string> {
  const numbers = [...parts.keys()].map(String)
  return {
    'max-parts': chance.pick(['1', '2', '1000']),
    ...(numbers.length > 0 && chance.chance(0.3)
      ? { 'part-number-marker': chance.chance(0.05) ? chance.pick(['1', '2']) : chance.pick(numbers) }
      : {}),
  }
}

function listUploads(pen: S3Pen): Operation {
  const query = { uploads: '', ...listQuery(pen, 'max-uploads'), prefix: pen.chance.pick(keys) }
  return pen.write({ theme: 'parts', kind: 'list uploads', bucket: pen.bucket(), method: 'GET', query })
}

/** Of an object that was put together, or of one that was not. */
function readPart(pen: S3Pen): Operation {
  const { chance, state } = pen
  const bucket = pen.bucket()
  const made = state.shown(bucket).filter((key) => keys.includes(key))
  const key = made.length > 0 && chance.chance(0.9) ? chance.pick(made) : pen.shownKey(bucket)
  const method = chance.pick(['GET', 'HEAD'])
  const parts = Math.max(1, state.live(bucket, key)?.parts ?? 1)
  const query = { partNumber: String(chance.chance(0.01) ? parts + 1 : chance.int(1, parts)) }
  return pen.write({ theme: 'parts', kind: 'read a part', bucket, key, method, query })
}
