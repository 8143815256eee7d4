import { compareDigests, type Sameness } from '#shared/kernel/digest.ts'
import type { SiteId } from '#shared/kernel/ids.ts'
import { compareStamps, sameStamp, type Stamp } from '#shared/kernel/stamp.ts'
import { alive, compareValues, dead, never, type Value } from '#shared/kernel/value.ts'
import type { Content, Native, Replica, Sight, Step } from './model.ts'

/** What to do about one key, given what its members show. */
export type Verdict =
  | { readonly verdict: 'agreed' }
  /** The histories of these members decide; read them and ask again. */
  | { readonly verdict: 'look'; readonly sites: readonly SiteId[] }
  /** No checksum that both report: read the two contents and ask again. */
  | { readonly verdict: 'read'; readonly sites: readonly SiteId[] }
  /** Two versions of this origin with one date: look at it once more, after all others, and ask again. */
  | { readonly verdict: 'again'; readonly site: SiteId }
  /** Two versions of this origin with one date, and it did not answer: nobody else can tell. */
  | { readonly verdict: 'ask'; readonly origin: SiteId }
  | {
      readonly verdict: 'move'
      readonly stamp: Stamp
      readonly sources: readonly Shown[]
      readonly steps: readonly Step[]
    }

export interface Question {
  readonly sights: readonly Sight[]
  /** Look below copies that were written where nothing was. */
  readonly deeper: boolean
  /** Members that did not answer. */
  readonly silent: ReadonlySet<SiteId>
  /** Members that were looked at once more, after all others. */
  readonly again: ReadonlySet<SiteId>
}

type Shown = Native | Replica

/** Every member moves up to the greatest value that any of them holds. Pure; who wants the whole of Isobar's conflict resolution reads this function. */
export function decide(question: Question): Verdict {
  const { sights } = question
  const shown = sights.filter(isShown)
  if (shown.length === 0) return { verdict: 'agreed' } // Without this line a deletion's echo costs a listing at every member.
  if (!question.deeper && agree(sights)) return { verdict: 'agreed' }

  const unread = sights.filter((sight) => sight.shows === 'nothing' && sight.below === null)
  if (unread.length > 0) return look(unread)
  const doubtful = sights.filter(
    (sight) => sight.shows === 'replica' && sight.onto === 'absent' && sight.below === null,
  )
  if (doubtful.length > 0 && !deletionCovers(sights, shown)) return look(doubtful)

  const claims = sights.map(valueOf)
  // A deletion counts wherever it was found: below a copy that outlived it, too.
  const winner = greatest([...claims.map(({ value }) => value), ...deletions(sights).map(dead)], question)
  if ('verdict' in winner) return winner
  return adopt(winner, claims, question)
}

/** A value and where it was seen. */
interface Claim {
  readonly sight: Sight
  readonly value: Value
}

function valueOf(sight: Sight): Claim {
  if (sight.shows !== 'nothing') return { sight, value: alive(sight.stamp) }
  const buried = sight.below?.greatest[0]
  return { sight, value: buried === undefined ? never : dead(buried) }
}

/** A known deletion that nothing shown exceeds: no history can change the winner any more. */
function deletionCovers(sights: readonly Sight[], shown: readonly Shown[]): boolean {
  return deletions(sights).some((stamp) =>
    shown.every((sight) => ['greater', 'equal'].includes(compareStamps(stamp, sight.stamp))),
  )
}

function deletions(sights: readonly Sight[]): readonly Stamp[] {
  return sights.flatMap((sight) => (sight.shows === 'native' ? [] : (sight.below?.greatest ?? [])))
}

/** Ties are broken only at the top: who is surely less decides nothing, and nobody is asked for its sake. */
function greatest(values: readonly Value[], question: Question): Value | Verdict {
  let winner: Value = never
  for (const value of values) {
    if (values.some((other) => compareValues(value, other) === 'less')) continue
    const settled = compareValues(value, winner) === 'ask' ? breakTie(value, winner, question) : value
    if ('verdict' in settled) return settled
    winner = settled
  }
  return winner
}

/**
 * Two versions of one origin with one date. What the origin shows now decides; else the greater id, any fixed choice.
 * A version that somebody deleted, or that nobody shows any more, is dead.
 */
function breakTie(a: Value, b: Value, question: Question): Value | Verdict {
  if (a.state === 'never' || b.state === 'never') return a.state === 'never' ? b : a
  const origin = a.stamp.origin
  if (question.silent.has(origin)) return { verdict: 'ask', origin }
  // A copy may be of what came after our look at its origin: asked before the others, the origin takes the later of two for the earlier.
  if (question.sights.some(({ site }) => site === origin && !question.again.has(site)))
    return { verdict: 'again', site: origin }
  const tied = [a.stamp, b.stamp]
  const shown = question.sights.filter(isShown)
  const atOrigin = shown.find((sight) => sight.site === origin)
  const decided =
    tied.find((stamp) => atOrigin !== undefined && sameStamp(stamp, atOrigin.stamp)) ??
    (a.stamp.id > b.stamp.id ? a.stamp : b.stamp)
  const wasDeleted = deletions(question.sights).some((stamp) => sameStamp(stamp, decided))
  const isShownNow = shown.some((sight) => sameStamp(sight.stamp, decided))
  return wasDeleted || !isShownNow ? dead(decided) : alive(decided)
}

/** What lay in a bucket before it joined, and equals the winner, is a copy of it: filled buckets are adopted without moving a byte. */
function adopt(winner: Value, claims: readonly Claim[], question: Question): Verdict {
  if (winner.state !== 'alive') return move(winner, claims, question)
  const { stamp } = winner
  const model = question.sights.filter(isShown).find((sight) => sameStamp(sight.stamp, stamp))
  if (model === undefined) return move(winner, claims, question)
  const compared = claims.map((claim) => ({ claim, same: sameAsWinner(claim, model) }))
  const unread = compared.filter(({ same }) => same === 'unknown').map(({ claim }) => claim.sight.site)
  if (unread.length > 0) return { verdict: 'read', sites: [model.site, ...unread] }
  const adopted = compared.map(({ claim, same }) => (same === 'same' ? restamped(claim, model.stamp) : claim))
  const deletedSince = adopted.some(({ value }) => compareValues(value, dead(model.stamp)) === 'equal')
  return move(deletedSince ? dead(model.stamp) : winner, adopted, question)
}

function restamped({ sight, value }: Claim, stamp: Stamp): Claim {
  return { sight, value: value.state === 'dead' ? dead(stamp) : alive(stamp) }
}

/** Only a winner that was there when the site joined can have been copied to it before. */
function sameAsWinner({ sight, value }: Claim, model: Shown): Sameness {
  const older = olderContent(sight)
  if (older === null || value.state === 'never' || sameStamp(value.stamp, model.stamp)) return 'different'
  return older.joinedMs !== null && model.stamp.timeMs < older.joinedMs
    ? sameContent(older, model.content)
    : 'different'
}

/** What a site held before it joined, shown or deleted since. */
function olderContent(sight: Sight): Content | null {
  if (sight.shows === 'native') return sight.content
  return sight.shows === 'nothing' ? (sight.below?.older?.content ?? null) : null
}

export function sameContent(a: Content, b: Content): Sameness {
  if (a.size !== b.size || a.properties !== b.properties) return 'different'
  return compareDigests(a.digests, b.digests)
}

/** The steps that bring everyone to the winner; each names what it replaces as its condition. */
function move(winner: Value, claims: readonly Claim[], { sights }: Question): Verdict {
  if (winner.state === 'never') return { verdict: 'agreed' }
  const { stamp } = winner
  const unseen = sights.flatMap((sight) => (sight.shows === 'native' ? [] : (sight.below?.unseen ?? [])))
  const final = unseen.some((one) => sameStamp(one, stamp)) ? dead(stamp) : winner
  const steps = claims.flatMap((claim) => stepFor(claim, final))
  if (steps.length === 0) return { verdict: 'agreed' }
  const sources = claims.filter((claim) => compareValues(claim.value, final) === 'equal').map(({ sight }) => sight)
  return { verdict: 'move', stamp, sources: sources.filter(isShown), steps }
}

function stepFor({ sight, value }: Claim, winner: Value): readonly Step[] {
  if (compareValues(value, winner) === 'equal' && isShown(sight) === (winner.state === 'alive')) return []
  const over = isShown(sight) ? sight.meta : null
  // A version that a user wrote is never displaced without a word, not even where it seems to be the very one that was deleted.
  const loser = sight.shows === 'native' ? sight.stamp : null
  if (winner.state === 'alive') return [{ act: 'write', site: sight.site, over, loser }]
  return over === null ? [] : [{ act: 'remove', site: sight.site, over, loser }]
}

function agree(sights: readonly Sight[]): boolean {
  const [first, ...rest] = sights
  return (
    first !== undefined &&
    isShown(first) &&
    rest.every((sight) => isShown(sight) && sameStamp(sight.stamp, first.stamp))
  )
}

function isShown(sight: Sight): sight is Shown {
  return sight.shows !== 'nothing'
}

function look(sights: readonly Sight[]): Verdict {
  return { verdict: 'look', sites: sights.map(({ site }) => site) }
}
