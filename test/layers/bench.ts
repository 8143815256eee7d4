import { loadHashing } from '#shared/kernel/hashing.ts'
import { siteId, type SiteId } from '#shared/kernel/ids.ts'
import { type Key, parseKey } from '#shared/kernel/key.ts'
import { Failure, type FailureKind } from '#shared/kernel/failure.ts'
import type { Call } from '#shared/layers/around.ts'
import { type Fault, faulty, type Faults } from '#shared/layers/faulty.ts'
import { MemoryBucket } from '#shared/memory/bucket.ts'
import { gcs } from '#shared/memory/profiles.ts'
import { memoryStore } from '#shared/memory/store.ts'
import { User } from '#shared/memory/user.ts'
import type { ObjectStore, Write } from '#shared/ports/object-store.ts'
import { TestClock } from './test-clock.ts'

export const key: Key = parseKey('key')
export const site: SiteId = siteId('here')
export const never: AbortSignal = new AbortController().signal
export const fine: Fault = { fault: 'none' }

const encoder = new TextEncoder()

export function bytes(text: string): Uint8Array {
  return encoder.encode(text)
}

export function write(text: string): Write {
  const content = bytes(text)
  const body = {
    size: content.byteLength,
    async *open() {
      yield content
    },
  }
  return { body, digests: {}, headers: {}, metadata: {}, tags: {}, storageClass: null }
}

/** A store whose every call is counted below the layer under test, and may be made to fail. */
export interface Bench {
  readonly store: ObjectStore
  readonly user: User
  readonly clock: TestClock
  readonly calls: Call[]
  faults: Faults
}

const hashing = await loadHashing()

/** Its time passes only when the test lets it. */
export function bench(): Bench {
  const clock = new TestClock().stop()
  const bucket = new MemoryBucket({ site, profile: gcs, hashing, now: () => clock.now() })
  const made: Bench = {
    store: faulty(memoryStore({ bucket, clock, chunkBytes: 4 }), clock, (call) => {
      made.calls.push(call)
      return made.faults(call)
    }),
    user: new User(bucket),
    clock,
    calls: [],
    faults: () => fine,
  }
  return made
}

/** What became of it so far. */
export interface Watched<T> {
  outcome: 'waiting' | 'done' | FailureKind
  answer: T | null
  failure: Failure | null
}

export function watch<T>(act: Promise<T>): Watched<T> {
  const watched: Watched<T> = { outcome: 'waiting', answer: null, failure: null }
  act.then(
    (answer) => Object.assign(watched, { outcome: 'done', answer }),
    (thrown: unknown) => {
      if (!(thrown instanceof Failure)) throw thrown
      Object.assign(watched, { outcome: thrown.kind, failure: thrown })
    },
  )
  return watched
}

/** A body that gives one piece and then nothing. Its iterator is no generator, as a driver's is none: whoever closes it need not wait for the silence. */
export function silentAfter(piece: Uint8Array): { readonly body: AsyncIterable<Uint8Array>; readonly closed: boolean } {
  let given = false
  const silent = {
    closed: false,
    body: {
      [Symbol.asyncIterator]: (): AsyncIterator<Uint8Array> => ({
        next: async () => {
          if (given) return Promise.withResolvers<never>().promise
          given = true
          return { done: false, value: piece }
        },
        return: async () => {
          silent.closed = true
          return { done: true, value: undefined }
        },
      }),
    },
  }
  return silent
}
