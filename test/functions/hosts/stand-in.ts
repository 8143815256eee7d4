/**
 * Stands where functions/stores.ts and a cloud's queues.ts are imported by a `main.ts` that was itself imported through `mainWith`: everything
 * else is what the cloud would run.
 */
import { registerHooks } from 'node:module'
import type { Queues } from '#functions/queues.ts'
import type { Core } from '#shared/replication/core.ts'
import type { Cloud } from '#test/functions/world.ts'

interface StandIn {
  readonly stores: Pick<Core, 'store' | 'control'>
  readonly queues: Queues
}

let current: StandIn | null = null
let mains = 0

const here = import.meta.url
const standsFor: ReadonlySet<string> = new Set(['#functions/stores.ts', './queues.ts'])

registerHooks({
  resolve: (specifier, context, next) =>
    standsFor.has(specifier) && context.parentURL?.includes('/main.ts?stand-in=')
      ? { url: here, shortCircuit: true }
      : next(specifier, context),
})

function present(): StandIn {
  if (current === null) throw new Error('main.ts was not imported through mainWith')
  return current
}

export const storesFor = (): StandIn['stores'] => present().stores
export const queuesOf = (): Queues => present().queues

/** A cold start: `main.ts` of a cloud, anew. */
export async function mainWith(cloud: Cloud, standIn: StandIn): Promise<unknown> {
  current = standIn
  return import(new URL(`../../../functions/${cloud}/main.ts?stand-in=${++mains}`, here).href)
}
