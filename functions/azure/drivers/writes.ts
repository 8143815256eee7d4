/** Whole objects written and removed, each under its condition. */
import type { BlobRequestConditions, BlockBlobUploadOptions } from '@azure/storage-blob'
import type { Digests, Hashing } from '#shared/kernel/digest.ts'
import { asFailure, Failure } from '#shared/kernel/failure.ts'
import type { Key } from '#shared/kernel/key.ts'
import type { Version } from '#shared/kernel/version.ts'
import type { Body, Condition, ObjectMeta, Write } from '#shared/ports/object-store.ts'
import type { Blocks } from './blocks.ts'
import { carrying, md5Of, outgoing } from './bodies.ts'
import { type Asked, isRefused, nameOfCall } from './failure.ts'
import { metaOf, pinOf, quoted } from './meta.ts'
import { blobHeaders, type Said, saidOf } from './properties.ts'
import { head } from './reads.ts'
import type { Wire } from './wire.ts'

export interface Writes {
  readonly wire: Wire
  readonly hashing: Hashing
  readonly versioned: boolean
  readonly blocks: Blocks
}

/** What comes back from a write, whichever it was. */
export interface Written {
  readonly etag?: string
  readonly versionId?: string
  readonly lastModified?: Date
  /** Of a whole body alone: where a list of blocks was sent, it is the list's. */
  readonly contentMD5?: Uint8Array
}

export async function put(
  writes: Writes,
  key: Key,
  write: Write,
  condition: Condition,
  signal: AbortSignal,
): Promise<ObjectMeta> {
  const { wire, hashing, versioned } = writes
  const asked = wire.asked('put', key, true)
  const { body, digests } = write
  const said = saidOf(write, asked)
  const md5 = await md5Of(body, digests, hashing)
  const options = { ...optionsOf(said, md5, write.storageClass), conditions: conditionsOf(condition) }
  const sending: Sending = { key, body, digests, md5, options, asked, signal }
  const written = await upload(writes, sending).catch(async (failure: unknown) => {
    if (!(await isInTheWay(writes, sending, failure))) throw failure
    return createInBlocks(writes, sending)
  })
  return stored(key, written, said, { size: body.size, md5: written.contentMD5 ?? md5 }, versioned, asked)
}

interface Sending {
  readonly key: Key
  readonly body: Body
  readonly digests: Digests
  readonly md5: Buffer
  readonly options: CommonOptions
  readonly asked: Asked
  readonly signal: AbortSignal
}

/** What a Put Blob and a Put Block List have in common. */
type CommonOptions = Pick<BlockBlobUploadOptions, 'blobHTTPHeaders' | 'metadata' | 'tags' | 'tier' | 'conditions'>

async function upload({ wire, hashing }: Writes, sending: Sending): Promise<Written> {
  const { key, body, digests, md5, options, asked, signal } = sending
  const sent = await outgoing(body, digests, hashing, asked)
  const blob = wire.blob(key)
  return carrying(sent, () =>
    wire.ask(asked, signal, (abortSignal) =>
      blob.upload(sent.content, body.size, { ...options, transactionalContentMD5: md5, abortSignal }),
    ),
  )
}

/** Whether a creation was refused although nothing shows: a name with uncommitted blocks can count as taken, for up to a week. */
async function isInTheWay(writes: Writes, { key, options, signal }: Sending, failure: unknown): Promise<boolean> {
  const creates = options.conditions?.ifNoneMatch === '*'
  if (!creates || !(failure instanceof Failure) || !isRefused(failure.cause, 'BlobAlreadyExists')) return false
  try {
    return (await head(writes, key, signal, undefined)) === null
  } catch (thrown) {
    asFailure(thrown)
    // Nothing was learnt; the refusal stands.
    return false
  }
}

/** Creates all the same, under the same condition: a block list is refused only where something shows. */
async function createInBlocks({ wire, hashing, blocks }: Writes, sending: Sending): Promise<Written> {
  const { key, body, digests, md5, options, asked, signal } = sending
  const blob = wire.blob(key)
  const name = blocks.name('put', 1, md5.toString('base64'))
  if (body.size > 0) {
    const sent = await outgoing(body, digests, hashing, asked)
    await carrying(sent, () =>
      wire.ask(asked, signal, (abortSignal) =>
        blob.stageBlock(name, sent.content, body.size, { transactionalContentMD5: md5, abortSignal }),
      ),
    )
  }
  const names = body.size > 0 ? [name] : []
  const { etag, versionId, lastModified } = await wire.ask(asked, signal, (abortSignal) =>
    blob.commitBlockList(names, { ...options, abortSignal }),
  )
  return { ...(etag && { etag }), ...(versionId && { versionId }), ...(lastModified && { lastModified }) }
}

export async function remove({ wire }: Writes, key: Key, since: Version, signal: AbortSignal): Promise<void> {
  const blob = wire.blob(key)
  await wire.ask(wire.asked('remove', key, true), signal, (abortSignal) =>
    blob.delete({ conditions: conditionsOf({ if: 'unchanged', since }), abortSignal }),
  )
}

export function conditionsOf(condition: Condition): BlobRequestConditions {
  return condition.if === 'absent' ? { ifNoneMatch: '*' } : { ifMatch: quoted(pinOf(condition.since)) }
}

/** What any write of a whole blob says beside its content. */
export function optionsOf(
  { headers, metadata, tags }: Said,
  md5: Uint8Array | undefined,
  storageClass: string | null,
): Omit<CommonOptions, 'conditions'> {
  return {
    blobHTTPHeaders: blobHeaders(headers, md5),
    metadata,
    ...(Object.keys(tags).length > 0 ? { tags } : {}),
    ...(storageClass === null ? {} : { tier: storageClass }),
  }
}

/** The answer to a write as `head` would tell it: by the same way back from what was sent. */
export function stored(
  key: Key,
  written: Written,
  { headers, metadata, tags }: Said,
  content: { readonly size: number; readonly md5: Uint8Array | undefined },
  versioned: boolean,
  asked: Asked,
): ObjectMeta {
  if (versioned && !written.versionId) {
    const message = `${nameOfCall(asked)}: written, and found no version id in the answer, expected one; turn versioning on for the account, or set "versioned": false for this site`
    // Like a permission that is granted, versions that are turned on end an outage: until then every key waits.
    throw new Failure('denied', message, { site: asked.site, scope: 'site' })
  }
  const facts = { ...written, ...headers, metadata, tagCount: Object.keys(tags).length, ...content }
  return metaOf(key, facts, versioned, asked)
}
