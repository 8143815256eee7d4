import type { Config } from '#shared/config/model.ts'
import { Failure } from '#shared/kernel/failure.ts'
import type { Core } from '#shared/replication/core.ts'

/** The buckets of a configuration: each site's own, and the one beside it where Isobar keeps what it must remember. */
type Stores = Pick<Core, 'store' | 'control'>

/** The one place that knows every cloud's driver. None is built yet, so every site in use is refused, by its name and kind. */
export function storesFor(config: Config): Stores {
  const inUse = [...config.sites.values()].filter(({ retired }) => !retired)
  const refusals = inUse.map(({ id, kind }) => `sites.${id}.kind: found "${kind}", and there is no driver yet for it`)
  throw new Failure('invalid', refusals.join('; ') || 'sites: every one is retired, expected one in use')
}
