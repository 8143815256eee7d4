import { createHash } from 'node:crypto'
import type { Sums } from '#local/servers/engine/model.ts'
import { loadHashing } from '#shared/kernel/hashing.ts'
import type { HeaderLookup } from './conditions.ts'
import { headerRefused, Refusal } from './errors.ts'

/** What a body must be, in base64 as the wire has it. */
export interface Stated {
  readonly md5: string | null
  readonly crc64: string | null
}

/** `md5Header`: of a Put Blob, `x-ms-blob-content-md5` where it is given; then `content-md5` is not looked at. */
export function statedOf(header: HeaderLookup, md5Header = 'content-md5'): Stated {
  const md5 = md5Of(header(md5Header) ?? header('content-md5'))
  const crc64 = header('x-ms-content-crc64') ?? null
  if (crc64 !== null && bytesIn(crc64) !== 8) throw headerRefused('x-ms-content-crc64', crc64)
  return { md5, crc64 }
}

export function md5Of(value: string | undefined): string | null {
  if (value === undefined) return null
  if (bytesIn(value) !== 16) throw new Refusal('InvalidMd5')
  return value
}

/** How many bytes stand in it; 0 where it is no base64. */
export function bytesIn(base64: string): number {
  const bytes = Buffer.from(base64, 'base64')
  return bytes.toString('base64') === base64 ? bytes.length : 0
}

export function checkSums(sums: Sums, stated: Stated): void {
  if (stated.md5 !== null) {
    const found = md5Wire(sums)
    const details = { UserSpecifiedMd5: stated.md5, ServerCalculatedMd5: found }
    if (found !== stated.md5) throw new Refusal('Md5Mismatch', details)
  }
  if (stated.crc64 !== null) {
    const found = crc64Wire(sums)
    const details = { UserSpecifiedCrc64: stated.crc64, ServerCalculatedCrc64: found }
    if (found !== stated.crc64) throw new Refusal('Crc64Mismatch', details)
  }
}

export function md5Wire({ md5 = '' }: Sums): string {
  return Buffer.from(md5, 'hex').toString('base64')
}

/** The least significant byte first, unlike every other cloud. */
export function crc64Wire({ crc64nvme = '' }: Sums): string {
  return Buffer.from(crc64nvme, 'hex').swap64().toString('base64')
}

const hashing = await loadHashing()

/** Of bytes at hand: the body of a small request, or a range. */
export function sumsOf(bytes: Uint8Array): Sums {
  const crc64 = hashing.hasher('crc64nvme')
  crc64.update(bytes)
  return {
    md5: createHash('md5').update(bytes).digest('hex'),
    crc64nvme: Buffer.from(crc64.digest(), 'base64').toString('hex'),
  }
}
