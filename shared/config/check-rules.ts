import { keyBytesMax, ownPrefix } from '#shared/kernel/key.ts'
import { checkFilter } from './check-filter.ts'
import { issue, type ConfigIssue, type Place } from './issue.ts'
import type { KeyFilter } from './key-filter.ts'
import type { KeyRange } from './key-range.ts'
import type { Group, Route, Rule, Site } from './model.ts'
import { isGroupReach, isRouteReach, type Reach } from './reach.ts'
import { either, show } from './show.ts'

/** The memory of deletions that settle counts on. */
const groupRetentionDaysMin = 14

/** What one rule needs of itself and of its own sites. */
export function checkRules(reaches: readonly Reach[], sites: ReadonlyMap<string, Site>): readonly ConfigIssue[] {
  return reaches.flatMap((reach) => {
    const place = ['replicate', reach.at]
    return [
      ...checkFilter(reach.rule.keys, place),
      ...checkWindow(reach.rule, place),
      ...(isGroupReach(reach) ? checkMembers(reach.rule, sites, place) : []),
      ...(isRouteReach(reach)
        ? [
            ...checkSize(reach.rule, place),
            ...checkRename(reach, place),
            ...checkForeign(reach.rule, sites, place),
            ...checkDeletes(reach.rule, sites, place),
          ]
        : []),
    ]
  })
}

function checkWindow({ windowSeconds, sloSeconds }: Rule, place: Place): readonly ConfigIssue[] {
  if (windowSeconds <= sloSeconds) return []
  return [issue([...place, 'windowSeconds'], show(windowSeconds), `at most the rule’s sloSeconds, ${sloSeconds}`)]
}

function checkMembers(group: Group, sites: ReadonlyMap<string, Site>, place: Place): readonly ConfigIssue[] {
  return group.members.flatMap((id, at) => {
    const site = sites.get(id)
    const here = [...place, 'among', at]
    if (site?.versioned === false) {
      const found = `${show(id)}, which keeps no versions`
      return [issue(here, found, 'a site with versions on: a group remembers deletions by them')]
    }
    if (site !== undefined && site.retentionDays < groupRetentionDaysMin) {
      const found = `${show(id)}, which keeps versions ${site.retentionDays} days`
      return [issue(here, found, `a site whose retentionDays are at least ${groupRetentionDaysMin}`)]
    }
    return []
  })
}

/** What is foreign is kept aside before it is replaced; where nothing is kept it would be lost. */
function checkForeign({ foreign, to }: Route, sites: ReadonlyMap<string, Site>, place: Place): readonly ConfigIssue[] {
  const careless = to.find((id) => sites.get(id)?.versioned === false)
  if (foreign === 'leave' || careless === undefined) return []
  return [
    issue(
      [...place, 'foreign'],
      '"replace"',
      `"leave": ${show(careless)} keeps no versions, so what is replaced there is lost`,
    ),
  ]
}

/** Only the events of S3 say who deleted: from elsewhere `seen` would remove nothing. */
function checkDeletes(
  { deletes, guards, from }: Route,
  sites: ReadonlyMap<string, Site>,
  place: Place,
): readonly ConfigIssue[] {
  if (deletes === 'seen' && sites.get(from)?.kind !== 's3') {
    const expected = `true or false: the events of ${show(from)} do not say that a user deleted`
    return [issue([...place, 'deletes'], '"seen"', expected)]
  }
  if (deletes !== false || guards.deletes.perHour === null) return []
  return [
    issue(
      [...place, 'guards', 'deletes'],
      'a limit of deletions',
      'nothing: by "deletes": false the route removes none',
    ),
  ]
}

function checkSize({ size: { min, max } }: Route, place: Place): readonly ConfigIssue[] {
  if (max === null || min <= max) return []
  return [issue([...place, 'size', 'min'], show(min), `at most the max, ${max}`)]
}

/** A name must be turned back into one source's name only: so all of the route's keys are renamed, or none. */
function checkRename({ rule: { keys, rename }, reads, writes }: Reach<Route>, place: Place): readonly ConfigIssue[] {
  if (rename === null) return []
  if (rename.from === rename.to) {
    return [issue([...place, 'rename', 'to'], show(rename.to), 'another beginning than "from"')]
  }
  if (reads.heads.some((head) => !head.startsWith(rename.from))) {
    return [issue([...place, 'rename', 'from'], show(rename.from), expectedFrom(reads, rename.from))]
  }
  const own = writes.heads.some((head) => head.startsWith(ownPrefix))
  const expected = own ? notOwn : hasRoom(keys, writes) ? null : roomy
  return expected === null ? [] : [issue([...place, 'rename', 'to'], show(rename.to), expected)]
}

function expectedFrom({ heads }: KeyRange, from: string): string {
  const takes = heads.includes('')
    ? `all keys: "prefix": ${show(from)} would leave the others out`
    : `keys that begin with ${either([...new Set(heads)].map(show))}`
  return `a beginning of every key of the route, which takes ${takes}`
}

const notOwn = `another beginning: with it keys would lie below ${show(ownPrefix)}, which are Isobar’s own`
const roomy = `a shorter beginning: with it every key of the route would have more than ${keyBytesMax} bytes`

/** Whether any key could have its new name: a pattern that is one literal key adds nothing to its head. Of every other, a head that alone would fit is given up: one key is no rule. */
function hasRoom({ include }: KeyFilter, { heads }: KeyRange): boolean {
  return heads.some((head, at) => {
    const more = include[at]?.steps.length === 0 ? 0 : 1
    return new TextEncoder().encode(head).byteLength + more <= keyBytesMax
  })
}
