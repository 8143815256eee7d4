import { describe, expect, it } from 'vitest'
import { Failure } from '#shared/kernel/failure.ts'
import { siteId } from '#shared/kernel/ids.ts'
import type { Clock } from '#shared/kernel/clock.ts'
import type { Core } from '#shared/replication/core.ts'
import { clockOf, hear, hold } from '#shared/replication/hold.ts'
import { stampAt } from './plant.ts'
import { bytes, key, Trio } from './trio.ts'

const signal = new AbortController().signal

async function held(trio: Trio, site: string, stampMs: number, core: Core = trio.core): Promise<number> {
  const from = trio.clock.ms
  const written = await hold(core, trio.at(site).store, key('k'), stampAt('gcp', stampMs), signal)
  expect(written).toBe(trio.clock.ms)
  return trio.clock.ms - from
}

/** Every member has just been heard of, and none of its clocks shows a part of a second. */
async function heard(skewMs: Readonly<Record<string, number>> = {}): Promise<Trio> {
  const trio = new Trio(undefined, { skewMs })
  await trio.pass(0)
  trio.requests()
  return trio
}

it('what is older than the target’s clock waits for nothing and asks for nothing', async () => {
  const trio = await heard()
  expect(await held(trio, 'azure', trio.clock.ms - 1)).toBe(0)
  expect(trio.requests()).toEqual({})
})

it('who need not wait does not sleep', async () => {
  const trio = await heard()
  const clock = clockWith(trio, { sleep: () => Promise.reject(new Error('slept')) })
  const { store } = trio.at('azure')
  await hold({ ...trio.core, clock }, store, key('k'), stampAt('gcp', trio.clock.ms - 1), signal)
  await expect(hold({ ...trio.core, clock }, store, key('k'), stampAt('gcp', trio.clock.ms), signal)).rejects.toThrow(
    'ended by the caller',
  )
})

it.each([
  ['aws', 0, 1_000],
  ['aws', -999, 1],
  ['aws', -1_000, 0],
  ['azure', 0, 1],
  ['azure', -1, 0],
  ['azure', 4_999, 5_000],
  ['aws', 4_000, 5_000],
])('at %s a stamp %i ms ahead waits %i ms: past it by a step of that site’s dates', async (site, ahead, wait) => {
  const trio = await heard()
  expect(await held(trio, site, trio.clock.ms + ahead)).toBe(wait)
})

it.each([
  ['azure', 5_000, 5_001],
  ['aws', 4_001, 5_001],
])('at %s a stamp %i ms ahead goes back to the queue', async (site, ahead, waitMs) => {
  const trio = await heard()
  await expect(held(trio, site, trio.clock.ms + ahead)).rejects.toThrow(
    new Failure(
      'throttled',
      `${site}: its clock is ${waitMs} ms behind the date of a version from gcp; compare the clocks of both`,
      { site: siteId(site), scope: 'key' },
    ),
  )
})

it('waits for the target’s own clock, however wrong', async () => {
  const trio = await heard({ azure: -3_000 })
  const stampMs = trio.clock.ms
  const written = await hold(trio.core, trio.at('azure').store, key('k'), stampAt('gcp', stampMs), signal)
  expect(written).toBe(trio.at('azure').bucket.now())
  expect(trio.at('azure').user.put(key('k'), bytes('seen and answered')).dateMs).toBe(stampMs + 1)
})

it.each([-3_000, -1_500, -1, 0, 1, 700, 60_000])(
  'a user who answers a copy is later than it, though the clocks differ by %i ms',
  async (skewMs) => {
    for (const site of ['aws', 'azure', 'gcp']) {
      const trio = new Trio(undefined, { skewMs: { [site]: skewMs } })
      trio.clock.ms += 777
      await trio.pass(0)
      const stampMs = trio.clock.ms
      await hold(trio.core, trio.at(site).store, key('k'), stampAt('vault', stampMs), signal)
      expect(trio.at(site).user.put(key('k'), bytes('answer')).dateMs, site).toBeGreaterThan(stampMs)
    }
  },
)

describe('the bound is the newest date heard and the time since, by the monotonic clock', () => {
  it.each([0, 1, 999, 59_999])('%i ms later', async (ms) => {
    const trio = await heard()
    const { store } = trio.at('azure')
    const before = clockOf(trio.core, store)
    trio.clock.ms += ms
    expect(clockOf(trio.core, store)).toBe(before + ms)
    expect(trio.requests()).toEqual({})
  })

  it('what a store says with the part of a second cut off is still below its clock', async () => {
    const trio = new Trio()
    trio.clock.ms += 640
    await trio.pass(0)
    expect(clockOf(trio.core, trio.at('gcp').store)).toBe(trio.clock.ms - 640)
  })

  it('a store that was never heard has none', () => {
    const trio = new Trio()
    expect(() => clockOf(trio.core, trio.at('gcp').store)).toThrow(
      new Failure('unreachable', 'gcp: answered without a date', { site: siteId('gcp') }),
    )
  })

  it('fractions of a millisecond are cut off a mark', async () => {
    const trio = await heard()
    const core = { ...trio.core, clock: clockWith(trio, { monotonic: () => trio.clock.ms + 0.75 }) }
    const written = await hold(core, trio.at('azure').store, key('k'), stampAt('gcp', 0), signal)
    expect(written).toBe(trio.clock.ms)
  })
})

function clockWith(trio: Trio, change: Partial<Clock>): Clock {
  return {
    now: () => trio.clock.now(),
    monotonic: () => trio.clock.monotonic(),
    sleep: (ms) => trio.clock.sleep(ms),
    ...change,
  }
}

describe('a bound is old', () => {
  async function heads(trio: Trio, core: Core): Promise<number> {
    trio.requests()
    await hear(core, trio.at('gcp').store, key('k'), signal)
    return trio.requests()['gcp head'] ?? 0
  }

  it('where nothing was heard', async () => {
    const trio = new Trio()
    expect(await heads(trio, trio.core)).toBe(1)
  })

  it.each([
    [60_000, 0],
    [60_001, 1],
  ])('after %i ms: %i HEAD', async (ms, expected) => {
    const trio = await heard()
    trio.clock.ms += ms
    expect(await heads(trio, trio.core)).toBe(expected)
  })

  it.each([
    ['the monotonic clock', { now: 60_001, monotonic: 60_001 }, 1],
    ['the wall clock, which ran on while the function was frozen', { now: 1_001 }, 1],
    ['the wall clock, which was set back', { now: -1_001 }, 1],
    ['no clock that is a second off', { now: 1_000 }, 0],
    ['no clock that is a second off the other way', { now: -1_000 }, 0],
    ['neither', { now: 60_000, monotonic: 60_000 }, 0],
  ])('by %s', async (_, { now = 0, monotonic = 0 }: { now?: number; monotonic?: number }, expected) => {
    const trio = await heard()
    const base = trio.clock.ms
    const clock = clockWith(trio, { now: () => base + now, monotonic: () => base + monotonic })
    expect(await heads(trio, { ...trio.core, clock })).toBe(expected)
  })

  it('and then the key itself is asked for, which tells the time whether or not it is there', async () => {
    const trio = new Trio()
    const written = await hold(trio.core, trio.at('gcp').store, key('k'), stampAt('aws', 0), signal)
    expect(written).toBe(trio.clock.ms)
    expect(trio.requests()).toEqual({ 'gcp head': 1 })
  })
})
