import type { SiteId } from '#shared/kernel/ids.ts'
import { keyBytesMax, parseKey, type Key } from '#shared/kernel/key.ts'
import { matches } from './key-filter.ts'
import type { Config, Route, Rule } from './model.ts'

/** The groups and routes that a change of this key at this site starts, paused ones too. Tags and size are asked of the object: `admits`. */
export function rulesAt(config: Config, site: SiteId, key: Key): readonly Rule[] {
  const groups = config.groups.filter(({ members, keys }) => members.includes(site) && matches(keys, key))
  const routes = config.routes.filter(({ from, keys }) => from === site && matches(keys, key))
  return [...groups, ...routes]
}

/** Whether a route takes an object of this size and these tags. */
export function admits(route: Route, sizeBytes: number, tags: ReadonlyMap<string, string>): boolean {
  const { min, max } = route.size
  if (sizeBytes < min || (max !== null && sizeBytes > max)) return false
  return [...route.tags].every(([name, value]) => tags.get(name) === value)
}

/** The name of a source's key at the targets; `null` where no store could hold it (empty, or too long). */
export function targetKey(route: Route, key: Key): Key | null {
  return route.rename === null ? key : moved(key, route.rename.from, route.rename.to)
}

/** The source's name of a key at a target; `null` where the route writes no such key. */
export function sourceKey(route: Route, key: Key): Key | null {
  const source = route.rename === null ? key : moved(key, route.rename.to, route.rename.from)
  return source !== null && matches(route.keys, source) ? source : null
}

function moved(key: Key, from: string, to: string): Key | null {
  if (!key.startsWith(from)) return null
  const name = to + key.slice(from.length)
  return name === '' || new TextEncoder().encode(name).byteLength > keyBytesMax ? null : parseKey(name)
}
