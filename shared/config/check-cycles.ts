import { issue, type ConfigIssue } from './issue.ts'
import { meeting } from './key-range.ts'
import type { Group, Route } from './model.ts'
import { passage, type Reach } from './reach.ts'

/** From a route to one that takes on what it wrote, where they touch or by way of a group. */
interface Link {
  readonly from: Reach<Route>
  readonly to: Reach<Route>
  readonly at: string
  readonly group: Group | null
}

/**
 * No copy may come back to the route that made it, under whatever name: each lap would be news to the next.
 * A group is drawn as one point for the keys that are its own; routes on other keys pass it by.
 */
export function checkCycles(groups: readonly Reach<Group>[], routes: readonly Reach<Route>[]): readonly ConfigIssue[] {
  const links = new Map(routes.map((from) => [from, routes.flatMap((to) => linkBetween(groups, from, to))]))
  const seen = new Set<Reach<Route>>()
  return routes.flatMap((route) => {
    const circle = circleFrom(route, links, seen, [])
    return circle === null ? [] : [tell(circle)]
  })
}

function linkBetween(groups: readonly Reach<Group>[], from: Reach<Route>, to: Reach<Route>): readonly Link[] {
  if (meeting(from.writes, to.reads) === null) return []
  for (const at of from.rule.to) {
    const shared = passage(groups, [at, from.writes], [to.rule.from, to.reads])
    if (shared !== null) return [{ from, to, at, group: shared.group }]
  }
  return []
}

/** The first circle met on a walk along the links; what was walked once needs no second walk. */
function circleFrom(
  route: Reach<Route>,
  links: ReadonlyMap<Reach<Route>, readonly Link[]>,
  seen: Set<Reach<Route>>,
  walked: readonly Link[],
): readonly Link[] | null {
  const begin = walked.findIndex(({ from }) => from === route)
  if (begin !== -1) return walked.slice(begin)
  if (seen.has(route)) return null
  seen.add(route)
  for (const link of links.get(route) ?? []) {
    const circle = circleFrom(link.to, links, seen, [...walked, link])
    if (circle !== null) return circle
  }
  return null
}

/** Told from its first route in the document on. */
function tell(circle: readonly Link[]): ConfigIssue {
  const least = Math.min(...circle.map(({ from }) => from.at))
  const begin = circle.findIndex(({ from }) => from.at === least)
  const turned = [...circle.slice(begin), ...circle.slice(0, begin)]
  const hops = turned.map(({ from, to, at, group }) => {
    const onward = group === null ? '' : `, to ${to.rule.from} by group ${group.id}`
    return `to ${at} by route ${from.rule.id}${onward}`
  })
  const found = `a circle: from ${turned[0]?.from.rule.from ?? ''} ${hops.join(', ')}`
  return issue(['replicate', least], found, 'routes and groups on which no copy comes back to the route that made it')
}
