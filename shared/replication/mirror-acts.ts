import { asFailure } from '#shared/kernel/failure.ts'
import type { SiteId } from '#shared/kernel/ids.ts'
import { routeEntry } from '#shared/kernel/mark.ts'
import type { ObjectMeta } from '#shared/ports/object-store.ts'
import type { Intent } from './core.ts'
import { clockOf } from './hold.ts'
import { type Mirroring, messageFor, setAside } from './mirroring.ts'
import type { Sight } from './model.ts'
import { type Landed, move, type Source } from './move.ts'
import { nativeStamp, noted } from './observe.ts'
import type { Lane } from './seal.ts'

/** Reads once and writes to every target that a guard lets through. */
export async function write(mirroring: Mirroring, source: Source, sights: readonly Sight[]): Promise<void> {
  const { route, scope, ledger } = mirroring
  const { meta } = source
  const { core, signal } = scope
  if (sights.length === 0) return
  if (meta.size > core.limits.smallBytes && !core.transfers) {
    const targets = sights.map(({ site }) => site)
    for (const site of targets) mirroring.open.delete(site)
    ledger.deferred(route.from, messageFor(mirroring, targets), 0, 'larger than one write: it moves in parts', 'long')
    return
  }
  const allowed = sights.filter(({ site }) => permitted(mirroring, site, { act: 'write', bytes: meta.size }))
  if (allowed.length === 0) return
  const lanes = allowed.map((sight) => laneFor(mirroring, meta, sight))
  try {
    const landed = await move(core, source, lanes, signal)
    for (const [i, one] of landed.entries()) landedAt(mirroring, allowed[i]!, one, meta.size)
  } catch (thrown) {
    const failure = noted(core, route.from, asFailure(thrown))
    for (const { site } of allowed) setAside(mirroring, site, failure)
  }
}

function laneFor({ route, scope }: Mirroring, meta: ObjectMeta, sight: Sight): Lane {
  return {
    store: scope.core.store(sight.site),
    key: scope.key,
    condition: sight.shows === 'nothing' ? { if: 'absent' } : { if: 'unchanged', since: sight.meta.version },
    storageClass: route.storageClass.get(sight.site) ?? null,
    mark: {
      entry: routeEntry,
      stamp: nativeStamp(route.from, meta),
      onto: sight.shows === 'nothing' ? 'absent' : 'over',
    },
  }
}

function landedAt(mirroring: Mirroring, sight: Sight, landed: Landed, bytes: number): void {
  const { route, key, ledger, open, scope } = mirroring
  const { core } = scope
  if ('failure' in landed) {
    if (landed.failure.kind === 'unknown') core.done(route.id, { act: 'write', bytes })
    // Better reported twice than never.
    if (landed.failure.kind === 'unknown' && sight.shows === 'native')
      ledger.conflict(sight.site, landed.lane.mark!.stamp, sight.stamp)
    return setAside(mirroring, sight.site, landed.failure)
  }
  core.habits.note(route.id, key, sight.shows !== 'nothing')
  core.done(route.id, { act: 'write', bytes })
  const { lane, meta, parts, checksum } = landed
  const stamp = lane.mark!.stamp
  const lagMs = Math.max(0, clockOf(core, lane.store) - stamp.timeMs)
  const why = sight.shows === 'nothing' ? 'it was absent' : 'it was older'
  ledger.note('copied', sight.site, why, { stamp, bytes: meta.size, parts, lagMs, checksum })
  if (sight.shows === 'native') ledger.conflict(sight.site, stamp, sight.stamp)
  open.delete(sight.site)
}

export async function remove(mirroring: Mirroring, sight: Sight): Promise<void> {
  const { route, ledger, open, scope } = mirroring
  if (sight.shows === 'nothing' || !permitted(mirroring, sight.site, { act: 'remove' })) return
  try {
    await scope.core.store(sight.site).remove(scope.key, sight.meta.version, scope.signal)
    scope.core.done(route.id, { act: 'remove' })
    ledger.note('deleted', sight.site, 'the source shows nothing any more', { stamp: sight.stamp })
    open.delete(sight.site)
  } catch (thrown) {
    const failure = noted(scope.core, sight.site, asFailure(thrown))
    if (failure.kind === 'unknown') scope.core.done(route.id, { act: 'remove' })
    setAside(mirroring, sight.site, failure)
  }
}

function permitted({ route, ledger, open, scope }: Mirroring, site: SiteId, intent: Intent): boolean {
  const why = scope.core.forbidden(route.id, site, intent)
  if (why === null) return true
  open.delete(site)
  ledger.note('held', site, why, 'bytes' in intent ? { bytes: intent.bytes } : {})
  return false
}
