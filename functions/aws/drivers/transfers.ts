/** Transfers in parts: sent aside, seen at the commit. */
import { UploadPartCommand } from '@aws-sdk/client-s3'
import type { Digests } from '#shared/kernel/digest.ts'
import { asFailure, Failure } from '#shared/kernel/failure.ts'
import type { Body, Condition, ObjectMeta, Part, Write } from '#shared/ports/object-store.ts'
import { quoted } from './failure.ts'
import { copyOver } from './copies.ts'
import { inscribe } from './properties.ts'
import { head } from './reads.ts'
import { notedParts } from './ledger.ts'
import { callAside, type Stage } from './stage.ts'
import { abortUpload, assemble, clear, openUpload, partsOf, uploadsOf } from './staging.ts'
import { partsMax } from './traits.ts'
import { digestFields } from './writes.ts'

/**
 * Which upload a transfer's parts go to, so that not every part asks. Others may have begun one within the same second, and be listed
 * first although they came later: whoever lists the parts goes on with the upload whose parts they are.
 */
export class Uploads {
  readonly #open = new Map<string, Promise<string>>()

  /** Who waits for another's answer asks anew where that one had none. */
  async of(stage: Stage, signal: AbortSignal): Promise<string> {
    const known = this.#open.get(stage.staged)
    if (known === undefined) return this.#begin(stage, signal)
    return known.catch(() => this.#open.get(stage.staged) ?? this.#begin(stage, signal))
  }

  keep({ staged }: Stage, id: Promise<string>): void {
    const [oldest] = this.#open.keys()
    if (this.#open.size >= uploadsMax && oldest !== undefined) this.#open.delete(oldest)
    this.#open.set(staged, id)
  }

  forget({ staged }: Stage): void {
    this.#open.delete(staged)
  }

  #begin(stage: Stage, signal: AbortSignal): Promise<string> {
    const id = openUpload(stage, signal)
    this.keep(stage, id)
    id.catch(() => {
      if (this.#open.get(stage.staged) === id) this.forget(stage)
    })
    return id
  }
}

const uploadsMax = 256

export async function parts(stage: Stage, uploads: Uploads, signal: AbortSignal): Promise<readonly Part[]> {
  const [id] = await uploadsOf(stage, signal)
  if (id === undefined) {
    uploads.forget(stage)
    const whole = await head(stage.aside, stage.staged, signal)
    return whole === null ? [] : notedParts(stage, signal)
  }
  uploads.keep(stage, Promise.resolve(id))
  const held = await partsOf(stage, id, signal)
  return held.map(({ number, size, digests }) => ({ number, size, digests }))
}

export async function putPart(
  stage: Stage,
  uploads: Uploads,
  { number, body, digests }: { readonly number: number; readonly body: Body; readonly digests: Digests },
  signal: AbortSignal,
): Promise<Part> {
  if (!Number.isInteger(number) || number < 1 || number > partsMax) {
    throw refused(stage, `found part number ${number}, expected 1 to ${partsMax}`)
  }
  const UploadId = await uploads.of(stage, signal)
  const { aside, staged } = stage
  try {
    const { output } = await aside.wire.upload(
      callAside(stage, 'putPart', { writes: true, bytes: body.size }),
      body,
      (stream) =>
        new UploadPartCommand({
          ...digestFields(digests),
          Bucket: aside.bucket,
          Key: staged,
          UploadId,
          PartNumber: number,
          Body: stream,
          ContentLength: body.size,
        }),
      signal,
    )
    const sum = output.ChecksumCRC64NVME ?? digests.crc64nvme
    return { number, size: body.size, digests: sum === undefined ? {} : { crc64nvme: sum } }
  } catch (thrown) {
    // Another function has committed or discarded it.
    if (thrown instanceof Failure && thrown.kind === 'absent') uploads.forget(stage)
    throw thrown
  }
}

export async function commit(
  stage: Stage,
  uploads: Uploads,
  parts: readonly Part[],
  {
    write,
    condition,
    copyBytesMax,
  }: {
    readonly write: Omit<Write, 'body'>
    readonly condition: Condition
    readonly copyBytesMax: number
  },
  signal: AbortSignal,
): Promise<ObjectMeta> {
  const gap = parts.findIndex(({ number }, i) => number !== i + 1)
  if (gap >= 0 || parts.length === 0) {
    throw refused(stage, `found part ${parts[gap]?.number ?? 'none'}, expected ${gap < 0 ? 1 : gap + 1}`)
  }
  const { digests } = write
  const said = inscribe(stage.place.site, stage.key, write)
  // Put together, or not as they were listed: no further part belongs to it.
  uploads.forget(stage)
  const staged = await assemble(stage, parts, digests, signal)
  const meta = await copyOver(stage, staged, { said, digests, copyBytesMax }, condition, signal)
  // The object is there; what is left aside ages away.
  await clear(stage, signal).catch(asFailure)
  return meta
}

/** Absent is done. */
export async function discard(stage: Stage, uploads: Uploads, signal: AbortSignal): Promise<void> {
  uploads.forget(stage)
  for (const id of await uploadsOf(stage, signal)) await abortUpload(stage, id, signal)
  await clear(stage, signal)
}

function refused({ place, key }: Stage, why: string): Failure {
  return new Failure('invalid', `parts of ${quoted(key)} at ${place.site}: ${why}`, { site: place.site })
}
