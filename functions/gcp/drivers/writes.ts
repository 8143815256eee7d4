import { randomUUID } from 'node:crypto'
import type { Digests, Hashing } from '#shared/kernel/digest.ts'
import { Failure } from '#shared/kernel/failure.ts'
import type { Key } from '#shared/kernel/key.ts'
import type { Version } from '#shared/kernel/version.ts'
import type { Body, Condition, ObjectMeta, Write } from '#shared/ports/object-store.ts'
import { type About, failure } from './failure.ts'
import { numbersOf, resourceFields, resourceOf, saidOf } from './meta.ts'
import { nameOf } from './names.ts'
import type { Sent } from './request.ts'
import { bucketPath, type Wire } from './wire.ts'

/** Where an object lies. */
export interface Place {
  readonly bucket: string
  readonly name: string
}

export async function put(
  wire: Wire,
  hashing: Hashing,
  about: About,
  place: { readonly bucket: string; readonly key: Key },
  write: Write,
  condition: Condition,
  signal: AbortSignal,
): Promise<ObjectMeta> {
  const { bucket, key } = place
  const query = conditionOf(about, condition)
  const resource = { ...saidOf(about, write), ...(await promised(hashing, write)) }
  const name = nameOf(about, key)
  const sent = { resource, query, body: write.body }
  const answer = await met(about, upload(wire, about, { bucket, name }, sent, signal))
  return resourceOf(about, answer).meta
}

/** Removes the live generation; whether it is kept is the bucket's to say. */
export async function remove(
  wire: Wire,
  about: About,
  { bucket, key }: { readonly bucket: string; readonly key: Key },
  since: Version,
  signal: AbortSignal,
): Promise<void> {
  const query = conditionOf(about, { if: 'unchanged', since })
  await met(about, wire.ask({ method: 'DELETE', path: bucketPath(bucket, nameOf(about, key)), query }, about, signal))
}

/** What the request must say so that it happens only then. Generation 0 is that of what is not there. */
export function conditionOf(about: About, condition: Condition): Readonly<Record<string, string>> {
  if (condition.if === 'absent') return { ifGenerationMatch: '0' }
  const { generation, metageneration } = numbersOf(about, condition.since)
  return { ifGenerationMatch: generation, ifMetagenerationMatch: metageneration }
}

/** A condition on an object that is not there did not hold. */
async function met<T>(about: About, act: Promise<T>): Promise<T> {
  try {
    return await act
  } catch (thrown) {
    if (!(thrown instanceof Failure) || thrown.kind !== 'absent' || thrown.scope !== 'key') throw thrown
    throw failure(about, 'conflict', 'key', 'found none; look again', thrown)
  }
}

/**
 * The checksums by which the server refuses other bytes. A body whose CRC32C nobody has told is read once to learn it: without one, a byte that
 * changes on its way would be stored.
 */
export async function promised(
  hashing: Hashing,
  { body, digests }: { readonly body: Body; readonly digests: Digests },
): Promise<Readonly<Record<string, string>>> {
  const { md5 } = digests
  const crc32c = digests.crc32c ?? (await crc32cOf(hashing, body))
  return { crc32c, ...(md5 === undefined ? {} : { md5Hash: md5 }) }
}

/** One request, however large: what it says of the object first, then the bytes as they come. The SDK's resumable upload would be two, and repeat. */
export function upload(
  wire: Wire,
  about: About,
  { bucket, name }: Place,
  sent: {
    readonly resource: Readonly<Record<string, unknown>>
    readonly query: Readonly<Record<string, string>>
    readonly body: Body
  },
  signal: AbortSignal,
): Promise<unknown> {
  const { resource, query, body } = sent
  return wire.ask(
    {
      method: 'POST',
      path: ['upload', ...bucketPath(bucket)],
      query: { ...query, uploadType: 'multipart', name, fields: resourceFields },
      body: framed(about, { ...resource, name }, body),
    },
    about,
    signal,
  )
}

/** The boundary is sent last, so no server takes a body for complete that is not. */
function framed(about: About, resource: Readonly<Record<string, unknown>>, body: Body): Sent {
  const boundary = randomUUID()
  const json = JSON.stringify(resource)
  // A part must have a type; the object's own is in the resource, where no text can end a line.
  const types = ['application/json; charset=utf-8', 'application/octet-stream']
  const [first, second] = types.map((type) => `--${boundary}\r\ncontent-type: ${type}\r\n\r\n`)
  const before = Buffer.from(`${first}${json}\r\n${second}`)
  const after = Buffer.from(`\r\n--${boundary}--\r\n`)
  return {
    type: `multipart/related; boundary=${boundary}`,
    size: before.byteLength + body.size + after.byteLength,
    async *open() {
      yield before
      yield* exactly(about, body)
      yield after
    },
  }
}

async function* exactly(about: About, body: Body): AsyncGenerator<Uint8Array, void, undefined> {
  let bytes = 0
  for await (const piece of body.open()) {
    bytes += piece.byteLength
    if (bytes > body.size) break
    yield piece
  }
  if (bytes === body.size) return
  throw failure(about, 'corrupt', 'key', `its body had ${bytes} bytes, expected ${body.size}; nothing was stored`)
}

async function crc32cOf(hashing: Hashing, body: Body): Promise<string> {
  const hasher = hashing.hasher('crc32c')
  for await (const piece of body.open()) hasher.update(piece)
  return hasher.digest()
}
