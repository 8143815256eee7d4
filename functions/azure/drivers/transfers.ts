/**
 * Large objects: parts are uncommitted blocks, and those are the ledger. Azure forgets them with any write to the name, or after a week.
 * They cannot be removed, and an empty commit would make an object of nothing: what is discarded is only marked so.
 */
import type { Block } from '@azure/storage-blob'
import { compareDigests, type Digests } from '#shared/kernel/digest.ts'
import { Failure } from '#shared/kernel/failure.ts'
import type { Key } from '#shared/kernel/key.ts'
import type { Body, Condition, ObjectMeta, Part, Traits, TransferId, Write } from '#shared/ports/object-store.ts'
import type { HeldPart, ListedBlock } from './blocks.ts'
import { carrying, md5Of, outgoing } from './bodies.ts'
import { type Asked, isAbsent, isRefused, nameOfCall } from './failure.ts'
import { digestsOf } from './meta.ts'
import { saidOf } from './properties.ts'
import { head } from './reads.ts'
import { conditionsOf, optionsOf, stored, type Writes } from './writes.ts'

export interface Transfers extends Writes {
  readonly traits: Traits
}

export async function parts(
  { wire, blocks }: Transfers,
  key: Key,
  transfer: TransferId,
  signal: AbortSignal,
): Promise<readonly Part[]> {
  const listed = await listBlocks({ wire }, key, signal, wire.asked('parts', key, false))
  return blocks.held(transfer, listed).map(({ part }) => part)
}

export async function putPart(
  { wire, hashing, blocks, traits }: Transfers,
  key: Key,
  transfer: TransferId,
  number: number,
  body: Body,
  digests: Digests,
  signal: AbortSignal,
): Promise<Part> {
  const asked = wire.asked('putPart', key, true)
  if (!Number.isInteger(number) || number < 1 || number > traits.partsMax) {
    throw refused(asked, `found part number ${number}, expected 1 to ${traits.partsMax}`)
  }
  if (body.size < traits.partBytesMin) throw refused(asked, `found an empty part ${number}, expected a byte at least`)
  const md5 = await md5Of(body, digests, hashing)
  const sent = await outgoing(body, digests, hashing, asked)
  const blob = wire.blob(key)
  const name = blocks.name(transfer, number, md5.toString('base64'))
  await carrying(sent, () =>
    wire.ask(asked, signal, (abortSignal) =>
      blob.stageBlock(name, sent.content, body.size, { transactionalContentMD5: md5, abortSignal }),
    ),
  )
  return { number, size: body.size, digests: digestsOf(md5) }
}

export async function commit(
  transfers: Transfers,
  key: Key,
  transfer: TransferId,
  parts: readonly Part[],
  write: Omit<Write, 'body'>,
  condition: Condition,
  signal: AbortSignal,
): Promise<ObjectMeta> {
  const { wire, blocks, versioned } = transfers
  const asked = wire.asked('commit', key, true)
  const gap = parts.findIndex(({ number }, index) => number !== index + 1)
  if (gap >= 0) throw refused(asked, `found part ${parts[gap]!.number}, expected ${gap + 1}`)
  const said = saidOf(write, asked)
  const listed = await listBlocks(transfers, key, signal, wire.asked('commit', key, false))
  const names = namesOf(parts, blocks.held(transfer, listed))
  if (names === null) throw await incomplete(transfers, key, condition, signal, asked)
  const md5 = write.digests.md5 === undefined ? undefined : Buffer.from(write.digests.md5, 'base64')
  const blob = wire.blob(key)
  const options = { ...optionsOf(said, md5, write.storageClass), conditions: conditionsOf(condition) }
  const written = await wire.ask(
    asked,
    signal,
    (abortSignal) => blob.commitBlockList(names, { ...options, abortSignal }),
    (thrown) => isRefused(thrown, 'InvalidBlockList'),
  )
  if (written === null) throw await incomplete(transfers, key, condition, signal, asked)
  const size = parts.reduce((sum, part) => sum + part.size, 0)
  return stored(key, written, said, { size, md5 }, versioned, asked)
}

export async function discard(
  { wire, blocks }: Transfers,
  key: Key,
  transfer: TransferId,
  signal: AbortSignal,
): Promise<void> {
  const listed = await listBlocks({ wire }, key, signal, wire.asked('discard', key, false))
  const mark = blocks.discarding(transfer, listed)
  if (mark === null) return
  const blob = wire.blob(key)
  await wire.ask(wire.asked('discard', key, true), signal, (abortSignal) =>
    blob.stageBlock(mark, '-', 1, { abortSignal }),
  )
}

async function listBlocks(
  { wire }: Pick<Transfers, 'wire'>,
  key: Key,
  signal: AbortSignal,
  asked: Asked,
): Promise<readonly ListedBlock[]> {
  const blob = wire.blob(key)
  const answer = await wire.ask(
    asked,
    signal,
    (abortSignal) => blob.getBlockList('uncommitted', { abortSignal }),
    isAbsent,
  )
  return (answer?.uncommittedBlocks ?? []).map(({ name, size }: Block) => ({ name, size }))
}

/** The blocks to put together; `null` where a part is missing or was replaced since it was listed. */
function namesOf(parts: readonly Part[], held: readonly HeldPart[]): string[] | null {
  const byNumber = new Map(held.map((one) => [one.part.number, one]))
  const names = parts.map(({ number, size, digests }) => {
    const there = byNumber.get(number)
    const same = there?.part.size === size && compareDigests(there.part.digests, digests) !== 'different'
    return same ? there.block : null
  })
  return names.every((name) => name !== null) ? names : null
}

/** Whoever wrote the key meanwhile made Azure forget the parts: then the condition is what failed. */
async function incomplete(
  transfers: Transfers,
  key: Key,
  condition: Condition,
  signal: AbortSignal,
  asked: Asked,
): Promise<Failure> {
  const shown = await head(transfers, key, signal, undefined)
  const holds = condition.if === 'absent' ? shown === null : shown?.version === condition.since
  const { site } = transfers.wire
  if (!holds) return new Failure('conflict', `${nameOfCall(asked)}: it changed while its parts were sent`, { site })
  return new Failure('absent', `${nameOfCall(asked)}: a part is no longer as it was listed; send the parts again`, {
    site,
  })
}

function refused(asked: Asked, what: string): Failure {
  return new Failure('invalid', `${nameOfCall(asked)}: ${what}`, { site: asked.site })
}
