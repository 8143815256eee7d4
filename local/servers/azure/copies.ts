import { randomUUID } from 'node:crypto'
import type { Bucket, Entry, Transaction } from '#local/servers/engine/model.ts'
import type { Answer } from '#local/servers/http/answer.ts'
import { type Target, target } from '#local/servers/http/target.ts'
import { blockIdOf, blockKept, keepBlock } from './blocks.ts'
import { type Call, containerOf } from './calls.ts'
import { checkSums, md5Of } from './checksums.ts'
import { checkRead, conditionsOf } from './conditions.ts'
import { checkKey } from './customer-key.ts'
import { Refusal } from './errors.ts'
import { blobOf, type Found } from './lookup.ts'
import { addressOf } from './names.ts'
import { draftOf, staged, write, written } from './put-blob.ts'
import { rangeOf } from './reads.ts'
import { grantOf, mustGrant } from './sas.ts'
import type { Draft } from './succession.ts'

/** A blob of this server that a request names as its source, and the call that would read it. */
interface Source {
  readonly call: Call
  readonly bucket: Bucket
  readonly url: string
}

/** Copy Blob and Copy Blob From URL: done when they are answered, here; the service may take its time over the first. */
export async function copyBlob(call: Call): Promise<Answer> {
  const inSync = call.header('x-ms-requires-sync') === 'true'
  const id = randomUUID()
  const source = sourceOf(call, inSync)
  const entry = await copied(call, source, null, (found) => ({
    ...takenOver(call, found),
    copied: { id, source: source.url, atMs: call.nowMs },
  }))
  return written(call, entry, { 'x-ms-copy-id': id, 'x-ms-copy-status': 'success' }, 202)
}

/** Put Blob From URL. */
export async function putBlobFrom(call: Call): Promise<Answer> {
  const source = sourceOf(call, true)
  const stated = md5Of(call.header('x-ms-source-content-md5'))
  const keeps = call.header('x-ms-copy-source-blob-properties')?.toLowerCase() !== 'false'
  const entry = await copied(call, source, stated, (found) => {
    const draft = takenOver(call, found)
    const own = draftOf(call, false)
    return keeps ? { ...draft, headers: { ...draft.headers, ...own.headers } } : { ...draft, headers: own.headers }
  })
  return written(call, entry, {})
}

/** Put Block From URL. */
export async function putBlockFrom(call: Call): Promise<Answer> {
  const id = blockIdOf(call)
  const source = sourceOf(call, true)
  const { entry } = readableAt(source.bucket, source)
  const range = rangeOf(call.header, entry.content.size, ['x-ms-source-range'])
  const stated = md5Of(call.header('x-ms-source-content-md5'))
  const body = call.service.engine.read(entry.content, range ?? { start: 0, end: entry.content.size })
  return staged(call, body, ['md5', 'crc64nvme'], (content) => {
    checkSums(content.sums, { md5: stated, crc64: null })
    keepBlock(call, id, content)
    return blockKept(stated, content)
  })
}

/**
 * Within one container no byte moves, and the source is asked in the same change. From another, or to be held against a hash, its bytes
 * are read first.
 */
async function copied(
  call: Call,
  source: Source,
  statedMd5: string | null,
  draft: (found: Found) => Draft,
): Promise<Entry> {
  if (statedMd5 === null && source.bucket.name === containerOf(call).name) {
    return write(call, (change) => {
      const found = readableAt(change, source)
      return { draft: draft(found), content: found.entry.content }
    })
  }
  const found = readableAt(source.bucket, source)
  const { engine } = call.service
  return staged(call, engine.read(found.entry.content), ['md5', 'crc64nvme'], (content) => {
    checkSums(content.sums, { md5: statedMd5, crc64: null })
    // Its blocks were pieces of the source.
    return write(call, () => ({ draft: { ...draft(found), blocks: null }, content }))
  })
}

/** Content headers and hash go with the bytes; metadata too, unless the request has its own. Tags stay behind. */
function takenOver(call: Call, { record }: Found): Draft {
  const own = draftOf(call, false)
  const metadata = Object.keys(own.metadata).length === 0 ? record.metadata : own.metadata
  return { ...own, headers: record.headers, metadata, md5: record.md5, blocks: record.blocks }
}

function readableAt(place: Bucket | Transaction, { call }: Source): Found {
  const found = blobOf(place, call)
  const { entry, record } = found
  try {
    const conditions = conditionsOf(call.header, 'x-ms-source-')
    checkRead(conditions, { etag: record.etag, modifiedMs: entry.dateMs })
  } catch (thrown) {
    throw thrown instanceof Refusal && thrown.wireCode === 'ConditionNotMet'
      ? new Refusal('SourceConditionNotMet')
      : thrown
  }
  if (record.tier === 'Archive') throw new Refusal('BlobArchived')
  checkKey(record, { header: () => undefined })
  return found
}

/** `asStranger`: the key that signs the request does not open the source, a SAS must. */
function sourceOf(call: Call, asStranger: boolean): Source {
  const url = call.header('x-ms-copy-source') ?? ''
  const origins = [call.service.origin(), `http://${call.request.headers.host ?? ''}`]
  const origin = origins.find((one) => url.startsWith(`${one}/`))
  const asked = origin === undefined ? null : target(url.slice(origin.length))
  if (asked === null) throw new Refusal('CannotVerifyCopySource')
  const address = addressOf(asked.path)
  const account = call.service.accounts.get(address.account)
  if (account === undefined) throw new Refusal('CannotVerifyCopySource')
  const own = account === call.account && !asStranger && asked.parameter('sig') === null
  if (!own) verify(call, account, address, asked)
  const source: Call = { ...call, account, address, query: queryOf(asked) }
  return { call: source, bucket: containerOf(source), url: url.replace(/\?.*$/, '') }
}

function verify(call: Call, account: Call['account'], address: Call['address'], asked: Target): void {
  try {
    mustGrant(grantOf(account, address, asked, call.nowMs), 'r')
  } catch {
    throw new Refusal('CannotVerifyCopySource')
  }
}

export function queryOf({ query }: Target): ReadonlyMap<string, string> {
  return new Map(query.map(({ name, value }) => [name.toLowerCase(), value]))
}
