import { flagsOf } from './flags.ts'
import { worldNames, worldsOf } from './generate.ts'
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
replayable from its seed alone.

  --from S          the first seed (default: from the clock, printed)
  --seeds N         how many (default 2000)
  --events-only     no event is lost and nothing is reconciled: events alone must suffice
  --world NAME      only these worlds, commas between: ${worldNames.join(' ')}
                    (late, join, retire, skew and tags need a reconcile)
  --jobs N          processes (default 1)
  --stories N       how many broken seeds to shrink and tell (default 3)
  --output FORM     table (default) or json

  --seed S          one seed, told whole in the order of time; a broken law is shrunk first.
                    Takes --events-only and --world as well: they decide what the seed means
  --whole           ... not shrunk
  --requests        ... with every request of our functions

  --break NAME      the core with one condition deleted or inverted: is it caught, by which law, after how many seeds?
                    Takes --from, --seeds (default 20000, at most) and --output; the variant names its worlds
  --break NAME --seed S [--whole] [--requests]
                    what that variant does in one world, told
  --break all       every variant, as one table; takes --jobs too
  --break list      their names and what each of them breaks

Ctrl-C ends a run with what it has found so far; a second one ends it at once.
Exit: 0 all laws held (each variant was caught), 1 one did not, 2 the command was not understood, 130 after Ctrl-C.

  npm run sim -- --seeds 20000 --jobs 2
  npm run sim -- --seed 4711 --events-only
  npm run sim -- --break no-hold`

export type Parsed = { readonly options: Options } | { readonly wrong: string } | { readonly help: true }

/** Of processes; more than any machine has use for. */
const jobsMax = 256

export function parse(args: readonly string[]): Parsed {
  const read = flagsOf(args)
  if ('wrong' in read) return read
  const { flags } = read
  if (flags.help) return { help: true }
  const numbers = {
    from: flags.from ?? String(Date.now() % 1_000_000_000),
    seeds: flags.seeds ?? (flags.break === undefined ? '2000' : '20000'),
    seed: flags.seed ?? '0',
    jobs: flags.jobs ?? '1',
    stories: flags.stories ?? '3',
  }
  const eventsOnly = flags['events-only'] ?? false
  const worlds = flags.world?.split(',') ?? []
  const output = flags.output ?? 'table'
  const wrong = wrongNumber(numbers) ?? wrongWorld(worlds, eventsOnly)
  if (wrong !== null) return { wrong }
  if (output !== 'table' && output !== 'json' && output !== 'data')
    return { wrong: `--output: found ${JSON.stringify(output)}, expected table or json` }
  return {
    options: {
      from: Number(numbers.from),
      seeds: Number(numbers.seeds),
      seed: flags.seed === undefined ? null : Number(numbers.seed),
      eventsOnly,
      worlds: worlds as WorldName[],
      break: flags.break ?? null,
      output,
      jobs: Number(numbers.jobs),
      stories: Number(numbers.stories),
      whole: flags.whole ?? false,
      requests: flags.requests ?? false,
    },
  }
}

function wrongNumber(numbers: Readonly<Record<string, string>>): string | null {
  for (const [name, text] of Object.entries(numbers)) {
    const least = name === 'seeds' || name === 'jobs' ? 1 : 0
    const most = name === 'jobs' ? jobsMax : 999_999_999_999
    if (/^\d{1,12}$/.test(text) && Number(text) >= least && Number(text) <= most) continue
    return `--${name}: found ${JSON.stringify(text)}, expected a whole number from ${least} to ${most}`
  }
  return null
}

function wrongWorld(worlds: readonly string[], eventsOnly: boolean): string | null {
  const strange = worlds.find((name) => !(worldNames as readonly string[]).includes(name))
  if (strange !== undefined)
    return `--world: found ${JSON.stringify(strange)}, expected one of ${worldNames.join(', ')}`
  const possible: readonly string[] = worldsOf({ eventsOnly, worlds: [] })
  const needy = worlds.find((name) => !possible.includes(name))
  if (needy === undefined) return null
  return `--world: found ${needy} with --events-only, but it needs a reconcile: leave out one of the two, or take one of ${possible.join(', ')}`
}
