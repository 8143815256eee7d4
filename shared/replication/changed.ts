import type { Group } from '#shared/config/model.ts'
import { compareStamps, type Stamp } from '#shared/kernel/stamp.ts'
import type { Found, ObjectMeta, ObjectStore } from '#shared/ports/object-store.ts'
import { circleOf } from './believe.ts'
import type { Core } from './core.ts'
import { fastPath } from './fast-path.ts'
import { History } from './history.ts'
import { clockOf, hear } from './hold.ts'
import { Ledger } from './ledger.ts'
import { lift } from './lift.ts'
import type { Message, ObjectEvent, Outcome, Sight } from './model.ts'
import { nativeStamp, type Scope, scopeOf, see, tryLook } from './observe.ts'
import { settle } from './settle.ts'

export interface Delivery {
  /** When this invocation began, by the monotonic clock. */
  readonly beganMs: number
  /** It was fresh when it was put off. */
  readonly wasFresh: boolean
}

interface Work {
  readonly group: Group
  readonly event: ObjectEvent
  readonly scope: Scope
  readonly ledger: Ledger
  readonly home: ObjectStore
  readonly beganMs: number
}

/** A change at a member of a group. What the event says is a hint; what its own site shows decides what it was worth. */
export async function changed(
  group: Group,
  event: ObjectEvent,
  core: Core,
  signal: AbortSignal,
  { beganMs, wasFresh }: Delivery,
): Promise<Outcome> {
  const ledger = new Ledger(group.id, event.key)
  if (event.writtenFor === group.id) {
    ledger.note('echo', event.site, 'the event says that Isobar wrote it')
    return ledger.outcome()
  }
  if (core.out(group.id, event.site)) {
    ledger.note('held', event.site, 'the member was away for longer than its group remembers deletions; let it rejoin')
    return ledger.outcome()
  }
  const home = core.store(event.site)
  const scope = scopeOf(core, circleOf(core.config, group), event.key, signal)
  const work: Work = { group, event, scope, ledger, home, beganMs }
  if (event.kind === 'deleted') return deleted(work)
  const found = await home.get(event.key, signal)
  core.breakers.succeeded(event.site)
  const fresh = clockOf(core, home) - event.timeMs < core.limits.freshMs
  if (event.kind === 'uncovered') return uncovered(work, found, fresh || wasFresh)
  if (found === null) return fresh ? gone(work) : settled(work)
  return event.kind === 'updated' ? updated(work, found) : created(work, found, fresh)
}

/** The general protocol takes over. */
function settled({ group, event, scope, ledger, beganMs }: Work, by: ObjectEvent | null = null): Promise<Outcome> {
  return settle(group, event.key, scope.core, scope.signal, { deeper: true, uncovered: by, beganMs, ledger })
}

function gone({ ledger, event }: Work): Outcome {
  ledger.note('agreed', event.site, 'gone again: its deletion speaks for itself')
  return ledger.outcome()
}

/** Only a fresh event outdoes the deletion that it took back: a late one cannot be told from a deletion under way. */
async function uncovered(work: Work, found: Found | null, fresh: boolean): Promise<Outcome> {
  if (!fresh) return settled(work)
  if (found === null) return gone(work)
  const { event } = work
  const message = { kind: 'changed', group: work.group.id, event, wasFresh: true } as const
  return onlyWithTime(work, found.meta, message, () => settled(work, event))
}

async function updated(work: Work, { meta }: Found): Promise<Outcome> {
  const sight = await see(work.scope, work.home, meta)
  return isNamed(work.event, meta) && sight.shows === 'native'
    ? liftOver(work, meta, meta, 'its metadata was changed in place')
    : settled(work)
}

async function created(work: Work, found: Found, fresh: boolean): Promise<Outcome> {
  const { group, event, scope, ledger, home } = work
  const { meta } = found
  const sight = await see(scope, home, meta)
  const named = isNamed(event, meta)
  if (sight.shows === 'replica' && !named) {
    const buried = await findBuried(work, sight.stamp)
    if (buried !== null) return liftOver(work, buried, meta, 'its upload began before the replica on top was written')
  }
  if (!fresh) return settled(work)
  if (sight.shows === 'replica') return echo(work, sight.stamp)
  if (!named) return superseded(work, nativeStamp(event.site, meta))
  if (meta.size > scope.core.limits.smallBytes) {
    const message = { kind: 'settle', group: group.id, key: event.key } as const
    return onlyWithTime(work, meta, message, () => settled(work))
  }
  const end = await fastPath(work, found, nativeStamp(event.site, meta))
  return end === 'done' ? ledger.outcome() : settled(work)
}

function isNamed({ id }: ObjectEvent, meta: ObjectMeta): boolean {
  return id === null || id === meta.id
}

/** Not before the fast copies of what was there have landed; until then the queue keeps it. */
async function deleted(work: Work): Promise<Outcome> {
  const { group, event, scope, ledger } = work
  const waitMs = await untilLanded(scope.core, event, scope.signal)
  if (waitMs <= 0) return settled(work)
  const message = { kind: 'settle', group: group.id, key: event.key } as const
  ledger.deferred(event.site, message, waitMs, 'a deletion waits until copies under way have landed')
  return ledger.outcome()
}

/** How long a deletion waits yet, by its own site's clock. */
export async function untilLanded(core: Core, event: ObjectEvent, signal: AbortSignal): Promise<number> {
  const home = core.store(event.site)
  await hear(core, home, event.key, signal)
  return event.timeMs + core.limits.slowMs + home.traits.dateGranularityMs - clockOf(core, home)
}

/** A large object is for a function that has the time for it. */
async function onlyWithTime(
  { event, ledger, scope }: Work,
  { size }: ObjectMeta,
  message: Message,
  work: () => Promise<Outcome>,
): Promise<Outcome> {
  if (size <= scope.core.limits.smallBytes || scope.core.transfers) return work()
  ledger.deferred(event.site, message, 0, 'larger than one write: it moves in parts', 'long')
  return ledger.outcome()
}

function echo({ ledger, event }: Work, stamp: Stamp): Outcome {
  ledger.note('echo', event.site, 'a replica is no news', { stamp })
  return ledger.outcome()
}

/**
 * A user's version that others cannot order as it lies: Cloud Storage changes metadata in place (the same generation, no new date), S3 dates an
 * upload by its beginning (a replica written meanwhile lies on top of it). Written over what shows, it gets a date of its own.
 */
function liftOver(work: Work, version: ObjectMeta, over: ObjectMeta, why: string): Promise<Outcome> {
  const { group, event, home, scope, ledger } = work
  const again = { kind: 'changed', group: group.id, event, wasFresh: false } as const
  return onlyWithTime(work, version, again, async () => {
    const what = { group: group.id, store: home, version, over, why, again }
    if (await lift(scope.core, ledger, what, scope.signal)) return ledger.outcome()
    ledger.deferred(event.site, again, scope.core.limits.retryMs, 'another was faster, or the answer was lost')
    return settled(work)
  })
}

/** The upload that the event names, where it lies below a replica and is the greater: no look at what shows would ever find it. */
async function findBuried({ scope, home, event }: Work, onTop: Stamp): Promise<ObjectMeta | null> {
  if (!home.traits.datesByBeginning) return null
  const history = new History(home, scope.key, scope.signal, scope.core.limits)
  for (let depth = 0; ; depth++) {
    const kept = await history.at(depth)
    if (kept === null || kept.deleteMarker) return null
    if (kept.current || kept.id !== event.id) continue
    const upload = await history.metaOf(kept)
    if (upload === null) return null
    const sight = await see(scope, home, upload)
    return sight.shows === 'native' && compareStamps(sight.stamp, onTop) === 'greater' ? upload : null
  }
}

/** A newer version is on top. Its own event copies it, unless a target is already further behind than the window. */
async function superseded(work: Work, onTop: Stamp): Promise<Outcome> {
  const { group, event, scope, ledger } = work
  const targets = group.members.filter((site) => site !== event.site && !scope.core.out(group.id, site))
  const sights = await Promise.all(targets.map((site) => tryLook(scope, site)))
  const oldestMs = onTop.timeMs - group.windowSeconds * 1000
  const behind = sights.some((sight) => !('shows' in sight) || isBehind(sight, oldestMs))
  if (behind) return settled(work)
  ledger.note('superseded', event.site, 'a newer version is on top: its own event copies it', { stamp: onTop })
  return ledger.outcome()
}

function isBehind(sight: Sight, oldestMs: number): boolean {
  return sight.shows === 'nothing' || sight.stamp.timeMs < oldestMs
}
