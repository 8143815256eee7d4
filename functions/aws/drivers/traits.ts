import type { Traits } from '#shared/ports/object-store.ts'

export const metadataBytesMax = 2048
export const partsMax = 10_000

const MiB = 1024 ** 2
const TiB = 1024 ** 4

/** What a bucket of S3 is like. It is known before the SDK is loaded. */
export function s3Traits(versioned: boolean): Traits {
  return {
    dateGranularityMs: 1000,
    digest: 'crc64nvme',
    datesByBeginning: true,
    history: versioned ? 'markers' : 'none',
    newestFirst: true,
    listingOrder: 'utf8',
    metadataBytesMax,
    objectBytesMax: 5 * TiB,
    partBytesMin: 5 * MiB,
    partsMax,
  }
}
