/** The checksums that the clouds themselves report. None is native to all three. */
export type Algorithm = 'crc64nvme' | 'crc32c' | 'md5'

/** Checksums of one content, in whichever algorithms are known; base64 as on the wire. */
export type Digests = Readonly<Partial<Record<Algorithm, string>>>

export interface Hasher {
  update(bytes: Uint8Array): void
  /** Ends the hasher; base64. */
  digest(): string
}

/** Makes hashers: a port, because the fastest ones differ from runtime to runtime. */
export interface Hashing {
  hasher(algorithm: Algorithm): Hasher
}

export type Sameness = 'same' | 'different' | 'unknown'

/** Compares two contents by any algorithm that both sides report; `unknown` where they share none. */
export function compareDigests(a: Digests, b: Digests): Sameness {
  for (const algorithm of ['crc64nvme', 'crc32c', 'md5'] as const) {
    const left = a[algorithm]
    const right = b[algorithm]
    if (left !== undefined && right !== undefined) return left === right ? 'same' : 'different'
  }
  return 'unknown'
}

const encoder = new TextEncoder()

/** A short name for a text (64 bits): for comparing what we wrote ourselves, never for security. */
export function digestText(hashing: Hashing, text: string): string {
  const hasher = hashing.hasher('crc64nvme')
  hasher.update(encoder.encode(text))
  return hasher.digest()
}
