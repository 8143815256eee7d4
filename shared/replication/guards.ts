import type { Config, Guards, Rule } from '#shared/config/model.ts'
import type { Clock } from '#shared/kernel/clock.ts'
import type { RuleId } from '#shared/kernel/ids.ts'
import type { Core, Intent } from './core.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** What one process has let through in the current window. */
interface Spent {
  bytes: number
  bytesSinceMs: number
  removals: number
  removalsSinceMs: number
}

/**
 * The guards of a configuration: pause, dry run, bytes a day, deletions an hour. Counted by each process for itself,
 * so a fleet may pass the limit by as many times as it has processes; what is held is found again by reconcile.
 */
export function guardsOf(config: Config, clock: Clock): Core['forbidden'] {
  const spent = new Map<RuleId | null, Spent>()
  return (ruleId, _site, intent) => {
    const rule = [...config.groups, ...config.routes].find(({ id }) => id === ruleId)
    if (config.paused) return 'everything is paused'
    if (rule === undefined) return 'the rule is not in the configuration'
    const reason = standing(rule)
    if (reason !== null) return reason
    const scopes = [
      { id: null, guards: config.guards },
      { id: rule.id, guards: rule.guards },
    ]
    const counts = scopes.map(({ id, guards }) => ({ guards, count: current(spent, id, clock.now()) }))
    const over = counts.map(({ guards, count }) => exceeded(guards, count, intent)).find((why) => why !== null)
    if (over !== undefined) return over
    for (const { count } of counts) add(count, intent)
    return null
  }
}

function standing(rule: Rule): string | null {
  if (rule.paused) return 'the rule is paused'
  return rule.dryRun ? 'the rule is a dry run' : null
}

function current(spent: Map<RuleId | null, Spent>, id: RuleId | null, nowMs: number): Spent {
  const count = spent.get(id) ?? { bytes: 0, bytesSinceMs: nowMs, removals: 0, removalsSinceMs: nowMs }
  spent.set(id, count)
  if (nowMs - count.bytesSinceMs >= dayMs) Object.assign(count, { bytes: 0, bytesSinceMs: nowMs })
  if (nowMs - count.removalsSinceMs >= hourMs) Object.assign(count, { removals: 0, removalsSinceMs: nowMs })
  return count
}

function exceeded(guards: Guards, count: Spent, intent: Intent): string | null {
  if (intent.act === 'write') {
    const { maxBytesPerDay } = guards
    if (maxBytesPerDay === null || count.bytes + intent.bytes <= maxBytesPerDay) return null
    return `guard maxBytesPerDay: ${count.bytes} bytes written within a day, at most ${maxBytesPerDay}`
  }
  const { perHour } = guards.deletes
  if (perHour === null || count.removals < perHour) return null
  return `guard deletes.perHour: ${count.removals} deletions this hour, at most ${perHour}`
}

function add(count: Spent, intent: Intent): void {
  if (intent.act === 'write') count.bytes += intent.bytes
  else count.removals++
}
