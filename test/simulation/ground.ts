import type { Clock } from '#shared/kernel/clock.ts'
import type { Hashing } from '#shared/kernel/digest.ts'
import { type SiteId, siteId } from '#shared/kernel/ids.ts'
import type { Key } from '#shared/kernel/key.ts'
import type { Version } from '#shared/kernel/version.ts'
import { MemoryBucket } from '#shared/memory/bucket.ts'
import type { ChangeListener } from '#shared/memory/change.ts'
import type { Dumped } from '#shared/memory/dump.ts'
import { azure, gcs, type Profile, resized, s3, withoutHistory } from '#shared/memory/profiles.ts'
import type { AtOnce } from '#shared/memory/store.ts'
import { type Said, User } from '#shared/memory/user.ts'
import { cheapHashing } from './cheap-hashing.ts'
import type { Cloud, SitePlan } from './plan.ts'

/** What the sites of a world are made of. */
export interface Ground {
  readonly hashing: Hashing
  /** By its own clock, in milliseconds since 1970. */
  site(plan: SitePlan, now: () => number): Stores
}

export interface Stores {
  readonly bucket: Watched
  readonly user: Hand
  /** As one process reaches them, with what its drivers remember. `control`: what Isobar keeps beside the site's own bucket, of no user's concern. */
  reachedBy(caller: Caller): { readonly bucket: AtOnce; readonly control: AtOnce }
}

/** A bucket that tells what happens in it, and shows all that it holds of a key. */
export interface Watched extends AtOnce {
  onChange(listener: ChangeListener): void
  dump(key: Key): readonly Dumped[]
}

/** What a user does without a condition, as in memory's `User`. `null` and false: there was nothing to do it to. */
export interface Hand {
  put(key: Key, bytes: Uint8Array, said: Said): void
  delete(key: Key): void
  undelete(key: Key): boolean
  restore(key: Key, version: Version): object | null
  copy(from: Key, to: Key): object | null
  begin(key: Key, said?: Said): { part(bytes: Uint8Array): void; complete(): void }
  patch(key: Key, change: { readonly metadata: Readonly<Record<string, string>> }): void
  setTags(key: Key, tags: Readonly<Record<string, string>>): boolean
}

export interface Caller {
  readonly process: number
  readonly clock: Clock
  /** A request of a dead process still lands; what its driver would have sent after it does not. */
  readonly isDead: () => boolean
}

/** Tiny parts and short pages, so that tiny objects see all of them. */
export const sizes = { partBytesMin: 1, pageMax: 24 }

const profiles: Readonly<Record<Cloud, readonly [kept: Profile, bare: Profile]>> = {
  s3: [resized(s3, sizes), withoutHistory(resized(s3, sizes))],
  azure: [resized(azure, sizes), withoutHistory(resized(azure, sizes))],
  gcs: [resized(gcs, sizes), withoutHistory(resized(gcs, sizes))],
}

/** Memory, which is the specification. */
export const memoryGround: Ground = {
  hashing: cheapHashing,
  site(plan, now) {
    const site: SiteId = siteId(plan.id)
    const [kept, bare] = profiles[plan.cloud]
    const options = { site, hashing: cheapHashing, now }
    const bucket = new MemoryBucket({ ...options, profile: plan.versioned ? kept : bare, paced: plan.paced })
    const control = new MemoryBucket({ ...options, profile: bare, paced: plan.paced })
    return { bucket, user: new User(bucket), reachedBy: () => ({ bucket, control }) }
  },
}
