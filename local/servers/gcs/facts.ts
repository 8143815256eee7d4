import type { Content, Entry } from '#local/servers/engine/model.ts'

/** The fields that a writer may set and a reader gets back as they were. */
export const textFields = [
  'cacheControl',
  'contentDisposition',
  'contentEncoding',
  'contentLanguage',
  'contentType',
  'customTime',
] as const

export type TextField = (typeof textFields)[number]

/** What a writer says of an object beside its bytes. */
export type Said = {
  readonly fields: { readonly [field in TextField]?: string }
  readonly metadata: { readonly [name: string]: string }
  readonly storageClass: string
  /** Absent until first set, as in the cloud's answers. */
  readonly temporaryHold?: boolean
  readonly eventBasedHold?: boolean
}

/** What the cloud keeps beside one generation's content and dates. */
export type Facts = Said & {
  readonly metageneration: number
  readonly updatedMs: number
  readonly classSinceMs: number
  /** Where its retention period begins: at its creation, or at the release of its event-based hold. */
  readonly retainedFromMs: number
  /** In base64; `null` for what was put together in the cloud. */
  readonly md5: string | null
  readonly componentCount: number | null
  /** In base64, of the customer's key. The bytes at rest are not encrypted here: only the refusals are played. */
  readonly keySha256: string | null
  readonly kmsKeyName: string | null
}

/** The one place where what the engine kept becomes facts again: nobody else writes it. */
export function factsOf(entry: Entry): Facts {
  return entry.attributes as Facts
}

/** A generation counts microseconds of the store's clock. */
export function msOfGeneration(generation: string): number {
  return Math.floor(Number(generation) / 1000)
}

export function crc32cOf(content: Content): string {
  const { crc32c } = content.sums
  if (crc32c === undefined) throw new TypeError('a content without its CRC32C')
  return base64OfHex(crc32c)
}

export function md5Of(content: Content): string | null {
  const { md5 } = content.sums
  return md5 === undefined ? null : base64OfHex(md5)
}

function base64OfHex(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64')
}

export const defaultStorageClass = 'STANDARD'
