/** What the container holds now, and what it keeps: one version of Azure is one entry, and a deletion leaves none of its own. */
import type { BlobItem } from '@azure/storage-blob'
import type { Key } from '#shared/kernel/key.ts'
import type { KeptVersion, Listed, ListPage, ListQuery, VersionPage } from '#shared/ports/object-store.ts'
import type { Asked } from './failure.ts'
import { type Entry, type Include, listOnce, listPage, tellsMetadata } from './listings.ts'
import { digestsOf, type Facts, factsIn, keptOf, metaOf, namesOf } from './meta.ts'
import { nameOf } from './names.ts'
import type { Wire } from './wire.ts'

export interface Histories {
  readonly wire: Wire
  readonly versioned: boolean
}

/** Soft-deleted versions too: they are no longer readable, and still tell of a deletion. */
const everything: Include = { includeVersions: true, includeDeleted: true }

/** Names that begin like this one lie behind it on the same page: a short first page, because most histories are short. */
const firstPage = 100
const laterPage = 5000

export async function list({ wire, versioned }: Histories, query: ListQuery, signal: AbortSignal): Promise<ListPage> {
  const asked = wire.asked('list', null, false)
  const { entries, next } = await listPage(wire, asked, query, {}, signal)
  return { objects: entries.map((entry) => listed(entry, versioned, asked)), next }
}

export async function listVersions(
  { wire, versioned }: Histories,
  query: ListQuery,
  signal: AbortSignal,
): Promise<VersionPage> {
  const asked = wire.asked('listVersions', null, false)
  const { entries, next } = await listPage(wire, asked, query, versioned ? everything : {}, signal)
  return { versions: entries.map(({ key, item, whole }) => kept(key, item, whole, versioned, asked)), next }
}

/** A name sorts before all that begin with it, so its versions come first. */
export async function versions(
  { wire, versioned }: Histories,
  key: Key,
  cursor: string | null,
  signal: AbortSignal,
): Promise<VersionPage> {
  const asked = wire.asked('versions', key, false)
  const name = nameOf(key, { site: wire.site })
  const options = { prefix: name, ...(versioned ? everything : {}) }
  const at = { marker: cursor, max: cursor === null ? firstPage : laterPage }
  const { items, next, whole } = await listOnce(wire, { ...asked, path: 'container' }, options, at, signal)
  const own = items.filter((item) => item.name === name)
  const over = own.length < items.length
  return {
    versions: own.map((item) => kept(key, item, whole && tellsMetadata(item), versioned, asked)),
    next: over ? null : next,
  }
}

function listed({ key, item, whole }: Entry, versioned: boolean, asked: Asked): Listed {
  const facts = factsOf(item)
  const { id, dateMs } = namesOf(facts, versioned, asked)
  const meta = whole ? metaOf(key, facts, versioned, asked) : null
  return { key, id, dateMs, size: facts.size, digests: digestsOf(facts.md5), meta }
}

function kept(key: Key, item: BlobItem, whole: boolean, versioned: boolean, asked: Asked): KeptVersion {
  // What was written before the account kept versions has no id, and shows.
  const shows = item.isCurrentVersion === true || !item.versionId
  return keptOf(key, factsOf(item), { current: shows && !item.deleted, whole }, versioned, asked)
}

function factsOf({ versionId, metadata, properties }: BlobItem): Facts {
  return factsIn({ ...properties, versionId, metadata }, properties.contentLength ?? 0, properties.contentMD5)
}
