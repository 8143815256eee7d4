import { isNative, type KeyFacts, sameContent, saysOver } from './checker-facts.ts'
import type { Exception, Findings, Violation } from './checker-laws.ts'
import { metByEqualBytes, twinsOf } from './checker-twins.ts'
import { comparePlaces, type Place, placeOf } from './checker-order.ts'
import { deletionsUntil } from './checker-winner.ts'
import { name, type Change, type Version } from './history.ts'

/** Every change that our functions made in a group, one by one: none may be a step back. */
export function pastOf(facts: KeyFacts): Findings {
  const violations: Violation[] = []
  const exceptions: Exception[] = []
  for (const change of facts.changes) {
    if (change.by !== 'isobar') continue
    const wrong = stepBack(facts, change)
    if (wrong === null) {
      const covered = coversDeletion(facts, change)
      if (covered !== null) exceptions.push({ key: facts.key, site: change.site, atMs: change.atMs, what: covered })
      continue
    }
    // What follows from an exception is the same exception.
    const met = exceptions.length > 0 ? 'after such an exception' : metByEqualBytes(facts.history, change)
    if (met === null) violations.push(wrong)
    else exceptions.push({ key: facts.key, site: change.site, atMs: change.atMs, what: `${met}: ${wrong.what}` })
  }
  return { violations: [...violations, ...writtenBehind(facts)], exceptions }
}

/** No step back, but what a user deleted between the version seen and its namesake can be found no more: the copy says that it was written over the one seen. */
function coversDeletion(facts: KeyFacts, change: Change): string | null {
  const came = facts.version(change.version)
  const twins = came !== null && saysOver(came) ? twinsOf(facts.history, change) : null
  if (twins === null) return null
  const { seen, met } = twins
  const deleted = facts.deeds.some(
    ({ deleted, site, atMs }) => deleted && site === change.site && seen.bornAtMs < atMs && atMs < met.bornAtMs,
  )
  return deleted ? `${metByEqualBytes(facts.history, change)}, and a deletion between them was covered` : null
}

function stepBack(facts: KeyFacts, change: Change): Violation | null {
  const before = facts.version(change.before)
  const came = facts.version(change.version)
  if (change.kind === 'put' && came !== null && came.entry === null) return wronglyLifted(facts, change, came)
  if (before === null) return null
  const placeBefore = facts.place(before)
  if (placeBefore === null) return null
  if (change.kind === 'put')
    return came === null || came.entry !== 'group' ? null : olderOverNewer(facts, change, placeBefore, came)
  return change.kind === 'delete' ? staleDelete(facts, change, before, placeBefore) : null
}

/** Law 2: an older version never replaces a newer one. */
function olderOverNewer(facts: KeyFacts, change: Change, placeBefore: Place, came: Version): Violation | null {
  const placeCame = facts.place(came)
  if (placeCame === null || comparePlaces(placeCame, placeBefore) >= 0) return null
  return broken(
    2,
    facts,
    change,
    `an older version replaced a newer one: ${name(came)} over ${name(facts.version(change.before)!)}`,
  )
}

/** Law 5: a function removes only what a user's deletion, somewhere, is worth. */
function staleDelete(facts: KeyFacts, change: Change, before: Version, placeBefore: Place): Violation | null {
  const earned = deletionsUntil(facts, change.atMs).some(
    ({ place, version }) =>
      comparePlaces(place, placeBefore) >= 0 || (facts.isOlderThanJoining(before) && sameContent(before, version)),
  )
  if (earned) return null
  return broken(5, facts, change, `a deletion that nobody made removed ${name(before)}`)
}

/** Law 2: what is written anew as a user's must be a user's version that its own store had buried, that was uncovered, or that shows and was changed in place. */
function wronglyLifted(facts: KeyFacts, change: Change, came: Version): Violation | null {
  const before = facts.version(change.before)
  const alike = facts.versions.filter(
    (one) => one.n !== came.n && one.site === came.site && one.bornAtMs <= change.atMs && sameContent(one, came),
  )
  const buried = alike.some((one) => isNative(one) && isBuriedBelow(facts, one, before))
  const uncovered = facts.deeds.some((deed) => deed.uncovered && deed.site === came.site && deed.atMs <= change.atMs)
  const again = before !== null && sameContent(before, came) && isOrderedAnew(facts, before, change)
  if (buried || uncovered || again) return null
  return broken(2, facts, change, `${name(came)} was written as a user's new version, which it is not`)
}

/** What shows was changed in place, or is a namesake of another: written over itself where a user wrote it, it can be ordered. Of whoever has left only copies are there to be written over. */
function isOrderedAnew(facts: KeyFacts, shown: Version, { atMs }: Change): boolean {
  const origin = facts.origin(shown)
  if (origin === null || !(isNative(shown) || hasLeft(facts, origin, atMs))) return false
  return wasChangedInPlace(facts, shown, atMs) || facts.natives.some((one) => one !== origin && isNamesake(one, origin))
}

function wasChangedInPlace(facts: KeyFacts, shown: Version, untilMs: number): boolean {
  return facts.changes.some(
    ({ by, kind, atMs, version }) =>
      by === 'user' &&
      atMs <= untilMs &&
      (kind === 'patch' || kind === 'tags') &&
      sameContent(facts.version(version)!, shown),
  )
}

function isNamesake(a: Version, b: Version): boolean {
  return a.bornAtMs <= b.bornAtMs && comparePlaces(placeOf(a), placeOf(b)) === 0
}

function hasLeft(facts: KeyFacts, { site }: Version, atMs: number): boolean {
  const { retiredAtMs } = facts.site(site)
  return retiredAtMs !== null && retiredAtMs <= atMs
}

/** A newer version of a user below an older copy, and no deletion between them. */
function isBuriedBelow(facts: KeyFacts, version: Version, top: Version | null): boolean {
  const place = top === null || isNative(top) ? null : facts.place(top)
  if (top === null || place === null || comparePlaces(placeOf(version), place) < 0) return false
  return !facts.versions.some(
    (one) => one.marker && one.site === version.site && one.sequence > version.sequence && one.sequence < top.sequence,
  )
}

/** Law 2: whoever writes over a copy writes something later than the copy. */
function writtenBehind(facts: KeyFacts): readonly Violation[] {
  return facts.deeds.flatMap((deed) => {
    const showed = facts.version(deed.showed)
    const wrote = facts.version(deed.wrote)
    if (showed === null || wrote === null || wrote === showed || !isNative(wrote)) return []
    const placeShowed = facts.place(showed)
    if (placeShowed === null || comparePlaces(placeOf(wrote), placeShowed) >= 0 || facts.isOlderThanJoining(wrote))
      return []
    const what = `a user saw ${name(showed)} and wrote ${name(wrote)} over it, but that is the older of the two: the copy came before its site's clock had passed it`
    return [{ law: 2 as const, key: facts.key, site: deed.site, atMs: deed.atMs, what }]
  })
}

function broken(law: 2 | 5, facts: KeyFacts, change: Change, what: string): Violation {
  return { law, key: facts.key, site: change.site, atMs: change.atMs, what }
}
