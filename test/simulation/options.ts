import { parseArgs } from 'node:util'
import { worldNames } from './generate.ts'
import type { WorldName } from './plan.ts'

export interface Options {
  readonly from: number
  readonly seeds: number
  readonly seed: number | null
  readonly eventsOnly: boolean
  readonly worlds: readonly WorldName[]
  readonly break: string | null
  readonly output: 'table' | 'json' | 'data'
  readonly jobs: number
  readonly stories: number
  readonly whole: boolean
  readonly requests: boolean
}

export const help: string = `npm run sim -- [options]

Lives through seeded worlds: sites with the clouds' own manners, users, faults, functions that die at any await.
Each world is judged by the laws of the architecture, from what its users did and what its stores hold. A run is
replayable from its seed alone. Exit 1 where a law is broken.

  --from S          the first seed (default: from the clock, printed)
  --seeds N         how many (default 2000; with --break at most 20000)
  --events-only     no event is lost and nothing is reconciled: events alone must suffice
  --world NAME      only these worlds, commas between: ${worldNames.join(' ')}
  --jobs N          processes (default 1)
  --stories N       how many broken seeds to shrink and tell (default 3)
  --output FORM     table (default) or json

  --seed S          one seed, told whole in the order of time; a broken law is shrunk first
  --whole           ... not shrunk
  --requests        ... with every request of our functions

  --break NAME      the core with one condition deleted or inverted: is it caught, by which law, after how many seeds?
  --break all       every variant, as one table
  --break list      their names and what each of them breaks

  npm run sim -- --seeds 20000 --jobs 2
  npm run sim -- --seed 4711 --events-only
  npm run sim -- --break no-hold`

export type Parsed = { readonly options: Options } | { readonly wrong: string } | { readonly help: true }

export function parse(args: readonly string[]): Parsed {
  let values
  try {
    values = parseArgs({
      args: [...args],
      options: {
        from: { type: 'string' },
        seeds: { type: 'string' },
        seed: { type: 'string' },
        'events-only': { type: 'boolean', default: false },
        world: { type: 'string' },
        jobs: { type: 'string', default: '1' },
        stories: { type: 'string', default: '3' },
        output: { type: 'string', default: 'table' },
        whole: { type: 'boolean', default: false },
        requests: { type: 'boolean', default: false },
        break: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    }).values
  } catch (thrown) {
    return { wrong: thrown instanceof Error ? thrown.message : String(thrown) }
  }
  if (values.help) return { help: true }
  const numbers = {
    from: values.from ?? String(Date.now() % 1_000_000_000),
    seeds: values.seeds ?? (values.break === undefined ? '2000' : '20000'),
    jobs: values.jobs,
    stories: values.stories,
  }
  for (const [name, text] of Object.entries({
    ...numbers,
    ...(values.seed === undefined ? {} : { seed: values.seed }),
  })) {
    const least = name === 'seeds' || name === 'jobs' ? 1 : 0
    if (!/^\d{1,12}$/.test(text) || Number(text) < least)
      return { wrong: `--${name}: found ${JSON.stringify(text)}, expected a whole number, at least ${least}` }
  }
  const { output } = values
  if (output !== 'table' && output !== 'json' && output !== 'data')
    return { wrong: `--output: found ${JSON.stringify(output)}, expected table or json` }
  const worlds = values.world?.split(',') ?? []
  const strange = worlds.find((name) => !(worldNames as readonly string[]).includes(name))
  if (strange !== undefined)
    return { wrong: `--world: found ${JSON.stringify(strange)}, expected one of ${worldNames.join(', ')}` }
  return {
    options: {
      from: Number(numbers.from),
      seeds: Number(numbers.seeds),
      seed: values.seed === undefined ? null : Number(values.seed),
      eventsOnly: values['events-only'],
      worlds: worlds as WorldName[],
      break: values.break ?? null,
      output,
      jobs: Number(numbers.jobs),
      stories: Number(numbers.stories),
      whole: values.whole,
      requests: values.requests,
    },
  }
}
