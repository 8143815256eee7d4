import { lastWords, run } from '#prove/command.ts'
import { notHeld, type Outcome, type Promised } from '#prove/promise.ts'

const from = 1
/** At most: it ends once every await has its deaths. */
const seeds = 40_000
const least = 20

/** What test/simulation/crash.ts prints. */
interface Crashes {
  /** Worlds in which a function died where it was told to. */
  readonly lived: number
  /** What then broke a law. */
  readonly broken: readonly string[]
  /** Rules that leave out an await which is not there. */
  readonly stale: readonly string[]
  readonly awaits: readonly {
    readonly where: string
    readonly deaths: number
    /** Why no death is asked of it. */
    readonly spared: string | null
  }[]
}

export function judgeCrashes({ lived, broken, stale, awaits }: Crashes): Outcome {
  const asked = awaits.filter(({ spared }) => spared === null).toSorted((a, b) => a.deaths - b.deaths)
  const [rarest] = asked
  if (rarest === undefined) return notHeld('no await was found')
  // A rule whose await can be died at after all is a lie.
  const lies = awaits.filter(({ spared, deaths }) => spared !== null && deaths > 0)
  return {
    figure: `${asked.length} awaits, the rarest ${rarest.deaths} times (${rarest.where}), ${awaits.length - asked.length} left out by rule, ${broken.length} violations in ${lived} deaths`,
    held: rarest.deaths >= least && lies.length === 0 && stale.length === 0 && broken.length === 0,
    details: [
      ...broken,
      ...stale.map((rule) => `a rule leaves out what is not there: ${rule}`),
      ...lies.map(({ where, deaths }) => `${where}: LEFT OUT, and died at ${deaths} times`),
      ...asked.map(({ where, deaths }) => `${where}: ${deaths}`),
      ...awaits.flatMap(({ where, spared }) => (spared === null ? [] : [`${where}: left out: ${spared}`])),
    ],
  }
}

export const crashes: Promised = {
  line: `a crash at each await of each protocol's step, at least ${least} times, breaks no law`,
  async run() {
    const args = ['test/simulation/crash.ts', String(from), String(seeds), String(least)]
    const result = await run('node', args, { minutes: 60 })
    return result.code === 0 ? judgeCrashes(JSON.parse(result.stdout) as Crashes) : notHeld(lastWords(result))
  },
}
