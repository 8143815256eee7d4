import { aimedKills } from './generate-kills.ts'
import type { Fault, Plan, Timer, WorldName } from './plan.ts'
import type { Stream } from './random.ts'

type Base = Pick<Plan, 'world' | 'eventsOnly' | 'sites' | 'rules' | 'landMs'>
type Kind = Fault['kind']

const ordinary: Readonly<Record<Kind, number>> = {
  'lost-request': 3,
  'lost-answer': 6,
  'late-request': 4,
  race: 3,
  throttle: 3,
  'flip-read': 2,
  'flip-write': 2,
  'broken-read': 2,
  outage: 3,
  partition: 3,
  slow: 4,
  congested: 4,
  denied: 2,
  'event-lost': 6,
  'event-twice': 5,
  'event-late': 6,
  'message-twice': 2,
  kill: 12,
  poison: 1,
}

const weightsOf: Readonly<Partial<Record<WorldName, Partial<Record<Kind, number>>>>> = {
  late: { 'late-request': 40 },
  lives: { congested: 12, 'event-twice': 20, 'event-late': 12, 'message-twice': 8, 'late-request': 8 },
  races: { slow: 8, congested: 10, 'lost-answer': 8 },
  rollout: { kill: 30 },
  large: { 'flip-read': 10, kill: 16 },
  routes: { congested: 12, slow: 8 },
}

const killVerbs = [
  'head',
  'get',
  'put',
  'remove',
  'versions',
  'body',
  'sleep',
  'tags',
  'parts',
  'putPart',
  'commit',
  'discard',
  'list',
  'listVersions',
  'send',
  'acknowledge',
] as const

export function faultsFor(base: Base, lastMs: number, stream: Stream): Fault[] {
  if (base.world === 'calm') return []
  if (base.world === 'hung') return [hung(base, lastMs, stream)]
  const weights = { ...ordinary, ...weightsOf[base.world], ...(base.eventsOnly ? { 'event-lost': 0 } : {}) }
  const count = stream.int(2, 9)
  const faults = Array.from({ length: count }, (_, id) =>
    faultFor(base, id, stream.between(0, lastMs + 2_000), stream.weighted(weights), stream),
  )
  return [...faults, ...aimedKills(base, count, stream)]
}

function faultFor(base: Base, id: number, atMs: number, kind: Kind, stream: Stream): Fault {
  const site = stream.pick(base.sites).id
  const at = { id, atMs: Math.round(atMs), site }
  switch (kind) {
    case 'lost-request':
    case 'lost-answer':
      return { ...at, kind, count: 1, ms: stream.pick([40, 400, 4_000]), reset: stream.chance(0.6) }
    case 'late-request':
      return {
        ...at,
        kind,
        count: stream.int(1, 2),
        ms: Math.round(stream.pick([0.1, 0.4, 0.7, 1]) * base.landMs * stream.between(0.8, 1)),
        reset: stream.chance(0.5),
      }
    case 'race':
    case 'throttle':
    case 'flip-read':
    case 'flip-write':
    case 'broken-read':
      return { ...at, kind, count: stream.int(1, 3), ms: 0, reset: true }
    case 'outage':
    case 'denied':
      return { ...at, kind, cloud: null, forMs: stream.int(2_000, 40_000), hang: stream.chance(0.4), ms: 0 }
    case 'partition':
      return {
        ...at,
        kind,
        cloud: stream.pick(base.sites).id,
        forMs: stream.int(2_000, 40_000),
        hang: stream.chance(0.4),
        ms: 0,
      }
    case 'slow':
      return {
        ...at,
        kind,
        cloud: null,
        forMs: stream.int(2_000, 20_000),
        hang: false,
        ms: stream.pick([900, 1_800, 5_000]),
      }
    case 'congested':
      return {
        ...at,
        kind,
        cloud: null,
        forMs: stream.int(4_000, 25_000),
        hang: false,
        ms: stream.pick([3_000, 6_000, 9_000]),
      }
    case 'event-lost':
      return { ...at, kind, count: stream.int(1, 2), ms: 0 }
    case 'event-twice':
      return { ...at, kind, count: stream.int(1, 3), ms: stream.pick([0, 2_000, 15_000, 45_000]) }
    case 'event-late':
      return { ...at, kind, count: stream.int(1, 2), ms: stream.pick([1_500, 4_000, 12_000, 45_000]) }
    case 'message-twice':
      return { ...at, kind, count: 1, ms: stream.pick([0, 3_000, 20_000]) }
    case 'kill': {
      const verb = stream.chance(0.5) ? null : stream.pick(killVerbs)
      return {
        ...at,
        kind,
        verb,
        after: verb === null ? stream.int(1, 14) : stream.int(1, 3),
        sent: stream.chance(0.5),
      }
    }
    case 'poison':
      return { ...at, kind, what: stream.pick(['rule', 'route'] as const) }
  }
}

/** One member answers nothing, or slowly, for as long as there are acts. */
function hung({ sites }: Base, lastMs: number, stream: Stream): Fault {
  const kind = stream.pick(['outage', 'slow'] as const)
  return {
    id: 0,
    kind,
    atMs: 0,
    site: stream.pick(sites).id,
    cloud: null,
    forMs: Math.round(lastMs) + 5_000,
    hang: true,
    ms: kind === 'slow' ? 4_000 : 0,
  }
}

export function timersFor({ world, rules, sites }: Base, lastMs: number, stream: Stream): Timer[] {
  if (world === 'calm' || world === 'hung') return []
  const joinsAtMs = Math.max(0, ...sites.map(({ joinedAtMs }) => joinedAtMs ?? 0))
  if (joinsAtMs === 0 && !stream.chance(0.35)) return []
  const rule = stream.pick(rules)
  const site = rule.kind === 'group' ? stream.pick(rule.among) : rule.from
  const leaves = sites.find(({ id }) => id === site)!.retiresAtMs !== null
  return leaves
    ? []
    : [
        {
          atMs: joinsAtMs + stream.between(3_000, Math.max(4_000, lastMs - joinsAtMs)),
          site,
          rule: rule.id,
          deep: stream.chance(0.4),
        },
      ]
}
