import type { Key } from '#shared/kernel/key.ts'
import type { ListPage, ListQuery, VersionPage } from '#shared/ports/object-store.ts'
import { type About, failure, garbled } from './failure.ts'
import { keptOf, type Resource, resourceFields, resourceOf } from './meta.ts'
import { beginningOf, nameBytesMax, nameOf } from './names.ts'
import { bucketPath, type Wire } from './wire.ts'

/** Where versions are listed and how many fit on a page. */
export interface Shelf {
  readonly bucket: string
  readonly pageMax: number
}

/** Oldest first. What begins like the key and goes on is bounded away, and passed over where the bound cannot be said. */
export async function versions(
  wire: Wire,
  about: About,
  { bucket, pageMax }: Shelf,
  key: Key,
  cursor: string | null,
  signal: AbortSignal,
): Promise<VersionPage> {
  const name = nameOf(about, key)
  const query = {
    versions: 'true',
    prefix: name,
    startOffset: name,
    ...(Buffer.byteLength(name) < nameBytesMax ? { endOffset: `${name}\u0001` } : {}),
    maxResults: String(pageMax),
    ...(cursor === null ? {} : { pageToken: cursor }),
  }
  const { resources, next } = await listed(wire, about, bucket, query, signal)
  const own = resources.filter((resource) => resource.meta.key === key)
  // Names come in order: behind the first other one there is no more of this.
  return { versions: own.map(keptOf), next: own.length < resources.length ? null : next }
}

export async function list(
  wire: Wire,
  about: About,
  shelf: Shelf,
  query: ListQuery,
  signal: AbortSignal,
): Promise<ListPage> {
  const { resources, next } = await below(wire, about, shelf, query, {}, signal)
  const objects = resources.map(({ meta }) => {
    const { key, id, dateMs, size, digests } = meta
    return { key, id, dateMs, size, digests, meta }
  })
  return { objects, next }
}

export async function listVersions(
  wire: Wire,
  about: About,
  shelf: Shelf,
  query: ListQuery,
  signal: AbortSignal,
): Promise<VersionPage> {
  const { resources, next } = await below(wire, about, shelf, query, { versions: 'true' }, signal)
  return { versions: resources.map(keptOf), next }
}

/** A page token belongs to the listing that gave it, so the key to begin after travels with it. */
async function below(
  wire: Wire,
  about: About,
  { bucket, pageMax }: Shelf,
  query: ListQuery,
  more: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Page> {
  const { prefix, max } = query
  const [token, after] = query.cursor === null ? [null, query.after] : cursorOf(about, query.cursor)
  const beginning = beginningOf(prefix)
  if (Buffer.byteLength(beginning) > nameBytesMax) return { resources: [], next: null } // No name is so long.
  const offset = offsetOf(about, after)
  const asked = {
    ...more,
    ...(prefix === '' ? {} : { prefix: beginning }),
    ...(after === '' ? {} : { startOffset: offset.from }),
    maxResults: String(Math.min(max, pageMax)),
    ...(token === null ? {} : { pageToken: token }),
  }
  const { resources, next } = await listed(wire, about, bucket, asked, signal)
  return {
    // The name of another key may begin like this prefix.
    resources: resources.filter(({ meta }) => offset.isBefore(meta.key) && meta.key.startsWith(prefix)),
    next: next === null ? null : JSON.stringify([next, after]),
  }
}

interface Offset {
  /** Inclusive. */
  readonly from: string
  isBefore(key: Key): boolean
}

/** Another member's key may be one whose name would be too long here; what comes after it is listed all the same, from a little earlier. */
function offsetOf(about: About, after: string): Offset {
  const bytes = Buffer.from(beginningOf(after))
  if (bytes.byteLength <= nameBytesMax - dotsBytesMax)
    return { from: after === '' ? '' : nameOf(about, after as Key), isBefore: (key) => key !== after }
  return {
    from: new TextDecoder().decode(bytes.subarray(0, nameBytesMax), { stream: true }),
    isBefore: (key) => bytes.compare(Buffer.from(beginningOf(key))) < 0,
  }
}

/** The most by which the name of a key of dots is longer than what it begins with. */
const dotsBytesMax = 16

export interface Page {
  readonly resources: readonly Resource[]
  readonly next: string | null
}

/** One page of a listing, checked to be one. */
export async function listed(
  wire: Wire,
  about: About,
  bucket: string,
  query: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Page> {
  const fields = `nextPageToken,items(${resourceFields})`
  const answer = await wire.ask({ method: 'GET', path: bucketPath(bucket), query: { ...query, fields } }, about, signal)
  if (typeof answer !== 'object' || answer === null) throw garbled(about, 'a listing that is no object')
  const { items = [], nextPageToken: next = null } = answer as { items?: unknown; nextPageToken?: unknown }
  if (!Array.isArray(items)) throw garbled(about, 'a listing without a list')
  if (next !== null && (typeof next !== 'string' || next === '' || next === query['pageToken']))
    throw garbled(about, 'a listing that does not go on')
  return { resources: items.map((item) => resourceOf(about, item, null)), next }
}

function cursorOf(about: About, cursor: string): readonly [token: string, after: string] {
  try {
    const [token, after] = JSON.parse(cursor) as unknown[]
    if (typeof token === 'string' && typeof after === 'string') return [token, after]
  } catch {
    // Said below, as of anything else that is no cursor.
  }
  throw failure(about, 'invalid', 'site', `found cursor ${JSON.stringify(cursor)}, expected one of this site's own`)
}
