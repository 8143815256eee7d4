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
  const place = [...above, ...trouble.path.map((step) => (typeof step === 'symbol' ? String(step) : step))]
  const value = valueAt(document, place)
  if (trouble.code === 'unrecognized_keys') {
    return trouble.keys.map((name) => unknownField([...place, name], name, trouble.message.split(fieldSeparator)))
  }
  if (trouble.code === 'invalid_key') {
    return trouble.issues.map(({ message }) => issue(place, show(place.at(-1)), message))
  }
  const branch = trouble.code === 'invalid_union' ? branchOf(value) : null
  const inner = branch === null || trouble.code !== 'invalid_union' ? [] : (trouble.errors[branch] ?? [])
  if (inner.length > 0) return inner.flatMap((each) => issuesOf(each, place, document))
  return [issue(place, found(place, value), trouble.message)]
}

/** Of the rules only: a reader is told about the kind of rule that was meant, not about both. */
function branchOf(value: unknown): 0 | 1 | null {
  if (typeof value !== 'object' || value === null) return null
  if ('among' in value) return 0
  return 'from' in value || 'to' in value ? 1 : null
}

/** Never the field's value: what does not belong here may be a secret. */
function unknownField(place: Place, name: string, known: readonly string[]): ConfigIssue {
  return issue(place, 'an unknown field', oneOf('one of the fields', known, name))
}

function found(place: Place, value: unknown): string {
  return place.at(-1) === 'endpoint' && typeof value === 'string' ? showAddress(value) : show(value)
}

function valueAt(document: unknown, place: Place): unknown {
  let value = document
  for (const step of place) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
    value = (value as Readonly<Record<string | number, unknown>>)[step]
  }
  return value
}
