import type { Content } from '#local/servers/engine/model.ts'
import type { Answer } from '#local/servers/http/answer.ts'
import { refuseLength } from './bodies.ts'
import { type Call, containerOf, said } from './calls.ts'
import { checkSums, crc64Wire, statedOf } from './checksums.ts'
import { headerRefused, parameterRefused, Refusal } from './errors.ts'
import { checkLease } from './lease.ts'
import { staged } from './put-blob.ts'
import { recordOf } from './record.ts'
import { blocksName } from './succession.ts'

const MiB = 1024 * 1024
const blockBytesMax = 4000 * MiB

/** Put Block: bytes that wait under the blob's name until a list commits them. */
export async function putBlock(call: Call): Promise<Answer> {
  containerOf(call)
  const id = blockIdOf(call)
  if (refuseLength(call, blockBytesMax) === 0) throw headerRefused('Content-Length', '0')
  const stated = statedOf(call.header)
  const sums = stated.md5 === null ? (['crc64nvme'] as const) : (['md5', 'crc64nvme'] as const)
  return staged(call, call.request.body, sums, (content) => {
    checkSums(content.sums, stated)
    keepBlock(call, id, content)
    return blockKept(stated.md5, content)
  })
}

/** Who sent an MD5 is told it again; anybody else is told the CRC. */
export function blockKept(md5: string | null, content: Content): Answer {
  const sum = md5 === null ? { 'x-ms-content-crc64': crc64Wire(content.sums) } : { 'content-md5': md5 }
  return said(201, { ...sum, 'x-ms-request-server-encrypted': 'true' })
}

export function blockIdOf({ query }: Call): string {
  const id = query.get('blockid')
  if (id === undefined) throw new Refusal('MissingRequiredQueryParameter', { QueryParameterName: 'blockid' })
  const bytes = Buffer.from(id, 'base64')
  if (bytes.length === 0 || bytes.length > 64 || bytes.toString('base64') !== id) {
    throw parameterRefused('blockid', id, 'Expected up to 64 bytes in base64.')
  }
  return id
}

/** The ids that wait under one name have one length. */
export function keepBlock(call: Call, id: string, content: Content): void {
  const key = call.address.blob
  const name = blocksName(key)
  containerOf(call).transact((change) => {
    const live = change.live(key)
    const record = live === null ? null : recordOf(live)
    checkLease(record?.lease ?? null, call.header('x-ms-lease-id'), call.nowMs)
    if (record?.tier === 'Archive') throw new Refusal('BlobArchived')
    const waiting = change.upload(name)
    if (waiting !== null && waiting.attributes['idLength'] !== id.length) throw new Refusal('InvalidBlobOrBlock')
    if (waiting === null) {
      const attributes = { idLength: id.length }
      change.beginUpload({ id: name, key, order: change.nextOrder(), dateMs: call.nowMs, attributes })
    }
    change.putPart(name, { name: id, dateMs: call.nowMs, content, attributes: {} })
  })
}
