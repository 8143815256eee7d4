import type { Fault, Plan, WorldName } from './plan.ts'
import type { Stream } from './random.ts'

/** Awaits that are rare, and after how many such calls at most somebody dies at one. */
type Aims = readonly (readonly [verb: string, afterMax: number])[]

const common: Aims = [
  ['tags', 2],
  ['pass list', 6],
  ['pass listVersions', 6],
  ['pass tags', 4],
  ['pass get shown', 12],
  ['versions', 4],
  ['sleep', 3],
  ['pass head', 6],
  ['pass put', 3],
]
const parts: Aims = [
  ['parts', 2],
  ['putPart', 9],
  ['commit', 2],
  ['discard', 1],
  ['discard', 1],
  ['discard', 1],
  ['tags', 1],
  ['long head', 9],
  ['long head', 9],
  ['get range', 9],
  ['body range', 9],
]
const routes: Aims = [
  ['remove', 2],
  ['tags', 2],
  ['tags', 1],
  ['head', 9],
  ['short head', 6],
  ['short head', 6],
  ['get shown', 6],
  ['pass list', 6],
]

const aims: Readonly<Partial<Record<WorldName, { readonly at: Aims; readonly kills: number }>>> = {
  large: { at: parts, kills: 2 },
  rollout: { at: parts, kills: 2 },
  routes: { at: routes, kills: 4 },
  feeds: { at: routes, kills: 2 },
  join: {
    at: [
      ['pass get pinned', 2],
      ['pass get pinned', 1],
      ['pass body pinned', 2],
      ['pass body pinned', 1],
      ['pass body pinned', 1],
      ['pass body pinned', 9],
      ['pass head', 9],
      ['pass head', 14],
      ['pass head', 14],
      ['pass head', 14],
      ['pass head', 14],
      ['get pinned', 3],
    ],
    kills: 24,
  },
}

/** Deaths at awaits that chance alone seldom finds. */
export function aimedKills(
  { world, sites, rules }: Pick<Plan, 'world' | 'sites' | 'rules'>,
  firstId: number,
  stream: Stream,
): Fault[] {
  const { at, kills } = aims[world] ?? { at: common, kills: stream.int(0, 1) }
  // Along a route only its source's functions have anything to do.
  const busy = rules.flatMap((rule) => (rule.kind === 'route' ? [rule.from] : rule.among))
  const here = world === 'routes' ? busy : sites.map(({ id }) => id)
  return Array.from({ length: kills }, (_, i) => {
    const [verb, afterMax] = stream.pick(at)
    return {
      id: firstId + i,
      kind: 'kill',
      atMs: 0,
      site: stream.pick(here),
      verb,
      after: stream.int(1, afterMax),
      sent: stream.chance(0.5),
    }
  })
}
