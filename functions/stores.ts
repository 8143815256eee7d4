import type { Config } from '#shared/config/model.ts'
import { Failure } from '#shared/kernel/failure.ts'
import type { Core } from '#shared/replication/core.ts'

/** The buckets of a configuration: each site's own, and the one beside it where Isobar keeps what it must remember. */
type Stores = Pick<Core, 'store' | 'control'>

/**
 * The one place that may know every cloud's driver. No function is given one before it has an identity to reach the store with, so
 * every site in use is refused, by its name and kind.
 */
export function storesFor(config: Config): Stores {
  const inUse = [...config.sites.values()].filter(({ retired }) => !retired)
  const refusals = inUse.map(
    ({ id, kind }) => `sites.${id}.kind: found "${kind}", and no function is given its driver yet`,
  )
  throw new Failure('invalid', refusals.join('; ') || 'sites: every one is retired, expected one in use')
}
