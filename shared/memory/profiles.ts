import type { Traits } from '#shared/ports/object-store.ts'

/** How an upload looks afterwards: as one request, or as put together from parts. */
export type Looks = 'single' | 'parts'

/** What makes one cloud's store unlike another's, as data; the buckets themselves ask for no cloud by name. */
export interface Profile {
  readonly traits: Traits
  /**
   * What names a version. `etag`: the content's digest beside a random version id. `version-id`: the time in steps of 100 ns,
   * beside an ETag that each write changes. `generation`: a growing number, and a second one for changes in place.
   */
  readonly naming: 'etag' | 'version-id' | 'generation'
  /** Checksums reported beside `traits.digest`, for an upload in one request and one in parts. */
  readonly also: Readonly<Record<Looks, boolean>>
  /** Whether the store computes `traits.digest` of an upload in parts itself; where not, it keeps what the writer says, unchecked. */
  readonly digestsParts: boolean
  /** What our own commit, and a user's upload in parts, look like. */
  readonly looks: { readonly commit: Looks; readonly upload: Looks }
  /** Whether an object tells that it was uploaded in parts. */
  readonly tellsParts: boolean
  readonly listsMetadata: boolean
  /** A history tells when a version left the view: S3 by the date of what lies on it, Cloud Storage by `timeDeleted`. */
  readonly datesLeaving: boolean
  /** A changed entry of metadata: `in-place`, as a `version` of its own, or only by copying the object over itself. */
  readonly patches: 'in-place' | 'version' | 'copy'
  /** A version removed for good is still listed, no longer readable, until its retention ends. */
  readonly softDelete: boolean
  /** Removing the current version by its id: the one before shows again, nothing shows, or it is refused. */
  readonly removingCurrent: 'uncovers' | 'empties' | 'refused'
  /** Parts that wait under a key's name are lost with any write to that key. */
  readonly writesForgetParts: boolean
  readonly tagsMax: number
  readonly pageMax: number
}

const MiB = 1024 * 1024
const TiB = 1024 * 1024 * MiB

export const s3: Profile = {
  traits: {
    dateGranularityMs: 1000,
    digest: 'crc64nvme',
    datesByBeginning: true,
    history: 'markers',
    newestFirst: true,
    listingOrder: 'utf8',
    metadataBytesMax: 2048,
    objectBytesMax: 5 * TiB,
    partBytesMin: 5 * MiB,
    partsMax: 10_000,
  },
  naming: 'etag',
  also: { single: true, parts: false },
  digestsParts: true,
  // Our commit is a copy of a staged object, which looks like one request.
  looks: { commit: 'single', upload: 'parts' },
  tellsParts: true,
  listsMetadata: false,
  datesLeaving: true,
  patches: 'copy',
  softDelete: false,
  removingCurrent: 'uncovers',
  writesForgetParts: false,
  tagsMax: 10,
  pageMax: 1000,
}

export const azure: Profile = {
  traits: {
    dateGranularityMs: 1,
    digest: 'md5',
    datesByBeginning: false,
    history: 'kept',
    newestFirst: false,
    listingOrder: 'utf16',
    metadataBytesMax: 8192,
    objectBytesMax: 50_000 * 4000 * MiB,
    partBytesMin: 1,
    partsMax: 50_000,
  },
  naming: 'version-id',
  also: { single: false, parts: false },
  digestsParts: false,
  looks: { commit: 'parts', upload: 'parts' },
  tellsParts: false,
  listsMetadata: true,
  datesLeaving: false,
  patches: 'version',
  softDelete: true,
  removingCurrent: 'refused',
  writesForgetParts: true,
  tagsMax: 10,
  pageMax: 5000,
}

export const gcs: Profile = {
  traits: {
    dateGranularityMs: 1,
    digest: 'crc32c',
    datesByBeginning: false,
    history: 'kept',
    newestFirst: false,
    listingOrder: 'utf8',
    metadataBytesMax: 8192,
    objectBytesMax: 5 * TiB,
    partBytesMin: 5 * MiB,
    partsMax: 10_000,
  },
  naming: 'generation',
  also: { single: true, parts: false },
  digestsParts: true,
  // Ours is composed; a user's resumable upload ends as one object with its MD5.
  looks: { commit: 'parts', upload: 'single' },
  tellsParts: true,
  listsMetadata: true,
  datesLeaving: true,
  patches: 'in-place',
  softDelete: false,
  removingCurrent: 'empties',
  writesForgetParts: false,
  tagsMax: 50,
  pageMax: 1000,
}

/** The same store with versioning off: what is overwritten or deleted is gone. Azure then has no version ids, which tell more than whole seconds. */
export function withoutHistory(profile: Profile): Profile {
  const { traits, naming } = profile
  const dateGranularityMs = naming === 'version-id' ? 1000 : traits.dateGranularityMs
  return { ...profile, traits: { ...traits, history: 'none', dateGranularityMs } }
}

/** The same store with other sizes, so that a test need not move 5 MiB to see a part. */
export function resized(profile: Profile, sizes: Partial<Traits> & { readonly pageMax?: number }): Profile {
  const { pageMax = profile.pageMax, ...traits } = sizes
  return { ...profile, pageMax, traits: { ...profile.traits, ...traits } }
}
