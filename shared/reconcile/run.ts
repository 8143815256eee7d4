import type { RuleId } from '#shared/kernel/ids.ts'
import type { Core } from '#shared/replication/core.ts'
import type { Pass } from './model.ts'
import { pass } from './pass.ts'

/**
 * One bounded invocation of a full pass over a group or a route: finds what lost events left undone. Listings show who needs a closer look;
 * what is done then is settle's and mirror's to say. In sync it costs the listings; where some cannot tell, also a read or two of the control
 * bucket; and at the end of a pass over a group, a read and a write at each member's.
 */
export function reconcile(rule: RuleId, cursor: string | null, core: Core, signal: AbortSignal): Promise<Pass> {
  return pass('listings', rule, cursor, core, signal)
}
