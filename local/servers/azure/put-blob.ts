import type { Content, Entry, Sum, Transaction } from '#local/servers/engine/model.ts'
import type { Answer } from '#local/servers/http/answer.ts'
import { refuseLength } from './bodies.ts'
import { type Call, containerOf, httpDate, quoted, said } from './calls.ts'
import { checkSums, crc64Wire, md5Wire, statedOf } from './checksums.ts'
import { contentHeadersOf, tierOf } from './content-headers.ts'
import { keyHeaders, keyOf } from './customer-key.ts'
import { headerRefused, Refusal } from './errors.ts'
import { admitNew } from './guard.ts'
import { metadataOf } from './metadata.ts'
import { recordOf, type Tier } from './record.ts'
import { type Draft, forgetBlocks, succeed } from './succession.ts'
import { tagsOfHeader } from './tags.ts'

const MiB = 1024 * 1024
const blobBytesMax = 5000 * MiB

/** Put Blob: a whole blob in one request. */
export async function putBlob(call: Call): Promise<Answer> {
  const type = call.header('x-ms-blob-type')
  if (type === undefined) throw new Refusal('MissingRequiredHeader', { HeaderName: 'x-ms-blob-type' })
  if (type !== 'BlockBlob')
    throw type === 'PageBlob' || type === 'AppendBlob'
      ? new Refusal('NotImplemented')
      : headerRefused('x-ms-blob-type', type)
  containerOf(call)
  refuseLength(call, blobBytesMax)
  const stated = statedOf(call.header, 'x-ms-blob-content-md5')
  const draft = { ...draftOf(call, true), blocks: null }
  return staged(call, call.request.body, ['md5', 'crc64nvme'], (content) => {
    checkSums(content.sums, stated)
    const md5 = md5Wire(content.sums)
    const entry = write(call, () => ({ draft: { ...draft, md5 }, content }))
    return written(call, entry, { 'content-md5': md5, 'x-ms-content-crc64': crc64Wire(content.sums) })
  })
}

/** What headers say of a new blob. `direct`: also those that describe the body. */
export function draftOf(call: Call, direct: boolean): Omit<Draft, 'md5' | 'blocks'> {
  return {
    headers: contentHeadersOf(call.header, direct),
    metadata: metadataOf(call.request.rawHeaders),
    tags: tagsOfHeader(call.header('x-ms-tags')),
    tier: tierOf(call.header),
    keySha256: keyOf(call),
    copied: null,
  }
}

/** One atomic change: the blob that shows is asked, and covered. What is written is decided among what is there then. */
export function write(
  call: Call,
  decide: (change: Transaction, former: Entry | null) => { readonly draft: Draft; readonly content: Content },
): Entry {
  const bucket = containerOf(call)
  return bucket.transact((change) => {
    const former = admitNew(change, bucket, call)
    const { draft, content } = decide(change, former)
    forgetBlocks(change, call.address.blob)
    return succeed(change, call, { ...draft, tier: draft.tier ?? onlineTierOf(former) }, content)
  })
}

/** A tier that was set stays with the name until a write names another; the archive's ends with what lay there. */
function onlineTierOf(former: Entry | null): Tier | null {
  const tier = former === null ? null : recordOf(former).tier
  return tier === 'Archive' ? null : tier
}

/** Takes the body to disk, and lets go of it where `use` refuses it. */
export async function staged<T>(
  { service: { engine } }: Pick<Call, 'service'>,
  body: AsyncIterable<Uint8Array>,
  sums: readonly Sum[],
  use: (content: Content) => T,
): Promise<T> {
  const content = await engine.take(body, sums)
  try {
    return use(content)
  } catch (thrown) {
    await engine.release(content)
    throw thrown
  }
}

export function written(call: Call, entry: Entry, more: Readonly<Record<string, string>>, status = 201): Answer {
  const { etag, keySha256, versioned } = recordOf(entry)
  return said(status, {
    etag: quoted(etag),
    'last-modified': httpDate(entry.dateMs),
    'x-ms-request-server-encrypted': 'true',
    ...(versioned ? { 'x-ms-version-id': entry.id } : {}),
    ...keyHeaders(keySha256),
    ...more,
  })
}
