import type { SiteId } from '#shared/kernel/ids.ts'

/** What this process knows of the health of sites, so that a dead one costs a bounded look and then nothing. */
export interface Breakers {
  /** An open breaker means: do not ask, come back later. */
  open(site: SiteId): boolean
  succeeded(site: SiteId): void
  /** Only for troubles of the whole site; an object's own refusal never opens it. */
  failed(site: SiteId): void
}
