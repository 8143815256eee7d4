/** From the staged whole to the key: one request that dates it now, or, above what one may copy, parts that S3 copies itself. */
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3'
import { asFailure, Failure } from '#shared/kernel/failure.ts'
import { inParallel } from '#shared/kernel/in-parallel.ts'
import type { Version } from '#shared/kernel/version.ts'
import type { Condition, ObjectMeta, Write } from '#shared/ports/object-store.ts'
import { quoted } from './failure.ts'
import { bareTag, pinOf, versionOf } from './meta.ts'
import type { Inscription } from './properties.ts'
import { writeCall } from './place.ts'
import { head } from './reads.ts'
import type { Stage } from './stage.ts'
import { namedVersion, type Staged } from './staging.ts'
import { partsMax } from './traits.ts'
import { conditionFields, stored } from './writes.ts'

/** What one request may copy. */
export const wholeBytesMax: number = 5 * 1024 ** 3

const partBytes = 512 * 1024 ** 2
const atOnce = 8

/** What is written beside the bytes, and of them. */
export interface Sealed {
  readonly said: Inscription
  readonly digests: Write['digests']
  readonly copyBytesMax: number
}

export async function copyOver(
  stage: Stage,
  staged: Staged,
  sealed: Sealed,
  condition: Condition,
  signal: AbortSignal,
): Promise<ObjectMeta> {
  return staged.size <= sealed.copyBytesMax
    ? copyWhole(stage, staged, sealed.said, condition, signal)
    : copyInParts(stage, staged, sealed, condition, signal)
}

async function copyWhole(
  stage: Stage,
  staged: Staged,
  { fields, headers }: Inscription,
  condition: Condition,
  signal: AbortSignal,
): Promise<ObjectMeta> {
  const { place, key } = stage
  const command = new CopyObjectCommand({
    ...fields,
    ...conditionFields(condition),
    ...sourceFields(stage, staged),
    Bucket: place.bucket,
    Key: key,
    MetadataDirective: 'REPLACE',
    TaggingDirective: 'REPLACE',
    ChecksumAlgorithm: 'CRC64NVME',
  })
  const { output } = await place.wire.send(writeCall(place, 'commit', key, staged.size), command, signal, {
    headers,
    root: 'CopyObjectResult',
  })
  const etag = bareTag(output.CopyObjectResult?.ETag ?? '')
  return stored(place, key, versionOf(etag, output.VersionId, place.versioned), signal)
}

function sourceFields(
  { aside, staged }: Stage,
  { version }: Staged,
): { CopySource: string; CopySourceIfMatch: string } {
  const { VersionId } = namedVersion(version)
  const source = `${aside.bucket}/${encodeURIComponent(staged)}`
  return {
    CopySource: VersionId === undefined ? source : `${source}?versionId=${encodeURIComponent(VersionId)}`,
    CopySourceIfMatch: `"${pinOf(version).etag}"`,
  }
}

async function copyInParts(
  stage: Stage,
  staged: Staged,
  { said, digests, copyBytesMax }: Sealed,
  condition: Condition,
  signal: AbortSignal,
): Promise<ObjectMeta> {
  const { place, key } = stage
  const begin = new CreateMultipartUploadCommand({
    ...said.fields,
    Bucket: place.bucket,
    Key: key,
    ChecksumAlgorithm: 'CRC64NVME',
    ChecksumType: 'FULL_OBJECT',
  })
  const preparing = { ...writeCall(place, 'commit', key), writes: false }
  const { output } = await place.wire.send(preparing, begin, signal, {
    headers: said.headers,
    root: 'InitiateMultipartUploadResult',
  })
  const upload = { Bucket: place.bucket, Key: key, UploadId: output.UploadId ?? '' }
  try {
    const parts = await copyParts(stage, staged, upload, Math.min(partBytes, copyBytesMax), signal)
    const end = new CompleteMultipartUploadCommand({
      ...upload,
      ...conditionFields(condition),
      MultipartUpload: { Parts: parts },
      ...(digests.crc64nvme === undefined ? {} : { ChecksumCRC64NVME: digests.crc64nvme, ChecksumType: 'FULL_OBJECT' }),
    })
    const { output } = await place.wire.send(writeCall(place, 'commit', key, staged.size), end, signal, {
      root: 'CompleteMultipartUploadResult',
    })
    return await born(stage, versionOf(bareTag(output.ETag ?? ''), output.VersionId, place.versioned), signal)
  } catch (thrown) {
    // What cannot be ended now ages away; an upload whose end is unknown may have ended well, and is gone then.
    await place.wire.send(preparing, new AbortMultipartUploadCommand(upload), signal).catch(asFailure)
    throw thrown
  }
}

async function copyParts(
  stage: Stage,
  staged: Staged,
  upload: { readonly Bucket: string; readonly Key: string; readonly UploadId: string },
  preferredBytes: number,
  signal: AbortSignal,
): Promise<{ PartNumber: number; ETag: string; ChecksumCRC64NVME?: string }[]> {
  const { place, key } = stage
  const bytes = Math.max(preferredBytes, Math.ceil(staged.size / partsMax))
  const call = { ...writeCall(place, 'commit', key), writes: false }
  const begins = Array.from({ length: Math.ceil(staged.size / bytes) }, (_, i) => i * bytes)
  return inParallel(begins, atOnce, async (begin, i) => {
    const PartNumber = i + 1
    const command = new UploadPartCopyCommand({
      ...upload,
      ...sourceFields(stage, staged),
      PartNumber,
      CopySourceRange: `bytes=${begin}-${Math.min(begin + bytes, staged.size) - 1}`,
    })
    const { output } = await place.wire.send(call, command, signal, { root: 'CopyPartResult' })
    const { ETag = '', ChecksumCRC64NVME: sum } = output.CopyPartResult ?? {}
    return { PartNumber, ETag, ...(sum === undefined ? {} : { ChecksumCRC64NVME: sum }) }
  })
}

/** S3 takes a completed upload for as old as its beginning: where something newer came meanwhile, it was never seen, and must not be found later. */
async function born({ place, key }: Stage, version: Version, signal: AbortSignal): Promise<ObjectMeta> {
  const meta = await stored(place, key, version, signal)
  const shown = await head(place, key, signal)
  if (shown?.version === version) return meta
  if (place.versioned) {
    const command = new DeleteObjectCommand({ Bucket: place.bucket, Key: key, ...namedVersion(version) })
    await place.wire.send(writeCall(place, 'commit', key), command, signal)
  }
  throw new Failure('conflict', `commit ${quoted(key)} at ${place.site}: something newer began meanwhile; look again`, {
    site: place.site,
  })
}
