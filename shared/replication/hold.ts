import { Failure } from '#shared/kernel/failure.ts'
import type { Key } from '#shared/kernel/key.ts'
import type { Stamp } from '#shared/kernel/stamp.ts'
import type { ObjectStore } from '#shared/ports/object-store.ts'
import type { Core } from './core.ts'

/**
 * Waits until the target's own clock has passed the stamp, so that whatever a user writes there after seeing the copy is later than it.
 * No bound on skew is assumed: the clock is bounded from below by the `Date` of the target's own answers. Answers with that bound, for the mark.
 */
export async function hold(
  core: Core,
  store: ObjectStore,
  key: Key,
  stamp: Stamp,
  signal: AbortSignal,
): Promise<number> {
  await hear(core, store, key, signal)
  const waitMs = stamp.timeMs + store.traits.dateGranularityMs - clockOf(core, store)
  if (waitMs > core.limits.holdMsMax) {
    throw new Failure(
      'throttled',
      `${store.site}: its clock is ${waitMs} ms behind the date of a version from ${stamp.origin}; compare the clocks of both`,
      {
        site: store.site,
        scope: 'key',
      },
    )
  }
  if (waitMs > 0) await wait(core, store, waitMs, signal)
  return Math.floor(clockOf(core, store))
}

async function wait(core: Core, { site }: ObjectStore, ms: number, signal: AbortSignal): Promise<void> {
  try {
    await core.clock.sleep(ms, signal)
  } catch (reason) {
    throw new Failure('unreachable', `${site}: not written, ended by the caller`, { site, scope: 'key', cause: reason })
  }
}

/** Makes sure that the store's clock is known: one HEAD where nothing was heard lately. */
export async function hear(core: Core, store: ObjectStore, key: Key, signal: AbortSignal): Promise<void> {
  if (!heardLately(core, store)) await store.head(key, signal)
}

/** A monotonic clock stands still while a function is frozen: where the two clocks disagree, the bound is older than it seems. */
function heardLately(core: Core, store: ObjectStore): boolean {
  const heard = store.heard()
  if (heard === null) return false
  const ageMs = core.clock.monotonic() - heard.atMonotonicMs
  const frozenMs = Math.abs(core.clock.now() - heard.atWallMs - ageMs)
  return ageMs <= core.limits.heardMsMax && frozenMs <= core.limits.frozenMsMax
}

/** The least that the store's clock can show now. */
export function clockOf(core: Core, store: ObjectStore): number {
  const heard = store.heard()
  if (heard === null) throw new Failure('unreachable', `${store.site}: answered without a date`, { site: store.site })
  return heard.dateMs + core.clock.monotonic() - heard.atMonotonicMs
}
