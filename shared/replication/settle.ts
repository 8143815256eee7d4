import type { Group } from '#shared/config/model.ts'
import { Failure } from '#shared/kernel/failure.ts'
import type { SiteId } from '#shared/kernel/ids.ts'
import type { Key } from '#shared/kernel/key.ts'
import type { ObjectMeta } from '#shared/ports/object-store.ts'
import { circleOf } from './believe.ts'
import type { Core } from './core.ts'
import { judge } from './judge.ts'
import { Ledger } from './ledger.ts'
import { lift } from './lift.ts'
import type { ObjectEvent, Outcome, Sight } from './model.ts'
import { scopeOf, tryLook } from './observe.ts'
import { mayBegin } from './patience.ts'
import { act } from './settle-acts.ts'
import { leave, needsTime, type Settling } from './settling.ts'

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
    scope: scopeOf(core, circleOf(core.config, group), key, signal),
    ledger,
    silent: new Map(),
    unreadable: new Map(),
    stillShowing: new Set(),
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
  for (const site of settling.stillShowing) ledger.missed(site)
  return farewell(settling)
}

/** One round: whether nothing is left to do here. */
async function settleOnce(settling: Settling, deeper: boolean, uncovered: ObjectEvent | null): Promise<boolean> {
  const { core } = settling.scope
  const startedMs = core.clock.monotonic()
  const sights = await lookAll(settling)
  const judged = await judge(settling.scope, sights, deeper, settling.silent)
  if ([...settling.silent.values()].some(({ patience }) => patience === 'soon')) return false
  if (judged.verdict === 'agreed') return agreed(settling, judged.sights)
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
    const step = judged.steps.find(({ site }) => site === uncovered.site)
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

/** Whoever was left out is not forgotten. */
function farewell(settling: Settling): Outcome {
  leave(settling, settling.silent)
  return settling.ledger.outcome()
}
