import type { Act, Fault, GroupPlan, Plan, Timer } from './plan.ts'
import type { Stream } from './random.ts'

/** Older than this, a row of a listing is no longer left to its event. */
const oldMs = 15_000

/** What is too rare to be left to chance: a pass over a key of its own, and a user who writes at the wrong moment. */
export function withMend(plan: Plan, stream: Stream): Plan {
  const [rule] = plan.rules
  if (rule?.kind !== 'group') return plan
  const scene = { plan, rule, key: `${rule.prefix}mended`, writtenMs: stream.int(500, 5_000), stream }
  return (stream.chance(0.7) ? patchedAndWritten(scene) : taggedWhileIll(scene)) ?? plan
}

interface Scene {
  readonly plan: Plan
  readonly rule: GroupPlan
  readonly key: string
  readonly writtenMs: number
  readonly stream: Stream
}

const write = { kind: 'write', size: 'small', tags: false, headers: false } as const

/**
 * Metadata changed in place whose event is lost is a pass's to mend; between its listing and its look a user writes, there or elsewhere.
 * Only Cloud Storage changes metadata and leaves the date as it is.
 */
function patchedAndWritten(scene: Scene): Plan | null {
  const { plan, rule, key, writtenMs, stream } = scene
  const site = plan.sites.find(({ cloud }) => cloud === 'gcs')?.id
  if (site === undefined) return null
  const slowMs = stream.pick([900, 1_800])
  const patchedMs = writtenMs + stream.int(3_000, 8_000)
  const passMs = writtenMs + oldMs
  const againMs = passMs + Math.round(slowMs * stream.between(0, 3))
  const again = stream.pick([site, ...rule.among])
  return added(
    scene,
    [
      { ...write, key, site, atMs: writtenMs },
      { kind: 'patch', key, site, atMs: patchedMs },
      { ...write, key, site: again, atMs: againMs, headers: true },
    ],
    [
      { kind: 'event-lost', atMs: patchedMs, site, count: 1, ms: 0 },
      { kind: 'slow', atMs: passMs, site, cloud: site, forMs: 10_000, hang: false, ms: slowMs },
    ],
    { atMs: passMs, site, rule: rule.id, deep: false },
  )
}

/** Tags changed at a copy, while the site of its original is so long ill that a pass goes on without it; what a user wrote there last only it has. */
function taggedWhileIll(scene: Scene): Plan | null {
  const { rule, key, writtenMs, stream } = scene
  const [ill, tagged] = rule.among
  if (ill === undefined || tagged === undefined || rule.among.length < 3) return null
  const passMs = writtenMs + oldMs
  return added(
    scene,
    [
      { ...write, key, site: ill, atMs: writtenMs, tags: true },
      { kind: 'tag', key, site: tagged, atMs: writtenMs + stream.int(3_000, 8_000) },
      { ...write, key, site: ill, atMs: passMs - 1_000 },
    ],
    [
      { kind: 'event-lost', atMs: passMs - 1_500, site: ill, count: 1, ms: 0 },
      { kind: 'outage', atMs: passMs - 500, site: ill, cloud: null, forMs: 150_000, hang: false, ms: 0 },
    ],
    { atMs: passMs, site: tagged, rule: rule.id, deep: true },
  )
}

type WithoutId<T> = T extends { readonly id: number } ? Omit<T, 'id'> : never

function added(
  { plan, key }: Scene,
  acts: readonly WithoutId<Act>[],
  faults: readonly WithoutId<Fault>[],
  pass: Timer,
): Plan {
  const firstFault = 1 + Math.max(-1, ...plan.faults.map(({ id }) => id))
  return {
    ...plan,
    keys: [...plan.keys, key],
    acts: [...plan.acts, ...acts.map((act, i) => ({ ...act, id: plan.acts.length + i }))],
    faults: [...plan.faults, ...faults.map((fault, i) => ({ ...fault, id: firstFault + i }))],
    timers: [...plan.timers, pass],
  }
}
