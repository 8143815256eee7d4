/** Writes in one request, and removals. Every one names its condition. */
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import type { Digests } from '#shared/kernel/digest.ts'
import { asFailure, Failure } from '#shared/kernel/failure.ts'
import type { Key } from '#shared/kernel/key.ts'
import type { Version } from '#shared/kernel/version.ts'
import type { Condition, ObjectMeta, Write } from '#shared/ports/object-store.ts'
import { quoted } from './failure.ts'
import { bareTag, pinOf, versionOf } from './meta.ts'
import { inscribe } from './properties.ts'
import { type Place, writeCall } from './place.ts'
import { head } from './reads.ts'

/** From here on S3 is asked before the body is sent: a refused condition then costs no upload. */
const askFirstBytes = 1024 * 1024

export async function put(
  place: Place,
  key: Key,
  write: Write,
  condition: Condition,
  signal: AbortSignal,
): Promise<ObjectMeta> {
  const { body, digests } = write
  const { fields, headers } = inscribe(place.site, key, write)
  const asking = body.size >= askFirstBytes ? { expect: '100-continue' } : {}
  const { output } = await place.wire.upload(
    writeCall(place, 'put', key, body.size),
    body,
    (stream) =>
      new PutObjectCommand({
        ...fields,
        ...conditionFields(condition),
        ...digestFields(digests),
        Bucket: place.bucket,
        Key: key,
        Body: stream,
        ContentLength: body.size,
      }),
    signal,
    { headers: { ...headers, ...asking } },
  )
  return stored(place, key, versionOf(bareTag(output.ETag ?? ''), output.VersionId, place.versioned), signal)
}

/** S3 answers a write with neither its date nor what it kept of it: that takes a look, at exactly this version. */
export async function stored(place: Place, key: Key, version: Version, signal: AbortSignal): Promise<ObjectMeta> {
  const meta = await lookedAt(place, key, signal, version)
  if (meta === null) throw unseen(place, key, 'gone since')
  return meta
}

/** A look at what was written: whatever becomes of it, the write was done. */
export async function lookedAt(
  place: Place,
  key: Key,
  signal: AbortSignal,
  pinned?: Version,
): Promise<ObjectMeta | null> {
  try {
    return await head(place, key, signal, pinned)
  } catch (thrown) {
    const failure = asFailure(thrown)
    throw unseen(place, key, `it could not be looked at (${failure.kind})`, failure)
  }
}

export function unseen({ site }: Place, key: Key, why: string, cause?: unknown): Failure {
  const message = `${quoted(key)} at ${site}: written, but ${why}; look again`
  return new Failure('unknown', message, { site, scope: 'key', cause })
}

/** A versioned bucket puts a marker over it. */
export async function remove(place: Place, key: Key, since: Version, signal: AbortSignal): Promise<void> {
  const { etag } = pinOf(since)
  const command = new DeleteObjectCommand({ Bucket: place.bucket, Key: key, IfMatch: `"${etag}"` })
  await place.wire.send(writeCall(place, 'remove', key), command, signal)
}

export function conditionFields(condition: Condition): { IfNoneMatch: string } | { IfMatch: string } {
  return condition.if === 'absent' ? { IfNoneMatch: '*' } : { IfMatch: `"${pinOf(condition.since).etag}"` }
}

interface DigestFields {
  ChecksumAlgorithm?: 'CRC64NVME' | 'CRC32C'
  ChecksumCRC64NVME?: string
  ChecksumCRC32C?: string
  ContentMD5?: string
}

/** Known beforehand, it is a header: S3 refuses other bytes, and the body goes as it is. S3 takes one checksum, and an MD5 beside it. */
export function digestFields({ crc64nvme, crc32c, md5 }: Digests): DigestFields {
  const fields: DigestFields = md5 === undefined ? {} : { ContentMD5: md5 }
  if (crc64nvme !== undefined) return { ...fields, ChecksumAlgorithm: 'CRC64NVME', ChecksumCRC64NVME: crc64nvme }
  if (crc32c !== undefined) return { ...fields, ChecksumAlgorithm: 'CRC32C', ChecksumCRC32C: crc32c }
  return fields
}
