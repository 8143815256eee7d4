import { compareDigests } from '#shared/kernel/digest.ts'
import type { SiteId } from '#shared/kernel/ids.ts'
import { sameStamp } from '#shared/kernel/stamp.ts'
import type { Doubtful, Glimpse, Known, Opaque, ListedOriginal } from './model.ts'

/** What a key of a group needs, given what the members' listings show of it. */
export type Verdict =
  | { readonly verdict: 'in-sync' }
  /** Listings cannot tell of these members: one HEAD each, and ask again. */
  | { readonly verdict: 'look'; readonly sites: readonly SiteId[] }
  | { readonly verdict: 'settle' }
  /** The same version everywhere, but its headers or metadata were changed in place: written anew at this site it can be ordered. */
  | { readonly verdict: 'lift'; readonly site: SiteId }
  /** The same version everywhere: only requests can tell whether its tags are the same. */
  | { readonly verdict: 'tags' }
  /** The same version, yet two stores vouch for different bytes. */
  | { readonly verdict: 'corrupt'; readonly sites: readonly SiteId[] }

export interface Question {
  readonly glimpses: readonly Glimpse[]
  /** These very versions were found to agree before. */
  readonly remembered: boolean
  /** Take nothing on trust that a request can tell. */
  readonly deep: boolean
}

const inSync: Verdict = { verdict: 'in-sync' }
const settle: Verdict = { verdict: 'settle' }

/** Finds who needs a closer look; what to do then is settle's alone to say. */
export function decide({ glimpses, remembered, deep }: Question): Verdict {
  const shown = glimpses.filter((glimpse) => glimpse.shows !== 'nothing')
  if (shown.length === 0) return inSync
  if (shown.length < glimpses.length) return settle // Absent from a listing is not absent: settle asks for the key itself.
  if (shown.some(({ shows }) => shows === 'unread')) return settle
  const known = shown.filter(isKnown)
  // Copies that no mark connects: adopted ones.
  if (known.some(({ stamp }) => !sameStamp(stamp, known[0]!.stamp))) return remembered ? inSync : settle
  if (known.some(({ suspect }) => suspect)) return settle
  const unclear = shown.filter(
    (glimpse) => isDoubtful(glimpse) || (isOpaque(glimpse) && !isNamed(glimpse, known, deep)),
  )
  if (unclear.length === 0 || (remembered && !deep)) return compare(known, shown, deep)
  return { verdict: 'look', sites: unclear.map(({ site }) => site) }
}

/** A version that its copies name needs no HEAD. The deep pass looks at it all the same: what it says of tags and metadata, no listing shows. */
function isNamed({ native }: Opaque, [known]: readonly Known[], deep: boolean): boolean {
  return !deep && known !== undefined && sameStamp(known.stamp, native)
}

/** One version everywhere: what may have been changed since without becoming another. */
function compare(known: readonly Known[], shown: readonly Glimpse[], deep: boolean): Verdict {
  const [first] = known
  if (first === undefined) return inSync
  if (known.some(({ properties }) => properties !== first.properties)) {
    const origin = shown.find(({ site }) => site === first.stamp.origin)?.site ?? first.site
    return { verdict: 'lift', site: origin }
  }
  const other = known.find(({ digests }) => compareDigests(digests, first.digests) === 'different')
  if (other !== undefined) return { verdict: 'corrupt', sites: [first.site, other.site] }
  return deep && known.some(({ tagCount }) => tagCount > 0) ? { verdict: 'tags' } : inSync
}

export type RouteVerdict = 'in-sync' | 'look' | 'mirror'

/** What one target of a route needs. Where the source's listing shows nothing, only mirror, which asks the source, may act. */
export function decideRoute(original: ListedOriginal | null, target: Glimpse): RouteVerdict {
  const unwanted = original === null || original.admitted === false
  if (target.shows === 'nothing') return unwanted ? 'in-sync' : 'mirror'
  if (target.shows === 'opaque') return 'look'
  if (target.shows === 'native') return unwanted ? 'in-sync' : 'mirror' // Foreign: with no source it is nobody's business.
  if (unwanted || !isKnown(target) || original.admitted === null) return 'mirror'
  const same = original.properties === null || original.properties === target.properties
  return same && sameStamp(target.stamp, original.stamp) ? 'in-sync' : 'mirror'
}

function isKnown(glimpse: Glimpse): glimpse is Known {
  return glimpse.shows === 'native' || glimpse.shows === 'replica'
}

function isOpaque(glimpse: Glimpse): glimpse is Opaque {
  return glimpse.shows === 'opaque'
}

function isDoubtful(glimpse: Glimpse): glimpse is Doubtful {
  return glimpse.shows === 'doubtful'
}
