import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { numberOf } from '#test/number-of.ts'
import { runBatch } from './batch.ts'
import type { WorldName } from './plan.ts'
import type { Summary } from './summary.ts'

/** A seed that once failed, and in which of the two modes; `worlds` where it was asked for these alone. */
interface FailedSeed {
  readonly seed: number
  readonly eventsOnly: boolean
  readonly worlds: readonly WorldName[]
  readonly why: string
}

const failed = JSON.parse(readFileSync(new URL('failed-seeds.json', import.meta.url), 'utf8')) as readonly FailedSeed[]

const seeds = numberOf('ISOBAR_SEEDS', 2_000)
/** New seeds every run: what nobody has tried finds what nobody has thought of. */
const from = numberOf('ISOBAR_FROM', Date.now() % 1_000_000_000, 0)

/** A story for each law that was broken: whoever reads the failure needs no other tool. */
function storiesOf({ broken }: Summary): string {
  return broken.map(({ seed, law, what, story }) => story ?? `law ${law}, seed ${seed}: ${what}`).join('\n\n')
}

describe('seeded worlds', () => {
  it.each([
    ['with lost events and a reconcile', false],
    ['by events alone', true],
  ])(
    'keep the laws %s',
    async (_how, eventsOnly) => {
      const summary = await runBatch({ from, seeds: Math.ceil(seeds / 2), eventsOnly, worlds: [], stories: 1 })
      console.info(
        `${summary.seeds} seeds from ${from}: ${summary.exceptions} stated exceptions, ${Math.round(summary.seedsPerSecond)} seeds/s`,
      )
      expect(summary.seeds).toBeGreaterThan(0)
      expect(storiesOf(summary)).toBe('')
    },
    300_000,
  )

  it('keep the laws for every seed that ever broke one', async () => {
    for (const { seed, eventsOnly, worlds } of failed) {
      const summary = await runBatch({ from: seed, seeds: 1, eventsOnly, worlds, stories: 1 })
      expect(storiesOf(summary)).toBe('')
    }
  }, 60_000)
})
