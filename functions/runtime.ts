import { setTimeout as wait } from 'node:timers/promises'
import type { Config } from '#shared/config/model.ts'
import type { Clock, Random } from '#shared/kernel/clock.ts'
import { loadHashing } from '#shared/kernel/hashing.ts'
import type { SiteId } from '#shared/kernel/ids.ts'
import { breakers } from '#shared/layers/breakers.ts'
import { limited } from '#shared/layers/limited.ts'
import { retrying } from '#shared/layers/retrying.ts'
import { timed } from '#shared/layers/timed.ts'
import type { ObjectStore } from '#shared/ports/object-store.ts'
import { limits, type Core } from '#shared/replication/core.ts'
import { guardsOf } from '#shared/replication/guards.ts'
import { Habits } from '#shared/replication/habits.ts'

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  async sleep(ms, signal) {
    try {
      await wait(ms, undefined, signal === undefined ? {} : { signal })
    } catch (aborted) {
      signal?.throwIfAborted()
      throw aborted
    }
  },
}

/** From the system's own source: no two functions draw the same nonces, however alike their starts. */
export const systemRandom: Random = {
  next: () => (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32,
}

/** A second try of a read begins at once or not at all: two seconds are all that one look may take. */
const patience = { attempts: 2, pauseMs: 100, withinMs: 500 }

/** Requests that one process has under way at one site; the others wait within their own bounds. */
const callsMax = 64

/** A site that failed this often in a row is left alone for so long. */
const rest = { failures: 3, restMs: 30_000 }

/** What a process builds at its cold start and keeps while it is warm: stores remember their clocks, breakers the sites that failed. */
export async function coreFor(
  config: Config,
  stores: Pick<Core, 'store' | 'control'>,
  clock: Clock = systemClock,
): Promise<Core> {
  const random = systemRandom
  const layered = (store: ObjectStore) =>
    retrying(timed(limited(store, callsMax), clock, limits), { clock, random, ...patience })
  return {
    config,
    store: once((site) => layered(stores.store(site))),
    control: once((site) => layered(stores.control(site))),
    clock,
    random,
    hashing: await loadHashing(),
    breakers: breakers({ clock, ...rest }),
    habits: new Habits(),
    limits,
    transfers: false,
    ...guardsOf(config, clock),
    // No full pass of reconcile is recorded yet, so of no member it is known that it has been away for too long.
    out: () => false,
  }
}

function once(make: (site: SiteId) => ObjectStore): (site: SiteId) => ObjectStore {
  const made = new Map<SiteId, ObjectStore>()
  return (site) => {
    const store = made.get(site) ?? make(site)
    made.set(site, store)
    return store
  }
}
