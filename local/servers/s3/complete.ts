import { createHash } from 'node:crypto'
import type { Bucket, Content, Transaction, Upload, UploadPart } from '#local/servers/engine/model.ts'
import { Summing } from '#local/servers/engine/sums.ts'
import type { Answer } from '#local/servers/http/answer.ts'
import { encoded } from './address.ts'
import { bucketOf, type Call, demandXml, xmlAnswer } from './call.ts'
import { algorithms, type Checksum, elementOf, headerOf, names, unstated, valueOf, wholeChecksum } from './checksums.ts'
import { checksumElements } from './copies.ts'
import { noSuchUpload, Refusal } from './errors.ts'
import { checkWrite, writeConditionIn } from './preconditions.ts'
import {
  attributesOf,
  type ObjectRecord,
  partETag,
  partNumber,
  quoted,
  runsOf,
  unquoted,
  type UploadRecord,
  uploadRecordOf,
} from './record.ts'
import { uploadOf } from './uploads.ts'
import { place, versionHeader } from './versioning.ts'
import { element, type Element, malformed, root } from './xml.ts'

/**
 * The object appears whole, dated and placed by the beginning of its upload: it may succeed and not be on top, where something newer
 * came meanwhile. A refusal leaves the upload as it was.
 */
export async function completeUpload(call: Call): Promise<Answer> {
  const bucket = bucketOf(call)
  const condition = writeConditionIn(call.headers)
  const { id } = uploadOf(call, bucket)
  const wishes = (await demandXml(call, 'CompleteMultipartUpload')).all('Part').map(wishOf)
  const composite = await compositeFor(uploadRecordOf(uploadOf(call, bucket)))
  const { record, versionId } = bucket.transact((change) => {
    const upload = change.upload(id)
    if (upload === null) throw noSuchUpload(id)
    const { key, order, dateMs } = upload
    const newest = change.newest(key)
    checkWrite(key, condition, change.live(key), newest?.marker === true && newest.order > order)
    const { content, record } = assemble(call, upload, choose(change, upload, wishes), composite)
    const draft = { key, order, dateMs, content, attributes: attributesOf(record) }
    const versionId = place(change, bucket, draft, call.now())
    change.endUpload(id)
    return { record, versionId }
  })
  return xmlAnswer(result(call, bucket, record), versionHeader(bucket, versionId))
}

function result(call: Call, bucket: Bucket, { etag, checksum }: ObjectRecord): ReturnType<typeof root> {
  const { path, key } = call.address
  return root(
    'CompleteMultipartUploadResult',
    element('Location', `http://${call.headers.get('host') ?? ''}${encoded(path, 'kept')}`),
    element('Bucket', bucket.name),
    element('Key', key),
    element('ETag', quoted(etag)),
    ...checksumElements(checksum),
    element('ChecksumType', checksum.type),
  )
}

interface Wish {
  readonly number: number
  readonly etag: string
  /** By algorithm, in base64. */
  readonly checksums: readonly (readonly [Checksum['algorithm'], string])[]
}

function wishOf(part: Element): Wish {
  const number = Number(part.demand('PartNumber'))
  if (!Number.isInteger(number)) throw malformed('found a PartNumber that is no whole number')
  const checksums = names.flatMap((name) => {
    const value = part.text(elementOf(name))
    return value === null ? [] : [[name, value] as const]
  })
  return { number, etag: unquoted(part.demand('ETag')), checksums }
}

/** Each part as it was sent, in ascending order. */
function choose(change: Transaction, upload: Upload, wishes: readonly Wish[]): UploadPart[] {
  if (wishes.length === 0) throw malformed('found no Part')
  const { algorithm, type } = uploadRecordOf(upload)
  const held = new Map(change.parts(upload.id).map((part) => [partNumber(part), part]))
  return wishes.map(({ number, etag, checksums }, i) => {
    if (i > 0 && number <= wishes[i - 1]!.number) {
      const message = `PartNumber: found ${number} after ${wishes[i - 1]!.number}, expected ascending numbers`
      throw new Refusal('InvalidPartOrder', message, { UploadId: upload.id })
    }
    const part = held.get(number)
    if (part === undefined || partETag(part) !== etag) throw invalidPart(upload, number, etag)
    for (const [name, value] of checksums) {
      if (valueOf(part.content, name) !== value) throw invalidPart(upload, number, etag)
    }
    if (algorithm !== null && type === 'COMPOSITE' && !checksums.some(([name]) => name === algorithm)) {
      const message = `${elementOf(algorithm)}: found none of part ${number}, expected one of each, as the upload named it`
      throw new Refusal('InvalidRequest', message)
    }
    return part
  })
}

function invalidPart({ id }: Upload, number: number, etag: string): Refusal {
  const message = 'There is no such part, or its ETag or checksum is another.'
  return new Refusal('InvalidPart', message, { UploadId: id, PartNumber: number, ETag: etag })
}

export const leastPart: number = 5 * 1024 * 1024

function assemble(
  call: Call,
  upload: Upload,
  parts: readonly UploadPart[],
  composite: Summing | null,
): { content: Content; record: ObjectRecord } {
  parts.slice(0, -1).forEach((part) => checkSize(part, call.partBytesMin))
  const content = call.engine.join(parts.map((part) => part.content))
  const { algorithm, type, ...properties } = uploadRecordOf(upload)
  const checksum =
    composite === null ? wholeChecksum(content, algorithm ?? unstated) : composed(composite, parts, algorithm!)
  checkStatements(call, { algorithm, type }, content, checksum)
  const md5s = Buffer.concat(parts.map((part) => Buffer.from(partETag(part), 'hex')))
  const etag = `${createHash('md5').update(md5s).digest('hex')}-${parts.length}`
  return { content, record: { ...properties, etag, checksum, parts: runsOf(parts.map((part) => part.content.size)) } }
}

function checkSize(part: UploadPart, least: number): void {
  const { size } = part.content
  if (size >= least) return
  const details = {
    ProposedSize: size,
    MinSizeAllowed: least,
    PartNumber: partNumber(part),
    ETag: partETag(part),
  }
  throw new Refusal('EntityTooSmall', `Every part but the last has at least ${least} bytes.`, details)
}

/** `null` where the whole has a checksum of its own bytes. Made beforehand: within a transaction nothing waits. */
async function compositeFor({ algorithm, type }: UploadRecord): Promise<Summing | null> {
  return algorithm === null || type === 'FULL_OBJECT' ? null : Summing.of([algorithms[algorithm].sum])
}

function composed(summing: Summing, parts: readonly UploadPart[], algorithm: Checksum['algorithm']): Checksum {
  for (const { content } of parts) summing.update(Buffer.from(valueOf(content, algorithm)!, 'base64'))
  const hex = summing.digest()[algorithms[algorithm].sum]!
  return { algorithm, type: 'COMPOSITE', value: `${Buffer.from(hex, 'hex').toString('base64')}-${parts.length}` }
}

/** What the request says of the whole. */
function checkStatements(
  { headers }: Call,
  { type }: Pick<UploadRecord, 'algorithm' | 'type'>,
  content: Content,
  checksum: Checksum,
): void {
  const size = headers.get('x-amz-mp-object-size')
  if (size !== undefined && size !== String(content.size)) {
    throw new Refusal('InvalidRequest', `x-amz-mp-object-size: found ${size}, expected ${content.size}`)
  }
  const statedType = headers.get('x-amz-checksum-type')
  if (statedType !== undefined && statedType !== type) {
    throw new Refusal('BadDigest', `x-amz-checksum-type: found ${statedType}, expected ${type}`)
  }
  for (const name of names) {
    const stated = headers.get(headerOf(name))
    if (stated === undefined) continue
    const own = name === checksum.algorithm ? checksum.value : valueOf(content, name)
    if (own === null) throw new Refusal('InvalidRequest', `${headerOf(name)}: the upload was not created with ${name}`)
    if (own !== stated) {
      throw new Refusal('BadDigest', `${headerOf(name)}: found ${stated}, expected ${own}`)
    }
  }
}
