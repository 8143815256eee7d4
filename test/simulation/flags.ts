import { parseArgs } from 'node:util'

/** The flags as they were typed, each at most once, and only such as mean something together. */
export interface Flags {
  readonly from?: string
  readonly seeds?: string
  readonly seed?: string
  readonly 'events-only'?: boolean
  readonly world?: string
  readonly jobs?: string
  readonly stories?: string
  readonly output?: string
  readonly whole?: boolean
  readonly requests?: boolean
  readonly break?: string
  readonly help?: boolean
}

const text = { type: 'string' } as const
const yes = { type: 'boolean' } as const
const known = {
  from: text,
  seeds: text,
  seed: text,
  'events-only': yes,
  world: text,
  jobs: text,
  stories: text,
  output: text,
  whole: yes,
  requests: yes,
  break: text,
  help: { type: 'boolean', short: 'h' },
} as const

interface Use {
  /** As a person would call it. */
  readonly name: string
  readonly takes: readonly (keyof Flags)[]
  /** What who typed one of the others may have meant. */
  readonly instead?: Partial<Readonly<Record<keyof Flags, string>>>
}

const uses = {
  many: {
    name: 'many seeds',
    takes: ['from', 'seeds', 'events-only', 'world', 'jobs', 'stories', 'output'],
    instead: { whole: 'it tells one seed: name it by --seed', requests: 'it tells one seed: name it by --seed' },
  },
  one: {
    name: '--seed',
    takes: ['seed', 'events-only', 'world', 'whole', 'requests'],
    instead: { output: 'for one seed as data: --from S --seeds 1 --output json' },
  },
  hunt: {
    name: '--break NAME',
    takes: ['break', 'from', 'seeds', 'output'],
    instead: {
      jobs: 'only --break all has work for several',
      'events-only': 'a variant names its own worlds',
      world: 'a variant names its own worlds',
      whole: 'it tells one seed: name it by --seed',
      requests: 'it tells one seed: name it by --seed',
    },
  },
  caught: {
    name: '--break NAME --seed S',
    takes: ['break', 'seed', 'whole', 'requests'],
    instead: { 'events-only': 'a variant names its own worlds', world: 'a variant names its own worlds' },
  },
  all: { name: '--break all', takes: ['break', 'from', 'seeds', 'jobs', 'output'] },
  list: { name: '--break list', takes: ['break'] },
} as const satisfies Readonly<Record<string, Use>>

function useOf(flags: Flags): Use {
  if (flags.break === 'list' || flags.break === 'all') return uses[flags.break]
  if (flags.break !== undefined) return flags.seed === undefined ? uses.hunt : uses.caught
  return flags.seed === undefined ? uses.many : uses.one
}

/** A flag that nobody would read is refused: whoever typed it meant something. */
export function flagsOf(args: readonly string[]): { readonly flags: Flags } | { readonly wrong: string } {
  let parsed
  try {
    parsed = parseArgs({ args: [...args], options: known, tokens: true })
  } catch (thrown) {
    const said = thrown instanceof Error ? thrown.message : String(thrown)
    return { wrong: `${said.replace(/\.$/, '')}; npm run sim -- --help lists the options` }
  }
  const flags: Flags = parsed.values
  if (flags.help) return { flags }
  const typed: readonly (keyof Flags)[] = parsed.tokens.flatMap((token) =>
    token.kind === 'option' ? [token.name] : [],
  )
  const twice = typed.find((name, at) => typed.indexOf(name) !== at)
  if (twice !== undefined) {
    const remedy = twice === 'world' ? ', with commas between the worlds' : ''
    return { wrong: `--${twice}: found more than once, expected once${remedy}` }
  }
  const { name, takes, instead = {} } = useOf(flags)
  const idle = typed.find((one) => !takes.includes(one))
  if (idle === undefined) return { flags }
  const hint = instead[idle] === undefined ? '' : ` (${instead[idle]})`
  const others = takes.filter((one) => !name.includes(`--${one}`)).map((one) => `--${one}`)
  return {
    wrong: `--${idle}: found with ${name}, expected ${others.length === 0 ? 'nothing else' : `only ${others.join(', ')}`} there${hint}`,
  }
}
