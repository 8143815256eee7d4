import { asFailure, Failure } from '#shared/kernel/failure.ts'
import type { Found, ObjectMeta, ObjectStore } from '#shared/ports/object-store.ts'
import type { Core } from './core.ts'
import { load, type Loaded } from './load.ts'
import { noted } from './observe.ts'
import { compareWithTarget, type Lane, seal } from './seal.ts'
import { transfer } from './transfer.ts'

/** One version at one site, pinned. */
export interface Source {
  readonly store: ObjectStore
  readonly meta: ObjectMeta
  /** Opened already, its body not yet read. */
  readonly found?: Found | null
}

export type Landed =
  | {
      readonly lane: Lane
      readonly meta: ObjectMeta
      readonly parts: number
      readonly checksum: 'verified' | 'unverified'
    }
  | { readonly lane: Lane; readonly failure: Failure }

/** Reads once and writes to every lane. A lane's failure is its own; a failure of the source is thrown. */
export async function move(
  core: Core,
  source: Source,
  lanes: readonly Lane[],
  signal: AbortSignal,
): Promise<readonly Landed[]> {
  if (source.meta.size > core.limits.smallBytes) return transfer(core, source, lanes, signal)
  const found = source.found ?? (await source.store.get(source.meta.key, signal, { version: source.meta.version }))
  if (found === null)
    throw new Failure('absent', `${source.store.site}: the version to copy is gone`, { site: source.store.site })
  const loaded = await load(core, source.store, found, algorithmsOf(lanes), signal)
  return Promise.all(lanes.map((lane) => writeOne(core, loaded, lane, signal))) // At once: a slow target delays no other.
}

export function algorithmsOf(lanes: readonly Lane[]): readonly Lane['store']['traits']['digest'][] {
  return lanes.map(({ store }) => store.traits.digest)
}

/** One lane of a small object. */
export function writeOne(core: Core, loaded: Loaded, lane: Lane, signal: AbortSignal): Promise<Landed> {
  return landing(core, lane, async () => {
    const sealed = await seal(
      core,
      lane,
      { properties: loaded.meta, digests: loaded.digests, tags: loaded.tags },
      signal,
    )
    const stored = await lane.store.put(lane.key, { ...sealed, body: loaded.body }, lane.condition, signal)
    return { lane, meta: compareWithTarget(lane, loaded.digests, stored), parts: 0, checksum: loaded.checksum }
  })
}

/** Keeps a lane's failure in its lane, and tells the breaker of it. */
export async function landing(core: Core, lane: Lane, work: () => Promise<Landed>): Promise<Landed> {
  const { site } = lane.store
  if (!core.breakers.mayAsk(site))
    return { lane, failure: new Failure('unreachable', `${site}: its breaker is open`, { site }) }
  try {
    const landed = await work()
    core.breakers.succeeded(site)
    return landed
  } catch (thrown) {
    const failure = asFailure(thrown)
    return { lane, failure: noted(core, failure.site ?? site, failure) }
  }
}
