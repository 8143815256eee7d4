import { type Counts, Coverage } from './coverage.ts'
import type { Law } from './checker-laws.ts'
import type { Lived } from './simulate.ts'

export interface Broken {
  readonly seed: number
  readonly world: string
  readonly law: Law
  readonly what: string
  /** Shrunk and told, for the first few. */
  story: string | null
}

/** What a child process hands to its parent. */
export interface SummaryData {
  readonly seeds: number
  readonly seconds: number
  readonly broken: readonly Broken[]
  readonly exceptions: number
  readonly eventsOnly: boolean
  readonly counts: Counts
  readonly sizes: Readonly<Record<SizeName, Readonly<Record<string, number>>>>
}

type SizeName = 'sites' | 'keys' | 'acts'

/** What many seeds came to. */
export class Summary {
  seeds = 0
  seconds = 0
  exceptions = 0
  eventsOnly = false
  readonly broken: Broken[] = []
  readonly coverage: Coverage = new Coverage()
  readonly #sizes: Record<SizeName, Map<number, number>> = { sites: new Map(), keys: new Map(), acts: new Map() }

  add({ plan, history, coverage, violations, exceptions }: Lived): void {
    this.seeds++
    this.exceptions += exceptions.length
    this.eventsOnly = plan.eventsOnly
    this.coverage.add(coverage.counts())
    this.coverage.world(plan.world)
    const keys = new Set(history.deeds.map(({ key }) => key)).size
    this.#count({ sites: plan.sites.length, keys, acts: history.deeds.length })
    const laws = new Set<Law>()
    for (const { law, what } of violations) {
      if (laws.has(law)) continue
      laws.add(law)
      this.broken.push({ seed: plan.seed, world: plan.world, law, what, story: null })
    }
  }

  merge(data: SummaryData): void {
    this.seeds += data.seeds
    this.seconds += data.seconds
    this.exceptions += data.exceptions
    this.eventsOnly = data.eventsOnly
    this.broken.push(...data.broken)
    this.coverage.add(data.counts)
    for (const name of Object.keys(this.#sizes) as SizeName[]) {
      for (const [size, times] of Object.entries(data.sizes[name]))
        this.#sizes[name].set(Number(size), (this.#sizes[name].get(Number(size)) ?? 0) + times)
    }
  }

  /** Of seeds lived through in one second by one core. */
  get seedsPerSecond(): number {
    return this.seconds === 0 ? 0 : this.seeds / this.seconds
  }

  get median(): Readonly<Record<SizeName, number>> {
    return { sites: median(this.#sizes.sites), keys: median(this.#sizes.keys), acts: median(this.#sizes.acts) }
  }

  data(): SummaryData {
    const { seeds, seconds, broken, exceptions, eventsOnly, coverage } = this
    return {
      seeds,
      seconds,
      broken,
      exceptions,
      eventsOnly,
      counts: coverage.counts(),
      sizes: {
        sites: Object.fromEntries(this.#sizes.sites),
        keys: Object.fromEntries(this.#sizes.keys),
        acts: Object.fromEntries(this.#sizes.acts),
      },
    }
  }

  #count(sizes: Readonly<Record<SizeName, number>>): void {
    for (const name of Object.keys(sizes) as SizeName[]) {
      const size = sizes[name]
      this.#sizes[name].set(size, (this.#sizes[name].get(size) ?? 0) + 1)
    }
  }
}

function median(sizes: ReadonlyMap<number, number>): number {
  const sorted = [...sizes].toSorted(([a], [b]) => a - b)
  let left = sorted.reduce((sum, [, times]) => sum + times, 0) / 2
  for (const [size, times] of sorted) {
    left -= times
    if (left <= 0) return size
  }
  return 0
}
