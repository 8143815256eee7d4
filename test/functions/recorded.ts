import { readFileSync } from 'node:fs'

type Json = { readonly [name: string]: Json | string | number }

/** A recorded event with some of its fields replaced; what is `undefined` is taken out. */
export function recorded(name: string, changes: object = {}): Json {
  const text = readFileSync(new URL(`../events/${name}.json`, import.meta.url), 'utf8')
  return merged(JSON.parse(text), changes) as Json
}

function merged(value: unknown, changes: object): unknown {
  const whole: Record<string, unknown> = { ...(value as object) }
  for (const [name, change] of Object.entries(changes)) {
    if (change === undefined) delete whole[name]
    else whole[name] = isObject(change) ? merged(whole[name] ?? {}, change) : change
  }
  return whole
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
