import { isNative, type KeyFacts, sameContent } from './checker-facts.ts'
import type { Law, Violation } from './checker-laws.ts'
import type { Worth } from './checker-order.ts'
import { name } from './history.ts'
import { shows, winners } from './checker-winner.ts'
import type { PassFacts, Version } from './history.ts'

/** Laws 2, 3 and 5: in the end every member shows the winner, bytes, headers, metadata and tags. */
export function endOf(facts: KeyFacts): readonly Violation[] {
  const expected = winners(facts)
  const tops = facts.members.map((site) => facts.top(site))
  if (expected.length === 0)
    return tops.some((top) => top !== null)
      ? [violation(3, facts, null, `nobody wrote it, yet it shows: ${describe(facts, tops)}`)]
      : []
  if (expected.some((winner) => tops.every((top) => shows(top, winner)))) return tagsOf(facts, tops)
  const wanted = expected.map(describeWorth).join(', or ')
  const what = `expected ${wanted}; found ${describe(facts, tops)}`
  return [violation(areAlike(tops) ? lawOfWrongAnswer(expected, tops[0] ?? null) : 3, facts, null, what)]
}

/** Law 3: whoever wins, after an exception too, wins everywhere. */
export function agreementOf(facts: KeyFacts): readonly Violation[] {
  const tops = facts.members.map((site) => facts.top(site))
  return areAlike(tops) ? [] : [violation(3, facts, null, `the members differ: ${describe(facts, tops)}`)]
}

function areAlike(tops: readonly (Version | null)[]): boolean {
  const [first = null] = tops
  return tops.every((top) => (top === null ? first === null : first !== null && sameContent(top, first)))
}

/** All agree on something that users did not make of it. */
function lawOfWrongAnswer(expected: readonly Worth[], shown: Version | null): Law {
  if (shown === null || expected.every(({ dead }) => dead)) return 5
  return 2
}

/** Law 3: tags are part of what converges. */
function tagsOf(facts: KeyFacts, tops: readonly (Version | null)[]): readonly Violation[] {
  const [first, ...rest] = tops
  if (first === undefined || first === null || rest.every((top) => top?.tags === first.tags)) return []
  return [violation(3, facts, null, `the tags differ: ${tops.map((top) => `${top?.site} {${top?.tags}}`).join(', ')}`)]
}

/** Law 7: what lost, late and repeated events left undone, one reconcile ends, before any deeper look. */
export function hintsOf(facts: KeyFacts, pass: PassFacts | undefined): readonly Violation[] {
  if (pass === undefined) return []
  const tops = facts.members.map((site) =>
    facts.version(
      facts.changes.findLast((change) => change.site === site && change.atMs <= pass.restedAtMs)?.after ?? null,
    ),
  )
  const [first = null, ...rest] = tops
  if (rest.every((top) => (top === null ? first === null : first !== null && sameContent(top, first)))) return []
  return [
    violation(7, facts, pass.restedAtMs, `after a whole reconcile the members still differ: ${describe(facts, tops)}`),
  ]
}

/** Law 1: what lay in a bucket before it joined and equals the winner is adopted where it lies, not copied again. */
export function adoptedOf(facts: KeyFacts): readonly Violation[] {
  return facts.changes.flatMap((change) => {
    const before = facts.version(change.before)
    const came = facts.version(change.version)
    if (change.by !== 'isobar' || change.kind !== 'put' || before === null || came === null) return []
    if (
      !facts.isOlderThanJoining(before) ||
      !sameContent(before, came) ||
      isNative(came) ||
      !facts.isLongThere(before, came)
    )
      return []
    return [
      violation(
        1,
        facts,
        change.atMs,
        `${name(before)} was already there and the same, and was copied again as ${name(came)}`,
        change.site,
      ),
    ]
  })
}

function violation(
  law: Law,
  facts: KeyFacts,
  atMs: number | null,
  what: string,
  site: string | null = null,
): Violation {
  return { law, key: facts.key, site, atMs, what }
}

function describeWorth({ dead, version }: Worth): string {
  return dead ? `nothing, for ${name(version)} was deleted` : `${name(version)} everywhere`
}

function describe(facts: KeyFacts, tops: readonly (Version | null)[]): string {
  return facts.members
    .map((site, i) => `${site}: ${tops[i] === null || tops[i] === undefined ? 'nothing' : name(tops[i])}`)
    .join('; ')
}
