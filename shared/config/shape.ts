import type * as z from 'zod'
import type { ConfigDocument } from './document.ts'
import { fieldSeparator } from './fields.ts'
import { ConfigError, issue, type ConfigIssue, type Place } from './issue.ts'
import { oneOf } from './nearest.ts'
import { configSchema } from './schema.ts'
import { show, showAddress } from './show.ts'

/** A document whose every field has its type, or all that is wrong with that. */
export function checkShape(value: unknown): ConfigDocument {
  const result = configSchema.safeParse(value)
  if (result.success) return result.data
  throw new ConfigError(result.error.issues.flatMap((trouble) => issuesOf(trouble, [], value)))
}

function issuesOf(trouble: z.core.$ZodIssue, above: Place, document: unknown): readonly ConfigIssue[] {
  const place = [...above, ...trouble.path]
  const value = valueAt(document, place)
  if (trouble.code === 'unrecognized_keys') {
    return trouble.keys.map((name) => unknownField([...place, name], name, trouble.message.split(fieldSeparator)))
  }
  if (trouble.code === 'invalid_key') {
    return trouble.issues.map(({ message }) => issue(place, show(place.at(-1)), message))
  }
  if (trouble.code === 'invalid_union' && isRule(place)) {
    const marks = marksOf(value)
    const inner = trouble.errors[branchOf(marks)]
    if (inner !== undefined) return inner.flatMap((each) => issuesOf(each, place, document))
    if (marks.length > 0) return [issue(place, marks.map(show).join(' and '), trouble.message)]
  }
  return [issue(place, found(place, value), trouble.message)]
}

function isRule(place: Place): boolean {
  return place.length === 2 && place[0] === 'replicate'
}

/** The fields that make a rule a group or a route. */
function marksOf(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return []
  return ['among', 'from', 'to'].filter((name) => name in value)
}

/** Which side of the union of rules was meant, so that a reader is told about that one; -1 where nothing tells, or both do. */
function branchOf(marks: readonly string[]): number {
  if (!marks.includes('among')) return marks.length === 0 ? -1 : 1
  return marks.length === 1 ? 0 : -1
}

/** Never the field's value: what does not belong here may be a secret. */
function unknownField(place: Place, name: string, known: readonly string[]): ConfigIssue {
  return issue(place, 'an unknown field', oneOf('one of the fields', known, name))
}

function found(place: Place, value: unknown): string {
  return place.at(-1) === 'endpoint' && typeof value === 'string' ? showAddress(value) : show(value)
}

function valueAt(document: unknown, place: Place): unknown {
  return place.reduce<unknown>(
    (value, step) => (value as Readonly<Record<PropertyKey, unknown>> | undefined)?.[step],
    document,
  )
}
