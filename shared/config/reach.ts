import type { SiteId } from '#shared/kernel/ids.ts'
import { intersect, meeting, rangeOf, renamed, type KeyRange } from './key-range.ts'
import type { Group, Route, Rule } from './model.ts'
import { show } from './show.ts'

/** Which keys a rule moves, as far as prefixes tell: under the names of its source, and of its targets. */
export interface Reach<R extends Rule = Rule> {
  readonly rule: R
  /** Its place in `replicate`. */
  readonly at: number
  readonly reads: KeyRange
  readonly writes: KeyRange
}

export function reachOf(rule: Rule, at: number): Reach {
  const reads = rangeOf(rule.keys)
  return { rule, at, reads, writes: rule.kind === 'route' ? renamed(reads, rule.rename) : reads }
}

export function isGroupReach(reach: Reach): reach is Reach<Group> {
  return reach.rule.kind === 'group'
}

export function isRouteReach(reach: Reach): reach is Reach<Route> {
  return reach.rule.kind === 'route'
}

/** A way on which a key gets from one site to another under one name: none is needed, or a group that has both as members. */
export interface Passage {
  readonly group: Group | null
  /** The beginning of the keys that take it. */
  readonly head: string
}

/** How keys of both ranges get from one site to the other without any route, if they do. */
export function passage(
  groups: readonly Reach<Group>[],
  [from, written]: readonly [SiteId, KeyRange],
  [to, read]: readonly [SiteId, KeyRange],
): Passage | null {
  if (from === to) {
    const head = meeting(written, read)
    return head === null ? null : { group: null, head }
  }
  for (const { rule, reads } of groups) {
    if (!rule.members.includes(from) || !rule.members.includes(to)) continue
    const head = meeting(intersect(written, reads), read)
    if (head !== null) return { group: rule, head }
  }
  return null
}

export function keysFrom(head: string): string {
  return head === '' ? 'all keys' : `keys that begin with ${show(head)}`
}
