import { asFailure, type Failure } from '#shared/kernel/failure.ts'
import type { SiteId } from '#shared/kernel/ids.ts'
import { groupEntry } from '#shared/kernel/mark.ts'
import type { Stamp } from '#shared/kernel/stamp.ts'
import type { Intent } from './core.ts'
import { clockOf } from './hold.ts'
import type { Judged } from './judge.ts'
import type { Removal, Step, Write } from './model.ts'
import { type Landed, move } from './move.ts'
import { noted } from './observe.ts'
import type { Lane } from './seal.ts'
import { leave, leaveOut, needsTime, type Settling } from './settling.ts'

type Move = Extract<Judged, { verdict: 'move' }>

/** Does what is to be done, as far as a guard lets it: whether nothing is left to do here. */
export async function act(settling: Settling, judged: Move): Promise<boolean> {
  const { scope, ledger, group, stillShowing } = settling
  stillShowing.clear()
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

async function remove(settling: Settling, stamp: Stamp, step: Removal): Promise<boolean> {
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
    settling.stillShowing.add(step.site)
    return leaveOut(settling, step.site, failure)
  }
}

async function write(settling: Settling, judged: Move, steps: readonly Write[]): Promise<boolean> {
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

function laneFor({ group, scope }: Settling, stamp: Stamp, step: Write): Lane {
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
  step: Write,
  landed: Landed,
): boolean {
  const { ledger, scope, group } = settling
  if ('failure' in landed) {
    if (landed.failure.kind === 'unknown') unanswered(settling, stamp, step, source.meta.size)
    if (landed.failure.site === source.site) return unread(settling, source.site, landed.failure)
    return leaveOut(settling, step.site, landed.failure)
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
