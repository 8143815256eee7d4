/** Uploads to the control bucket, and the whole that comes of one. */
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  type MultipartUpload,
  type Part as TheirPart,
} from '@aws-sdk/client-s3'
import { asFailure, Failure } from '#shared/kernel/failure.ts'
import type { Key } from '#shared/kernel/key.ts'
import type { Version } from '#shared/kernel/version.ts'
import type { Part, Write } from '#shared/ports/object-store.ts'
import { ledgerKey, noteParts } from './ledger.ts'
import { illegible, legible } from './listings.ts'
import { bareTag, pinOf, versionOf } from './meta.ts'
import { head } from './reads.ts'
import { callAside, type Stage } from './stage.ts'

/** A part, and what S3 wants to hear of it at the end. */
export interface HeldPart extends Part {
  readonly etag: string
}

const pagesMax = 16

/** The oldest first: of two that began at once, everyone goes on with the same. */
export async function uploadsOf(stage: Stage, signal: AbortSignal): Promise<readonly string[]> {
  const call = callAside(stage, 'parts', { asksBucket: true })
  const uploads: MultipartUpload[] = []
  let begin: { KeyMarker?: string; UploadIdMarker?: string } = {}
  for (let page = 0; page < pagesMax; page++) {
    const command = new ListMultipartUploadsCommand({ Bucket: stage.aside.bucket, Prefix: stage.staged, ...begin })
    const { output } = await stage.aside.wire.send(call, command, signal, { root: 'ListMultipartUploadsResult' })
    uploads.push(...(output.Uploads ?? []).filter(({ Key }) => Key === stage.staged))
    if (output.IsTruncated !== true) break
    begin = {
      ...(output.NextKeyMarker === undefined ? {} : { KeyMarker: output.NextKeyMarker }),
      ...(output.NextUploadIdMarker === undefined ? {} : { UploadIdMarker: output.NextUploadIdMarker }),
    }
  }
  const age = ({ Initiated }: MultipartUpload) => Initiated?.getTime() ?? 0
  const id = ({ UploadId = '' }: MultipartUpload) => UploadId
  return uploads.toSorted((a, b) => age(a) - age(b) || (id(a) < id(b) ? -1 : 1)).map(id)
}

/** Begins one where nobody has. */
export async function openUpload(stage: Stage, signal: AbortSignal): Promise<string> {
  const [there] = await uploadsOf(stage, signal)
  if (there !== undefined) return there
  const command = new CreateMultipartUploadCommand({
    Bucket: stage.aside.bucket,
    Key: stage.staged,
    ChecksumAlgorithm: 'CRC64NVME',
    ChecksumType: 'FULL_OBJECT',
  })
  const { output } = await stage.aside.wire.send(callAside(stage, 'putPart', { writes: true }), command, signal, {
    root: 'InitiateMultipartUploadResult',
  })
  const own = output.UploadId ?? ''
  // Somebody may have begun at the same moment. Who begins within the same second and later may still be listed first: `parts` tells.
  const [first = own] = await uploadsOf(stage, signal)
  if (first !== own) await abortUpload(stage, own, signal)
  return first
}

export async function abortUpload(stage: Stage, id: string, signal: AbortSignal): Promise<void> {
  const command = new AbortMultipartUploadCommand({ Bucket: stage.aside.bucket, Key: stage.staged, UploadId: id })
  try {
    await stage.aside.wire.send(callAside(stage, 'discard', { writes: true }), command, signal)
  } catch (thrown) {
    if (asFailure(thrown).kind !== 'absent') throw thrown
  }
}

/** Empty where the upload has ended meanwhile. */
export async function partsOf(stage: Stage, id: string, signal: AbortSignal): Promise<readonly HeldPart[]> {
  const call = callAside(stage, 'parts')
  const parts: HeldPart[] = []
  let begin: { PartNumberMarker?: string } = {}
  for (let page = 0; page < pagesMax; page++) {
    const command = new ListPartsCommand({ Bucket: stage.aside.bucket, Key: stage.staged, UploadId: id, ...begin })
    try {
      const { output } = await stage.aside.wire.send(call, command, signal, { root: 'ListPartsResult' })
      parts.push(...legible(call, () => (output.Parts ?? []).map(heldPart)))
      if (output.IsTruncated !== true || output.NextPartNumberMarker === undefined) break
      begin = { PartNumberMarker: output.NextPartNumberMarker }
    } catch (thrown) {
      if (asFailure(thrown).kind === 'absent') return []
      throw thrown
    }
  }
  return parts
}

function heldPart({ PartNumber, Size, ETag, ChecksumCRC64NVME }: TheirPart): HeldPart {
  if (PartNumber === undefined || Size === undefined || ETag === undefined)
    return illegible('with a part that says nothing')
  const digests = ChecksumCRC64NVME === undefined ? {} : { crc64nvme: ChecksumCRC64NVME }
  return { number: PartNumber, size: Size, digests, etag: ETag }
}

/** The whole, put together aside. */
export interface Staged {
  readonly size: number
  readonly version: Version
}

/** Puts it together. It may have been already, by one who died before the commit was through. */
export async function assemble(
  stage: Stage,
  parts: readonly Part[],
  digests: Write['digests'],
  signal: AbortSignal,
): Promise<Staged> {
  const size = parts.reduce((sum, part) => sum + part.size, 0)
  for (const id of await uploadsOf(stage, signal)) {
    const held = matching(await partsOf(stage, id, signal), parts)
    if (held === null) continue
    await noteParts(stage, parts, signal)
    return { size, version: await complete(stage, id, held, digests, signal) }
  }
  const there = await head(stage.aside, stage.staged, signal)
  const whole = there?.digests.crc64nvme
  if (there !== null && there.size === size && whole !== undefined && whole === digests.crc64nvme) return there
  throw new Failure(
    'absent',
    `parts of a transfer at ${stage.place.site}: no longer as they were listed; send them again`,
    { site: stage.place.site },
  )
}

/** `null` where one of them is missing, or is not as it was listed. */
function matching(held: readonly HeldPart[], wanted: readonly Part[]): readonly HeldPart[] | null {
  const byNumber = new Map(held.map((part) => [part.number, part]))
  const found = wanted.map(({ number, size, digests }) => {
    const part = byNumber.get(number)
    return part !== undefined && part.size === size && part.digests.crc64nvme === digests.crc64nvme ? part : null
  })
  return found.every((part) => part !== null) ? found : null
}

async function complete(
  stage: Stage,
  id: string,
  held: readonly HeldPart[],
  { crc64nvme }: Write['digests'],
  signal: AbortSignal,
): Promise<Version> {
  const command = new CompleteMultipartUploadCommand({
    Bucket: stage.aside.bucket,
    Key: stage.staged,
    UploadId: id,
    MultipartUpload: {
      Parts: held.map(({ number, etag, digests }) => ({
        PartNumber: number,
        ETag: etag,
        ...(digests.crc64nvme === undefined ? {} : { ChecksumCRC64NVME: digests.crc64nvme }),
      })),
    },
    ...(crc64nvme === undefined ? {} : { ChecksumCRC64NVME: crc64nvme, ChecksumType: 'FULL_OBJECT' as const }),
  })
  const { output } = await stage.aside.wire.send(callAside(stage, 'commit'), command, signal, {
    root: 'CompleteMultipartUploadResult',
  })
  return versionOf(bareTag(output.ETag ?? ''), output.VersionId, true)
}

/** Forgets the whole and what is known of its parts. Absent is done. */
export async function clear(stage: Stage, signal: AbortSignal): Promise<void> {
  for (const key of [stage.staged, ledgerKey(stage)]) await removeAside(stage, key, signal)
}

/** By its version, so that a control bucket with versions keeps nothing of it. */
async function removeAside(stage: Stage, key: Key, signal: AbortSignal): Promise<void> {
  const there = await head(stage.aside, key, signal)
  if (there === null) return
  const command = new DeleteObjectCommand({ Bucket: stage.aside.bucket, Key: key, ...namedVersion(there.version) })
  await stage.aside.wire.send(callAside(stage, 'discard', { key, writes: true }), command, signal)
}

/** A bucket without versions names none. */
export function namedVersion(version: Version): { readonly VersionId?: string } {
  const { id } = pinOf(version)
  return id === 'null' ? {} : { VersionId: id }
}
