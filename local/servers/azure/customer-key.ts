import { createHash } from 'node:crypto'
import type { Call } from './calls.ts'
import { bytesIn } from './checksums.ts'
import { headerRefused, Refusal } from './errors.ts'
import type { BlobRecord } from './record.ts'

/**
 * The SHA-256 of the key that the request brings, or `null`. The embedded server encrypts nothing: it remembers the key's hash, so
 * that a reader without the key is refused as Azure refuses it.
 */
export function keyOf({ header }: Pick<Call, 'header'>): string | null {
  const key = header('x-ms-encryption-key')
  const sha256 = header('x-ms-encryption-key-sha256')
  if (key === undefined && sha256 === undefined) return null
  if (key === undefined || bytesIn(key) !== 32) throw headerRefused('x-ms-encryption-key', 'not 32 bytes in base64')
  const found = createHash('sha256').update(Buffer.from(key, 'base64')).digest('base64')
  if (found !== sha256) throw headerRefused('x-ms-encryption-key-sha256', sha256 ?? '')
  return found
}

/** Who reads or changes what a customer's key protects must bring that key. */
export function checkKey({ keySha256 }: BlobRecord, call: Pick<Call, 'header'>): void {
  const brought = keyOf(call)
  if (keySha256 === brought) return
  if (brought === null) throw new Refusal('BlobUsesCustomerSpecifiedEncryption')
  throw new Refusal(
    keySha256 === null ? 'BlobDoesNotUseCustomerSpecifiedEncryption' : 'BlobCustomerSpecifiedEncryptionMismatch',
  )
}

export function keyHeaders(keySha256: string | null): Record<string, string> {
  return keySha256 === null ? {} : { 'x-ms-encryption-key-sha256': keySha256 }
}
