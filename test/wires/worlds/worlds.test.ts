import { describe, expect, it } from 'vitest'
import { loadHashing } from '#shared/kernel/hashing.ts'
import { generate } from '#test/simulation/generate.ts'
import { tell } from '#test/simulation/story.ts'
import { outsideMicrotasks } from '#test/simulation/timeline.ts'
import { Across } from './across.ts'
import { liveInLanes, type Seed } from './lanes.ts'
import { liveAtWires } from './live-at-wires.ts'

/** The proof asks for 300. */
const worlds = Number(process.env['ISOBAR_WIRE_WORLDS'] ?? 10)
/** New ones every run, or the one that is to be replayed. */
const from = Number(process.env['ISOBAR_WIRE_SEED'] ?? Date.now() % 1_000_000_000)
const replayed = process.env['ISOBAR_WIRE_SEED'] !== undefined && process.env['ISOBAR_WIRE_WORLDS'] === undefined

function seedsOf(): Seed[] {
  if (replayed) return [{ seed: from, eventsOnly: process.env['ISOBAR_EVENTS_ONLY'] !== undefined }]
  return Array.from({ length: worlds }, (_, at) => ({ seed: from + at, eventsOnly: at % 3 === 2 }))
}

describe('worlds at embedded clouds, by the real SDKs', () => {
  it(
    'keep the laws',
    async () => {
      const began = performance.now()
      const { summary, asked } = await liveInLanes(seedsOf())
      const seconds = Math.round((performance.now() - began) / 1000)
      console.info(`${summary.seeds} worlds at the wires from seed ${from}: ${asked} requests in ${seconds} s`)
      expect(summary.seeds).toBe(seedsOf().length)
      const stories = summary.broken.map(({ seed, law, what, story }) => story ?? `law ${law}, seed ${seed}: ${what}`)
      expect(stories.join('\n\n')).toBe('')
    },
    60_000 + worlds * 5_000,
  )

  it('are the same world each time', async () => {
    const hashing = await loadHashing()
    const across = new Across()
    const plan = generate(from)
    const story = () =>
      outsideMicrotasks(() => {
        const { history, violations } = liveAtWires(plan, across, hashing)
        return tell(plan, history, violations)
      })
    const first = await story()
    expect(await story()).toBe(first)
    await across.end()
  })
})
