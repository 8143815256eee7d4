import { escaped, takesAllUnderHead } from './glob.ts'
import { issue, type ConfigIssue } from './issue.ts'
import type { KeyFilter } from './key-filter.ts'
import { intersect, meeting, narrower, rangeOf, renamed, type KeyRange } from './key-range.ts'
import type { Route, Rule, Stay } from './model.ts'
import { isRouteReach, keysFrom, type Reach } from './reach.ts'
import { show } from './show.ts'
import { someKey } from './some-key.ts'

/** Refuses every rule that could put a key where its stay rule does not let it lie, or give it a name that the stay rule does not know. */
export function checkStays(reaches: readonly Reach[], stays: readonly Stay[]): readonly ConfigIssue[] {
  return stays.flatMap((stay, at) => [
    ...stays.slice(0, at).flatMap((other, before) => checkPair(stay, at, other, before)),
    ...reaches.flatMap((reach) => [
      ...checkPlaces(reach, stay, at),
      ...(isRouteReach(reach) ? checkNames(reach, stay, at) : []),
    ]),
  ])
}

/** Keys of two stay rules that share no site could lie nowhere. */
function checkPair(stay: Stay, at: number, other: Stay, before: number): readonly ConfigIssue[] {
  if (stay.sites.some((site) => other.sites.includes(site))) return []
  const head = commonHead(stay.keys, other.keys)
  if (head === null) return []
  const found = `${keysFrom(head)}, which by stay[${before}] may lie only at ${other.sites.join(', ')}`
  return [issue(['stay', at], found, 'a site that both stay rules name, or other keys')]
}

/** The beginning of keys that are in both filters for certain. */
function commonHead(one: KeyFilter, other: KeyFilter): string | null {
  for (const a of one.include.length === 0 ? [null] : one.include) {
    for (const b of other.include.length === 0 ? [null] : other.include) {
      const head = narrower(a?.head ?? one.prefix, b?.head ?? other.prefix)
      const both = [a, b].filter((glob) => glob !== null)
      if (head !== null && someKey(head, both, []) === true) return head
    }
  }
  return null
}

function checkPlaces({ rule, at, reads, writes }: Reach, stay: Stay, number: number): readonly ConfigIssue[] {
  const read = meeting(reads, rangeLeft(rule, stay))
  // A pattern that the rule excludes is one of names at the source: what has another name here, it may still take.
  const head = read ?? (isRenaming(rule) ? meeting(writes, rangeOf(stay.keys)) : null)
  if (head === null) return []
  const [field, written] = rule.kind === 'group' ? ['among', rule.members] : ['to', rule.to]
  return written.flatMap((site, index) => {
    if (stay.sites.includes(site)) return []
    const remedy =
      read === null ? 'under their names at the source, by whole folders such as "logs/**"' : exclusion(stay)
    const expected = `none of these keys outside ${stay.sites.join(', ')}, as stay[${number}] says: "exclude" them`
    return [issue(['replicate', at, field, index], `${show(site)}, for ${keysFrom(head)}`, `${expected} ${remedy}`)]
  })
}

/** The stay rule's keys but for patterns that the rule excludes in the very same words: beginnings would not tell that those are left out. */
function rangeLeft({ keys: { exclude } }: Rule, { keys }: Stay): KeyRange {
  const left = keys.include.filter(({ text }) => !exclude.some((glob) => glob.text === text))
  if (keys.include.length > 0 && left.length === 0) return { heads: [], holes: [] }
  return rangeOf({ ...keys, include: left })
}

function isRenaming(rule: Rule): boolean {
  return rule.kind === 'route' && rule.rename !== null
}

/** What counts as excluded. */
function exclusion({ keys: { prefix, include } }: Stay): string {
  if (include.length > 0) return 'by the same pattern, or by whole folders such as "logs/**"'
  return `by ${show(`${escaped(prefix)}**`)}, as narrower patterns leave some of them`
}

/** Under a new name a key could be carried out by the next rule. */
function checkNames({ rule, at, reads }: Reach<Route>, stay: Stay, number: number): readonly ConfigIssue[] {
  if (rule.rename === null) return []
  const covered = wholly(stay)
  const kept: KeyRange = intersect(reads, rangeLeft(rule, stay))
  const lost = renamed(kept, rule.rename).heads.find((head) => !covered.some((whole) => head.startsWith(whole)))
  if (lost === undefined) return []
  const expected = `names that stay[${number}] covers too: these keys may not leave it by a new name`
  return [issue(['replicate', at, 'rename'], keysFrom(lost), expected)]
}

/** The beginnings under which a stay rule takes every key. */
function wholly({ keys }: Stay): readonly string[] {
  return keys.include.length === 0 ? [keys.prefix] : keys.include.filter(takesAllUnderHead).map(({ head }) => head)
}
