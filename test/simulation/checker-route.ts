import type { Exception, Findings, Violation } from './checker-laws.ts'
import { sameContent } from './checker-facts.ts'
import { metByEqualBytes } from './checker-twins.ts'
import { name, type Change, type History, type RuleFacts, type Version } from './history.ts'

export type RouteFacts = Extract<RuleFacts, { kind: 'route' }>

/** Laws 3 and 5 along a route: in the end each target shows what the route says of what its source shows. */
export function routeOf(history: History, route: RouteFacts, groups: readonly RuleFacts[]): readonly Violation[] {
  const keys = new Set(
    history.versions
      .filter(({ site, key }) => site === route.from && key.startsWith(route.prefix))
      .map(({ key }) => key),
  )
  return [...keys].flatMap((key) => route.to.flatMap((site) => targetOf(history, route, key, site, groups)))
}

function targetOf(
  history: History,
  route: RouteFacts,
  key: string,
  site: string,
  groups: readonly RuleFacts[],
): readonly Violation[] {
  const there = renamed(route, key)
  const source = admitted(route, topOf(history, route.from, key))
  const target = topOf(history, site, there)
  if (target !== null && isForeign(history, route, key, target, groups))
    return route.foreign === 'leave' || source === null ? [] : mustBe(route, source, target, there, site)
  if (source !== null) return mustBe(route, source, target, there, site)
  if (target === null || route.deletes === false) return []
  const atMs = history.changes.findLast((change) => change.site === route.from && change.key === key)?.atMs ?? null
  if (route.deletes === 'seen') return []
  return [
    {
      law: 5,
      key: there,
      site,
      atMs,
      what: `${route.id}: the source shows nothing any more, the target still ${name(target)}`,
    },
  ]
}

function mustBe(
  route: RouteFacts,
  source: Version,
  target: Version | null,
  key: string,
  site: string,
): readonly Violation[] {
  if (target !== null && sameContent(source, target) && source.tags === target.tags) return []
  const found = target === null ? 'nothing' : name(target)
  return [{ law: 3, key, site, atMs: null, what: `${route.id}: the source shows ${name(source)}, the target ${found}` }]
}

/** Law 4: where a route leaves alone what is not its copy, nothing that a user wrote at the target is displaced by it. */
export function leftAloneOf(history: History, route: RouteFacts, groups: readonly RuleFacts[]): Findings {
  const violations: Violation[] = []
  const exceptions: Exception[] = []
  for (const change of route.foreign === 'replace' ? [] : history.changes) {
    const before = change.before === null ? null : history.versions[change.before]!
    if (!isRoutes(history, route, change, groups) || before === null) continue
    const key = original(route, change.key)
    if (key === null || !isForeign(history, route, key, before, groups)) continue
    const at = { key: change.key, site: change.site, atMs: change.atMs }
    const what = `${route.id}: ${name(before)} is no copy of the source's and was displaced`
    const met = metByEqualBytes(history, change)
    if (met === null) violations.push({ ...at, law: 4, what })
    else exceptions.push({ ...at, what: `${met}: ${what}` })
  }
  return { violations, exceptions }
}

/** Whether the change was made by this route: at a target of it, and by nobody's group. */
function isRoutes(history: History, route: RouteFacts, change: Change, groups: readonly RuleFacts[]): boolean {
  if (change.by !== 'isobar' || !route.to.includes(change.site)) return false
  const came = change.version === null ? null : history.versions[change.version]!
  if (change.kind === 'put') return came?.entry === 'route'
  return (
    change.kind === 'delete' &&
    !groups.some(
      (group) => group.kind === 'group' && group.among.includes(change.site) && change.key.startsWith(group.prefix),
    )
  )
}

/** A user's own version. One that carries the mark of a copy and its very content is a copy, whoever put it there. */
function isForeign(
  history: History,
  route: RouteFacts,
  key: string,
  target: Version,
  groups: readonly RuleFacts[],
): boolean {
  if (target.by !== 'user') {
    const grouped = groups.some(
      (group) => group.kind === 'group' && group.among.includes(target.site) && target.key.startsWith(group.prefix),
    )
    return grouped ? false : target.entry !== 'route'
  }
  if (target.entry !== 'route') return true
  return !history.versions.some((one) => one.site === route.from && one.key === key && sameContent(one, target))
}

/** What the route takes of its source. */
function admitted({ tag }: RouteFacts, source: Version | null): Version | null {
  return tag === null || source?.tags.split(',').includes(tag) === true ? source : null
}

function topOf(history: History, site: string, key: string): Version | null {
  const after = history.changes.findLast((change) => change.site === site && change.key === key)?.after ?? null
  return after === null ? null : history.versions[after]!
}

function renamed({ rename }: RouteFacts, key: string): string {
  return rename === null ? key : rename.to + key.slice(rename.from.length)
}

function original({ rename, prefix }: RouteFacts, key: string): string | null {
  const source = rename === null ? key : key.startsWith(rename.to) ? rename.from + key.slice(rename.to.length) : null
  return source?.startsWith(prefix) === true ? source : null
}
