import type { Engine } from '#local/servers/engine/model.ts'
import type { Clock } from '#shared/kernel/clock.ts'
import type { Hashing } from '#shared/kernel/digest.ts'
import type { ObjectStore } from '#shared/ports/object-store.ts'
import type { SitePlan } from '#test/simulation/plan.ts'
import type { Read } from './happenings.ts'
import type { Far, UserVerbs } from './words.ts'

/** The site's own bucket, and the one beside it where Isobar keeps what it remembers. */
export const ownBucket = 'site'
export const controlBucket = 'control'

export interface EmbeddedOptions {
  readonly plan: SitePlan
  readonly engine: Engine
  /** The site's own clock. */
  readonly now: () => number
  readonly hashing: Hashing
}

/** One cloud with one site's buckets, over the loopback address. */
export interface Embedded {
  readonly user: Far<UserVerbs>
  /** The real drivers, as one process has them: what they remember is its own. */
  drivers(clock: Clock): { readonly own: ObjectStore; readonly control: ObjectStore }
  close(): Promise<void>
}

/** What one kind of cloud is made of. */
export interface EmbeddedCloud {
  /** The bucket in its engine. */
  readonly watch: string
  read(keepsVersions: boolean): Read
  open(options: EmbeddedOptions): Promise<Embedded>
}
