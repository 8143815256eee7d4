import type { SiteId } from '#shared/kernel/ids.ts'
import { issue, type ConfigIssue } from './issue.ts'
import { meeting } from './key-range.ts'
import type { Group, Route, Site } from './model.ts'
import type { Reach } from './reach.ts'
import { show } from './show.ts'

/** Cloud Storage has no tags: an object there has those that a copy brought along, so a filter by tags needs a rule that brings copies. */
export function checkTags(
  groups: readonly Reach<Group>[],
  routes: readonly Reach<Route>[],
  sites: ReadonlyMap<SiteId, Site>,
): readonly ConfigIssue[] {
  return routes.flatMap(({ rule: { tags, from }, reads, at }) => {
    if (tags.size === 0 || sites.get(from)?.kind !== 'gcs') return []
    const bringing = [
      ...groups.filter(({ rule }) => rule.members.includes(from)),
      ...routes.filter(({ rule }) => rule.to.includes(from)),
    ]
    if (bringing.some(({ writes }) => meeting(writes, reads) !== null)) return []
    const found = `a filter from ${show(from)}, where no rule brings these keys`
    return [issue(['replicate', at, 'tags'], found, 'none: objects in Cloud Storage have no tags but those of a copy')]
  })
}
