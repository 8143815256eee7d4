/** A rule's pattern, as JSON. */
export type Pattern = string | readonly Pattern[] | { readonly [name: string]: Pattern }

/**
 * Whether EventBridge would hand an event on: as much of its patterns as ours use, and an error for what they do not.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
export function matches(pattern: Pattern, event: unknown): boolean {
  return Object.entries(pattern as object).every(([name, wanted]: [string, Pattern]) => {
    if (name === '$or') return (wanted as readonly Pattern[]).some((one) => matches(one, event))
    const value = (event as Readonly<Record<string, unknown>> | undefined)?.[name]
    if (!Array.isArray(wanted)) return matches(wanted, value)
    return wanted.some((one: Pattern) => matchesValue(one, value))
  })
}

function matchesValue(wanted: Pattern, value: unknown): boolean {
  if (typeof wanted === 'string') return wanted === value
  const [operator, ...others] = Object.entries(wanted as object)
  if (operator?.[0] !== 'anything-but' || others.length > 0) throw new Error('an operator that this does not know')
  // A field that is not there matches nothing, not even "anything but".
  return value !== undefined && !(operator[1] as readonly unknown[]).includes(value)
}
