import type { Headers } from '#shared/ports/object-store.ts'

/**
 * What Cloud Storage has no place of its own for, and an object of another cloud may have: tags and `Expires`. They travel in one entry of
 * metadata, in exactly one spelling, and are taken out of it again on the way back.
 */
export interface Beside {
  readonly tags: Readonly<Record<string, string>>
  readonly expires: string | undefined
}

export const besideEntry = 'isobarbeside'

type Metadata = Readonly<Record<string, string>>

/** A user's entry of that name, or of one that looks as if it had been moved aside, moves aside by one hyphen. */
export function withBeside(metadata: Metadata, beside: Beside): Metadata {
  const entries = Object.entries(metadata).map(([name, value]) => [isAside(name) ? `${name}-` : name, value] as const)
  const text = textOf(beside)
  return Object.fromEntries(text === null ? entries : [...entries, [besideEntry, text]])
}

/** The same the other way. Where the entry is not of our spelling, a user wrote it: then all names are as they are. */
export function withoutBeside(stored: Metadata): { readonly metadata: Metadata; readonly beside: Beside } {
  const text = Object.hasOwn(stored, besideEntry) ? stored[besideEntry]! : null
  const beside = text === null ? nothing : parse(text)
  if (beside === null) return { metadata: stored, beside: nothing }
  const entries = Object.entries(stored).filter(([name]) => name !== besideEntry)
  const metadata = entries.map(([name, value]) => [isAside(name) ? name.slice(0, -1) : name, value] as const)
  return { metadata: Object.fromEntries(metadata), beside }
}

export function besideOf(headers: Headers, tags: Readonly<Record<string, string>>): Beside {
  return { tags, expires: headers.expires }
}

const nothing: Beside = { tags: {}, expires: undefined }

function isAside(name: string): boolean {
  return name.startsWith(besideEntry) && /^-*$/.test(name.slice(besideEntry.length))
}

/** Names in one order and nothing that is empty, so that one thing has one spelling. */
function textOf({ tags, expires }: Beside): string | null {
  const sorted = Object.entries(tags).toSorted(([a], [b]) => (a < b ? -1 : 1))
  if (sorted.length === 0 && expires === undefined) return null
  return JSON.stringify({
    ...(expires === undefined ? {} : { expires }),
    ...(sorted.length === 0 ? {} : { tags: sorted }),
  })
}

function parse(text: string): Beside | null {
  try {
    const { expires, tags = [] } = JSON.parse(text) as { expires?: unknown; tags?: unknown }
    if (expires !== undefined && !isText(expires)) return null
    if (!Array.isArray(tags) || !tags.every(isTag)) return null
    const beside = { expires, tags: Object.fromEntries(tags) }
    return textOf(beside) === text ? beside : null
  } catch {
    return null
  }
}

function isTag(tag: unknown): tag is readonly [string, string] {
  return Array.isArray(tag) && tag.length === 2 && tag.every(isText)
}

/** JSON can spell half a character, which no store holds and we never write. */
function isText(value: unknown): value is string {
  return typeof value === 'string' && value.isWellFormed()
}
