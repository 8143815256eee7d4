import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { inParallel } from '#shared/kernel/in-parallel.ts'

const numbers = (length: number) => Array.from({ length }, (_, i) => i)

describe('acts in parallel', () => {
  it('are so many at once and no more, answered in order', async () => {
    let [now, most] = [0, 0]
    const done = await inParallel(numbers(50), 16, async (one, index) => {
      most = Math.max(most, ++now)
      await wait(one % 3)
      now--
      return [one, index]
    })
    expect(most).toBe(16)
    expect(done).toEqual(numbers(50).map((i) => [i, i]))
  })

  it('are none where there is nothing to do', async () => {
    expect(await inParallel([], 16, () => Promise.reject(new Error('nothing')))).toEqual([])
  })

  it('end with the first that fails: no other begins, and those under way are waited for', async () => {
    let [begun, ended] = [0, 0]
    const act = inParallel(numbers(50), 16, async (one) => {
      begun++
      await wait(one === 3 ? 1 : 20)
      ended++
      if (one === 3 || one === 0) throw new Error(`${one} failed`)
    })
    await expect(act).rejects.toThrow('3 failed')
    expect([begun, ended]).toEqual([16, 16])
  })
})
