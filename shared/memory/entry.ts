import type { Digests } from '#shared/kernel/digest.ts'
import type { Key } from '#shared/kernel/key.ts'
import { type Version, version } from '#shared/kernel/version.ts'
import type { Headers, KeptVersion, ObjectMeta } from '#shared/ports/object-store.ts'
import type { Content } from './content.ts'
import type { Names } from './names.ts'
import type { Profile } from './profiles.ts'

/** Why a store refuses what a person must first release: a lease or a hold forbids writing over it, an archive tier reading it. */
export type Refusal = 'lease' | 'hold' | 'archived'

/** What somebody uploads. */
export interface Draft {
  readonly content: Content
  /** What the writer says of the whole; checked, except where this store cannot. */
  readonly digests: Digests
  readonly headers: Headers
  readonly metadata: Readonly<Record<string, string>>
  readonly tags: Readonly<Record<string, string>>
  readonly storageClass: string | null
}

/** One version as the bucket keeps it. */
export interface Entry extends Names {
  readonly key: Key
  readonly marker: boolean
  readonly content: Content | null
  readonly digests: Digests
  readonly inParts: boolean
  readonly storageClass: string | null
  /** The writer's tag; `null` for a user. */
  readonly by: string | null
  headers: Headers
  metadata: Readonly<Record<string, string>>
  tags: Readonly<Record<string, string>>
  metageneration: number
  /** When it left the view; `null` while it is current. */
  keptSinceMs: number | null
  softDeleted: boolean
  refusal: Refusal | null
  /** Built when first asked for; `null` again after a change in place. */
  meta: ObjectMeta | null
}

const nothing = {}

export function draftOf(entry: Entry): Draft {
  const { content, digests, headers, metadata, tags, storageClass } = entry
  if (content === null) throw new TypeError('a delete marker has no content')
  return { content, digests, headers, metadata, tags, storageClass }
}

export function newEntry(
  key: Key,
  names: Names,
  draft: Draft,
  facts: Pick<Entry, 'digests' | 'inParts' | 'by'>,
): Entry {
  return {
    ...names,
    ...draft,
    ...facts,
    key,
    marker: false,
    metageneration: 1,
    keptSinceMs: null,
    softDeleted: false,
    refusal: null,
    meta: null,
  }
}

export function newMarker(key: Key, names: Names, by: string | null): Entry {
  return {
    ...names,
    key,
    marker: true,
    content: null,
    digests: nothing,
    inParts: false,
    storageClass: null,
    by,
    headers: nothing,
    metadata: nothing,
    tags: nothing,
    metageneration: 1,
    keptSinceMs: null,
    softDeleted: false,
    refusal: null,
    meta: null,
  }
}

export function metaOf(profile: Profile, entry: Entry): ObjectMeta {
  return (entry.meta ??= {
    key: entry.key,
    version: versionOf(profile, entry),
    id: entry.id,
    dateMs: entry.dateMs,
    size: entry.content?.bytes.byteLength ?? 0,
    digests: entry.digests,
    inParts: entry.inParts,
    tagCount: Object.keys(entry.tags).length,
    headers: entry.headers,
    metadata: entry.metadata,
  })
}

export function keptOf(profile: Profile, entry: Entry, current: boolean): KeptVersion {
  return {
    key: entry.key,
    current,
    deleteMarker: entry.marker,
    version: versionOf(profile, entry),
    id: entry.id,
    dateMs: entry.dateMs,
    leftMs: profile.datesLeaving ? entry.keptSinceMs : null,
    inParts: entry.inParts,
    meta: profile.listsMetadata && !entry.marker ? metaOf(profile, entry) : null,
  }
}

/** The port's opaque version: what a condition compares, then what a pinned read needs beside it. */
export function versionOf(profile: Profile, entry: Entry): Version {
  return version(`${entry.token}|${profile.naming === 'generation' ? entry.metageneration : entry.pin}`)
}

/**
 * Whether a condition on this version holds for the entry. An ETag stands alone: on S3 equal bytes satisfy it. A generation is compared with its
 * metageneration: a user's change in place makes no new generation, and must not be written over unseen. Lifecycle moves it too; that costs a look.
 */
export function satisfies(profile: Profile, entry: Entry, since: Version): boolean {
  const [token, change] = since.split('|')
  return entry.token === token && (profile.naming !== 'generation' || change === String(entry.metageneration))
}

/** Whether a pinned read of this version means the entry. */
export function isPinned(profile: Profile, entry: Entry, pinned: Version): boolean {
  const bar = pinned.indexOf('|')
  return entry.pin === (profile.naming === 'generation' ? pinned.slice(0, bar) : pinned.slice(bar + 1))
}
