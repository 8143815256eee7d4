import { actOf } from './bytes.ts'
import { isNative, type KeyFacts, sameContent } from './checker-facts.ts'
import type { Exception, Findings, Violation } from './checker-laws.ts'
import { metByEqualBytes } from './checker-twins.ts'
import { placeOf, comparePlaces } from './checker-order.ts'
import { deletionsUntil } from './checker-winner.ts'
import { name, type Change, type History, type Version } from './history.ts'

/** Law 4: what a store acknowledged to a user is shown or kept there for ever. */
export function keptOf(history: History): readonly Violation[] {
  const keeping = new Set(history.sites.filter(({ keeps }) => keeps !== 'none').map(({ id }) => id))
  return history.deeds.flatMap((deed) => {
    const wrote = deed.wrote === null ? null : history.versions[deed.wrote]!
    if (wrote === null || wrote.goneAtMs === null || !keeping.has(wrote.site)) return []
    return [
      {
        law: 4 as const,
        key: deed.key,
        site: deed.site,
        atMs: wrote.goneAtMs,
        what: `${name(wrote)} was acknowledged to its user and is gone`,
      },
    ]
  })
}

/** Law 4: a user's version that our write or removal displaced is reported, at the latest by whoever was told that it was done. */
export function reportedOf(facts: KeyFacts, excused: boolean): Findings {
  const violations: Violation[] = []
  const exceptions: Exception[] = []
  for (const change of facts.changes) {
    const loser = facts.version(change.before)
    if (change.by !== 'isobar' || loser === null || !isNative(loser) || !wasTold(facts.history, change)) continue
    // What a route brought is at its source too: nobody's work is displaced with it.
    if (loser.entry === 'route' && loser.by === 'isobar') continue
    if (isSameAgain(facts, change, loser) || wasDeleted(facts, loser) || isReported(facts, change, loser)) continue
    const at = { key: facts.key, site: change.site, atMs: change.atMs }
    const what = `${name(loser)} was displaced and no receipt says where it lies`
    const met = excused ? 'after such an exception' : metByEqualBytes(facts.history, change)
    if (met === null) violations.push({ ...at, law: 4, what })
    else exceptions.push({ ...at, what: `${met}: ${what}` })
  }
  return { violations, exceptions }
}

function isReported(facts: KeyFacts, change: Change, loser: Version): boolean {
  return facts.history.receipts.some(
    (receipt) =>
      receipt.action === 'conflict' &&
      receipt.site === change.site &&
      receipt.key === change.key &&
      receipt.loser?.id === loser.id &&
      receipt.loser.timeMs === loser.dateMs,
  )
}

/** Law 4: where nothing is kept, nothing of a user's is displaced by a group. */
export function sparedOf(facts: KeyFacts): readonly Violation[] {
  return facts.changes.flatMap((change) => {
    const loser = facts.version(change.before)
    if (change.by !== 'isobar' || loser === null || loser.by !== 'user' || facts.site(change.site).keeps !== 'none')
      return []
    if (isSameAgain(facts, change, loser)) return []
    return [
      {
        law: 4 as const,
        key: facts.key,
        site: change.site,
        atMs: change.atMs,
        what: `${name(loser)} was displaced where no versions are kept`,
      },
    ]
  })
}

/** Whether the invocation that made this change heard of it and came to its end. */
function wasTold(history: History, change: Change): boolean {
  if (change.invocation === null) return false
  const invocation = history.invocations[change.invocation]!
  return invocation.end === 'done' && invocation.told.includes(history.changes.indexOf(change))
}

/** A version written over itself, lifted or adopted, displaces nobody. */
function isSameAgain(facts: KeyFacts, change: Change, loser: Version): boolean {
  const came = change.kind === 'put' ? facts.version(change.version) : null
  return came !== null && sameContent(came, loser)
}

/** A user deleted this very version: it lost to nobody. */
function wasDeleted(facts: KeyFacts, loser: Version): boolean {
  return deletionsUntil(facts, Infinity).some(
    ({ place, version }) => comparePlaces(place, placeOf(loser)) === 0 || sameContent(version, loser),
  )
}

/** Laws 6 and 10: every version of ours is, whole, something that a user wrote under that name. */
export function soundOf(history: History): readonly Violation[] {
  const written = new Map<string, Version[]>()
  for (const version of history.versions) {
    if (version.by !== 'user' || version.marker) continue
    const known = written.get(version.body)
    if (known === undefined) written.set(version.body, [version])
    else known.push(version)
  }
  return history.versions.flatMap((version): readonly Violation[] => {
    if (version.by !== 'isobar' || version.marker) return []
    const at = { key: version.key, site: version.site, atMs: version.bornAtMs }
    const same = written.get(version.body)
    if (same === undefined) {
      const whole = [...written.keys()].find((body) => actOf(body) === actOf(version.body))
      if (whole === undefined || whole.length === version.body.length)
        return [{ ...at, law: 6, what: `nobody wrote the bytes of ${name(version)}` }]
      return [
        {
          ...at,
          law: 10,
          what: `${name(version)} is put together wrongly from what a user wrote: ${version.body.length} bytes of ${whole.length}`,
        },
      ]
    }
    if (same.some((one) => sameContent(one, version))) return []
    return [
      {
        ...at,
        law: 6,
        what: `${name(version)} has other headers or metadata than any user gave it: ${version.properties}`,
      },
    ]
  })
}
