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
  /** How often each kind of fault changed the course of a run; every kind there is, those that never came up too. */
  readonly faults: Readonly<Record<string, number>>
  readonly acts: Readonly<Record<string, number>>
  readonly median: { readonly sites: number; readonly keys: number; readonly acts: number }
}

const seeds = 20_000
const leastSpeed = 100
const leastFaults = 100
/** For each seed; as measured there are 0.008. */
const mostExceptions = 0.015
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

/** What is excused has a bound, too: a checker that excused everything would find no violation. */
export function judgeWorlds(
  summary: Pick<Summary, 'from' | 'seeds' | 'violations' | 'exceptions' | 'seedsPerSecond'>,
): Outcome {
  const { violations, exceptions, seedsPerSecond } = summary
  const excused = exceptions <= summary.seeds * mostExceptions
  return {
    figure: `${violations} violations in ${summary.seeds} seeds from ${summary.from}, ${exceptions} stated exceptions, ${Math.round(seedsPerSecond)} seeds/s`,
    held: violations === 0 && excused && summary.seeds >= seeds && seedsPerSecond >= leastSpeed,
  }
}

/** Acts of users are told beside them: how much people do is no fault. */
export function judgeFaults({ faults, acts }: Pick<Summary, 'faults' | 'acts'>): Outcome {
  const rows = rarestFirst(faults)
  const [rarest] = rows
  if (rarest === undefined) return notHeld('no kind of fault was counted')
  return {
    figure: `${rows.length} kinds of fault, the rarest ${rarest[1]} times (${rarest[0]})`,
    held: rarest[1] >= leastFaults,
    details: [
      ...rows.map(([name, count]) => `${name}: ${count}`),
      ...rarestFirst(acts).map(([name, count]) => `act of a user: ${name}: ${count}`),
    ],
  }
}

function rarestFirst(counts: Readonly<Record<string, number>>): (readonly [string, number])[] {
  return Object.entries(counts).toSorted(([, a], [, b]) => a - b)
}

const excusedAtMost = `at most ${seeds * mostExceptions} stated exceptions`

export const simulation: readonly Promised[] = [
  {
    line: `${seeds} seeds with every fault: 0 violations, ${excusedAtMost}, at least ${leastSpeed} seeds/s on one core`,
    run: async () => judgeWorlds(await worlds()),
  },
  {
    line: `${seeds} seeds by events alone: 0 violations, ${excusedAtMost}`,
    run: async () => judgeWorlds(await eventsAlone()),
  },
]

export const shapeOfWorlds: readonly Promised[] = [
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
    line: `every kind of fault changed the course of a run at least ${leastFaults} times`,
    run: async () => judgeFaults(await worlds()),
  },
]
