import type { Traits } from '#shared/ports/object-store.ts'

export const metadataBytesMax = 8192
export const partsMax = 10_000
export const leastPart: number = 5 * 1024 * 1024

const TiB = 1024 ** 4

/** What a bucket of Cloud Storage is like. It is known before the SDK is loaded. */
export function gcsTraits(versioned: boolean, partBytesMin: number = leastPart): Traits {
  return {
    dateGranularityMs: 1,
    digest: 'crc32c',
    datesByBeginning: false,
    history: versioned ? 'kept' : 'none',
    newestFirst: false,
    listingOrder: 'utf8',
    metadataBytesMax,
    objectBytesMax: 5 * TiB,
    partBytesMin,
    partsMax,
  }
}
