import type { Group } from '#shared/config/model.ts'
import { compareStamps, type Stamp } from '#shared/kernel/stamp.ts'
import type { ObjectMeta, ObjectStore } from '#shared/ports/object-store.ts'
import type { Core } from './core.ts'
import { fastPath } from './fast-path.ts'
import { History } from './history.ts'
import { clockOf, hear } from './hold.ts'
import { Ledger } from './ledger.ts'
import { lift } from './lift.ts'
import type { Message, ObjectEvent, Outcome, Sight } from './model.ts'
import { nativeStamp, type Scope, scopeOf, see, tryLook } from './observe.ts'
import { settle, type SettleOptions } from './settle.ts'

export interface Delivery {
  /** When this invocation began, by the monotonic clock. */
  readonly beganMs: number
  /** It was fresh when it was sent on to a function with more time. */
  readonly wasFresh: boolean
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
  const scope = scopeOf(core, event.key, [...group.members, ...group.retired], signal)
  const deeper = { deeper: true, uncovered: null, beganMs, ledger }
  if (event.kind === 'deleted') return deleted(group, event, scope, ledger, deeper)
  const found = await home.get(event.key, signal)
  const fresh = wasFresh || clockOf(core, home) - event.timeMs < core.limits.freshMs
  if (!fresh) return settle(group, event.key, core, signal, deeper)
  if (found === null) {
    ledger.note('agreed', event.site, 'gone again: its deletion speaks for itself')
    return ledger.outcome()
  }
  const work: Work = { group, event, scope, ledger, home, meta: found.meta, deeper }
  if (event.kind === 'uncovered') {
    const uncovered = { ...deeper, uncovered: event.site }
    return onlyWithTime(work, found.meta, { kind: 'event', event, wasFresh: true }, () =>
      settle(group, event.key, core, signal, uncovered),
    )
  }
  const sight = await see(scope, home, found.meta)
  const named = event.id === null || event.id === found.meta.id
  if (event.kind === 'updated') {
    const patched = named && sight.shows === 'native'
    return patched
      ? liftOver(work, found.meta, 'its metadata was changed in place')
      : settle(group, event.key, core, signal, deeper)
  }
  if (sight.shows === 'replica') return named ? echo(work, sight.stamp) : liftBuried(work, sight.stamp)
  if (sight.shows === 'native' && !named) return superseded(work, sight.stamp)
  if (found.meta.size > core.limits.smallBytes) {
    const message = { kind: 'settle', group: group.id, key: event.key } as const
    return onlyWithTime(work, found.meta, message, () => settle(group, event.key, core, signal, deeper))
  }
  const end = await fastPath(scope, group, ledger, home, found, nativeStamp(event.site, found.meta))
  return end === 'done' ? ledger.outcome() : settle(group, event.key, core, signal, deeper)
}

interface Work {
  readonly group: Group
  readonly event: ObjectEvent
  readonly scope: Scope
  readonly ledger: Ledger
  readonly home: ObjectStore
  readonly meta: ObjectMeta
  /** How settle takes over. */
  readonly deeper: SettleOptions
}

/** Not before the fast copies of what was there have landed; until then the queue keeps it. */
async function deleted(
  group: Group,
  event: ObjectEvent,
  { core, signal }: Scope,
  ledger: Ledger,
  deeper: SettleOptions,
): Promise<Outcome> {
  const waitMs = await untilLanded(core, event, signal)
  if (waitMs <= 0) return settle(group, event.key, core, signal, deeper)
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
function liftOver(work: Work, version: ObjectMeta, why: string): Promise<Outcome> {
  const { group, event, home, scope, ledger, meta, deeper } = work
  return onlyWithTime(work, version, { kind: 'event', event, wasFresh: true }, async () => {
    const what = { group: group.id, store: home, version, over: meta, why }
    const done = await lift(scope.core, ledger, what, scope.signal)
    return done ? ledger.outcome() : settle(group, event.key, scope.core, scope.signal, deeper)
  })
}

async function liftBuried(work: Work, onTop: Stamp): Promise<Outcome> {
  const { event, home, scope } = work
  const buried = home.traits.datesByBeginning ? await findBuried(scope, home, event, onTop) : null
  return buried === null
    ? echo(work, onTop)
    : liftOver(work, buried, 'its upload began before the replica on top was written')
}

async function findBuried(
  scope: Scope,
  home: ObjectStore,
  event: ObjectEvent,
  onTop: Stamp,
): Promise<ObjectMeta | null> {
  const history = new History(home, scope.key, scope.signal, scope.core.limits)
  for (let depth = 0; ; depth++) {
    const kept = await history.at(depth)
    if (kept === null || kept.deleteMarker) return null
    if (kept.current || kept.id !== event.id) continue
    const meta = await history.metaOf(kept)
    if (meta === null) return null
    const sight = await see(scope, home, meta)
    return sight.shows === 'native' && compareStamps(sight.stamp, onTop) === 'greater' ? meta : null
  }
}

/** A newer version is on top. Its own event copies it, unless a target is already further behind than the window. */
async function superseded(work: Work, onTop: Stamp): Promise<Outcome> {
  const { group, event, scope, ledger, deeper } = work
  const targets = group.members.filter((site) => site !== event.site && !scope.core.out(group.id, site))
  const sights = await Promise.all(targets.map((site) => tryLook(scope, site)))
  const oldestMs = onTop.timeMs - group.windowSeconds * 1000
  const behind = sights.some((sight) => !('shows' in sight) || isBehind(sight, oldestMs))
  if (behind) return settle(group, event.key, scope.core, scope.signal, deeper)
  ledger.note('superseded', event.site, 'a newer version is on top: its own event copies it', { stamp: onTop })
  return ledger.outcome()
}

function isBehind(sight: Sight, oldestMs: number): boolean {
  return sight.shows === 'nothing' || sight.stamp.timeMs < oldestMs
}
