import { Failure } from '#shared/kernel/failure.ts'
import type { RuleId, SiteId } from '#shared/kernel/ids.ts'

/** How far a pass has got. All of it travels in the message that asks for the next invocation; nothing else is kept. */
export interface Cursor {
  readonly rule: RuleId
  readonly deep: boolean
  /** Of the rule when the pass began. */
  readonly terms: string
  /** By our own clock. */
  readonly beganMs: number
  /** The last key that was compared, in the order of code points; '' before the first. */
  readonly at: string
  /** Where the present range of remembered keys began, and how many keys of it were compared. */
  readonly from: string
  readonly inRange: number
  /** Who has answered for every key so far. */
  readonly full: readonly SiteId[]
  /** How often in a row somebody's listing was cut short here. */
  readonly tries: number
}

const format = 1

export function writeCursor(cursor: Cursor): string {
  return JSON.stringify({ format, ...cursor })
}

/** Throws `invalid`, with the field, where it is no cursor of such a pass; `null` where an older or newer Isobar wrote it. */
export function readCursor(text: string, rule: RuleId, deep: boolean): Cursor | null {
  const fields = asRecord(text)
  if (typeof fields['format'] !== 'number') throw invalid('format', fields['format'], 'a number')
  if (fields['format'] !== format) return null
  if (fields['rule'] !== rule) throw invalid('rule', fields['rule'], JSON.stringify(rule))
  if (fields['deep'] !== deep) throw invalid('deep', fields['deep'], String(deep))
  const string = reader(fields, (value) => typeof value === 'string', 'a string')
  const count = reader(fields, (value) => Number.isSafeInteger(value) && (value as number) >= 0, 'a whole number')
  const sites = reader(
    fields,
    (value) => Array.isArray(value) && value.every((site) => typeof site === 'string'),
    'a list of sites',
  )
  return {
    rule,
    deep,
    terms: string('terms') as string,
    beganMs: count('beganMs') as number,
    at: string('at') as string,
    from: string('from') as string,
    inRange: count('inRange') as number,
    full: sites('full') as SiteId[],
    tries: count('tries') as number,
  }
}

function asRecord(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch {
    // Said below, as for any other text that is no cursor.
  }
  throw new Failure(
    'invalid',
    `reconcile cursor: found ${text.length} characters that are no JSON object, expected what the invocation before answered as "next"`,
  )
}

function reader(
  fields: Readonly<Record<string, unknown>>,
  is: (value: unknown) => boolean,
  expected: string,
): (name: string) => unknown {
  return (name) => {
    const value = fields[name]
    if (!is(value)) throw invalid(name, value, expected)
    return value
  }
}

function invalid(field: string, found: unknown, expected: string): Failure {
  return new Failure(
    'invalid',
    `reconcile cursor: ${field}: found ${JSON.stringify(found) ?? 'nothing'}, expected ${expected}`,
  )
}
