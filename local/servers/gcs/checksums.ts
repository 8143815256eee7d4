import type { Content } from '#local/servers/engine/model.ts'
import { crc32cOf } from './facts.ts'
import type { Lookup } from './preconditions.ts'
import { refuse } from './refusals.ts'

/** What a writer says of the whole of its bytes, in base64; said twice, both must hold. */
export type Promised = {
  readonly crc32c: readonly string[]
  readonly md5: readonly string[]
}

/** From `X-Goog-Hash`, as in `crc32c=n03x6A==,md5=Ojk9c3dhfxgoKVVHYwFbHQ==`, and from `Content-MD5`. */
export function promisedInHeaders(header: Lookup): Promised {
  const hashes = (header('x-goog-hash') ?? '').split(',').map((hash) => hash.trim())
  const of = (algorithm: string) =>
    hashes.filter((hash) => hash.startsWith(`${algorithm}=`)).map((hash) => hash.slice(algorithm.length + 1))
  const contentMd5 = header('content-md5')
  return { crc32c: of('crc32c'), md5: contentMd5 === null ? of('md5') : [...of('md5'), contentMd5] }
}

export function both(a: Promised, b: Promised): Promised {
  return { crc32c: [...a.crc32c, ...b.crc32c], md5: [...a.md5, ...b.md5] }
}

/** Clients tell a checksum that failed from other bad requests by these sentences alone. */
export function verify(promised: Promised, content: Content, md5: string | null): void {
  const crc32c = crc32cOf(content)
  const otherCrc = promised.crc32c.find((value) => value !== crc32c)
  if (otherCrc !== undefined)
    refuse('crcMismatch', `Provided CRC32C "${otherCrc}" doesn't match calculated CRC32C "${crc32c}".`)
  const otherMd5 = md5 === null ? undefined : promised.md5.find((value) => value !== md5)
  if (otherMd5 !== undefined)
    refuse('md5Mismatch', `Provided MD5 hash "${otherMd5}" doesn't match calculated MD5 hash "${md5}".`)
}
