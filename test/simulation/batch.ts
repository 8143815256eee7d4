import type { Law } from './checker-laws.ts'
import { generate, type Wishes } from './generate.ts'
import { shrink } from './shrink.ts'
import { live, type Lived, type RequestLine } from './simulate.ts'
import { tell } from './story.ts'
import { Summary } from './summary.ts'
import { assertDrains, outsideMicrotasks } from './timeline.ts'

export interface Batch extends Wishes {
  readonly from: number
  readonly seeds: number
  /** How many broken seeds are shrunk and told. */
  readonly stories: number
  /** After every few worlds; `stop` ends the batch. */
  readonly progress?: (summary: Summary) => 'go on' | 'stop'
}

const worldsAtOnce = 25

/** Many seeds, one after another, in this process. */
export async function runBatch(batch: Batch): Promise<Summary> {
  const summary = new Summary()
  const end = batch.from + batch.seeds
  for (let first = batch.from; first < end; first += worldsAtOnce) {
    await outsideMicrotasks(() => {
      if (first === batch.from) assertDrains()
      // By the processor, for others may be at work on it too.
      const began = process.cpuUsage()
      const broken: Lived[] = []
      for (let seed = first; seed < Math.min(first + worldsAtOnce, end); seed++) {
        const lived = live(generate(seed, batch))
        summary.add(lived)
        if (lived.violations.length > 0) broken.push(lived)
      }
      const { user, system } = process.cpuUsage(began)
      summary.seconds += (user + system) / 1_000_000
      for (const lived of broken) tellBroken(summary, lived, batch)
    })
    if (batch.progress?.(summary) === 'stop') break
  }
  return summary
}

/** The first of each law are told; a thousand stories nobody reads. */
function tellBroken(summary: Summary, lived: Lived, batch: Batch): void {
  for (const broken of summary.broken) {
    if (broken.seed !== lived.plan.seed || broken.story !== null) continue
    const told = summary.broken.filter(({ story }) => story !== null)
    if (told.length >= batch.stories || told.some(({ law, seed }) => law === broken.law || seed === broken.seed))
      continue
    const least = shrink(lived, broken.law)
    broken.story = `${tell(least.plan, least.history, least.violations)}\n\nreplay: ${replay(lived, batch)}\n`
  }
}

function replay({ plan }: Lived, { worlds }: Wishes): string {
  const world = worlds.length === 0 ? '' : ` --world ${worlds.join(',')}`
  return `npm run sim -- --seed ${plan.seed}${plan.eventsOnly ? ' --events-only' : ''}${world}`
}

export interface Telling {
  /** What to tell of where several laws are broken; `null` for whichever comes first. */
  readonly laws: readonly Law[] | null
  /** Not shrunk. */
  readonly whole: boolean
  /** Every request of our functions too. */
  readonly requests: boolean
}

/** One seed, for a reader. */
export function tellSeed(
  seed: number,
  wishes: Wishes,
  { laws, whole, requests }: Telling,
): Promise<{ readonly text: string; readonly broken: boolean }> {
  return outsideMicrotasks(() => {
    assertDrains()
    const lived = live(generate(seed, wishes))
    const first = lived.violations.find(({ law }) => laws === null || laws.includes(law))
    const told = first === undefined || whole ? lived : shrink(lived, first.law)
    const lines: RequestLine[] = []
    if (requests) live(told.plan, { requests: lines })
    const exceptions = lived.exceptions.map(
      ({ what, key, site }) => `counted as the stated exception: ${key} at ${site}: ${what}`,
    )
    return {
      text: [tell(told.plan, told.history, told.violations, lines), ...exceptions].join('\n'),
      broken: first !== undefined,
    }
  })
}
