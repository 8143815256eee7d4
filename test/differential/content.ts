import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { createCRC32, createCRC64 } from 'hash-wasm'

/** Bytes that a salt makes, so that no two contents are alike unless they are meant to be. */
export function contentOf(size: number, salt: number): Buffer {
  return Buffer.alloc(size, `These bytes are told from others by ${salt}. `)
}

/** Made once: the draw of an operation waits for nothing. */
const castagnoli = await createCRC32(0x82f63b78)
const nvme = await createCRC64('9a6c9329ac4bc9b5')

type Sum = (bytes: Uint8Array) => Buffer

export type SumName = 'CRC32' | 'CRC32C' | 'CRC64NVME' | 'SHA1' | 'SHA256' | 'MD5'

const sums: Readonly<Record<SumName, Sum>> = {
  CRC32: (bytes: Uint8Array) => Buffer.from(crc32(bytes).toString(16).padStart(8, '0'), 'hex'),
  CRC32C: (bytes: Uint8Array) => Buffer.from(castagnoli.init().update(bytes).digest('hex'), 'hex'),
  CRC64NVME: (bytes: Uint8Array) => Buffer.from(nvme.init().update(bytes).digest('hex'), 'hex'),
  SHA1: (bytes: Uint8Array) => createHash('sha1').update(bytes).digest(),
  SHA256: (bytes: Uint8Array) => createHash('sha256').update(bytes).digest(),
  MD5: (bytes: Uint8Array) => createHash('md5').update(bytes).digest(),
}

/** In base64, as all three wires state sums. */
export function sumOf(name: SumName, bytes: Uint8Array): string {
  return sums[name](bytes).toString('base64')
}

export function md5Hex(bytes: Uint8Array): string {
  return sums.MD5(bytes).toString('hex')
}
