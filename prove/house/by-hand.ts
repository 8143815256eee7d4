import { root } from '#prove/command.ts'
import type { Promised } from '#prove/promise.ts'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { laws, type Wanted } from '#prove/laws.ts'

/** The checker's own table: a law that it gains is asked for here at once. Tests may know what proves them, not the other way round: hence by its path. */
async function eachLaw(): Promise<readonly Wanted[]> {
  const file = pathToFileURL(join(root, 'test/simulation/checker-laws.ts')).href
  const { laws: table } = (await import(file)) as { readonly laws: Readonly<Record<string, string>> }
  return Object.entries(table).map(([number, name]) => ({
    what: `law ${number}, ${name}`,
    like: new RegExp(`^law ${number}, by hand\\b.* is broken `),
  }))
}

export const byHand: Promised = laws(
  'a history written by hand for each law of the checker that breaks it: the checker says so',
  ['bounds', 'ends', 'exceptions', 'losers', 'routes', 'uploads', 'winners', 'writes'].map(
    (family) => `test/simulation/histories-of-${family}.test.ts`,
  ),
  { wanted: eachLaw },
)
