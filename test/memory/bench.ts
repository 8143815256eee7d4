import { beforeAll } from 'vitest'
import type { Digests, Hashing } from '#shared/kernel/digest.ts'
import { loadHashing } from '#shared/kernel/hashing.ts'
import { siteId } from '#shared/kernel/ids.ts'
import { type Key, parseKey } from '#shared/kernel/key.ts'
import { MemoryBucket } from '#shared/memory/bucket.ts'
import type { Change } from '#shared/memory/change.ts'
import type { Draft } from '#shared/memory/entry.ts'
import type { Profile } from '#shared/memory/profiles.ts'
import type { BucketOptions } from '#shared/memory/vault.ts'
import { User } from '#shared/memory/user.ts'
import { TestClock } from '#test/layers/test-clock.ts'

/** A bucket, a user of it, its clock, and all that it told. */
export interface Bench {
  readonly bucket: MemoryBucket
  readonly user: User
  readonly clock: TestClock
  readonly changes: Change[]
  readonly draft: (text: string, said?: Partial<Draft>) => Draft
}

/** `now`: a clock that a test may set back. */
export type BenchOptions = Partial<Pick<BucketOptions, 'paced' | 'now'>>

const encoder = new TextEncoder()
const decoder = new TextDecoder()

export const key: Key = parseKey('key')
export const other: Key = parseKey('other')

export function bytes(text: string): Uint8Array {
  return encoder.encode(text)
}

export function benchWith(hashing: Hashing, profile: Profile, options: BenchOptions = {}): Bench {
  const clock = new TestClock()
  const bucket = new MemoryBucket({ site: siteId('here'), profile, hashing, now: () => clock.now(), ...options })
  const changes: Change[] = []
  bucket.onChange((change) => changes.push(change))
  const digests: Digests = {}
  const plain = { digests, headers: {}, metadata: {}, tags: {}, storageClass: null }
  const draft = (text: string, said: Partial<Draft> = {}) => ({
    content: bucket.content(bytes(text)),
    ...plain,
    ...said,
  })
  return { bucket, user: new User(bucket), clock, changes, draft }
}

/** For one file of laws: hashing is loaded once. */
export function benches(profile: Profile): (options?: BenchOptions) => Bench {
  let hashing: Hashing | undefined
  beforeAll(async () => {
    hashing = await loadHashing()
  })
  return (options) => benchWith(hashing!, profile, options)
}

/** What shows, and what lies below it, newest first: `text`, `marker`, and `-` where nothing shows. */
export function story({ bucket }: Bench, of: Key = key): string[] {
  const dumped = bucket.dump(of).toReversed()
  const told = dumped.map(({ deleteMarker, body, current }) => {
    const text = deleteMarker ? 'marker' : decoder.decode(body)
    return current ? text : `(${text})`
  })
  return dumped.some(({ current }) => current) ? told : ['-', ...told]
}

export function textOf({ bucket }: Bench, of: Key = key): string | null {
  const found = bucket.read(of)
  return found === null ? null : decoder.decode(found.bytes)
}
