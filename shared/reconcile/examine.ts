import type { Group } from '#shared/config/model.ts'
import type { SiteId } from '#shared/kernel/ids.ts'
import type { Circle } from '#shared/replication/believe.ts'
import type { Core } from '#shared/replication/core.ts'
import type { Outcome } from '#shared/replication/model.ts'
import type { Line } from './merge.ts'
import type { Upshot } from './model.ts'
import type { Seen } from './seen.ts'

/** What one rule asks of one key. */
export interface Examiner {
  /** Whose listings are compared. */
  readonly sites: readonly SiteId[]
  /** Whether these, of those that answer, are enough to compare anything. */
  enough(answering: readonly SiteId[]): boolean
  /** `null` where the listings show agreement. */
  examine(line: Line): Doubt | null
}

/** What listings leave open: `null` where the memory answers it; else the work that the key needs. */
export type Doubt = (seen: Seen) => (() => Promise<Upshot>) | null

/** Everything about one group that does not change from key to key. */
export interface GroupSurvey {
  readonly core: Core
  readonly group: Group
  readonly circle: Circle
  readonly deep: boolean
  readonly signal: AbortSignal
}

export const nothingDone: Upshot = { outcome: { receipts: [], again: [], missed: [] }, missed: [] }

/**
 * What an outcome says of who was there. A member that did not answer, that still shows what is deleted, or where a guard held something
 * back, is not in full agreement. What is only on its way, in whatever queue, is; and a key that a person must release would keep its member
 * out for ever.
 */
export function upshotOf(outcome: Outcome): Upshot {
  const held = outcome.receipts.filter(({ action }) => action === 'held')
  return { outcome, missed: [...outcome.missed, ...held.map(({ site }) => site)] }
}
