import { randomBytes } from 'node:crypto'
import type { Bucket, Content, Upload, UploadPart } from '#local/servers/engine/model.ts'
import type { Answer } from '#local/servers/http/answer.ts'
import type { Call } from './call.ts'
import { promisedInHeaders, verify } from './checksums.ts'
import { change, type Cloud, store } from './cloud.ts'
import { crc32cOf, type Facts, md5Of, type Said } from './facts.ts'
import { done } from './json.ts'
import { rfc3339 } from './moments.ts'
import { objectName } from './names.ts'
import { asksNothing, noPreconditions, xmlPreconditionsOf } from './preconditions.ts'
import { refuse, refuseParameter } from './refusals.ts'
import { keysOf } from './uploads.ts'
import { element, type ListedPart, readPartList, text, xml } from './xml.ts'
import { saidInHeaders, storedHeaders } from './xml-objects.ts'

/** https://cloud.google.com/storage/quotas#requests */
const partsMax = 10_000
const partBytesMin = 5 * 1024 * 1024
const partDigits = 5

type Parted = Pick<Facts, 'keySha256' | 'kmsKeyName'> & { readonly form: 'xml'; readonly said: Said }

/** https://cloud.google.com/storage/docs/request-preconditions: such uploads take none, and say so. */
export function refusePreconditions(call: Call): void {
  if (!asksNothing(xmlPreconditionsOf(call.header)))
    refuse('notImplemented', 'Preconditions cannot be used in XML API multipart uploads.')
}

export function initiate(cloud: Cloud, bucket: Bucket, key: string, call: Call): Answer {
  const id = randomBytes(24).toString('base64url')
  const attributes: Parted = { form: 'xml', said: saidInHeaders(bucket, call), ...keysOf(cloud, bucket, call) }
  const name = objectName(key)
  bucket.transact((change) =>
    change.beginUpload({ id, key: name, order: change.nextOrder(), dateMs: Math.floor(cloud.now()), attributes }),
  )
  return xml('InitiateMultipartUploadResult', [
    element('Bucket', text(bucket.name)),
    element('Key', text(name)),
    element('UploadId', text(id)),
  ])
}

export async function putPart(cloud: Cloud, bucket: Bucket, upload: Upload, call: Call): Promise<Answer> {
  const asked = call.query('partNumber')
  const number = Number(asked)
  if (asked === null || !/^[0-9]{1,5}$/.test(asked) || number < 1 || number > partsMax)
    refuseParameter('partNumber', asked, `1 to ${partsMax}`)
  const content = await cloud.engine.take(call.body, ['crc32c', 'md5'])
  const md5 = md5Of(content)
  try {
    verify(promisedInHeaders(call.header), content, md5)
    bucket.transact((change) => {
      if (change.upload(upload.id) === null) refuse('noUpload')
      const name = String(number).padStart(partDigits, '0')
      change.putPart(upload.id, { name, dateMs: Math.floor(cloud.now()), content, attributes: {} })
    })
  } catch (thrown) {
    await cloud.engine.release(content)
    throw thrown
  }
  const hash = `crc32c=${crc32cOf(content)},md5=${md5 ?? ''}`
  return { status: 200, headers: { etag: etagOfPart(content), 'x-goog-hash': hash }, body: null }
}

export function listParts(bucket: Bucket, upload: Upload, call: Call): Answer {
  const after = Number(call.query('part-number-marker') ?? 0)
  const max = Math.min(Number(call.query('max-parts') ?? 1000) || 1000, 1000)
  const rest = bucket.parts(upload.id).filter(({ name }) => Number(name) > after)
  const shown = rest.slice(0, max)
  const parts = shown.map(({ name, dateMs, content }) =>
    element(
      'Part',
      element('PartNumber', Number(name)),
      element('LastModified', text(rfc3339(dateMs))),
      element('ETag', text(etagOfPart(content))),
      element('Size', content.size),
    ),
  )
  return xml('ListPartsResult', [
    element('Bucket', text(bucket.name)),
    element('Key', text(upload.key)),
    element('UploadId', text(upload.id)),
    element('PartNumberMarker', after),
    element('NextPartNumberMarker', Number(shown.at(-1)?.name ?? 0)),
    element('MaxParts', max),
    element('IsTruncated', rest.length > shown.length),
    ...parts,
  ])
}

/** One object of the parts that are listed; it has a CRC32C and no MD5. What is not listed is forgotten. */
export async function complete(cloud: Cloud, bucket: Bucket, upload: Upload, call: Call): Promise<Answer> {
  const listed = readPartList(await call.text())
  const { said, keySha256, kmsKeyName } = upload.attributes as Parted
  const entry = change(cloud, bucket, upload.key, (change) => {
    if (change.upload(upload.id) === null) refuse('noUpload')
    const content = cloud.engine.join(chosen(change.parts(upload.id), listed))
    const birth = { key: upload.key, content, said, md5: null, componentCount: null, keySha256, kmsKeyName }
    const entry = store(bucket, change, birth, noPreconditions)
    change.endUpload(upload.id)
    return entry
  })
  const headers = storedHeaders(entry)
  const location = `${call.base}/${bucket.name}/${encodeURIComponent(entry.key)}`
  return xml(
    'CompleteMultipartUploadResult',
    [
      element('Location', text(location)),
      element('Bucket', text(bucket.name)),
      element('Key', text(entry.key)),
      element('ETag', text(headers['etag'] ?? '')),
    ],
    headers,
  )
}

export function abort(bucket: Bucket, upload: Upload): Answer {
  bucket.transact((change) => change.endUpload(upload.id))
  return done
}

export function uploadNamed(bucket: Bucket, key: string, id: string): Upload {
  const upload = bucket.upload(id)
  return upload !== null && upload.key === key && upload.attributes['form'] === 'xml' ? upload : refuse('noUpload')
}

function chosen(parts: readonly UploadPart[], listed: readonly ListedPart[]): Content[] {
  if (listed.some(({ number }, at) => at > 0 && number <= listed[at - 1]!.number)) refuse('invalidPartOrder')
  const there = new Map(parts.map(({ name, content }) => [Number(name), content]))
  return listed.map(({ number, etag }, at) => {
    const content = there.get(number)
    if (content === undefined || unquoted(etag) !== unquoted(etagOfPart(content))) refuse('invalidPart')
    if (at < listed.length - 1 && content.size < partBytesMin) refuse('partTooSmall')
    return content
  })
}

function etagOfPart(content: Content): string {
  return `"${content.sums.md5 ?? ''}"`
}

function unquoted(etag: string): string {
  return etag.replace(/^"(.*)"$/, '$1')
}
