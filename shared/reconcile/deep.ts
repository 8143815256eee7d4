import type { RuleId } from '#shared/kernel/ids.ts'
import type { Core } from '#shared/replication/core.ts'
import type { Pass } from './model.ts'
import { pass } from './pass.ts'

/**
 * The same, weekly and after an incident, over every version that a group's members keep: a copy that slipped in over a deletion is looked
 * below, and tags and checksums are compared where the stores can tell. It takes on trust only what was adopted; of a route it remembers
 * nothing.
 */
export function deepPass(rule: RuleId, cursor: string | null, core: Core, signal: AbortSignal): Promise<Pass> {
  return pass('histories', rule, cursor, core, signal)
}
