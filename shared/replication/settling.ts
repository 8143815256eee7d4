import type { Group } from '#shared/config/model.ts'
import type { Failure } from '#shared/kernel/failure.ts'
import type { SiteId } from '#shared/kernel/ids.ts'
import type { Ledger } from './ledger.ts'
import type { Message } from './model.ts'
import type { Scope } from './observe.ts'

/** One key on its way to agreement. */
export interface Settling {
  readonly group: Group
  readonly scope: Scope
  readonly ledger: Ledger
  /** Members that did not answer, or refused: asked again in the next round where looking again soon may help, else not in this settle. */
  readonly silent: Map<SiteId, Failure>
  /** Members that show the winner and do not give it out: another is read. */
  readonly unreadable: Map<SiteId, Failure>
  /** Members whose removal did not succeed in the last round: what they show may live on until nobody knows of its deletion. */
  readonly stillShowing: Set<SiteId>
  readonly message: Message
}

/** For a function that has the time for it. */
export function needsTime({ ledger, message }: Settling, site: SiteId): void {
  ledger.deferred(site, message, 0, 'larger than one write: it moves in parts', 'long')
}

/** `soon`: another round tells. Otherwise the site is left alone for now: whether the others are done is theirs to say. */
export function leaveOut({ silent }: Settling, site: SiteId, failure: Failure): boolean {
  if (failure.patience === 'soon') return false
  silent.set(site, failure)
  return true
}

/** Every one of these is parked or comes back, all of them by one delayed message. */
export function leave({ ledger, message, scope }: Settling, failures: ReadonlyMap<SiteId, Failure>): void {
  for (const [site, failure] of failures) ledger.failed(site, failure, message, scope.core.limits.retryMs)
}
