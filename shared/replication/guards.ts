import type { Config, Guards, Rule } from '#shared/config/model.ts'
import type { Clock } from '#shared/kernel/clock.ts'
import type { RuleId } from '#shared/kernel/ids.ts'
import type { Core, Intent } from './core.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** What one process has done in the current window. */
interface Spent {
  bytes: number
  bytesSinceMs: number
  removals: number
  removalsSinceMs: number
}

/**
 * The guards of a configuration: pause, dry run, bytes a day, deletions an hour. None is a site's own. Counted is what was done, or what may have
 * been because its answer was lost; not what was refused or never arrived, however often it is tried. Each process counts for itself, so a fleet
 * may pass a limit by as many times as it has processes, and each of these by what it has under way at once; what is held is found again by reconcile.
 */
export function guardsOf(config: Config, clock: Clock): Pick<Core, 'forbidden' | 'done'> {
  const rules = new Map([...config.groups, ...config.routes].map((rule) => [rule.id, rule]))
  const spent = new Map<RuleId | null, Spent>()
  const counted = (id: RuleId | null): Spent => current(spent, id, clock.now())
  return {
    forbidden(id, _site, intent) {
      const rule = rules.get(id)
      if (config.paused) return 'everything is paused'
      if (rule === undefined) return 'the rule is not in the configuration'
      return (
        standing(rule) ?? exceeded(config.guards, counted(null), intent) ?? exceeded(rule.guards, counted(id), intent)
      )
    },
    done(id, intent) {
      for (const count of [counted(null), counted(id)]) add(count, intent)
    },
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
