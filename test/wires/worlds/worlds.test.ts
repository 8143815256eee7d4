import { beforeAll, describe, expect, it } from 'vitest'
import { numberOf } from '#test/number-of.ts'
import { type LanesResult, liveInLanes, type Seed } from './lanes.ts'

/** New ones every run, or the one that is to be replayed. */
const from = numberOf('ISOBAR_WIRE_SEED', Date.now() % 1_000_000_000, 0)
/** The proof asks for 300. */
const worlds = numberOf('ISOBAR_WIRE_WORLDS', process.env['ISOBAR_WIRE_SEED'] === undefined ? 10 : 1)

/** Every third by events alone. */
function seeds(): Seed[] {
  if (worlds === 1) return [{ seed: from, eventsOnly: process.env['ISOBAR_EVENTS_ONLY'] !== undefined }]
  return Array.from({ length: worlds }, (_, at) => ({ seed: from + at, eventsOnly: at % 3 === 2 }))
}

describe('worlds at embedded clouds, reached by the real SDKs', () => {
  let lived: LanesResult
  beforeAll(
    async () => {
      const began = performance.now()
      lived = await liveInLanes(seeds())
      const seconds = Math.round((performance.now() - began) / 1000)
      const what = `${lived.summary.seeds} worlds at the wires from seed ${from}`
      console.info(
        `${what}: ${lived.asked} requests of drivers and users in ${seconds} s, ${lived.last} by processes that died of them`,
      )
    },
    120_000 + worlds * 5_000,
  )

  it('keep the laws', () => {
    expect(lived.summary.seeds).toBe(worlds)
    const stories = lived.summary.broken.map(
      ({ seed, law, what, story }) => story ?? `law ${law}, seed ${seed}: ${what}`,
    )
    expect(stories.join('\n\n')).toBe('')
  })

  it('are the same each time that they are lived', () => {
    expect(lived.strayed).toBeNull()
  })
})
