import * as z from 'zod'

// A message in these schemas is not a sentence but the end of one: "found X, expected <message>".

/** An object with these fields and no other. Where others were found its message is the list of those that there are. */
export function fields<Shape extends z.core.$ZodLooseShape>(
  shape: Shape,
  expected = 'an object',
): z.ZodObject<Shape, z.core.$strict> {
  const known = Object.keys(shape)
    .filter((name) => !isAbsent(shape[name]))
    .join(fieldSeparator)
  return z.strictObject(shape, { error: ({ code }) => (code === 'unrecognized_keys' ? known : expected) })
}

export const fieldSeparator = ', '

export function text(pattern: RegExp, expected: string): z.ZodString {
  return z.string({ error: expected }).regex(pattern, { error: expected }).describe(expected)
}

/** A whole number of something. */
export function count(min: number, max: number, of: string): z.ZodInt {
  const expected = `a whole number of ${of}, ${min} to ${max}`
  const error = { error: expected }
  return z
    .int({ ...error, abort: true })
    .min(min, error)
    .max(max, error)
    .describe(expected)
}

export function flag(): z.ZodBoolean {
  return z.boolean({ error: 'true or false' })
}

export function list<Item extends z.core.SomeType>(
  item: Item,
  min: number,
  max: number,
  expected: string,
): z.ZodArray<Item> {
  const error = { error: expected }
  return z.array(item, error).min(min, error).max(max, error)
}

/** A map from names to values. */
export function table<Name extends z.ZodString, Value extends z.core.SomeType>(
  name: Name,
  value: Value,
  max: number,
  expected: string,
): z.ZodRecord<Name, Value> {
  return z.record(name, value, { error: expected }).refine((entries) => Object.keys(entries).length <= max, {
    error: `at most ${max} entries`,
  })
}

/** A field that some other place of the document has and this one, for the reason given, has not. */
export function absent(expected: string): z.ZodOptional<z.ZodNever> {
  return z.never({ error: expected }).optional()
}

function isAbsent(field: unknown): boolean {
  return field instanceof z.ZodOptional && field.unwrap() instanceof z.ZodNever
}
