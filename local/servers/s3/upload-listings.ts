import type { Bucket, Upload, UploadPart } from '#local/servers/engine/model.ts'
import type { Answer } from '#local/servers/http/answer.ts'
import { bucketOf, type Call, numberIn, parameter, xmlAnswer } from './call.ts'
import { elementOf, names, unstated, valueOf } from './checksums.ts'
import { notImplemented } from './errors.ts'
import { owner, ownerId, pageMax, type PageQuery, pageQueryIn } from './page.ts'
import { partETag, partNumber, quoted, type UploadRecord, uploadRecordOf } from './record.ts'
import { uploadOf } from './uploads.ts'
import { orderIn } from './versioning.ts'
import { element, type Markup, node, root } from './xml.ts'

/** By key, those of one key by their beginning. */
export function listUploads(call: Call): Answer {
  const bucket = bucketOf(call)
  const query = pageQueryIn(call)
  if (query.delimiter !== null) throw notImplemented('a delimiter among uploads')
  const keyMarker = parameter(call, 'key-marker') ?? ''
  const idMarker = keyMarker === '' ? '' : (parameter(call, 'upload-id-marker') ?? '')
  const max = numberIn(call, 'max-uploads', { otherwise: pageMax, max: pageMax })
  const { uploads, more } = uploadsAfter(bucket, query.prefix, { keyMarker, idMarker }, max)
  const last = uploads.at(-1)
  const next =
    more && last !== undefined
      ? [element('NextKeyMarker', query.name(last.key)), element('NextUploadIdMarker', last.id)]
      : []
  return xmlAnswer(
    root(
      'ListMultipartUploadsResult',
      element('Bucket', bucket.name),
      element('KeyMarker', query.name(keyMarker)),
      element('UploadIdMarker', idMarker),
      ...next,
      element('Prefix', query.name(query.prefix)),
      ...query.encoding,
      element('MaxUploads', max),
      element('IsTruncated', more),
      ...uploads.map((upload) => uploadNode(upload, query)),
    ),
  )
}

function uploadsAfter(
  bucket: Bucket,
  prefix: string,
  { keyMarker, idMarker }: { keyMarker: string; idMarker: string },
  max: number,
): { uploads: Upload[]; more: boolean } {
  const uploads: Upload[] = []
  const marker = Buffer.from(keyMarker)
  const orderMarker = idMarker === '' ? Infinity : (orderIn(idMarker) ?? 0)
  for (const upload of max === 0 ? [] : bucket.uploads(prefix)) {
    const order = keyMarker === '' ? 1 : Buffer.compare(Buffer.from(upload.key), marker)
    if (order < 0 || (order === 0 && upload.order <= orderMarker)) continue
    if (uploads.length === max) return { uploads, more: true }
    uploads.push(upload)
  }
  return { uploads, more: false }
}

function uploadNode(upload: Upload, { name }: PageQuery): Markup {
  return node(
    'Upload',
    element('Key', name(upload.key)),
    element('UploadId', upload.id),
    ...initiator(),
    element('StorageClass', uploadRecordOf(upload).storageClass),
    element('Initiated', new Date(upload.dateMs).toISOString()),
    ...checksumElements(upload),
  )
}

function initiator(): Markup[] {
  return [node('Initiator', element('ID', ownerId)), owner()]
}

function checksumElements(upload: Upload): Markup[] {
  const { algorithm, type } = uploadRecordOf(upload)
  return algorithm === null ? [] : [element('ChecksumAlgorithm', algorithm), element('ChecksumType', type)]
}

export function listParts(call: Call): Answer {
  const bucket = bucketOf(call)
  const upload = uploadOf(call, bucket)
  const marker = numberIn(call, 'part-number-marker', { otherwise: 0, max: 10_000 })
  const max = numberIn(call, 'max-parts', { otherwise: pageMax, max: pageMax })
  const behind = bucket.parts(upload.id).filter((part) => partNumber(part) > marker)
  const parts = behind.slice(0, max)
  const last = parts.at(-1)
  return xmlAnswer(
    root(
      'ListPartsResult',
      element('Bucket', bucket.name),
      element('Key', upload.key),
      element('UploadId', upload.id),
      ...initiator(),
      element('StorageClass', uploadRecordOf(upload).storageClass),
      ...checksumElements(upload),
      element('PartNumberMarker', marker),
      ...(last === undefined ? [] : [element('NextPartNumberMarker', partNumber(last))]),
      element('MaxParts', max),
      element('IsTruncated', max > 0 && behind.length > parts.length),
      ...parts.map((part) => partNode(part, uploadRecordOf(upload))),
    ),
  )
}

/** The checksum that the upload named, or that S3 takes by itself, and the one that the part brought. What its signature was made of is neither. */
function partNode(part: UploadPart, { algorithm }: UploadRecord): Markup {
  const told = [algorithm ?? unstated, part.attributes['stated']]
  const checksums = names.flatMap((name) => {
    const value = told.includes(name) ? valueOf(part.content, name) : null
    return value === null ? [] : [element(elementOf(name), value)]
  })
  return node(
    'Part',
    element('PartNumber', partNumber(part)),
    element('LastModified', new Date(part.dateMs).toISOString()),
    element('ETag', quoted(partETag(part))),
    element('Size', part.content.size),
    ...checksums,
  )
}
