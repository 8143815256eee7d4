import { Failure } from '#shared/kernel/failure.ts'
import type { Stamp } from '#shared/kernel/stamp.ts'
import type { ObjectMeta, ObjectStore } from '#shared/ports/object-store.ts'
import type { Core } from './core.ts'
import { move } from './move.ts'
import { nativeStamp } from './observe.ts'

/** Where events of our own account are filtered, a lifted version's event is too: whoever lifts sees to its copies. */
export const lifted: string = 'a lifted version is news, though its event may say that Isobar wrote it'

/**
 * Writes a user's version over the key again, as the user's: a new native version with a date of its own, which is then settled.
 * For versions that their own store has buried: an upload dated by its beginning, a deletion that a user took back.
 */
export async function lift(
  core: Core,
  store: ObjectStore,
  version: ObjectMeta,
  over: ObjectMeta,
  signal: AbortSignal,
): Promise<Stamp> {
  const lane = {
    store,
    key: version.key,
    condition: { if: 'unchanged', since: over.version },
    storageClass: null,
    mark: null,
  } as const
  const [landed] = await move(core, { store, meta: version }, [lane], signal)
  if (landed === undefined) throw new Failure('invalid', `${store.site}: nothing was lifted`)
  if ('failure' in landed) throw landed.failure
  return nativeStamp(store.site, landed.meta)
}
