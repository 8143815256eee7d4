import { actsFor } from './generate-acts.ts'
import { faultsFor, timersFor } from './generate-faults.ts'
import { withMend } from './generate-mends.ts'
import { topologyFor } from './generate-sites.ts'
import type { Plan, WorldName } from './plan.ts'
import { Stream } from './random.ts'

/** How often each kind of world comes up. */
const mix: Readonly<Record<WorldName, number>> = {
  weather: 22,
  races: 10,
  skew: 8,
  late: 6,
  lives: 6,
  second: 5,
  copies: 8,
  large: 6,
  restores: 3,
  join: 6,
  retire: 3,
  rollout: 4,
  routes: 7,
  feeds: 5,
  hung: 2,
  bare: 1,
  tags: 4,
  calm: 1,
}

/** What needs a reconcile to be seen, or loses what nobody brings back, is no world for events alone. */
const notByEventsAlone: readonly WorldName[] = ['late', 'join', 'retire', 'skew', 'tags']

export const worldNames: readonly WorldName[] = Object.keys(mix) as WorldName[]

export interface Wishes {
  readonly eventsOnly: boolean
  /** Only these worlds. */
  readonly worlds: readonly WorldName[]
}

/** The worlds that may come up. */
export function worldsOf({ eventsOnly, worlds }: Wishes): readonly WorldName[] {
  return worldNames.filter(
    (name) => (worlds.length === 0 || worlds.includes(name)) && !(eventsOnly && notByEventsAlone.includes(name)),
  )
}

const anyWorld: Wishes = { eventsOnly: false, worlds: [] }

/** The plan of a seed. Each part draws from a stream of its own, so that one more act leaves the faults as they are. */
export function generate(seed: number, wishes: Wishes = anyWorld): Plan {
  const { eventsOnly, worlds } = wishes
  const stream = new Stream(seed, 'world')
  const names = worldsOf(wishes)
  if (names.length === 0) throw new RangeError(`none of the worlds ${worlds.join(', ')} runs by events alone`)
  // A world that was asked for by name comes up, however seldom it does by itself.
  const least = worlds.length === 0 ? 0 : 1
  const world = stream.weighted(
    Object.fromEntries(names.map((name) => [name, Math.max(mix[name], least)])) as Record<WorldName, number>,
  )
  const topology = topologyFor(world, eventsOnly, new Stream(seed, 'sites'))
  const base = { seed, world, eventsOnly, ...topology, landMs: eventsOnly ? 10_000 : 50_000 }
  const acts = actsFor(base, new Stream(seed, 'acts'))
  const lastMs = Math.max(...acts.map(({ atMs }) => atMs))
  const plan: Plan = {
    ...base,
    acts,
    faults: faultsFor(base, lastMs, new Stream(seed, 'faults')),
    timers: eventsOnly ? [] : timersFor(base, lastMs, new Stream(seed, 'timers')),
    rollout:
      world === 'rollout'
        ? {
            atMs: stream.between(5_000, 30_000),
            untilMs: stream.between(40_000, 90_000),
            what: stream.pick(['parts', 'mark', 'mark'] as const),
          }
        : null,
  }
  return world === 'tags' ? withMend(plan, new Stream(seed, 'mends')) : plan
}
