import { asFailure, Failure } from '#shared/kernel/failure.ts'
import type { RuleId } from '#shared/kernel/ids.ts'
import type { ObjectMeta, ObjectStore } from '#shared/ports/object-store.ts'
import type { Core } from './core.ts'
import type { Ledger } from './ledger.ts'
import type { Message } from './model.ts'
import { move } from './move.ts'
import { nativeStamp, noted } from './observe.ts'

export interface Lift {
  readonly group: RuleId
  readonly store: ObjectStore
  readonly version: ObjectMeta
  /** What shows now, and is written over if it still does. */
  readonly over: ObjectMeta
  readonly why: string
  /** What comes back where it did not succeed: nobody else knows of a version that lies below a copy. */
  readonly again: Message
}

/**
 * Writes a user's version over the key again, as the user's: a new native version with a date of its own, which is then settled.
 * For versions that others cannot order as they lie: an upload dated by its beginning, a deletion that a user took back, metadata changed in place.
 * Where events of our own account are filtered, a lifted version's event is too: whoever lifts sees to its copies.
 * Answers whether nothing is left to do here; else another was faster or the answer was lost, and the key is looked at again.
 */
export async function lift(
  core: Core,
  ledger: Ledger,
  { group, store, version, over, why, again }: Lift,
  signal: AbortSignal,
): Promise<boolean> {
  const { site } = store
  const intent = { act: 'write', bytes: version.size } as const
  const forbidden = core.forbidden(group, site, intent)
  if (forbidden !== null) {
    ledger.note('held', site, forbidden, { bytes: version.size })
    return true
  }
  const lane = {
    store,
    key: version.key,
    condition: { if: 'unchanged', since: over.version },
    storageClass: null,
    mark: null,
  } as const
  try {
    const [landed] = await move(core, { store, meta: version }, [lane], signal)
    if (landed === undefined || 'failure' in landed)
      throw landed?.failure ?? new Failure('invalid', `${site}: nothing was lifted`)
    core.done(group, intent)
    ledger.note('lifted', site, why, { stamp: nativeStamp(site, landed.meta), bytes: version.size })
    const settle = { kind: 'settle', group, key: version.key } as const
    ledger.deferred(site, settle, 0, 'a lifted version is news, though its event may say that Isobar wrote it')
    return true
  } catch (thrown) {
    const failure = noted(core, site, asFailure(thrown))
    if (failure.kind === 'unknown') {
      core.done(group, intent)
      ledger.mayLand(site, again, core.limits.landMs)
    }
    if (failure.patience === 'soon') return false
    ledger.failed(site, failure, again, core.limits.retryMs)
    return true
  }
}
