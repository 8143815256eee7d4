/** From the staged whole to the key: one request that dates it now, or, above what one may copy, parts that S3 copies itself. */
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3'
import { asFailure, Failure } from '#shared/kernel/failure.ts'
import { inParallel } from '#shared/kernel/in-parallel.ts'
import type { Version } from '#shared/kernel/version.ts'
import type { Condition, ObjectMeta, Write } from '#shared/ports/object-store.ts'
import { type Call, quoted } from './failure.ts'
import { versions } from './histories.ts'
import { bareTag, pinOf, versionOf } from './meta.ts'
import type { Inscription } from './properties.ts'
import { writeCall } from './place.ts'
import type { Stage } from './stage.ts'
import { namedVersion, type Staged } from './staging.ts'
import { partsMax } from './traits.ts'
import { conditionFields, lookedAt, stored, unseen } from './writes.ts'

/** What one request may copy. */
export const wholeBytesMax: number = 5 * 1024 ** 3

const partBytes = 512 * 1024 ** 2
const atOnce = 8

/** So long the end of an upload may take, beyond its caller's time. */
const abandonMs = 2_000

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
  const before = await topOf(stage, signal)
  const upload = await beginUpload(stage, said, signal)
  let version: Version
  try {
    const parts = await copyParts(stage, staged, upload, Math.min(partBytes, copyBytesMax), signal)
    if ((await topOf(stage, signal)) !== before) throw overtaken(stage)
    const end = new CompleteMultipartUploadCommand({
      ...upload,
      ...conditionFields(condition),
      MultipartUpload: { Parts: parts },
      ...(digests.crc64nvme === undefined ? {} : { ChecksumCRC64NVME: digests.crc64nvme, ChecksumType: 'FULL_OBJECT' }),
    })
    const { output } = await place.wire.send(writeCall(place, 'commit', key, staged.size), end, signal, {
      root: 'CompleteMultipartUploadResult',
    })
    version = versionOf(bareTag(output.ETag ?? ''), output.VersionId, place.versioned)
  } catch (thrown) {
    await abandon(stage, upload)
    throw thrown
  }
  return born(stage, version, signal)
}

/** What lies on top, a delete marker too. */
async function topOf({ place, key }: Stage, signal: AbortSignal): Promise<Version | null> {
  const page = await versions({ ...place, pageMax: 1 }, key, null, signal)
  return page.versions[0]?.version ?? null
}

interface Upload {
  readonly Bucket: string
  readonly Key: string
  readonly UploadId: string
}

/** Until it is completed nothing of it shows. */
function preparing({ place, key }: Stage): Call {
  return { ...writeCall(place, 'commit', key), writes: false }
}

async function beginUpload(stage: Stage, { fields, headers }: Inscription, signal: AbortSignal): Promise<Upload> {
  const { place, key } = stage
  const named = { Bucket: place.bucket, Key: key }
  const begin = new CreateMultipartUploadCommand({
    ...fields,
    ...named,
    ChecksumAlgorithm: 'CRC64NVME',
    ChecksumType: 'FULL_OBJECT',
  })
  const { output } = await place.wire.send(preparing(stage), begin, signal, {
    headers,
    root: 'InitiateMultipartUploadResult',
  })
  return { ...named, UploadId: output.UploadId ?? '' }
}

/**
 * Also where the caller has left: its parts lie in the user's own bucket. What cannot be ended now ages away; an upload whose end is unknown
 * may have ended well, and is gone then.
 */
async function abandon(stage: Stage, upload: Upload): Promise<void> {
  const command = new AbortMultipartUploadCommand(upload)
  await stage.place.wire.send(preparing(stage), command, AbortSignal.timeout(abandonMs)).catch(asFailure)
}

async function copyParts(
  stage: Stage,
  staged: Staged,
  upload: Upload,
  preferredBytes: number,
  signal: AbortSignal,
): Promise<{ PartNumber: number; ETag: string; ChecksumCRC64NVME?: string }[]> {
  const bytes = Math.max(preferredBytes, Math.ceil(staged.size / partsMax))
  const begins = Array.from({ length: Math.ceil(staged.size / bytes) }, (_, i) => i * bytes)
  return inParallel(begins, atOnce, async (begin, i) => {
    const PartNumber = i + 1
    const command = new UploadPartCopyCommand({
      ...upload,
      ...sourceFields(stage, staged),
      PartNumber,
      CopySourceRange: `bytes=${begin}-${Math.min(begin + bytes, staged.size) - 1}`,
    })
    const { output } = await stage.place.wire.send(preparing(stage), command, signal, {
      root: 'CopyPartResult',
    })
    const { ETag = '', ChecksumCRC64NVME: sum } = output.CopyPartResult ?? {}
    return { PartNumber, ETag, ...(sum === undefined ? {} : { ChecksumCRC64NVME: sum }) }
  })
}

/**
 * S3 takes a completed upload for as old as its beginning: what came meanwhile would lie upon it, and it would be in the history of what
 * showed without ever having shown. Deletions and equal bytes pass the condition, so it cannot tell.
 */
function overtaken({ place, key }: Stage): Failure {
  const message = `commit ${quoted(key)} at ${place.site}: not done, something newer came meanwhile; look again`
  return new Failure('conflict', message, { site: place.site })
}

/** Whether it shows. Where it does not, nobody can tell whether it ever did. */
async function born({ place, key }: Stage, version: Version, signal: AbortSignal): Promise<ObjectMeta> {
  const shown = await lookedAt(place, key, signal)
  if (shown?.version === version) return shown
  throw unseen(place, key, 'it does not show')
}
