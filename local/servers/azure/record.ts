import type { Attributes, Content, Entry } from '#local/servers/engine/model.ts'
import type { Lease } from './lease.ts'
import type { Metadata } from './metadata.ts'
import type { Tags } from './tags.ts'

/** What the face keeps beside the bytes of one version. */
export interface BlobRecord {
  /** Without quotes. Changes with everything but tags, tier and leases. */
  readonly etag: string
  readonly createdMs: number
  readonly headers: ContentHeaders
  /** The hash that readers are told, in base64: computed of a Put Blob, stated with a block list. */
  readonly md5: string | null
  readonly metadata: Metadata
  readonly tags: Tags
  /** `null`: the account's own. */
  readonly tier: Tier | null
  /** In their order, as `blocksText` writes them: read when asked for. `null` where the blob came in one request. */
  readonly blocks: string | null
  /** Whether its id is shown: it came while the account kept versions. */
  readonly versioned: boolean
  readonly snapshot: boolean
  /** When it was soft-deleted, and when it is gone for good. */
  readonly deleted: { readonly atMs: number; readonly untilMs: number } | null
  /** Of what shows only: it passes to the next version. */
  readonly lease: Lease | null
  readonly legalHold: boolean
  readonly immutableUntilMs: number | null
  /** The SHA-256 of the customer's key that it is encrypted with. */
  readonly keySha256: string | null
  readonly copied: Copied | null
}

export interface ContentHeaders {
  readonly type?: string
  readonly encoding?: string
  readonly language?: string
  readonly disposition?: string
  readonly cacheControl?: string
}

export const tiers = ['Hot', 'Cool', 'Cold', 'Archive'] as const
export type Tier = (typeof tiers)[number]

export interface Block {
  readonly id: string
  readonly size: number
  /** How many pieces of the blob's content are this block's. */
  readonly pieces: number
}

export interface Copied {
  readonly id: string
  readonly source: string
  readonly atMs: number
}

/** The engine keeps it as it is; nobody else writes there. */
export function recordOf(entry: Entry): BlobRecord {
  return entry.attributes as unknown as BlobRecord
}

export function attributesOf(record: BlobRecord): Attributes {
  return record as unknown as Attributes
}

export function blocksText(blocks: readonly Block[]): string {
  return blocks.map(({ id, size, pieces }) => `${id} ${size} ${pieces}`).join(',')
}

export function blocksOf({ blocks }: BlobRecord): Block[] {
  if (blocks === null || blocks === '') return []
  return blocks.split(',').map((block) => {
    const [id = '', size = '', pieces = ''] = block.split(' ')
    return { id, size: Number(size), pieces: Number(pieces) }
  })
}

/** The contents of a blob's committed blocks, which a new list may name again. */
export function blockContents(entry: Entry): Map<string, Content> {
  const contents = new Map<string, Content>()
  let from = 0
  for (const { id, size, pieces } of blocksOf(recordOf(entry))) {
    contents.set(id, { size, sums: {}, pieces: entry.content.pieces.slice(from, from + pieces) })
    from += pieces
  }
  return contents
}
