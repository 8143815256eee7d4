import { lastWords, run } from '#prove/command.ts'
import { notHeld, once, type Outcome, type Promised } from '#prove/promise.ts'

/** What `npm run sim -- --output json` prints. */
export interface Summary {
  readonly from: number
  readonly seeds: number
  readonly violations: number
  /** On one core, however many were used. */
  readonly seedsPerSecond: number
  /** The one stated exception: conditions on S3 that were met by equal bytes. */
  readonly exceptions: number
  /** How often each kind of fault changed the course of a run. */
  readonly coverage: Readonly<Record<string, number>>
  /** How often a function died at each await of each protocol's step. */
  readonly crashes: Readonly<Record<string, number>>
  readonly median: { readonly sites: number; readonly keys: number; readonly acts: number }
}

const seeds = 20_000
const leastSpeed = 100
const leastFaults = 100
const leastCrashes = 20
const leastMedian = { sites: 3, keys: 2, acts: 8 }

/** Runs the simulation and reads the one JSON document that it prints. */
export async function simulate<T>(...args: readonly string[]): Promise<T> {
  const result = await run('npm', ['run', '--silent', 'sim', '--', ...args, '--output', 'json'], { minutes: 60 })
  try {
    return JSON.parse(result.stdout) as T
  } catch {
    throw new Error(`npm run sim -- ${args.join(' ')}: ${lastWords(result)}`)
  }
}

const worlds = once(() => simulate<Summary>('--seeds', String(seeds)))
const eventsAlone = once(() => simulate<Summary>('--seeds', String(seeds), '--events-only'))

function judge(summary: Summary): Outcome {
  const { violations, exceptions, seedsPerSecond } = summary
  return {
    figure: `${violations} violations in ${summary.seeds} seeds from ${summary.from}, ${exceptions} stated exceptions, ${Math.round(seedsPerSecond)} seeds/s`,
    held: violations === 0 && summary.seeds >= seeds && seedsPerSecond >= leastSpeed,
  }
}

function seldom(counts: Readonly<Record<string, number>>, least: number, what: string): Outcome {
  const rows = Object.entries(counts).toSorted(([, a], [, b]) => a - b)
  const [rarest] = rows
  if (rarest === undefined) return notHeld(`no ${what} was counted`)
  return {
    figure: `${rows.length} ${what}, the rarest ${rarest[1]} times (${rarest[0]})`,
    held: rarest[1] >= least,
    details: rows.map(([name, count]) => `${name}: ${count}`),
  }
}

async function tell(): Promise<string> {
  return JSON.stringify({ ...(await simulate<Summary>('--from', '1', '--seeds', '300')), seedsPerSecond: 0 })
}

/** The same seeds must give the same story, whenever and wherever they are run: only the clock on the wall may differ. */
async function replay(): Promise<Outcome> {
  const [first, second] = [await tell(), await tell()]
  return {
    figure: first === second ? '300 seeds told the same story twice' : 'two runs differ',
    held: first === second,
  }
}

export const simulation: readonly Promised[] = [
  {
    line: `${seeds} seeds with every fault: 0 violations, at least ${leastSpeed} seeds/s on one core`,
    run: async () => judge(await worlds()),
  },
  { line: `${seeds} seeds by events alone: 0 violations`, run: async () => judge(await eventsAlone()) },
  { line: 'runs are replayed from the seed alone', run: replay },
  {
    line: `the median seed has at least ${leastMedian.sites} sites, ${leastMedian.keys} keys, ${leastMedian.acts} acts of users`,
    async run() {
      const { sites, keys, acts } = (await worlds()).median
      return {
        figure: `${sites} sites, ${keys} keys, ${acts} acts`,
        held: sites >= leastMedian.sites && keys >= leastMedian.keys && acts >= leastMedian.acts,
      }
    },
  },
  {
    line: `every kind of fault changed the course of at least ${leastFaults} runs`,
    run: async () => seldom((await worlds()).coverage, leastFaults, 'kinds of fault'),
  },
  {
    line: `a crash at each await of each protocol's step, at least ${leastCrashes} times`,
    run: async () => seldom((await worlds()).crashes, leastCrashes, 'awaits'),
  },
]
