import type { SiteId } from '#shared/kernel/ids.ts'

/** What this process knows of the health of sites, so that a dead one costs a bounded look and then nothing. */
export interface Breakers {
  /** False: its breaker is open, come back later. Who hears true of one that has rested has the one look for which it is open, and tells what it found. */
  mayAsk(site: SiteId): boolean
  succeeded(site: SiteId): void
  /** Only for troubles of the whole site; an object's own refusal never opens it. */
  failed(site: SiteId): void
}
