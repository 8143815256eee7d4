import { ownPrefix } from '#shared/kernel/key.ts'
import { globMatches, parseGlob, type Glob } from './glob.ts'

/** Which keys a rule is about. It sees the key alone, so a later version of an object is never in when an earlier was out. */
export interface KeyFilter {
  readonly prefix: string
  /** Empty: everything under the prefix. Otherwise at least one must match. */
  readonly include: readonly Glob[]
  readonly exclude: readonly Glob[]
}

/** From patterns that were checked before; a bad one is a defect of ours. */
export function keyFilter(prefix: string, include: readonly string[], exclude: readonly string[]): KeyFilter {
  return { prefix, include: include.map(checked), exclude: exclude.map(checked) }
}

function checked(pattern: string): Glob {
  const glob = parseGlob(pattern)
  if ('expected' in glob) throw new RangeError(`pattern ${JSON.stringify(pattern)}: expected ${glob.expected}`)
  return glob
}

export function matches(filter: KeyFilter, key: string): boolean {
  if (!key.startsWith(filter.prefix) || key.startsWith(ownPrefix)) return false
  if (filter.include.length > 0 && !filter.include.some((glob) => globMatches(glob, key))) return false
  return !filter.exclude.some((glob) => globMatches(glob, key))
}
