import type { Group } from '#shared/config/model.ts'
import { asFailure, Failure } from '#shared/kernel/failure.ts'
import type { SiteId } from '#shared/kernel/ids.ts'
import type { Key } from '#shared/kernel/key.ts'
import { groupEntry } from '#shared/kernel/mark.ts'
import type { Stamp } from '#shared/kernel/stamp.ts'
import type { ObjectMeta } from '#shared/ports/object-store.ts'
import type { Core, Intent } from './core.ts'
import { clockOf } from './hold.ts'
import { judge, type Judged } from './judge.ts'
import { Ledger } from './ledger.ts'
import { lift } from './lift.ts'
import type { Message, ObjectEvent, Outcome, Sight, Step } from './model.ts'
import { type Landed, move } from './move.ts'
import { mayBegin } from './patience.ts'
import { noted, type Scope, scopeOf, tryLook } from './observe.ts'
import type { Lane } from './seal.ts'

export interface SettleOptions {
  /** Look below copies that were written where nothing was. */
  readonly deeper: boolean
  /** A user has just uncovered what its site shows: it is not deleted again but written anew. */
  readonly uncovered: ObjectEvent | null
  /** When this invocation began, by the monotonic clock, where it has done something before. */
  readonly beganMs?: number
  /** Goes on with what this invocation has noted before. */
  readonly ledger?: Ledger
}

type Move = Extract<Judged, { verdict: 'move' }>

/** Every member moves up to the greatest value that any of them holds. Bounded rounds, then back to the queue. */
export async function settle(
  group: Group,
  key: Key,
  core: Core,
  signal: AbortSignal,
  options: SettleOptions,
): Promise<Outcome> {
  const ledger = options.ledger ?? new Ledger(group.id, key)
  const settling: Settling = {
    group,
    scope: scopeOf(core, key, [...group.members, ...group.retired], signal),
    ledger,
    silent: new Map(),
    unreadable: new Map(),
    alive: new Set(),
    message: { kind: 'settle', group: group.id, key },
  }
  let deeper = options.deeper
  const beganMs = options.beganMs ?? core.clock.monotonic()
  for (let round = 0; mayBegin(core, round, beganMs); round++) {
    if (await settleOnce(settling, deeper, options.uncovered)) return farewell(settling)
    deeper = true
  }
  ledger.deferred(
    group.members[0]!,
    settling.message,
    core.limits.retryMs,
    'no agreement within the rounds and the time of one function',
  )
  for (const site of settling.alive) ledger.missed(site)
  return farewell(settling)
}

interface Settling {
  readonly group: Group
  readonly scope: Scope
  readonly ledger: Ledger
  /** Members that did not answer, or refused: not asked again in this settle. */
  readonly silent: Map<SiteId, Failure>
  /** Members that show the winner and do not give it out: another is read. */
  readonly unreadable: Map<SiteId, Failure>
  /** Members whose removal did not succeed in the last round: what they show may live on until nobody knows of its deletion. */
  readonly alive: Set<SiteId>
  readonly message: Message
}

/** One round: whether nothing is left to do here. */
async function settleOnce(settling: Settling, deeper: boolean, uncovered: ObjectEvent | null): Promise<boolean> {
  const { core } = settling.scope
  const startedMs = core.clock.monotonic()
  const sights = await lookAll(settling)
  const judged = await judge(settling.scope, sights, deeper, settling.silent)
  if ([...settling.silent.values()].some(({ patience }) => patience === 'soon')) return false
  if (judged.verdict === 'agreed') return agreed(settling, sights)
  if (judged.verdict === 'read') {
    needsTime(settling, judged.site)
    return true
  }
  if (judged.verdict === 'ask') {
    settling.ledger.deferred(
      judged.origin,
      settling.message,
      core.limits.retryMs,
      'only the origin can tell which of two versions of one date is the later',
    )
    settling.ledger.missed(judged.origin)
    return true
  }
  if (uncovered !== null) {
    const step = judged.steps.find(({ act, site }) => act === 'remove' && site === uncovered.site)
    if (step?.act === 'remove') return liftAgain(settling, uncovered, step.over)
  }
  const done = await act(settling, judged)
  return done && core.clock.monotonic() - startedMs <= core.limits.slowMs
}

async function lookAll({ group, scope, silent }: Settling): Promise<readonly Sight[]> {
  for (const [site, { patience }] of silent) if (patience === 'soon') silent.delete(site)
  for (const site of group.members)
    if (scope.core.store(site).traits.history === 'none') silent.set(site, keepsNothing(site))
  const asked = group.members.filter((site) => !scope.core.out(group.id, site) && !silent.has(site))
  const looks = await Promise.all(asked.map((site) => tryLook(scope, site)))
  const sights: Sight[] = []
  for (const [i, look] of looks.entries()) {
    if ('shows' in look) sights.push(look)
    else silent.set(asked[i]!, look)
  }
  return sights
}

/** What loses there would be lost. */
function keepsNothing(site: SiteId): Failure {
  return new Failure('denied', `${site}: keeps no noncurrent versions, and a group needs them; turn versioning on`, {
    site,
    scope: 'key',
  })
}

function agreed({ ledger }: Settling, sights: readonly Sight[]): boolean {
  const first = sights[0]
  if (first !== undefined)
    ledger.note('agreed', first.site, 'every member that answered shows the same', {
      stamp: 'stamp' in first ? first.stamp : null,
    })
  return true
}

function liftAgain({ group, scope, ledger }: Settling, event: ObjectEvent, over: ObjectMeta): Promise<boolean> {
  const store = scope.core.store(event.site)
  const why = 'a user uncovered it after it was deleted'
  const again = { kind: 'changed', group: group.id, event, wasFresh: true } as const
  return lift(scope.core, ledger, { group: group.id, store, version: over, over, why, again }, scope.signal)
}

async function act(settling: Settling, judged: Move): Promise<boolean> {
  const { scope, ledger, group, alive } = settling
  alive.clear()
  const bytes = judged.sources[0]?.meta.size ?? 0
  const allowed = judged.steps.filter((step) => {
    const why = scope.core.forbidden(group.id, step.site, intentOf(step, bytes))
    if (why !== null) ledger.note('held', step.site, why, { stamp: judged.stamp, bytes })
    return why === null
  })
  if (allowed.length === 0) return true
  const removals = allowed.filter((step) => step.act === 'remove')
  const writes = allowed.filter((step) => step.act === 'write')
  if (removals.length > 0)
    return (await Promise.all(removals.map((step) => remove(settling, judged.stamp, step)))).every(Boolean)
  return write(settling, judged, writes)
}

function intentOf({ act }: Step, bytes: number): Intent {
  return act === 'remove' ? { act } : { act, bytes }
}

async function remove(settling: Settling, stamp: Stamp, step: Extract<Step, { act: 'remove' }>): Promise<boolean> {
  const { scope, ledger, group } = settling
  try {
    await scope.core.store(step.site).remove(scope.key, step.over.version, scope.signal)
    scope.core.done(group.id, intentOf(step, 0))
    ledger.note('deleted', step.site, 'the greatest value is a deletion', { stamp })
    if (step.loser !== null) ledger.conflict(step.site, stamp, step.loser)
    return true
  } catch (thrown) {
    const failure = noted(scope.core, step.site, asFailure(thrown))
    if (failure.kind === 'unknown') unanswered(settling, stamp, step, 0)
    settling.alive.add(step.site)
    return setAside(settling, step.site, failure)
  }
}

async function write(settling: Settling, judged: Move, steps: readonly Step[]): Promise<boolean> {
  const { scope } = settling
  const source = readable(judged.sources, settling.unreadable)
  if (source === undefined) return nobodyGivesItOut(settling)
  if (source.meta.size > scope.core.limits.smallBytes && !scope.core.transfers) {
    needsTime(settling, source.site)
    return true
  }
  const lanes = steps.map((step) => laneFor(settling, judged.stamp, step))
  try {
    const landed = await move(
      scope.core,
      { store: scope.core.store(source.site), meta: source.meta },
      lanes,
      scope.signal,
    )
    return landed.map((one, i) => landedAt(settling, judged.stamp, source, steps[i]!, one)).every(Boolean)
  } catch (thrown) {
    return unread(settling, source.site, noted(scope.core, source.site, asFailure(thrown)))
  }
}

/** For a function that has the time for it. */
function needsTime({ ledger, message }: Settling, site: SiteId): void {
  ledger.deferred(site, message, 0, 'larger than one write: it moves in parts', 'long')
}

/** One that has not failed yet; else one whose trouble may pass. */
function readable(
  sources: Move['sources'],
  unreadable: ReadonlyMap<SiteId, Failure>,
): Move['sources'][number] | undefined {
  return (
    sources.find(({ site }) => !unreadable.has(site)) ??
    sources.find(({ site }) => unreadable.get(site)?.patience === 'soon')
  )
}

/** Another round reads it from another member. */
function unread({ unreadable }: Settling, source: SiteId, failure: Failure): boolean {
  unreadable.set(source, failure)
  return false
}

function nobodyGivesItOut(settling: Settling): boolean {
  leave(settling, settling.unreadable)
  return true
}

function laneFor({ group, scope }: Settling, stamp: Stamp, step: Step): Lane {
  return {
    store: scope.core.store(step.site),
    key: scope.key,
    condition: step.over === null ? { if: 'absent' } : { if: 'unchanged', since: step.over.version },
    storageClass: group.storageClass.get(step.site) ?? null,
    mark: { entry: groupEntry, stamp, onto: step.over === null ? 'absent' : 'over' },
  }
}

function landedAt(
  settling: Settling,
  stamp: Stamp,
  source: Move['sources'][number],
  step: Step,
  landed: Landed,
): boolean {
  const { ledger, scope, group } = settling
  if ('failure' in landed) {
    if (landed.failure.kind === 'unknown') unanswered(settling, stamp, step, source.meta.size)
    if (landed.failure.site === source.site) return unread(settling, source.site, landed.failure)
    return setAside(settling, step.site, landed.failure)
  }
  const { meta, parts, checksum } = landed
  scope.core.done(group.id, intentOf(step, meta.size))
  const lagMs = Math.max(0, clockOf(scope.core, landed.lane.store) - stamp.timeMs)
  ledger.note('copied', step.site, step.over === null ? 'it was absent' : 'it was older', {
    stamp,
    bytes: meta.size,
    parts,
    lagMs,
    checksum,
  })
  if (step.loser !== null) ledger.conflict(step.site, stamp, step.loser)
  return true
}

/** Better reported twice than never, and looked at once more when it must have landed. */
function unanswered({ group, ledger, message, scope }: Settling, stamp: Stamp, step: Step, bytes: number): void {
  scope.core.done(group.id, intentOf(step, bytes))
  if (step.loser !== null) ledger.conflict(step.site, stamp, step.loser)
  ledger.mayLand(step.site, message, scope.core.limits.landMs)
}

/** `soon`: another round tells. Otherwise the site is left alone for now: whether the others are done is theirs to say. */
function setAside({ silent }: Settling, site: SiteId, failure: Failure): boolean {
  if (failure.patience === 'soon') return false
  silent.set(site, failure)
  return true
}

/** Every member left out is parked or comes back, all of them by one delayed message. */
function farewell(settling: Settling): Outcome {
  leave(settling, settling.silent)
  return settling.ledger.outcome()
}

function leave({ ledger, message, scope }: Settling, failures: ReadonlyMap<SiteId, Failure>): void {
  for (const [site, failure] of failures) ledger.failed(site, failure, message, scope.core.limits.retryMs)
}
