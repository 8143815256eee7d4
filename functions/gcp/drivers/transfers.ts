/**
 * A large object's parts are objects of the control bucket, composed there and rewritten into the key at the end, under the condition and with
 * the metadata of that moment. The alternatives were read up on and left: XML multipart uploads take no preconditions and want the metadata,
 * mark included, before the first part; compose works within one bucket only, and parts in the user's own bucket would show in listings and
 * raise events. Between buckets of one region and class a rewrite moves no byte.
 */
import { randomUUID } from 'node:crypto'
import type { Digests, Hashing } from '#shared/kernel/digest.ts'
import { Failure } from '#shared/kernel/failure.ts'
import type { Body, Condition, ObjectMeta, Part, Write } from '#shared/ports/object-store.ts'
import { discard, partName, rootOf, staged, type StagedPart, stagedType, type Yard } from './ledger.ts'
import { assemble, type Staged } from './staging.ts'
import { type About, failure, garbled } from './failure.ts'
import { resourceFields, resourceOf, saidOf } from './meta.ts'
import { nameOf } from './names.ts'
import { partsMax } from './traits.ts'
import { bucketPath, sentJson, type Wire } from './wire.ts'
import { conditionOf, promised, upload } from './writes.ts'

/** The cloud moves at least a mebibyte with each call; a rewrite within one region and class takes one. */
const rewritesMax = 10_000

export async function parts(wire: Wire, about: About, yard: Yard, signal: AbortSignal): Promise<readonly Part[]> {
  return (await staged(wire, about, yard, signal)).map(({ part }) => part)
}

export async function putPart(
  wire: Wire,
  hashing: Hashing,
  about: About,
  yard: Yard,
  part: { readonly number: number; readonly body: Body; readonly digests: Digests },
  signal: AbortSignal,
): Promise<Part> {
  const { number, body } = part
  if (!Number.isInteger(number) || number < 1 || number > partsMax)
    throw failure(about, 'invalid', 'key', `found part ${number}, expected 1 to ${partsMax}`)
  const place = { bucket: yard.control, name: `${rootOf(yard)}part/${partName(number)}` }
  const resource = { ...(await promised(hashing, part)), contentType: stagedType }
  const answer = await upload(wire, about, place, { resource, query: { ifGenerationMatch: '0' }, body }, signal)
  const { size, digests } = resourceOf(about, answer, null).meta
  return { number, size, digests: crc32cOf(digests) }
}

export async function commit(
  wire: Wire,
  about: About,
  yard: Yard,
  write: {
    readonly parts: readonly Part[]
    readonly said: Omit<Write, 'body'>
    readonly condition: Condition
    readonly partBytesMin: number
  },
  signal: AbortSignal,
): Promise<ObjectMeta> {
  const resource = saidOf(about, write.said)
  const query = conditionOf(about, write.condition)
  // Until the rewrite is sent nothing can have happened to the key, whatever answer is lost.
  const before = { ...about, write: false }
  const sources = agreed(about, await staged(wire, before, yard, signal), write)
  const joined = `${rootOf(yard)}join/${randomUUID()}/`
  const whole = await assemble(wire, before, yard.control, sources, joined, signal)
  const { crc32c } = write.said.digests
  if (crc32c !== undefined && whole.crc32c !== crc32c) {
    const what = `its parts together have CRC32C ${whole.crc32c}, expected ${crc32c}; nothing was written`
    throw failure(about, 'corrupt', 'key', what)
  }
  const meta = await rewrite(wire, about, yard, whole, { resource, query }, signal)
  // What stays behind is swept by the bucket's own rule; the object is there.
  await discard(wire, about, yard, signal).catch(onlyFailures)
  return meta
}

/** The parts that were listed, as they are there now. */
function agreed(
  about: About,
  there: readonly StagedPart[],
  { parts: listed, partBytesMin }: { readonly parts: readonly Part[]; readonly partBytesMin: number },
): readonly Staged[] {
  const byNumber = new Map(there.map((one) => [one.part.number, one]))
  return listed.map((part, index) => {
    const { number, size } = part
    if (number !== index + 1) throw failure(about, 'invalid', 'key', `found part ${number}, expected ${index + 1}`)
    const found = byNumber.get(number)
    const same = found?.part.size === size && found.part.digests.crc32c === part.digests.crc32c
    if (found === undefined || !same)
      throw failure(about, 'absent', 'key', `part ${number} is no longer as it was listed; send it again`)
    const least = index === listed.length - 1 ? 0 : partBytesMin
    if (size < least)
      throw failure(about, 'invalid', 'key', `found part ${number} of ${size} bytes, expected at least ${least}`)
    return found.place
  })
}

/** The object appears with the last call, whole; the condition is that of each call, the last included. */
async function rewrite(
  wire: Wire,
  about: About,
  { bucket, control, key }: Yard,
  whole: Staged,
  to: { readonly resource: Readonly<Record<string, unknown>>; readonly query: Readonly<Record<string, string>> },
  signal: AbortSignal,
): Promise<ObjectMeta> {
  const path = [...bucketPath(control, whole.name), 'rewriteTo', 'b', bucket, 'o', nameOf(about, key)]
  const fields = `done,rewriteToken,resource(${resourceFields})`
  const query = { ...to.query, sourceGeneration: whole.generation, fields }
  let token: string | null = null
  for (let call = 0; call < rewritesMax; call++) {
    const goesOn: Readonly<Record<string, string>> = token === null ? {} : { rewriteToken: token }
    const request = { method: 'POST', path, query: { ...query, ...goesOn }, body: sentJson(to.resource) } as const
    const { done, rewriteToken, resource } = ((await wire.ask(request, about, signal)) ?? {}) as Rewritten
    if (done === true) return resourceOf(about, resource).meta
    if (typeof rewriteToken !== 'string') throw garbled(about, 'a rewrite that neither ended nor goes on')
    token = rewriteToken
  }
  throw failure(
    about,
    'unreachable',
    'key',
    `not done after ${rewritesMax} rewrites; put the control bucket into the region of ${bucket}`,
  )
}

interface Rewritten {
  readonly done?: unknown
  readonly rewriteToken?: unknown
  readonly resource?: unknown
}

function crc32cOf({ crc32c }: Digests): Digests {
  return crc32c === undefined ? {} : { crc32c }
}

function onlyFailures(thrown: unknown): void {
  if (!(thrown instanceof Failure)) throw thrown
}
