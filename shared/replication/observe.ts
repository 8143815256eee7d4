import { digestText } from '#shared/kernel/digest.ts'
import { asFailure, Failure } from '#shared/kernel/failure.ts'
import type { SiteId } from '#shared/kernel/ids.ts'
import type { Key } from '#shared/kernel/key.ts'
import { groupEntry, readMark, type Mark } from '#shared/kernel/mark.ts'
import { compareStamps, type Stamp } from '#shared/kernel/stamp.ts'
import type { KeptVersion, ObjectMeta, ObjectStore } from '#shared/ports/object-store.ts'
import { believe, type Circle } from './believe.ts'
import type { Core } from './core.ts'
import { clockOf } from './hold.ts'
import { History } from './history.ts'
import type { Absent, Buried, Content, Replica, Sight } from './model.ts'
import { digestProperties } from './properties.ts'

/** One key as one rule sees it. */
export interface Scope {
  readonly core: Core
  readonly key: Key
  readonly circle: Circle
  readonly keyDigest: string
  readonly signal: AbortSignal
}

export function scopeOf(core: Core, circle: Circle, key: Key, signal: AbortSignal): Scope {
  return { core, key, circle, keyDigest: digestText(core.hashing, key), signal }
}

/** What a member shows now. */
export async function look(scope: Scope, store: ObjectStore): Promise<Sight> {
  return see(scope, store, await store.head(scope.key, scope.signal))
}

/** Takes an answer as a sight; a doubtful mark costs one look into the history. */
export async function see(scope: Scope, store: ObjectStore, meta: ObjectMeta | null): Promise<Sight> {
  if (meta === null) return { site: store.site, shows: 'nothing', below: null }
  const history = new History(store, scope.key, scope.signal, scope.core.limits)
  const mark = await markOf(scope, store, meta, (fromMs) => olderThan(history, meta, fromMs))
  const content = contentOf(scope, store.site, meta)
  if (mark === null) return { site: store.site, shows: 'native', stamp: nativeStamp(store.site, meta), content, meta }
  return { site: store.site, shows: 'replica', stamp: mark.stamp, onto: mark.onto, below: null, content, meta }
}

export function nativeStamp(site: SiteId, meta: { readonly dateMs: number; readonly id: Stamp['id'] }): Stamp {
  return { epoch: 0, timeMs: meta.dateMs, origin: site, id: meta.id }
}

function contentOf(scope: Scope, site: SiteId, meta: ObjectMeta): Content {
  const joined = scope.core.config.sites.get(site)?.joinedMs ?? null
  return {
    size: meta.size,
    digests: meta.digests,
    properties: digestProperties(scope.core.hashing, meta),
    joinedMs: joined !== null && meta.dateMs < joined ? joined : null,
  }
}

/** The mark of a replica, or `null` for a version that a user wrote. `older` is asked only when the mark is doubtful. */
async function markOf(
  scope: Scope,
  store: ObjectStore,
  meta: ObjectMeta,
  older: (fromMs: number) => AsyncIterable<ObjectMeta>,
): Promise<Mark | null> {
  const bearer = {
    meta,
    algorithm: store.traits.digest,
    keyDigest: scope.keyDigest,
    propertiesDigest: digestProperties(scope.core.hashing, meta),
    ageMs: clockOf(scope.core, store) - meta.dateMs,
  }
  const belief = believe(scope.circle, bearer, scope.core.limits)
  if (belief.is === 'native') return null
  if (belief.is === 'newer') throw unjudged(store, bearer.ageMs < scope.core.limits.rolloutMsMax)
  if (belief.is === 'replica') return belief.mark
  for await (const version of older(belief.mark.writtenMs - store.traits.dateGranularityMs)) {
    const mark = readMark(version.metadata[groupEntry] ?? '')
    // An older version carries the nonce: a user copied it over the key, mark and all.
    if (mark !== null && mark !== 'newer' && mark.nonce === belief.mark.nonce) return null
  }
  return belief.mark
}

/** Neither native nor guessed. A rollout ends; a mark that no rollout explains is for a person to judge. */
function unjudged({ site }: ObjectStore, mayBeRollout: boolean): Failure {
  const what = `${site}: a mark by a newer Isobar or a newer configuration than this one`
  return mayBeRollout
    ? new Failure('throttled', `${what}; wait for the rollout to end`, { site, scope: 'key' })
    : new Failure(
        'denied',
        `${what}; update this one, or, if a user wrote the entry, copy the object over itself without it`,
        {
          site,
          scope: 'key',
        },
      )
}

/** The versions below this one, down to that date; the listing tells dates, so an older one costs nothing. */
async function* olderThan(history: History, meta: ObjectMeta, fromMs: number): AsyncIterable<ObjectMeta> {
  let below = false
  for (let depth = 0; ; depth++) {
    const kept = await history.at(depth)
    if (kept === null || kept.dateMs < fromMs) return
    if (below && !kept.deleteMarker) {
      const older = await history.metaOf(kept)
      if (older !== null) yield older
    }
    if (kept.version === meta.version) below = true
  }
}

/** Reads what was deleted at a member and is kept there: one version listing, and one HEAD per version where listings show no metadata. */
export async function dig(scope: Scope, store: ObjectStore, sight: Absent | Replica): Promise<Buried> {
  const shown = sight.shows === 'nothing' ? null : sight.meta.version
  const history = new History(store, scope.key, scope.signal, scope.core.limits)
  const markers = store.traits.history === 'markers'
  const found: Weighed = { greatest: [], unseen: [], older: null }
  let underMarker = false
  for (let depth = 0; ; depth++) {
    const kept = await history.at(depth)
    if (kept === null) break
    if (kept.current && !kept.deleteMarker && kept.version !== shown) throw movedOn(store)
    if (kept.deleteMarker) underMarker = true
    // Where deletions leave markers, what lies directly below was overtaken or born behind, never deleted.
    else if (markers ? underMarker : !kept.current) {
      const top = found.greatest[0]
      if (top !== undefined && kept.dateMs < top.timeMs) break // No version carries a stamp later than its own date.
      await weigh(scope, store, history, kept, found)
    }
  }
  return found
}

/** Between the look and the listing somebody wrote: what lies below now was overwritten, not deleted. */
function movedOn({ site }: ObjectStore): Failure {
  return new Failure('conflict', `${site}: the key moved on between two looks`, { site })
}

interface Weighed {
  greatest: readonly Stamp[]
  unseen: Stamp[]
  older: Buried['older']
}

async function weigh(
  scope: Scope,
  store: ObjectStore,
  history: History,
  kept: KeptVersion,
  found: Weighed,
): Promise<void> {
  const meta = await history.metaOf(kept)
  if (meta === null) return
  const mark = await markOf(scope, store, meta, (fromMs) => olderThan(history, meta, fromMs))
  const stamp = mark?.stamp ?? nativeStamp(store.site, meta)
  if (mark === null && meta.inParts && store.traits.datesByBeginning) {
    found.unseen.push(stamp)
    return
  }
  const order = found.greatest.length === 0 ? 'greater' : compareStamps(stamp, found.greatest[0]!)
  if (order === 'less' || order === 'equal') return
  if (order === 'ask') {
    found.greatest = [...found.greatest, stamp]
    return
  }
  found.greatest = [stamp]
  const content = contentOf(scope, store.site, meta)
  // What was deleted before its site joined was no copy of anything: old deletions are unknown.
  const sinceJoining = content.joinedMs !== null && (kept.leftMs === null || kept.leftMs >= content.joinedMs)
  found.older = mark === null && sinceJoining ? { meta, content } : null
}

/** Looks at a member that its breaker does not forbid; the failure where it did not answer. */
export async function tryLook(scope: Scope, site: SiteId): Promise<Sight | Failure> {
  const { core } = scope
  if (!core.breakers.mayAsk(site)) return new Failure('unreachable', `${site}: its breaker is open`, { site })
  try {
    const sight = await look(scope, core.store(site))
    core.breakers.succeeded(site)
    return sight
  } catch (thrown) {
    return noted(core, site, asFailure(thrown))
  }
}

/**
 * Tells the breaker: of a site's own troubles, or that it answered, even where it refused. An object's own refusal says nothing about its site.
 * One failure counts once, however many lanes waited for the same read and through however many hands it goes.
 */
export function noted(core: Core, site: SiteId, failure: Failure): Failure {
  if (alreadyNoted.has(failure)) return failure
  alreadyNoted.add(failure)
  if (failure.scope === 'site' && failure.patience === 'later') core.breakers.failed(site)
  else if (answers.has(failure.kind)) core.breakers.succeeded(site)
  return failure
}

const alreadyNoted = new WeakSet<Failure>()

const answers: ReadonlySet<Failure['kind']> = new Set<Failure['kind']>(['conflict', 'absent', 'corrupt', 'denied'])
