import { createHash } from 'node:crypto'
import type { Entry } from '#local/servers/engine/model.ts'
import { factsOf } from './facts.ts'
import type { Lookup } from './preconditions.ts'
import { refuse } from './refusals.ts'

/** What may be done with a key of Cloud KMS: asked for each write and each read of bytes. */
export type KmsKeys = (keyName: string) => 'granted' | 'denied' | 'disabled'

const keyBytes = 32

/**
 * The customer's own key that a request brings, as the SHA-256 that is all the cloud keeps of it; `null` where it brings none.
 * https://cloud.google.com/storage/docs/encryption/customer-supplied-keys
 */
export function customerKeyOf(
  header: Lookup,
  prefix: 'x-goog-encryption' | 'x-goog-copy-source-encryption',
): string | null {
  const algorithm = header(`${prefix}-algorithm`)
  const key = header(`${prefix}-key`)
  const stated = header(`${prefix}-key-sha256`)
  if (algorithm === null && key === null && stated === null) return null
  if (algorithm !== 'AES256') refuse('keyAlgorithmInvalid')
  const bytes = Buffer.from(key ?? '', 'base64')
  if (bytes.byteLength !== keyBytes || bytes.toString('base64') !== key) refuse('keyFormatInvalid')
  const sha256 = createHash('sha256').update(bytes).digest('base64')
  if (stated !== sha256) refuse('keyHashInvalid')
  return sha256
}

/** Refuses to touch bytes without the key that they were stored under. */
export function unlock(entry: Entry, keySha256: string | null, kmsKeys: KmsKeys): void {
  const facts = factsOf(entry)
  if (facts.keySha256 === null && keySha256 !== null) refuse('keyUncalledFor')
  if (facts.keySha256 !== null && keySha256 === null) refuse('keyMissing')
  if (facts.keySha256 !== keySha256) refuse('keyIncorrect')
  askKms(facts.kmsKeyName, kmsKeys)
}

export function askKms(keyName: string | null, kmsKeys: KmsKeys): void {
  if (keyName === null) return
  switch (kmsKeys(keyName)) {
    case 'granted':
      return
    case 'denied':
      refuse('kmsDenied')
    // Both refuse, so nothing falls through.
    case 'disabled':
      refuse('kmsDisabled')
  }
}
