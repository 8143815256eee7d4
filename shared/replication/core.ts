import type { Config } from '#shared/config/model.ts'
import type { Clock, Random } from '#shared/kernel/clock.ts'
import type { Hashing } from '#shared/kernel/digest.ts'
import type { RuleId, SiteId } from '#shared/kernel/ids.ts'
import type { Breakers } from '#shared/ports/breakers.ts'
import type { ObjectStore } from '#shared/ports/object-store.ts'
import type { Habits } from './habits.ts'

/** Everything that bounds the core. The simulation shrinks the sizes and gives its long functions ten minutes; the other bounds are these. */
export interface Limits {
  /** One look at a member takes no longer. */
  readonly lookMs: number
  /** Slower than this and the world is looked at again, deeper (DELTA). */
  readonly slowMs: number
  /** An event older than this says little: settle. */
  readonly freshMs: number
  /** Up to here a copy is one write; above, parts. */
  readonly smallBytes: number
  /** Above this a refused write is dearer than a look. */
  readonly blindBytes: number
  /** A target further behind than this leaves the shared read. */
  readonly leadBytes: number
  readonly partBytes: number
  readonly writeMs: number
  /** No request lands later than this after it was sent. */
  readonly landMs: number
  /** A mark whose version is dated within this of its sending needs no second look. */
  readonly promptMs: number
  readonly holdMsMax: number
  readonly heardMsMax: number
  /** Two clocks of one process that differ by more were not running together. */
  readonly frozenMsMax: number
  readonly futureMsMax: number
  /** No rollout of code or configuration takes longer: until then a mark from an unknown site is from a newer configuration. */
  readonly rolloutMsMax: number
  readonly historyPages: number
  readonly historyHeads: number
  readonly rounds: number
  /** What a function has for its work: its signal ends it then, and no round begins that might not end by itself before. */
  readonly invocationMs: number
  readonly retryMs: number
  /** Keys that one invocation of reconcile takes before it passes on its cursor. */
  readonly reconcileKeys: number
  readonly listPage: number
}

const MiB = 1024 * 1024

export const limits: Limits = {
  lookMs: 2_000,
  slowMs: 3_000,
  freshMs: 10_000,
  smallBytes: 8 * MiB,
  blindBytes: 64 * 1024,
  leadBytes: 16 * MiB,
  partBytes: 8 * MiB,
  writeMs: 35_000,
  landMs: 60_000,
  promptMs: 3_000,
  holdMsMax: 5_000,
  heardMsMax: 60_000,
  frozenMsMax: 1_000,
  futureMsMax: 3_600_000,
  rolloutMsMax: 86_400_000,
  historyPages: 3,
  historyHeads: 64,
  rounds: 6,
  invocationMs: 50_000,
  retryMs: 30_000,
  reconcileKeys: 5_000,
  listPage: 1_000,
}

/** An act that a guard may forbid: a pause, a dry run, a budget, too many deletions. */
export type Intent = { readonly act: 'write'; readonly bytes: number } | { readonly act: 'remove' }

/** What the core is given: nothing else of the world reaches it. */
export interface Core {
  readonly config: Config
  readonly store: (site: SiteId) => ObjectStore
  /** The bucket beside a site's own where Isobar keeps what it must remember; never a user's objects. */
  readonly control: (site: SiteId) => ObjectStore
  readonly clock: Clock
  readonly random: Random
  readonly hashing: Hashing
  readonly breakers: Breakers
  readonly habits: Habits
  readonly limits: Limits
  /** Whether this function has the time to move an object in parts; else it goes to the queue of those that have. */
  readonly transfers: boolean
  /** Why a rule may not do this now; `null` where it may. To ask counts for nothing. */
  readonly forbidden: (rule: RuleId, site: SiteId, intent: Intent) => string | null
  /** It was done, or may have been: that counts. */
  readonly done: (rule: RuleId, intent: Intent) => void
  /** A member that has not been in full agreement for longer than its group remembers deletions: nothing is settled with it. */
  readonly out: (group: RuleId, site: SiteId) => boolean
}
