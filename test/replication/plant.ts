import { digestText } from '#shared/kernel/digest.ts'
import { siteId } from '#shared/kernel/ids.ts'
import { type groupEntry, type Mark, routeEntry, writeMark } from '#shared/kernel/mark.ts'
import type { Stamp } from '#shared/kernel/stamp.ts'
import { stampId } from '#shared/kernel/version.ts'
import type { ObjectMeta } from '#shared/ports/object-store.ts'
import type { Circle } from '#shared/replication/believe.ts'
import type { Core } from '#shared/replication/core.ts'
import { digestProperties } from '#shared/replication/properties.ts'
import { cheapHashing } from '#test/simulation/cheap-hashing.ts'
import { bytes, key, type Trio } from './trio.ts'

export interface Planted {
  readonly key?: string
  readonly text?: string
  readonly entry?: typeof groupEntry | typeof routeEntry
  readonly metadata?: Readonly<Record<string, string>>
  /** Changed in the mark, so that it says something else than is true. */
  readonly mark?: Partial<Mark>
}

export function stampAt(site: string, timeMs: number, id = 'v'): Stamp {
  return { epoch: 0, timeMs, origin: siteId(site), id: stampId(id) }
}

export function stampOfMeta(site: string, meta: { readonly dateMs: number; readonly id: string }): Stamp {
  return stampAt(site, meta.dateMs, meta.id)
}

/** A group of these sites, as its marks know it. */
export function circleAmong({ config }: Core, ...sites: readonly string[]): Circle {
  return { entry: 'isobar', origins: new Set(sites.map(siteId)), known: new Set(config.sites.keys()) }
}

/** Puts a replica there as Isobar would have written it now, without Isobar. */
export function plant(trio: Trio, site: string, stamp: Stamp, more: Planted = {}): ObjectMeta {
  const { text = 'x', metadata = {}, entry = 'isobar' } = more
  const name = key(more.key ?? 'k')
  const { bucket, user } = trio.at(site)
  const algorithm = bucket.profile.traits.digest
  const mark = writeMark({
    stamp,
    key: digestText(cheapHashing, name),
    algorithm,
    content: bucket.content(bytes(text)).digest(algorithm),
    properties: digestProperties(cheapHashing, { headers: {}, metadata }),
    writtenMs: entry === routeEntry ? 0 : bucket.now(),
    nonce: `n${trio.clock.ms}`,
    onto: 'over',
    ...more.mark,
  })
  return user.put(name, bytes(text), { metadata: { ...metadata, [entry]: mark } })
}
