import type { Group } from '#shared/config/model.ts'
import type { Failure } from '#shared/kernel/failure.ts'
import type { SiteId } from '#shared/kernel/ids.ts'
import { groupEntry, type Onto } from '#shared/kernel/mark.ts'
import { sameStamp, type Stamp } from '#shared/kernel/stamp.ts'
import type { Found, ObjectStore } from '#shared/ports/object-store.ts'
import { clockOf } from './hold.ts'
import type { Ledger } from './ledger.ts'
import { load, type Loaded } from './load.ts'
import type { Sight } from './model.ts'
import { algorithmsOf, writeOne } from './move.ts'
import { type Scope, tryLook } from './observe.ts'
import type { Lane } from './seal.ts'

/** `settle`: something was there, slow or unclear; the general protocol takes over. */
export type FastEnd = 'done' | 'settle'

interface Race {
  readonly scope: Scope
  readonly group: Group
  readonly ledger: Ledger
  readonly stamp: Stamp
  readonly loaded: Loaded
}

/** Where it starts from. */
export interface Start {
  readonly scope: Scope
  readonly group: Group
  readonly ledger: Ledger
  readonly home: ObjectStore
}

/** A fresh small object goes to where nothing is, or over what is strictly older: one read, one write per member. */
export async function fastPath({ scope, group, ledger, home }: Start, found: Found, stamp: Stamp): Promise<FastEnd> {
  const { core, signal } = scope
  if (group.members.some((site) => core.store(site).traits.history === 'none')) return 'settle' // What loses there would be lost.
  const startedMs = core.clock.monotonic()
  const targets = group.members.filter((site) => site !== home.site && !core.out(group.id, site))
  const lanes = targets.map((site) => laneFor(group, scope, core.store(site), stamp, null, 'absent'))
  const loaded = await load(core, home, found, algorithmsOf(lanes), signal)
  const race: Race = { scope, group, ledger, stamp, loaded }
  const ends = await Promise.all(lanes.map((lane) => run(race, lane)))
  const slow = core.clock.monotonic() - startedMs > core.limits.slowMs
  return slow || ends.includes('settle') ? 'settle' : 'done'
}

function laneFor(
  group: Group,
  { key }: Scope,
  store: ObjectStore,
  stamp: Stamp,
  over: Lane['condition'] | null,
  onto: Onto,
): Lane {
  return {
    store,
    key,
    condition: over ?? { if: 'absent' },
    storageClass: group.storageClass.get(store.site) ?? null,
    mark: { entry: groupEntry, stamp, onto },
  }
}

async function run(race: Race, lane: Lane): Promise<FastEnd> {
  const { scope, group, ledger, stamp, loaded } = race
  const { site } = lane.store
  const why = scope.core.forbidden(group.id, site, { act: 'write', bytes: loaded.meta.size })
  if (why !== null) {
    ledger.note('held', site, why, { stamp, bytes: loaded.meta.size })
    return 'done'
  }
  const { core, key } = scope
  // A refused write has already paid for its body: a look is cheaper above this size, and where users overwrite.
  if (loaded.meta.size > core.limits.blindBytes || core.habits.overwrites(group.id, key)) return replace(race, site)
  const end = await write(race, lane, null)
  return end === 'refused' ? replace(race, site) : end
}

/** What is there decides: strictly older in time it is replaced, the same is done, anything else is for settle. */
async function replace(race: Race, site: SiteId): Promise<FastEnd> {
  const { scope, group, stamp } = race
  const store = scope.core.store(site)
  const sight = await tryLook(scope, site)
  if (!('shows' in sight)) return leaveToLater(race, site, sight)
  if (sight.shows === 'nothing') {
    const end = await write(race, laneFor(group, scope, store, stamp, null, 'absent'), null)
    return end === 'done' ? 'done' : 'settle'
  }
  if (sameStamp(sight.stamp, stamp)) return 'done'
  if (sight.stamp.timeMs >= stamp.timeMs) return 'settle'
  const onto = sight.shows === 'replica' ? sight.onto : 'over' // Nobody has looked below an `absent` copy yet: its successor says so too.
  const end = await write(
    race,
    laneFor(group, scope, store, stamp, { if: 'unchanged', since: sight.meta.version }, onto),
    sight,
  )
  return end === 'done' ? 'done' : 'settle'
}

async function write(race: Race, lane: Lane, over: Sight | null): Promise<FastEnd | 'refused'> {
  const { scope, ledger, stamp, loaded } = race
  const landed = await writeOne(scope.core, loaded, lane, scope.signal)
  const loser = over?.shows === 'native' ? over.stamp : null
  if ('failure' in landed) {
    if (landed.failure.kind === 'unknown') unanswered(race, lane, loser)
    return landed.failure.kind === 'conflict' ? 'refused' : leaveToLater(race, lane.store.site, landed.failure)
  }
  scope.core.habits.note(race.group.id, scope.key, over !== null)
  scope.core.done(race.group.id, { act: 'write', bytes: landed.meta.size })
  const lagMs = Math.max(0, clockOf(scope.core, lane.store) - stamp.timeMs)
  ledger.note('copied', lane.store.site, over === null ? 'it was absent' : 'it was older', {
    stamp,
    bytes: landed.meta.size,
    lagMs,
    checksum: landed.checksum,
  })
  if (loser !== null) ledger.conflict(lane.store.site, stamp, loser)
  return 'done'
}

/** Better reported twice than never, and looked at once more when it must have landed. */
function unanswered({ scope, group, ledger, stamp, loaded }: Race, { store }: Lane, loser: Stamp | null): void {
  scope.core.done(group.id, { act: 'write', bytes: loaded.meta.size })
  if (loser !== null) ledger.conflict(store.site, stamp, loser)
  ledger.mayLand(store.site, { kind: 'settle', group: group.id, key: scope.key }, scope.core.limits.landMs)
}

/** `soon`: settle tells. Otherwise the member is left alone for now. */
function leaveToLater({ scope, group, ledger }: Race, site: SiteId, failure: Failure): FastEnd {
  if (failure.patience === 'soon') return 'settle'
  const message = { kind: 'settle', group: group.id, key: scope.key } as const
  ledger.failed(site, failure, message, scope.core.limits.retryMs)
  return 'done'
}
