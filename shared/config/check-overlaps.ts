import { issue, type ConfigIssue } from './issue.ts'
import { meeting } from './key-range.ts'
import type { Group, Route } from './model.ts'
import { keysFrom, passage, type Reach } from './reach.ts'

/** At one site a key belongs to one group, and at one target it is written by one route. */
export function checkOverlaps(
  groups: readonly Reach<Group>[],
  routes: readonly Reach<Route>[],
  intoGroup: (at: number) => boolean,
): readonly ConfigIssue[] {
  return [
    ...checkGroups(groups),
    ...checkTargets(groups, routes),
    ...routes.flatMap((route) => checkInto(groups, route, intoGroup)),
  ]
}

function checkGroups(groups: readonly Reach<Group>[]): readonly ConfigIssue[] {
  return groups.flatMap((group, index) =>
    groups.slice(0, index).flatMap((other) => {
      const site = group.rule.members.find((member) => other.rule.members.includes(member))
      const head = meeting(group.reads, other.reads)
      if (site === undefined || head === null) return []
      const found = `${keysFrom(head)} at ${site}, as in group ${other.rule.id}`
      return [
        issue(
          ['replicate', group.at],
          found,
          `other keys than that group’s: by "prefix", or by an "exclude" such as "logs/**"`,
        ),
      ]
    }),
  )
}

/** Two members of one group are one target: what is written at either arrives at the other. */
function checkTargets(groups: readonly Reach<Group>[], routes: readonly Reach<Route>[]): readonly ConfigIssue[] {
  return routes.flatMap((route, index) =>
    routes.slice(0, index + 1).flatMap((other) => checkPair(groups, route, other)),
  )
}

function checkPair(groups: readonly Reach<Group>[], route: Reach<Route>, other: Reach<Route>): readonly ConfigIssue[] {
  if (meeting(route.writes, other.writes) === null) return []
  for (const [index, site] of route.rule.to.entries()) {
    const before = route === other ? route.rule.to.slice(0, index) : other.rule.to
    for (const earlier of before) {
      const shared = passage(groups, [earlier, other.writes], [site, route.writes])
      if (shared === null) continue
      const through = shared.group === null ? '' : `, whence group ${shared.group.id} takes them here`
      const who = other === route ? 'this route' : `route ${other.rule.id}`
      const found = `${keysFrom(shared.head)} at ${site}, which ${who} writes too at ${earlier}${through}`
      return [issue(['replicate', route.at, 'to', index], found, 'one route for each key of a target')]
    }
  }
  return []
}

/** Whoever joins a group's keys by a route must have said so: its users do not write what the route writes. */
function checkInto(
  groups: readonly Reach<Group>[],
  route: Reach<Route>,
  intoGroup: (at: number) => boolean,
): readonly ConfigIssue[] {
  const entered = route.rule.to.flatMap((site) =>
    groups.flatMap((group) => {
      const head = group.rule.members.includes(site) ? meeting(route.writes, group.reads) : null
      return head === null ? [] : [{ group, site, head }]
    }),
  )
  const place = ['replicate', route.at, 'intoGroup']
  const [first] = entered
  if (intoGroup(route.at) === (first !== undefined)) return []
  if (first === undefined) return [issue(place, 'true', 'false, or no "intoGroup": the route writes no key of a group')]
  const found = `nothing, though the route writes ${keysFrom(first.head)} of group ${first.group.rule.id} at ${first.site}`
  return [issue(place, found, 'true, which says that the group’s users do not write these keys')]
}
