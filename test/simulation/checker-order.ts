import type { Version } from './history.ts'

/** A place in the documented order: the date at the site of writing, then the site, then that site's own order of its versions. */
export interface Place {
  readonly timeMs: number
  readonly site: string
  readonly id: string
  readonly sequence: number
}

export function placeOf({ dateMs, site, id, sequence }: Version): Place {
  return { timeMs: dateMs, site, id, sequence }
}

/** Negative, zero, positive. One site, one date and one name are one stamp, whatever its store's order says. */
export function comparePlaces(a: Place, b: Place): number {
  if (a.timeMs !== b.timeMs) return a.timeMs - b.timeMs
  if (a.site !== b.site) return a.site < b.site ? -1 : 1
  return a.id === b.id ? 0 : a.sequence - b.sequence
}

/** Two versions of one site with one date: only that site can tell which is the later. */
export function isTie(a: Place, b: Place): boolean {
  return a.timeMs === b.timeMs && a.site === b.site && a.id !== b.id
}

/** What all that was done to a key is worth: a version alive, or a deletion worth what it deleted. */
export interface Worth {
  readonly dead: boolean
  readonly place: Place
  /** The user's version that is alive, or was deleted. */
  readonly version: Version
}

/** By place; a deletion above what it deleted. */
export function compareWorths(a: Worth, b: Worth): number {
  const order = comparePlaces(a.place, b.place)
  return order === 0 ? Number(a.dead) - Number(b.dead) : order
}
