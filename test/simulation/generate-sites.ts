import type { Cloud, Plan, RoutePlan, RulePlan, SitePlan, WorldName } from './plan.ts'
import type { Stream } from './random.ts'

export type Topology = Pick<Plan, 'sites' | 'rules' | 'keys'>

const clouds: readonly Cloud[] = ['s3', 'azure', 'gcs']

export function topologyFor(world: WorldName, eventsOnly: boolean, stream: Stream): Topology {
  const topology = shapeFor(world, stream)
  if (!eventsOnly) return topology
  // Where clocks are further apart, a deletion may be dated after what is written later elsewhere: only a look below tells, and calm events give no cause.
  return {
    ...topology,
    sites: topology.sites.map((site) => ({ ...site, skewMs: Math.max(-1_000, Math.min(1_000, site.skewMs)) })),
  }
}

function shapeFor(world: WorldName, stream: Stream): Topology {
  switch (world) {
    case 'routes':
      return routesOnly(stream)
    case 'feeds':
      return stream.chance(0.5) ? groupFeedsRoute(stream) : routeIntoGroup(stream)
    case 'bare':
    case 'join':
    case 'retire':
      return groupOf(world, stream.int(3, 4), stream)
    default:
      return groupOf(world, Number(stream.weighted({ 2: 2, 3: 6, 4: 2 })), stream)
  }
}

function sitesFor(world: WorldName, count: number, stream: Stream, versioned = true): SitePlan[] {
  const skewed =
    world === 'skew' ? 60_000 : world === 'calm' || world === 'hung' ? 200 : stream.pick([500, 2_000, 4_000])
  const sites = Array.from({ length: count }, (_, i) => siteFor(i, stream.pick(clouds), skewed, stream))
  return sites.map((site) => ({ ...site, versioned: versioned || stream.chance(0.5) }))
}

/** Ids stand in no order of clouds, for where dates are equal the greater id decides. */
function siteFor(i: number, cloud: Cloud, skewed: number, stream: Stream): SitePlan {
  return {
    id: `${'abcdefg'[i]}-${cloud}`,
    cloud,
    versioned: true,
    skewMs: Math.round(stream.between(-skewed, skewed)),
    latencyMs: Math.round(stream.between(15, 60)),
    joinedAtMs: null,
    retiresAtMs: null,
    ownAccount: cloud === 's3' && stream.chance(0.3),
    paced: cloud === 'gcs' && stream.chance(0.3),
  }
}

function keysUnder(prefix: string, stream: Stream): string[] {
  const count = stream.weighted({ 1: 1, 2: 5, 3: 2 })
  return ['one', 'two', 'three'].slice(0, Number(count)).map((name) => prefix + name)
}

function groupOf(world: WorldName, count: number, stream: Stream): Topology {
  const sites = sitesFor(world, count, stream)
  const last = sites.length - 1
  if (world === 'join') sites[last] = { ...sites[last]!, joinedAtMs: Math.round(stream.between(20_000, 50_000)) }
  if (world === 'bare') sites[last] = { ...sites[last]!, versioned: false }
  if (world === 'retire') sites[last] = { ...sites[last]!, retiresAtMs: Math.round(stream.between(30_000, 60_000)) }
  const rules: RulePlan[] = [{ kind: 'group', id: 'equals', among: sites.map(({ id }) => id), prefix: 'g/' }]
  return { sites, rules, keys: keysUnder('g/', stream) }
}

function route(id: string, from: SitePlan, to: readonly SitePlan[], prefix: string, stream: Stream): RoutePlan {
  return {
    kind: 'route',
    id,
    from: from.id,
    to: to.map((site) => site.id),
    prefix,
    rename: null,
    tag: stream.chance(0.25) ? 'kind=hot' : null,
    deletes: stream.pick([true, true, false, 'seen'] as const),
    // The configuration refuses to replace where nothing is kept.
    foreign: to.every(({ versioned }) => versioned) ? stream.pick(['leave', 'leave', 'replace'] as const) : 'leave',
  }
}

/** A fan, a chain or a tree. */
function routesOnly(stream: Stream): Topology {
  const sites = sitesFor('routes', stream.int(3, 4), stream, false)
  const [a, b, c, d] = sites as [SitePlan, SitePlan, SitePlan, SitePlan | undefined]
  const shape = stream.pick(['fan', 'chain', 'tree'] as const)
  const rules: RoutePlan[] = []
  if (shape === 'fan') rules.push(route('fan', a, d === undefined ? [b, c] : [b, c, d], 'r/', stream))
  else rules.push(route('first', a, [b], 'r/', stream), route('second', shape === 'chain' ? b : a, [c], 'r/', stream))
  if (shape !== 'fan' && d !== undefined) rules.push(route('third', shape === 'chain' ? c : b, [d], 'r/', stream))
  // A name that changes on the way out of a site whose names nobody else takes further.
  if (shape !== 'chain' && stream.chance(0.4)) {
    const leaf = rules.findIndex(({ to }) => to.every((id) => rules.every(({ from }) => from !== id)))
    rules[leaf] = { ...rules[leaf]!, rename: { from: 'r/', to: 'copy/' } }
  }
  return { sites, rules, keys: keysUnder('r/', stream) }
}

function groupFeedsRoute(stream: Stream): Topology {
  const sites = sitesFor('feeds', stream.int(3, 4), stream)
  const [vault, ...members] = sites.toReversed() as [SitePlan, ...SitePlan[]]
  const rules: RulePlan[] = [
    { kind: 'group', id: 'equals', among: members.map(({ id }) => id), prefix: 'g/' },
    route('vault', stream.pick(members), [vault], 'g/', stream),
  ]
  return { sites, rules, keys: keysUnder('g/', stream) }
}

/** Nobody but the route writes its keys in the group. */
function routeIntoGroup(stream: Stream): Topology {
  const sites = sitesFor('feeds', stream.int(3, 4), stream)
  const [source, ...members] = sites.toReversed() as [SitePlan, ...SitePlan[]]
  const rules: RulePlan[] = [
    { kind: 'group', id: 'equals', among: members.map(({ id }) => id), prefix: '' },
    {
      ...route('intake', source, [stream.pick(members)], 'in/', stream),
      deletes: stream.pick([true, true, false] as const),
      foreign: 'leave',
    },
  ]
  return { sites, rules, keys: [...keysUnder('in/', stream), 'g/one'] }
}
