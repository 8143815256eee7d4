import type { Bucket, Content, Sum, Upload } from '#local/servers/engine/model.ts'
import type { Answer } from '#local/servers/http/answer.ts'
import { bucketOf, type Call, emptyAnswer, parameter, taking, xmlAnswer } from './call.ts'
import {
  type Algorithm,
  algorithmNamed,
  algorithms,
  type ChecksumType,
  elementOf,
  headerOf,
  unstated,
  valueOf,
} from './checksums.ts'
import { sourceHeader, summed } from './copies.ts'
import { sourceOf } from './copy-source.ts'
import { argumentRefused, noSuchUpload, Refusal } from './errors.ts'
import { checkKms } from './outcomes.ts'
import { propertiesIn } from './properties.ts'
import { attributesOf, partName, quoted, type UploadRecord, uploadRecordOf } from './record.ts'
import { idOf, wholeSecond } from './versioning.ts'
import { element, root } from './xml.ts'

/** The upload takes its date and its place among the versions of its key now, whenever it is completed. */
export function createUpload(call: Call): Answer {
  const bucket = bucketOf(call)
  const { key } = call.address
  checkKms(call.outcomes, { bucket: bucket.name, key }, 'kms:GenerateDataKey')
  const record: UploadRecord = { ...propertiesIn(call.headers), ...checksumFor(call.headers) }
  const id = bucket.transact((change) => {
    const order = change.nextOrder()
    const id = idOf(`${bucket.name}/${key}?uploads`, order)
    change.beginUpload({ id, key, order, dateMs: wholeSecond(call.now()), attributes: attributesOf(record) })
    return id
  })
  const names = [element('Bucket', bucket.name), element('Key', key), element('UploadId', id)]
  return xmlAnswer(root('InitiateMultipartUploadResult', ...names), checksumHeaders(record))
}

function checksumFor(headers: ReadonlyMap<string, string>): Pick<UploadRecord, 'algorithm' | 'type'> {
  const named = headers.get('x-amz-checksum-algorithm')
  const type = headers.get('x-amz-checksum-type')
  if (named === undefined) {
    if (type === undefined) return { algorithm: null, type: 'FULL_OBJECT' }
    throw new Refusal('InvalidRequest', 'x-amz-checksum-type: found one, expected x-amz-checksum-algorithm beside it')
  }
  const algorithm = algorithmNamed(named, 'x-amz-checksum-algorithm')
  const { byDefault, types } = algorithms[algorithm]
  if (type === undefined) return { algorithm, type: byDefault }
  if (types.includes(type as ChecksumType)) return { algorithm, type: type as ChecksumType }
  throw new Refusal(
    'InvalidRequest',
    `x-amz-checksum-type: found ${type}, expected ${types.join(' or ')}, which ${named} can be`,
  )
}

function checksumHeaders({ algorithm, type }: UploadRecord): Record<string, string> {
  return algorithm === null ? {} : { 'x-amz-checksum-algorithm': algorithm, 'x-amz-checksum-type': type }
}

/** The upload that the address names, if it is one of this key. */
export function uploadOf(call: Call, bucket: Bucket): Upload {
  const id = parameter(call, 'uploadId') ?? ''
  const upload = bucket.upload(id)
  if (upload === null || upload.key !== call.address.key) throw noSuchUpload(id)
  return upload
}

export async function uploadPart(call: Call): Promise<Answer> {
  const bucket = bucketOf(call)
  const number = partNumberIn(call)
  const upload = uploadOf(call, bucket)
  const record = uploadRecordOf(upload)
  const stated = call.payload.stated?.algorithm ?? null
  checkAlgorithm(record, stated)
  const told = stated ?? record.algorithm ?? unstated
  return taking(call, [...sumsOfPart(record), algorithms[told].sum], (content) => {
    putPart(call, bucket, upload, { number, content, stated })
    return emptyAnswer(200, { etag: quoted(content.sums.md5!), [headerOf(told)]: valueOf(content, told)! })
  })
}

/** Whole, or a range of it, where no byte need leave the server. */
export async function uploadPartCopy(call: Call): Promise<Answer> {
  const bucket = bucketOf(call)
  const number = partNumberIn(call)
  const upload = uploadOf(call, bucket)
  const source = sourceOf(call)
  const record = uploadRecordOf(upload)
  const sums = sumsOfPart(record)
  const range = copyRangeIn(call, source.entry.content)
  const content =
    range === null
      ? await summed(call.engine, source.entry.content, sums)
      : await call.engine.take(call.engine.read(source.entry.content, range), sums)
  try {
    putPart(call, bucket, upload, { number, content, stated: null })
  } catch (error) {
    if (range !== null) await call.engine.release(content)
    throw error
  }
  const told = record.algorithm ?? unstated
  return xmlAnswer(
    root(
      'CopyPartResult',
      element('ETag', quoted(content.sums.md5!)),
      element('LastModified', new Date(wholeSecond(call.now())).toISOString()),
      element(elementOf(told), valueOf(content, told)!),
    ),
    sourceHeader(source),
  )
}

export function abortUpload(call: Call): Answer {
  const bucket = bucketOf(call)
  const { id } = uploadOf(call, bucket)
  bucket.transact((change) => change.endUpload(id))
  return emptyAnswer(204)
}

/** The MD5 for the ETag, and what the whole will be told by. */
function sumsOfPart({ algorithm }: UploadRecord): Sum[] {
  return ['md5', algorithms[algorithm ?? unstated].sum]
}

interface Arrived {
  readonly number: number
  readonly content: Content
  /** The checksum that came with it, beside what its signature covers. */
  readonly stated: Algorithm | null
}

function putPart(call: Call, bucket: Bucket, upload: Upload, { number, content, stated }: Arrived): void {
  bucket.transact((change) => {
    if (change.upload(upload.id) === null) throw noSuchUpload(upload.id)
    change.putPart(upload.id, {
      name: partName(number),
      dateMs: wholeSecond(call.now()),
      content,
      attributes: stated === null ? {} : { stated },
    })
  })
}

function partNumberIn(call: Call): number {
  const text = parameter(call, 'partNumber') ?? ''
  const number = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (number >= 1 && number <= 10_000) return number
  throw argumentRefused('partNumber', text, 'an integer between 1 and 10000, inclusive')
}

/** An upload that named an algorithm takes no other; a composite needs each part's own. */
function checkAlgorithm({ algorithm, type }: UploadRecord, stated: Algorithm | null): void {
  if (algorithm === null || algorithm === stated) return
  if (stated === null && type === 'FULL_OBJECT') return
  const message = `checksum of the part: found ${stated ?? 'none'}, expected ${algorithm}, which the upload named`
  throw new Refusal('InvalidRequest', message)
}

function copyRangeIn(call: Call, { size }: Content): { start: number; end: number } | null {
  const header = call.headers.get('x-amz-copy-source-range')
  if (header === undefined) return null
  const [, first = '', last = ''] = /^bytes=(\d{1,15})-(\d{1,15})$/.exec(header) ?? []
  const [start, end] = [Number(first), Number(last) + 1]
  if (first === '' || end > size || start >= end) {
    throw argumentRefused('x-amz-copy-source-range', header, `bytes=first-last within ${size} bytes`)
  }
  if (size > call.partBytesMin) return { start, end }
  throw new Refusal(
    'InvalidRequest',
    `x-amz-copy-source-range: only of an object of more than ${call.partBytesMin} bytes; copy this one whole`,
  )
}
