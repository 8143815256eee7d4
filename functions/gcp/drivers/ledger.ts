import { createHash, randomUUID } from 'node:crypto'
import { Failure } from '#shared/kernel/failure.ts'
import { inParallel } from '#shared/kernel/in-parallel.ts'
import type { Key } from '#shared/kernel/key.ts'
import type { Body, Part, TransferId } from '#shared/ports/object-store.ts'
import type { About } from './failure.ts'
import { atOnce, type Staged, stagedBelow } from './staging.ts'
import { bucketPath, type Wire } from './wire.ts'
import { upload } from './writes.ts'

/** Where the parts of one transfer wait, in the control bucket: `part/` holds them, `gone/` marks that one is none any more, `join/` what is put together. */
export interface Yard {
  readonly bucket: string
  readonly control: string
  readonly key: Key
  readonly transfer: TransferId
}

export const stagedType = 'application/octet-stream'

/** Keys and transfers are hostile and long: a digest that nobody can aim at names the place. */
export function rootOf({ bucket, key, transfer }: Yard): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([bucket, key, transfer]))
    .digest('base64url')
  return `transfer/${digest}/`
}

/** Each upload has a name of its own: to one name Cloud Storage takes a single change a second. */
export function partName(number: number): string {
  return `${String(number).padStart(5, '0')}-${randomUUID()}`
}

/**
 * Everything of the transfer, by generation. What was written within the last second may not be removed yet: a part like that is marked as gone,
 * so that the ledger forgets it at once, and the bucket's own rule or the next discard sweeps both.
 */
export async function discard(wire: Wire, about: About, yard: Yard, signal: AbortSignal): Promise<void> {
  const root = rootOf(yard)
  const all = await stagedBelow(wire, { ...about, write: false }, yard.control, root, signal)
  const { parts, marks, others } = sorted(root, all)
  const stayed = new Set<string>()
  await inParallel([...others, ...parts.values()], atOnce, async (place) => {
    if (!(await isRemoved(wire, about, yard, place, signal))) stayed.add(place.name)
  })
  const left = new Set([...parts].filter(([, { name }]) => stayed.has(name)).map(([part]) => part))
  const unmarked = [...left].filter((one) => !marks.some(({ part }) => part === one))
  await inParallel(unmarked, atOnce, (part) => mark(wire, about, yard, part, signal))
  const done = marks.filter(({ part }) => !left.has(part))
  await inParallel(done, atOnce, ({ place }) => isRemoved(wire, about, yard, place, signal))
}

/** What lies below the root of a transfer: uploads of parts by name, marks that one of these is gone, and the rest. */
interface Sorted {
  readonly parts: ReadonlyMap<string, Staged>
  readonly marks: readonly { readonly part: string; readonly place: Staged }[]
  readonly others: readonly Staged[]
}

function sorted(root: string, all: readonly Staged[]): Sorted {
  const parts = new Map<string, Staged>()
  const marks: { part: string; place: Staged }[] = []
  const others: Staged[] = []
  for (const place of all) {
    const [folder, name = '', ...more] = place.name.slice(root.length).split('/')
    if (folder === 'part') parts.set([name, ...more].join('/'), place)
    else if (folder === 'gone') marks.push({ part: name, place })
    else others.push(place)
  }
  return { parts, marks, others }
}

/** Absent is done; what was changed within the last second stays. */
async function isRemoved(
  wire: Wire,
  about: About,
  { control }: Yard,
  { name, generation }: Staged,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await wire.ask({ method: 'DELETE', path: bucketPath(control, name), query: { generation } }, about, signal)
    return true
  } catch (thrown) {
    if (!(thrown instanceof Failure) || thrown.scope !== 'key') throw thrown
    if (thrown.kind === 'absent') return true
    if (thrown.kind === 'throttled') return false
    throw thrown
  }
}

/** Under a name of its own, for another discard may be marking the same part. */
async function mark(wire: Wire, about: About, yard: Yard, part: string, signal: AbortSignal): Promise<void> {
  const place = { bucket: yard.control, name: `${rootOf(yard)}gone/${part}/${randomUUID()}` }
  const sent = { resource: { contentType: stagedType }, query: { ifGenerationMatch: '0' }, body: nothing }
  await upload(wire, about, place, sent, signal)
}

const nothing: Body = { size: 0, async *open() {} }

export interface StagedPart {
  readonly part: Part
  readonly place: Staged
}

/** By number; of several uploads of one the newest counts, and none that is marked as gone. */
export async function staged(
  wire: Wire,
  about: About,
  yard: Yard,
  signal: AbortSignal,
): Promise<readonly StagedPart[]> {
  const root = rootOf(yard)
  const { parts, marks } = sorted(root, await stagedBelow(wire, about, yard.control, root, signal))
  const gone = new Set(marks.map(({ part }) => part))
  const newest = new Map<number, StagedPart>()
  for (const [name, place] of parts) {
    const number = Number(/^(\d{5})-/.exec(name)?.[1] ?? 0)
    if (number === 0 || gone.has(name)) continue
    const { size, crc32c, generation } = place
    const other = newest.get(number)
    if (other !== undefined && BigInt(other.place.generation) > BigInt(generation)) continue
    newest.set(number, { place, part: { number, size, digests: { crc32c } } })
  }
  return [...newest.values()].toSorted((a, b) => a.part.number - b.part.number)
}
