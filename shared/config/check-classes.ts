import type { SiteId } from '#shared/kernel/ids.ts'
import { issue, type ConfigIssue } from './issue.ts'
import { meeting } from './key-range.ts'
import type { Group, Route, Site } from './model.ts'
import type { Reach } from './reach.ts'
import { show } from './show.ts'
import { isFrozen } from './storage-class.ts'

/** What a rule writes in a class that does not answer reads must be read by no other rule, and a group reads all of its members. */
export function checkClasses(
  groups: readonly Reach<Group>[],
  routes: readonly Reach<Route>[],
  sites: ReadonlyMap<SiteId, Site>,
): readonly ConfigIssue[] {
  return [...groups, ...routes].flatMap((reach) =>
    [...reach.rule.storageClass].flatMap(([id, name]) => {
      const site = sites.get(id)
      const reader = site !== undefined && isFrozen(site, name) ? readerAt(groups, routes, reach, id) : null
      if (reader === null) return []
      const expected = `a class whose objects can be read at once: ${reader.kind} ${reader.id} reads them there`
      return [issue(['replicate', reach.at, 'storageClass', id], show(name), expected)]
    }),
  )
}

function readerAt(
  groups: readonly Reach<Group>[],
  routes: readonly Reach<Route>[],
  { writes }: Reach,
  site: SiteId,
): Group | Route | null {
  const reading = [
    ...groups.filter(({ rule }) => rule.members.includes(site)),
    ...routes.filter(({ rule }) => rule.from === site),
  ]
  return reading.find(({ reads }) => meeting(writes, reads) !== null)?.rule ?? null
}
