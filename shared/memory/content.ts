import type { Algorithm, Digests, Hashing } from '#shared/kernel/digest.ts'
import type { Looks, Profile } from './profiles.ts'

/** The bytes of one upload, hashed at most once for each algorithm. Whoever hands them over changes them no more. */
export class Content {
  readonly bytes: Uint8Array
  readonly #hashing: Hashing
  readonly #known: Partial<Record<Algorithm, string>> = {}

  constructor(bytes: Uint8Array, hashing: Hashing) {
    this.bytes = bytes
    this.#hashing = hashing
  }

  digest(algorithm: Algorithm): string {
    const known = this.#known[algorithm]
    if (known !== undefined) return known
    const hasher = this.#hashing.hasher(algorithm)
    hasher.update(this.bytes)
    return (this.#known[algorithm] = hasher.digest())
  }

  /** The first algorithm by which this is not what was promised. */
  differsFrom(promised: Digests): Algorithm | null {
    for (const algorithm of Object.keys(promised) as Algorithm[]) {
      if (promised[algorithm] !== undefined && promised[algorithm] !== this.digest(algorithm)) return algorithm
    }
    return null
  }
}

export function joined(contents: readonly Content[], hashing: Hashing): Content {
  const bytes = new Uint8Array(contents.reduce((sum, content) => sum + content.bytes.byteLength, 0))
  let offset = 0
  for (const content of contents) {
    bytes.set(content.bytes, offset)
    offset += content.bytes.byteLength
  }
  return new Content(bytes, hashing)
}

/** The checksums that a store shows of an upload. `stated`: what its writer said of the whole. */
export function reported(profile: Profile, content: Content, looks: Looks, stated: Digests): Digests {
  const { digest } = profile.traits
  if (looks === 'parts' && !profile.digestsParts) {
    const said = stated[digest]
    return said === undefined ? {} : { [digest]: said }
  }
  const own = { [digest]: content.digest(digest) }
  return profile.also[looks] ? { ...own, md5: content.digest('md5') } : own
}
