import { isNative, type KeyFacts, sameContent } from './checker-facts.ts'
import { comparePlaces, compareWorths, isTie, placeOf, type Worth } from './checker-order.ts'
import type { Deed, Version } from './history.ts'

/** Something that counts, or may as well not: the design leaves it open. */
interface Fact {
  readonly worth: Worth
  readonly optional: boolean
}

/** What every member may show in the end: usually one answer, several where the design leaves a freedom. */
export function winners(facts: KeyFacts): readonly Worth[] {
  const all = [...aliveFacts(facts), ...deadFacts(facts)]
  const certain = all.filter(({ optional }) => !optional).map(({ worth }) => worth)
  const open = all.filter(({ optional }) => optional).map(({ worth }) => worth)
  const found: Worth[] = []
  // Of many open facts only the greatest few can decide.
  const deciding = open.toSorted(compareWorths).slice(-4)
  for (let choice = 0; choice < 1 << deciding.length; choice++) {
    const counting = [...certain, ...deciding.filter((_, i) => (choice >> i) & 1)]
    for (const winner of greatest(facts, counting))
      if (!found.some((one) => one.version === winner.version && one.dead === winner.dead)) found.push(winner)
  }
  return found
}

/** One, and beside it those of its site and second where that site is no longer there to order them. */
function greatest(facts: KeyFacts, worths: readonly Worth[]): readonly Worth[] {
  if (worths.length === 0) return []
  const winner = worths.reduce((a, b) => (compareWorths(a, b) < 0 ? b : a))
  const indistinct = worths.filter((one) => one !== winner && compareWorths(one, winner) === 0)
  if (indistinct.length > 0) return [winner, ...indistinct]
  if (facts.members.includes(winner.place.site)) return [winner]
  return worths.filter((one) => one === winner || isTie(one.place, winner.place))
}

function aliveFacts(facts: KeyFacts): readonly Fact[] {
  return facts.natives
    .filter((version) => facts.wasShown(version) || isBuriedAlive(facts, version))
    .filter((version) => counts(facts, version) && !wasDeletedUnseen(facts, version))
    .map((version) => ({ worth: { dead: false, place: placeOf(version), version }, optional: false }))
}

/** Deleted where it lay, it counts for its own stamp at most: as a deletion, or not at all. */
function wasDeletedUnseen(facts: KeyFacts, version: Version): boolean {
  if (!mayBeUnseen(facts, version)) return false
  return facts.deeds.some((deed) => !wasTakenBack(facts, deed) && whatLayBelow(facts, deed)?.includes(version) === true)
}

/** Born below what came while it was under way, with no deletion among it to lie under: where no event is lost, its own finds it there. */
function isBuriedAlive(facts: KeyFacts, upload: Version): boolean {
  if (!facts.history.rest.eventsOnly || !mayBeUnseen(facts, upload)) return false
  return !facts.versions.some(({ marker, site, dateMs }) => marker && site === upload.site && dateMs >= upload.dateMs)
}

/** What a site that has left had told nobody left with it. */
function counts(facts: KeyFacts, version: Version): boolean {
  if (facts.members.includes(version.site)) return true
  return facts.versions.some(
    (other) => facts.members.includes(other.site) && !isNative(other) && facts.origin(other) === version,
  )
}

/** All that users' deletions up to a moment may be worth. */
export function deletionsUntil(facts: KeyFacts, atMs: number): readonly Worth[] {
  return deadFacts(facts, atMs).map(({ worth }) => worth)
}

function deadFacts(facts: KeyFacts, untilMs = Infinity): readonly Fact[] {
  return facts.deeds.flatMap((deed) => {
    if (!deed.deleted || deed.atMs > untilMs) return []
    const worth = facts.worthOfDeletion(deed)
    if (worth === null) return []
    const optional = !facts.members.includes(deed.site) || wasTakenBack(facts, deed)
    const below = whatLayBelow(facts, deed)
    if (below === null) return [{ worth, optional }]
    const seen = worthsOf(
      facts,
      below.filter((one) => !mayBeUnseen(facts, one)),
    )
    const unseen = worthsOf(
      facts,
      below.filter((one) => mayBeUnseen(facts, one)),
    )
    return [
      ...unseen.map((one) => ({ worth: one, optional: true })),
      ...seen.slice(-1).map((one) => ({ worth: one, optional })),
    ]
  })
}

/** In their order, the greatest last. */
function worthsOf(facts: KeyFacts, versions: readonly Version[]): readonly Worth[] {
  return versions
    .flatMap((one) => {
      const origin = facts.origin(one)
      return origin === null ? [] : [{ dead: true, place: placeOf(origin), version: origin }]
    })
    .toSorted(compareWorths)
}

/** S3 takes a deletion back by removing its marker: as if it had never been, unless somebody else knew of it. */
function wasTakenBack(facts: KeyFacts, deed: Deed): boolean {
  return facts.deeds.some((other) => other.uncovered && other.site === deed.site && other.atMs > deed.atMs)
}

/** An upload in parts, dated by its beginning, may never have been seen: under a marker it counts only for its own stamp. What else lay below counts for sure. */
function mayBeUnseen(facts: KeyFacts, version: Version): boolean {
  return version.inParts && isNative(version) && facts.site(version.site).datesByBeginning
}

/** All that lay under the marker of a deletion, where it deleted such an upload; `null` where it deleted anything else. */
function whatLayBelow(facts: KeyFacts, deed: Deed): readonly Version[] | null {
  const showed = deed.deleted ? facts.version(deed.showed) : null
  if (showed === null || !mayBeUnseen(facts, showed)) return null
  return facts.versions.filter(
    (one) => one.site === deed.site && !one.marker && one.sequence <= showed.sequence && one.bornAtMs < deed.atMs,
  )
}

/** Whether this is what a member may show. */
export function shows(top: Version | null, winner: Worth): boolean {
  if (winner.dead) return top === null
  return top !== null && sameContent(top, winner.version)
}

/** Two versions of the same bytes, dated alike by a store whose versions are named by their bytes: nothing in the design can tell them apart. */
export function hasIndistinctVersions(facts: KeyFacts): boolean {
  return facts.natives.some(
    (a) =>
      facts.site(a.site).equalBytesEqualEtag &&
      facts.natives.some((b) => a.n < b.n && comparePlaces(placeOf(a), placeOf(b)) === 0),
  )
}
