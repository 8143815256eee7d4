import { digestText, type Hashing } from '#shared/kernel/digest.ts'
import { groupEntry, routeEntry } from '#shared/kernel/mark.ts'
import type { Properties } from '#shared/ports/object-store.ts'

/** What a user said of the object: both marks left out, everything else kept. */
export function withoutMarks(properties: Properties): Properties {
  const { [groupEntry]: _group, [routeEntry]: _route, ...metadata } = properties.metadata
  return { headers: properties.headers, metadata }
}

/** The same for the same headers and metadata at every site, in whatever order a store tells them. */
export function digestProperties(hashing: Hashing, properties: Properties): string {
  const { headers, metadata } = withoutMarks(properties)
  return digestText(hashing, JSON.stringify([sorted(headers), sorted(metadata)]))
}

function sorted(record: object): readonly (readonly [string, unknown])[] {
  return Object.entries(record)
    .filter(([, value]) => value !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
}
