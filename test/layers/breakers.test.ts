import { describe, expect, it } from 'vitest'
import { siteId } from '#shared/kernel/ids.ts'
import { breakers } from '#shared/layers/breakers.ts'
import { TestClock } from './test-clock.ts'

const [a, b] = [siteId('a'), siteId('b')]

function bench() {
  const clock = new TestClock().stop()
  return { clock, made: breakers({ clock, failures: 3, restMs: 10_000 }) }
}

function fail(made: ReturnType<typeof bench>['made'], times: number): void {
  for (let i = 0; i < times; i++) made.failed(a)
}

describe('breakers', () => {
  it('open after so many failures one after another, and for that site alone', () => {
    const { made } = bench()
    fail(made, 2)
    expect(made.mayAsk(a)).toBe(true)
    fail(made, 1)
    expect([made.mayAsk(a), made.mayAsk(b)]).toEqual([false, true])
  })

  it('count from the start again after a success', () => {
    const { made } = bench()
    fail(made, 2)
    made.succeeded(a)
    fail(made, 2)
    expect(made.mayAsk(a)).toBe(true)
  })

  it('let one look after a rest, and the others wait for what it finds', async () => {
    const { made, clock } = bench()
    fail(made, 3)
    await clock.pass(9999)
    expect(made.mayAsk(a)).toBe(false)
    await clock.pass(1)
    expect([made.mayAsk(a), made.mayAsk(a)]).toEqual([true, false])
    made.succeeded(a)
    expect([made.mayAsk(a), made.mayAsk(a)]).toEqual([true, true])
  })

  it('rest again when that look fails', async () => {
    const { made, clock } = bench()
    fail(made, 3)
    await clock.pass(10_000)
    expect(made.mayAsk(a)).toBe(true)
    await clock.pass(2000)
    made.failed(a)
    await clock.pass(9999)
    expect(made.mayAsk(a)).toBe(false)
    await clock.pass(1)
    expect(made.mayAsk(a)).toBe(true)
  })

  it('wait no longer than another rest for a look that never reports', async () => {
    const { made, clock } = bench()
    fail(made, 3)
    await clock.pass(10_000)
    expect(made.mayAsk(a)).toBe(true)
    await clock.pass(10_000)
    expect(made.mayAsk(a)).toBe(true)
  })
})
