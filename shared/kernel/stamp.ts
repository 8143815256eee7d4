import type { SiteId } from './ids.ts'
import type { StampId } from './version.ts'

/**
 * Names what a user wrote, the same at every site: the object's own date where it was written, that site, that version's id.
 * From the store, never from an event. `epoch` is 0 unless the group has one writer at a time.
 */
export interface Stamp {
  readonly epoch: number
  readonly timeMs: number
  readonly origin: SiteId
  readonly id: StampId
}

/** `ask`: two versions of one origin with one date, which only that origin can order. */
export type Order = 'less' | 'equal' | 'greater' | 'ask'

export function compareStamps(a: Stamp, b: Stamp): Order {
  if (a.epoch !== b.epoch) return a.epoch < b.epoch ? 'less' : 'greater'
  if (a.timeMs !== b.timeMs) return a.timeMs < b.timeMs ? 'less' : 'greater'
  if (a.origin !== b.origin) return a.origin < b.origin ? 'less' : 'greater'
  return a.id === b.id ? 'equal' : 'ask'
}

export function sameStamp(a: Stamp, b: Stamp): boolean {
  return compareStamps(a, b) === 'equal'
}
