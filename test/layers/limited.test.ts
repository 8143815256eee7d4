import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Key, parseKey } from '#shared/kernel/key.ts'
import { limited } from '#shared/layers/limited.ts'
import type { ObjectMeta, ObjectStore } from '#shared/ports/object-store.ts'
import { bench, bytes, key, never, watch } from './bench.ts'

/** A store whose answers the test gives. */
function held(): { store: ObjectStore; asked: Key[]; answer: (at: Key) => void; fail: (at: Key) => void } {
  const waiting = new Map<Key, { resolve: (meta: ObjectMeta | null) => void; reject: (reason: Error) => void }>()
  const asked: Key[] = []
  const store: ObjectStore = {
    ...bench().store,
    head: (at) =>
      new Promise((resolve, reject) => {
        asked.push(at)
        waiting.set(at, { resolve, reject })
      }),
  }
  return {
    store,
    asked,
    answer: (at) => waiting.get(at)?.resolve(null),
    fail: (at) => waiting.get(at)?.reject(new Error('failed')),
  }
}

const tick = () =>
  new Promise<void>((resolve) => {
    setImmediate(resolve)
  })
const names = Array.from({ length: 8 }, (_, i) => parseKey(`k${i}`))

describe('limited', () => {
  it('lets so many calls go at once, and each further one when another ends, in the order in which they came', async () => {
    const { store, asked, answer } = held()
    const gated = limited(store, 2)
    const reads = names.slice(0, 4).map((name) => gated.head(name, never))
    await tick()
    expect(asked).toEqual(names.slice(0, 2))
    answer(names[1]!)
    await tick()
    expect(asked).toEqual(names.slice(0, 3))
    answer(names[0]!)
    await tick()
    expect(asked).toEqual(names.slice(0, 4))
    answer(names[2]!)
    answer(names[3]!)
    expect(await Promise.all(reads)).toEqual([null, null, null, null])
  })

  it('gives the place of a call that failed to the next', async () => {
    const { store, asked, answer, fail } = held()
    const gated = limited(store, 1)
    const first = gated.head(names[0]!, never)
    const second = gated.head(names[1]!, never)
    await tick()
    fail(names[0]!)
    await expect(first).rejects.toThrow('failed')
    await tick()
    expect(asked).toEqual(names.slice(0, 2))
    answer(names[1]!)
    expect(await second).toBeNull()
  })

  it('lets a caller leave the queue, having sent nothing, without a place being lost', async () => {
    const { store, asked, answer } = held()
    const gated = limited(store, 1)
    const caller = new AbortController()
    const first = gated.head(names[0]!, never)
    const left = watch(gated.head(names[1]!, caller.signal))
    const third = gated.head(names[2]!, never)
    await tick()
    caller.abort()
    await tick()
    expect(left.outcome).toBe('unreachable')
    answer(names[0]!)
    await first
    await tick()
    expect(asked).toEqual([names[0], names[2]])
    answer(names[2]!)
    await third
    const gone = watch(gated.head(names[3]!, AbortSignal.abort()))
    await tick()
    expect(gone.outcome).toBe('unreachable')
    expect(asked).toHaveLength(2)
  })

  it('never exceeds its limit and forgets nobody, whoever comes, ends, fails or leaves', async () => {
    const steps = fc.array(fc.tuple(fc.constantFrom('call', 'answer', 'fail', 'leave'), fc.nat(7)), { maxLength: 60 })
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 3 }), steps, async (most, all) => {
        let [running, peak] = [0, 0]
        const ends: ((fails: boolean) => void)[] = []
        const store: ObjectStore = {
          ...bench().store,
          head: () =>
            new Promise((resolve, reject) => {
              peak = Math.max(peak, ++running)
              ends.push((fails) => {
                running--
                if (fails) reject(new Error('failed'))
                else resolve(null)
              })
            }),
        }
        const gated = limited(store, most)
        const callers: AbortController[] = []
        const calls: Promise<unknown>[] = []
        for (const [step, pick] of all) {
          if (step === 'call') {
            const caller = new AbortController()
            callers.push(caller)
            calls.push(gated.head(key, caller.signal).catch(() => null))
          } else if (step === 'leave') callers[pick]?.abort()
          else ends.shift()?.(step === 'fail')
          await tick()
        }
        while (ends.length > 0) {
          ends.shift()!(false)
          await tick()
        }
        await Promise.all(calls)
        expect(peak).toBeLessThanOrEqual(most)
        expect(running).toBe(0)
      }),
    )
  })

  it('gives the place back once a body is open, so that a copy never waits for itself', async () => {
    const desk = bench()
    desk.user.put(key, bytes('0123456789'))
    const gated = limited(desk.store, 1)
    const found = (await gated.get(key, never))!
    expect(await gated.head(key, never)).toMatchObject({ size: 10 })
    expect(await Array.fromAsync(found.body)).toHaveLength(3)
  })
})
