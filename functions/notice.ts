import * as z from 'zod'
import { pathOf } from '#shared/config/issue.ts'
import { show } from '#shared/config/show.ts'
import { Failure } from '#shared/kernel/failure.ts'
import { parseKey, type Key } from '#shared/kernel/key.ts'
import type { SiteId } from '#shared/kernel/ids.ts'
import type { OwnMessage } from './message.ts'

/** What one delivery turned out to hold: work, something that is acknowledged and left alone for the reason given, or poison. */
export type Notice =
  | { readonly message: OwnMessage }
  | { readonly passedOver: { readonly site: SiteId; readonly key: string; readonly why: string } }
  | { readonly refused: unknown }

// As in the configuration's schemas, a message below is the end of a sentence: "found X, expected <message>".

export const key: z.ZodType<Key, string> = z.string('a key').transform((text, context) => {
  try {
    return parseKey(text)
  } catch {
    context.addIssue({ code: 'custom', message: 'a key: 1 to 1,024 bytes of well-formed Unicode' })
    return z.NEVER
  }
})

/** In milliseconds since 1970; what is finer is dropped. */
export const instant: z.ZodType<number, string> = z.iso
  .datetime({ offset: true, error: 'a time such as 2026-11-25T12:00:00Z' })
  .transform((text) => Date.parse(text))

/** A delivery as its schema says, or the first field that is not, by name. No retry can mend it. */
export function parse<T>(schema: z.ZodType<T>, value: unknown, within: readonly (string | number)[] = []): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const [trouble] = result.error.issues
  const place = (trouble?.path ?? []).map((step) => (typeof step === 'symbol' ? String(step) : step))
  refuse(pathOf([...within, ...place]), valueAt(value, place), trouble?.message ?? 'something else')
}

/** Where several things came in one delivery: what is refused of them is refused by itself. */
export function orRefused(read: () => Notice): Notice {
  try {
    return read()
  } catch (thrown) {
    return { refused: thrown }
  }
}

/** The delivery is poison: it goes to the dead letters whole, and a person can tell from this line why. */
export function refuse(field: string, found: unknown, expected: string): never {
  throw new Failure('invalid', `${field}: found ${show(found)}, expected ${expected}`)
}

export function parseJson(text: string, field: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    refuse(field, text, 'JSON')
  }
}

function valueAt(whole: unknown, place: readonly (string | number)[]): unknown {
  let value = whole
  for (const step of place) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
    value = (value as Readonly<Record<string | number, unknown>>)[step]
  }
  return value
}
