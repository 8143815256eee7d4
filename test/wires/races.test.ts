import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadHashing } from '#shared/kernel/hashing.ts'
import { siteId } from '#shared/kernel/ids.ts'
import { parseKey } from '#shared/kernel/key.ts'
import { Failure } from '#shared/kernel/failure.ts'
import { absent, Desk, never, since, type Subject, textOf } from '#test/contract/subject.ts'
import { kinds } from '#test/local/doors.ts'
import { numberOf } from '#test/number-of.ts'
import { type Clouds, startClouds } from './clouds.ts'

const writers = 20
/** The proof asks for a thousand. */
const increments = numberOf('ISOBAR_INCREMENTS', 20)

let clouds: Clouds
beforeAll(async () => {
  clouds = await startClouds()
})
afterAll(() => clouds.close())

async function desk(kind: (typeof kinds)[number]): Promise<Desk> {
  const store = await clouds.store(kind, 'races', siteId('here'))
  return new Desk({ store, hashing: await loadHashing() } as Subject)
}

/** Whether the write was done; a condition that did not hold is an outcome. */
async function won(write: Promise<unknown>): Promise<boolean> {
  return write.then(
    () => true,
    (thrown: unknown) => {
      if (thrown instanceof Failure && thrown.kind === 'conflict') return false
      throw thrown
    },
  )
}

describe.each(kinds)('at the embedded %s', (kind) => {
  it(`of ${writers} that create one key at once, one wins and the others know`, async () => {
    const at = await desk(kind)
    const key = parseKey('one')
    const wins = await Promise.all(Array.from({ length: writers }, (_, n) => won(at.put(key, `writer ${n}`, absent))))
    expect(wins.filter(Boolean)).toHaveLength(1)
    expect(await at.text(key)).toBe(`writer ${wins.indexOf(true)}`)
  })

  it(`${increments} increments by ${writers} at once: none is lost`, async () => {
    const at = await desk(kind)
    const key = parseKey('count')
    await at.put(key, '0')
    let left = increments
    const writer = async () => {
      while (left > 0) {
        const { meta, body } = (await at.store.get(key, never))!
        const count = Number(await textOf(body))
        if (await won(at.put(key, String(count + 1), since(meta.version)))) left--
      }
    }
    await Promise.all(Array.from({ length: writers }, writer))
    // Whoever had begun when the last one of the thousand was done has counted one more.
    expect(await at.text(key)).toBe(String(increments - left))
  }, 600_000)
})
