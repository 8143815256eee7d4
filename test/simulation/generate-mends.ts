import type { Act, Fault, Plan, Timer } from './plan.ts'
import type { Stream } from './random.ts'

/** Older than this, a row of a listing is no longer left to its event. */
const oldMs = 15_000

/**
 * Metadata changed in place whose event is lost is a pass's to mend; between its listing and its look a user writes, there or elsewhere.
 * Chance alone hardly ever brings all of this together. Only Cloud Storage changes metadata and leaves the date as it is.
 */
export function withMend(plan: Plan, stream: Stream): Plan {
  const site = plan.sites.find(({ cloud }) => cloud === 'gcs')?.id
  const [rule] = plan.rules
  if (site === undefined || rule?.kind !== 'group') return plan
  const key = `${rule.prefix}mended`
  const [writtenMs, latencyMs] = [stream.int(500, 5_000), stream.pick([900, 1_800])]
  const patchedMs = writtenMs + stream.int(3_000, 8_000)
  const passMs = writtenMs + oldMs
  const againMs = passMs + Math.round(latencyMs * stream.between(0, 3))
  const act = { site, key, id: plan.acts.length }
  const write = { kind: 'write', size: 'small', tags: false } as const
  const acts: readonly Act[] = [
    { ...act, ...write, atMs: writtenMs, headers: false },
    { ...act, id: act.id + 1, atMs: patchedMs, kind: 'patch' },
    { ...act, ...write, id: act.id + 2, site: stream.pick([site, ...rule.among]), atMs: againMs, headers: true },
  ]
  const id = 1 + Math.max(-1, ...plan.faults.map((fault) => fault.id))
  const faults: readonly Fault[] = [
    { id, kind: 'event-lost', atMs: patchedMs, site, count: 1, ms: 0 },
    { id: id + 1, kind: 'slow', atMs: passMs, site, cloud: site, forMs: 10_000, hang: false, ms: latencyMs },
  ]
  const pass: Timer = { atMs: passMs, site, rule: rule.id, deep: false }
  return {
    ...plan,
    keys: [...plan.keys, key],
    acts: [...plan.acts, ...acts],
    faults: [...plan.faults, ...faults],
    timers: [...plan.timers, pass],
  }
}
