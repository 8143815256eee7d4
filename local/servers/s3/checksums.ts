import type { Content, Sum } from '#local/servers/engine/model.ts'
import { Refusal } from './errors.ts'

/** The checksums that S3 takes with an object and gives back. */
export type Algorithm = 'CRC32' | 'CRC32C' | 'CRC64NVME' | 'SHA1' | 'SHA256'
/** Over the whole, or over the checksums of the parts. */
export type ChecksumType = 'FULL_OBJECT' | 'COMPOSITE'

interface Kind {
  readonly sum: Sum
  readonly bytes: number
  /** What parts make of it where the upload does not say. */
  readonly byDefault: ChecksumType
  readonly types: readonly ChecksumType[]
}

export const algorithms: Readonly<Record<Algorithm, Kind>> = {
  CRC32: { sum: 'crc32', bytes: 4, byDefault: 'COMPOSITE', types: ['COMPOSITE', 'FULL_OBJECT'] },
  CRC32C: { sum: 'crc32c', bytes: 4, byDefault: 'COMPOSITE', types: ['COMPOSITE', 'FULL_OBJECT'] },
  CRC64NVME: { sum: 'crc64nvme', bytes: 8, byDefault: 'FULL_OBJECT', types: ['FULL_OBJECT'] },
  SHA1: { sum: 'sha1', bytes: 20, byDefault: 'COMPOSITE', types: ['COMPOSITE'] },
  SHA256: { sum: 'sha256', bytes: 32, byDefault: 'COMPOSITE', types: ['COMPOSITE'] },
}

export const names: readonly Algorithm[] = Object.keys(algorithms) as Algorithm[]

/** What S3 computes of an object that came without any. */
export const unstated: Algorithm = 'CRC64NVME'

/** As it stands beside an object. `value` is base64, with `-N` after a composite of N parts. */
export interface Checksum {
  readonly algorithm: Algorithm
  readonly type: ChecksumType
  readonly value: string
}

export function headerOf(algorithm: Algorithm): string {
  return `x-amz-checksum-${algorithm.toLowerCase()}`
}

export function elementOf(algorithm: Algorithm): string {
  return `Checksum${algorithm}`
}

export function algorithmNamed(text: string, field: string): Algorithm {
  const found = names.find((name) => name === text.toUpperCase())
  if (found !== undefined) return found
  throw new Refusal('InvalidRequest', `${field}: found ${JSON.stringify(text)}, expected one of ${names.join(', ')}`)
}

/** `null` where the content has no such sum. */
export function valueOf({ sums }: Content, algorithm: Algorithm): string | null {
  const hex = sums[algorithms[algorithm].sum]
  return hex === undefined ? null : Buffer.from(hex, 'hex').toString('base64')
}

export function wholeChecksum(content: Content, algorithm: Algorithm): Checksum {
  const value = valueOf(content, algorithm)
  if (value === null) throw new TypeError(`the engine was not asked for ${algorithm}`)
  return { algorithm, type: 'FULL_OBJECT', value }
}

/** What a request says of its body. */
export interface Stated {
  readonly algorithm: Algorithm
  /** `null` where it follows the body as a trailer. */
  readonly value: string | null
}

/** The one checksum in the headers, or announced for the trailer; `null` where there is none. */
export function statedIn(headers: ReadonlyMap<string, string>, trailers: readonly string[]): Stated | null {
  const given = names.filter((name) => headers.has(headerOf(name)))
  const later = names.filter((name) => trailers.includes(headerOf(name)))
  const [algorithm, ...more] = [...given, ...later]
  if (more.length > 0) throw new Refusal('InvalidRequest', 'x-amz-checksum-: found several, expected one')
  const announced = headers.get('x-amz-sdk-checksum-algorithm')
  if (algorithm === undefined) {
    const md5 = announced?.toUpperCase() === 'MD5' || headers.has('content-md5')
    if (announced === undefined || md5) return null
    throw new Refusal('InvalidRequest', `x-amz-sdk-checksum-algorithm: found ${announced} and no checksum or trailer`)
  }
  if (announced !== undefined && announced.toUpperCase() !== algorithm) {
    throw new Refusal('InvalidRequest', `x-amz-sdk-checksum-algorithm: found ${announced}, expected ${algorithm}`)
  }
  return { algorithm, value: given.length === 0 ? null : wellFormed(algorithm, headers.get(headerOf(algorithm))!) }
}

export function wellFormed(algorithm: Algorithm, value: string): string {
  if (base64Of(value)?.byteLength === algorithms[algorithm].bytes) return value
  throw new Refusal(
    'InvalidRequest',
    `${headerOf(algorithm)}: found ${JSON.stringify(value)}, expected ${algorithms[algorithm].bytes} bytes in base64`,
  )
}

/** Refuses a content that is not what was promised of it. */
export function checkStated(content: Content, algorithm: Algorithm, value: string): void {
  if (valueOf(content, algorithm) === value) return
  throw new Refusal('BadDigest', `${headerOf(algorithm)}: found ${value}, expected that of the bytes that came`)
}

/** `Content-MD5` as hex; `null` where there is none. */
export function md5In(headers: ReadonlyMap<string, string>): string | null {
  const value = headers.get('content-md5')
  if (value === undefined) return null
  const bytes = base64Of(value)
  if (bytes?.byteLength === 16) return bytes.toString('hex')
  throw new Refusal('InvalidDigest', `Content-MD5: found ${JSON.stringify(value)}, expected 16 bytes in base64`)
}

function base64Of(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : null
}
