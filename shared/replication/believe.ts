import type { Config, Rule } from '#shared/config/model.ts'
import type { Algorithm } from '#shared/kernel/digest.ts'
import type { SiteId } from '#shared/kernel/ids.ts'
import { groupEntry, type Mark, readMark, routeEntry } from '#shared/kernel/mark.ts'
import type { ObjectMeta } from '#shared/ports/object-store.ts'

/** Whose marks count for whom. */
export interface Circle {
  readonly entry: typeof groupEntry | typeof routeEntry
  /** Every site that is or once was a member; on a route, its source or a retired one. */
  readonly origins: ReadonlySet<SiteId>
  /** Every site of the configuration. */
  readonly known: ReadonlySet<SiteId>
}

export function circleOf({ sites }: Config, rule: Rule): Circle {
  const known = new Set(sites.keys())
  return rule.kind === 'group'
    ? { entry: groupEntry, origins: new Set([...rule.members, ...rule.retired]), known }
    : { entry: routeEntry, origins: new Set([rule.from, ...rule.retired]), known }
}

/** What is known of the version that carries the mark. */
export interface Bearer {
  readonly meta: ObjectMeta
  /** Its store reports it for our own writes. */
  readonly algorithm: Algorithm
  readonly keyDigest: string
  readonly propertiesDigest: string
  /** By its own store's clock. */
  readonly ageMs: number
}

/**
 * `doubtful`: ours, unless an older version here carries the same nonce; then a user restored it.
 * `newer`: written by a later version of Isobar or of its configuration; not ours to judge.
 */
export type Belief =
  | { readonly is: 'native' }
  | { readonly is: 'newer' }
  | { readonly is: 'replica'; readonly mark: Mark }
  | { readonly is: 'doubtful'; readonly mark: Mark }

const native: Belief = { is: 'native' }

export interface BeliefLimits {
  readonly promptMs: number
  readonly landMs: number
  readonly futureMsMax: number
  readonly rolloutMsMax: number
}

/**
 * Whether a version is a replica. Marks travel with copies that users make, so a mark is believed only where nothing about its bearer contradicts it.
 * Believing grants nothing: it only says *this is not news*.
 */
export function believe(circle: Circle, bearer: Bearer, limits: BeliefLimits): Belief {
  const text = bearer.meta.metadata[circle.entry]
  if (text === undefined) return native
  const mark = readMark(text)
  if (mark === 'newer') return { is: 'newer' }
  if (mark === null) return native
  if (mark.key !== bearer.keyDigest) return native // A user copied it from another key.
  if (!circle.origins.has(mark.stamp.origin))
    return isFromRollout(circle, bearer, mark, limits) ? { is: 'newer' } : native
  if (mark.algorithm !== bearer.algorithm || bearer.meta.digests[mark.algorithm] !== mark.content) return native // A user changed the bytes and kept the metadata.
  if (bearer.propertiesDigest !== mark.properties) return native // A user changed the headers or the metadata.
  if (circle.entry === routeEntry) return { is: 'replica', mark }
  if (mark.stamp.timeMs > bearer.meta.dateMs + limits.futureMsMax) return native // Forged: a copy cannot be older than its original.
  const late = bearer.meta.dateMs - mark.writtenMs
  if (late <= limits.promptMs) return { is: 'replica', mark }
  if (late <= limits.landMs) return { is: 'doubtful', mark }
  return native // No write of ours lands so late: a user restored an old version.
}

/** While a site joins, functions with the configuration from before meet its marks: taken for a user's, an old version would beat a newer one. */
function isFromRollout(circle: Circle, bearer: Bearer, mark: Mark, { rolloutMsMax }: BeliefLimits): boolean {
  return circle.entry === groupEntry && !circle.known.has(mark.stamp.origin) && bearer.ageMs < rolloutMsMax
}
