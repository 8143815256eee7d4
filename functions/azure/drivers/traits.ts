import type { Traits } from '#shared/ports/object-store.ts'

/** Names and values together; Azure counts what is sent, so what is written out counts as such. */
export const metadataBytesMax = 8192
const partsMax = 50_000

const MiB = 1024 * 1024

/** What a container of Azure is like. It is known before the SDK is loaded. */
export function azureTraits(versioned: boolean): Traits {
  return {
    // Versions are named by their time; what has none is dated by `Last-Modified`, in seconds.
    dateGranularityMs: versioned ? 1 : 1000,
    digest: 'md5',
    datesByBeginning: false,
    history: versioned ? 'kept' : 'none',
    newestFirst: false,
    listingOrder: 'utf16',
    metadataBytesMax,
    objectBytesMax: partsMax * 4000 * MiB,
    partBytesMin: 1,
    partsMax,
  }
}
