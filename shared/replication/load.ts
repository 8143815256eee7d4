import type { Algorithm, Digests, Hasher } from '#shared/kernel/digest.ts'
import { Failure } from '#shared/kernel/failure.ts'
import type { Body, Found, ObjectMeta, ObjectStore } from '#shared/ports/object-store.ts'
import type { Core } from './core.ts'

/** A small object in memory, read once for all its targets. */
export interface Loaded {
  readonly meta: ObjectMeta
  readonly body: Body
  /** In every algorithm that source or targets use. */
  readonly digests: Digests
  readonly tags: Readonly<Record<string, string>>
  readonly checksum: 'verified' | 'unverified'
}

/** Reads a whole body and compares it with what its store vouches for: a byte changed on the way is found here, before anything is written. */
export async function load(
  core: Core,
  store: ObjectStore,
  found: Found,
  algorithms: Iterable<Algorithm>,
  signal: AbortSignal,
): Promise<Loaded> {
  const { meta } = found
  const told = Object.keys(meta.digests) as Algorithm[]
  const hashers = hashersFor(core, [...told, ...algorithms])
  const chunks: Uint8Array[] = []
  for await (const chunk of found.body) {
    for (const hasher of hashers.values()) hasher.update(chunk)
    chunks.push(chunk)
  }
  const digests = digestAll(hashers)
  compareWithSource(
    store,
    meta,
    chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0),
    digests,
  )
  const tags = meta.tagCount > 0 ? await store.tags(meta.key, meta.version, signal) : {}
  return { meta, body: bodyOf(chunks, meta.size), digests, tags, checksum: told.length > 0 ? 'verified' : 'unverified' }
}

export function hashersFor(core: Core, algorithms: Iterable<Algorithm>): ReadonlyMap<Algorithm, Hasher> {
  return new Map([...new Set(algorithms)].map((algorithm) => [algorithm, core.hashing.hasher(algorithm)]))
}

export function digestAll(hashers: ReadonlyMap<Algorithm, Hasher>): Digests {
  return Object.fromEntries([...hashers].map(([algorithm, hasher]) => [algorithm, hasher.digest()]))
}

/** Throws `corrupt` where the bytes are not those that the source vouches for. */
export function compareWithSource(store: ObjectStore, meta: ObjectMeta, size: number, digests: Digests): void {
  if (size !== meta.size) throw corrupt(store, `${size} bytes arrived, expected ${meta.size}`)
  for (const [algorithm, expected] of Object.entries(meta.digests)) {
    const arrived = digests[algorithm as Algorithm]
    if (arrived !== expected) throw corrupt(store, `${algorithm} ${arrived} arrived, expected ${expected}`)
  }
}

function corrupt(store: ObjectStore, what: string): Failure {
  return new Failure('corrupt', `${store.site}: ${what}; nothing was written`, { site: store.site })
}

export function bodyOf(chunks: readonly Uint8Array[], size: number): Body {
  return {
    size,
    async *open() {
      yield* chunks
    },
  }
}
