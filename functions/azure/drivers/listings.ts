/**
 * Listings in the order of keys. Odd keys lie in a folder of their own (names.ts), in their own order: so a listing is two, of plain names
 * and of odd ones, merged. Most containers have no odd key, and there the second ends with its first answer.
 */
import type { BlobItem, ContainerListBlobsOptions } from '@azure/storage-blob'
import { Failure } from '#shared/kernel/failure.ts'
import type { Key } from '#shared/kernel/key.ts'
import type { ListQuery } from '#shared/ports/object-store.ts'
import { type Asked, isUnreadable, nameOfCall } from './failure.ts'
import { isWrittenOut, keyOf, oddPrefix, pastOdd, pastPlain, plainPrefix } from './names.ts'
import type { Wire } from './wire.ts'

/** One version in a listing. */
export interface Entry {
  readonly key: Key
  readonly item: BlobItem
  /** Whether its metadata was told as it is. */
  readonly whole: boolean
}

export interface Page {
  readonly entries: readonly Entry[]
  readonly next: string | null
}

/** What of each blob is listed. */
export type Include = Pick<ContainerListBlobsOptions, 'includeVersions' | 'includeDeleted'>

interface Half {
  /** `null`: nothing of this half begins like the prefix that is asked for. */
  readonly prefix: string | null
  /** Where to begin so that nothing after this key is missed. */
  readonly past: (key: string) => string
  readonly owns: (name: string) => boolean
}

/**
 * How far one half has been told; `null` once it is over. Everything up to `key`, of that key up to `id`, was told before.
 * `start` is where the listing began; it goes along with every marker, as the SDK's own iterator sends both.
 */
type Standing = {
  readonly start: string
  readonly marker: string | null
  readonly key: string
  readonly id: string
} | null

interface Part {
  readonly standing: Standing
  readonly entries: readonly Entry[]
  readonly next: string | null
}

const pageMax = 5000
/** Answers in a row without an entry for us, before the caller learns that it goes on. */
const turnsMax = 8
/** Beyond every id of a version. */
const lastId = '~'

export async function listPage(
  wire: Wire,
  asked: Asked,
  query: ListQuery,
  include: Include,
  signal: AbortSignal,
): Promise<Page> {
  const halves = [plainHalf(query.prefix), oddHalf(query.prefix)] as const
  const standings = query.cursor === null ? halves.map((half) => begin(half, query)) : resume(query.cursor, asked)
  const max = Math.min(query.max, pageMax)
  const read = (at: 0 | 1) =>
    readPart(wire, { query, half: halves[at], standing: standings[at] ?? null, max, include, signal, asked })
  const [plain, odd] = await Promise.all([read(0), read(1)])
  const entries: Entry[] = []
  const told = [0, 0] as [number, number]
  while (entries.length < max) {
    const [a, b] = [plain.entries[told[0]], odd.entries[told[1]]]
    // What one half goes on with may come before what the other one holds.
    if ((a === undefined && plain.next !== null) || (b === undefined && odd.next !== null)) break
    if (a === undefined && b === undefined) break
    const fromPlain = b === undefined || (a !== undefined && a.key < b.key)
    told[fromPlain ? 0 : 1]++
    entries.push((fromPlain ? a : b)!)
  }
  const left = [after(plain, told[0]), after(odd, told[1])] as const
  return { entries, next: left.every((standing) => standing === null) ? null : JSON.stringify(left) }
}

/** One answer of exactly these names; where metadata cannot be read, without it. */
export async function listOnce(
  wire: Wire,
  asked: Asked,
  options: ContainerListBlobsOptions,
  at: { readonly marker: string | null; readonly max: number },
  signal: AbortSignal,
): Promise<{ readonly items: readonly BlobItem[]; readonly next: string | null; readonly whole: boolean }> {
  const send = (includeMetadata: boolean) => async (abortSignal: AbortSignal) => {
    const settings = { maxPageSize: at.max, ...(at.marker === null ? {} : { continuationToken: at.marker }) }
    const pages = wire.container.listBlobsFlat({ ...options, includeMetadata, abortSignal }).byPage(settings)
    const { segment, continuationToken } = (await pages.next()).value as {
      segment: { blobItems: BlobItem[] }
      continuationToken?: string
    }
    return { items: segment.blobItems, next: continuationToken || null, whole: includeMetadata }
  }
  // A user can name metadata so that the SDK's reader refuses the whole page ("constructor", "__proto__").
  return (await wire.ask(asked, signal, send(true), isUnreadable)) ?? wire.ask(asked, signal, send(false))
}

/** Whether the metadata of a listed blob is what it is: names that an object has already come back otherwise from the SDK's reader. */
export function tellsMetadata({ metadata }: BlobItem): boolean {
  return !Object.keys(metadata ?? {}).some((name) => renamed.has(name))
}

const renamed: ReadonlySet<string> = new Set(
  [
    'hasOwnProperty',
    'toString',
    'valueOf',
    '__defineGetter__',
    '__defineSetter__',
    '__lookupGetter__',
    '__lookupSetter__',
  ].map((name) => `__${name}`),
)

interface Reading {
  readonly query: ListQuery
  readonly half: Half
  readonly standing: Standing
  readonly max: number
  readonly include: Include
  readonly signal: AbortSignal
  readonly asked: Asked
}

async function readPart(wire: Wire, { query, half, standing, max, include, signal, asked }: Reading): Promise<Part> {
  if (standing === null) return { standing, entries: [], next: null }
  const { start } = standing
  const options = {
    ...include,
    ...(start === '' ? {} : { startFrom: start }),
    ...(half.prefix ? { prefix: half.prefix } : {}),
  }
  let { marker } = standing
  for (let turn = 1; ; turn++) {
    const { items, next, whole } = await listOnce(wire, asked, options, { marker, max }, signal)
    const entries = items.flatMap((item): Entry[] => {
      const key = half.owns(item.name) ? keyOf(item.name) : null
      // Where it begins is only a hint: what a server sends that came before is passed over here.
      if (key === null || !key.startsWith(query.prefix) || !isAfter(key, item, standing)) return []
      return [{ key, item, whole: whole && tellsMetadata(item) }]
    })
    if (entries.length > 0 || next === null || turn === turnsMax)
      return { standing: { ...standing, marker }, entries, next }
    marker = next
  }
}

function isAfter(key: Key, { versionId = '' }: BlobItem, standing: NonNullable<Standing>): boolean {
  return key > standing.key || (key === standing.key && versionId > standing.id)
}

/** How far a half is told once so many of its entries are. */
function after({ standing, entries, next }: Part, told: number): Standing {
  const last = entries[told - 1]
  if (standing === null || (told === entries.length && next === null)) return null
  const place = last === undefined ? standing : { key: last.key, id: last.item.versionId ?? '' }
  return { ...standing, ...place, marker: told === entries.length ? next : standing.marker }
}

function begin(half: Half, { prefix, after: key }: ListQuery): Standing {
  if (half.prefix === null || (key > prefix && !key.startsWith(prefix))) return null
  return { start: key.startsWith(prefix) && key !== '' ? half.past(key) : '', marker: null, key, id: lastId }
}

function resume(cursor: string, asked: Asked): readonly Standing[] {
  try {
    const read = JSON.parse(cursor) as unknown
    if (Array.isArray(read) && read.length === 2 && read.every(isStanding)) return read as Standing[]
  } catch {
    // Refused with the rest.
  }
  const message = `${nameOfCall(asked)}: found a cursor that is none of this store's, expected one from a page before`
  throw new Failure('invalid', message, { site: asked.site })
}

function isStanding(value: unknown): boolean {
  if (value === null) return true
  const { start, marker, key, id } = value as Readonly<Record<string, unknown>>
  return [start, key, id, marker ?? ''].every((text) => typeof text === 'string')
}

function plainHalf(prefix: string): Half {
  return { prefix: plainPrefix(prefix), past: pastPlain, owns: (name) => !isWrittenOut(name) }
}

function oddHalf(prefix: string): Half {
  return { prefix: oddPrefix(prefix), past: pastOdd, owns: isWrittenOut }
}
