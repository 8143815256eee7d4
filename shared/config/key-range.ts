import { takesAllUnderHead } from './glob.ts'
import type { KeyFilter } from './key-filter.ts'
import type { Rename } from './model.ts'

/**
 * What can be told of a filter by prefixes alone: every key that it takes begins with a head and with no hole.
 * It may say that two filters meet where they do not; it never says that they do not where they do.
 */
export interface KeyRange {
  readonly heads: readonly string[]
  readonly holes: readonly string[]
}

export function rangeOf(filter: KeyFilter): KeyRange {
  const { prefix, include, exclude } = filter
  const heads = include.length === 0 ? [prefix] : include.flatMap(({ head }) => narrower(prefix, head) ?? [])
  return { heads, holes: exclude.filter(takesAllUnderHead).map(({ head }) => head) }
}

/** The beginning of the keys that both may take, or `null` where no key can be in both. */
export function meeting(a: KeyRange, b: KeyRange): string | null {
  for (const head of a.heads) {
    for (const other of b.heads) {
      const shared = narrower(head, other)
      if (shared !== null && !inHole(a, shared) && !inHole(b, shared)) return shared
    }
  }
  return null
}

/** The keys that both may take. */
export function intersect(a: KeyRange, b: KeyRange): KeyRange {
  const heads = a.heads.flatMap((head) => b.heads.flatMap((other) => narrower(head, other) ?? []))
  return { heads: heads.filter((head) => !inHole(a, head) && !inHole(b, head)), holes: [...a.holes, ...b.holes] }
}

/** The keys as a route writes them. Its heads begin with `rename.from`; a hole elsewhere says nothing of them. */
export function renamed(range: KeyRange, rename: Rename | null): KeyRange {
  if (rename === null) return range
  const turn = (text: string): string => rename.to + text.slice(rename.from.length)
  return { heads: range.heads.map(turn), holes: range.holes.filter((hole) => hole.startsWith(rename.from)).map(turn) }
}

/** Whether every key that begins with `head` was excluded. */
export function inHole(range: KeyRange, head: string): boolean {
  return range.holes.some((hole) => head.startsWith(hole))
}

/** The longer of two beginnings of which one begins with the other. */
export function narrower(a: string, b: string): string | null {
  if (a.startsWith(b)) return a
  return b.startsWith(a) ? b : null
}
