import { describe, expect, it } from 'vitest'
import type { FailureKind } from '#shared/kernel/failure.ts'
import { retrying } from '#shared/layers/retrying.ts'
import { timed } from '#shared/layers/timed.ts'
import type { ObjectStore } from '#shared/ports/object-store.ts'
import { type Bench, bench, fine, key, never, watch, write } from './bench.ts'

const options = { random: { next: () => 0.5 }, attempts: 3, pauseMs: 100, withinMs: 2000 }

function retried(desk: Bench, more: Partial<typeof options> = {}): ObjectStore {
  return retrying(desk.store, { clock: desk.clock, ...options, ...more })
}

/** Fails so many times, then no more. */
function failing(desk: Bench, kind: FailureKind, times: number): void {
  desk.faults = () => (desk.calls.length <= times ? { fault: 'refused', kind } : fine)
}

describe('retrying', () => {
  it('asks a read again that was not answered, throttled or damaged', async () => {
    for (const kind of ['unreachable', 'throttled', 'corrupt'] as const) {
      const desk = bench()
      failing(desk, kind, 2)
      const read = watch(retried(desk).head(key, never))
      await desk.clock.pass(1000)
      expect(read.outcome, kind).toBe('done')
      expect(desk.calls).toHaveLength(3)
    }
  })

  it('takes an answer for an answer: what is refused or absent is not asked again', async () => {
    for (const kind of ['denied', 'absent', 'invalid', 'conflict', 'unknown'] as const) {
      const desk = bench()
      failing(desk, kind, 1)
      const read = watch(retried(desk).head(key, never))
      await desk.clock.pass(1000)
      expect(read.outcome).toBe(kind)
      expect(desk.calls).toHaveLength(1)
    }
  })

  it('never repeats a write', async () => {
    const writes: ((store: ObjectStore) => Promise<unknown>)[] = [
      (store) => store.put(key, write('a'), { if: 'absent' }, never),
      (store) => store.remove(key, 'x' as never, never),
      (store) => store.putPart(key, 't', 1, write('a').body, {}, never),
      (store) => store.commit(key, 't', [], write('a'), { if: 'absent' }, never),
      (store) => store.discard(key, 't', never),
    ]
    for (const act of writes) {
      const desk = bench()
      failing(desk, 'unreachable', 1)
      const written = watch(act(retried(desk)))
      await desk.clock.pass(1000)
      expect(written.outcome).toBe('unreachable')
      expect(desk.calls).toHaveLength(1)
    }
  })

  it('gives up after its attempts, with the last failure', async () => {
    const desk = bench()
    failing(desk, 'unreachable', 100)
    const read = watch(retried(desk).list({ prefix: '', after: '', cursor: null, max: 1 }, never))
    await desk.clock.pass(10_000)
    expect(read.outcome).toBe('unreachable')
    expect(desk.calls).toHaveLength(3)
  })

  it('waits twice as long each time, between half and whole', async () => {
    for (const [chance, waits] of [
      [0, [50, 100]],
      [0.999_999, [100, 200]],
    ] as const) {
      const desk = bench()
      failing(desk, 'unreachable', 100)
      watch(retried(desk, { random: { next: () => chance } }).head(key, never))
      await desk.clock.pass(waits[0] - 1)
      expect(desk.calls).toHaveLength(1)
      await desk.clock.pass(1)
      expect(desk.calls).toHaveLength(2)
      await desk.clock.pass(waits[1] - 1)
      expect(desk.calls).toHaveLength(2)
      await desk.clock.pass(1)
      expect(desk.calls).toHaveLength(3)
    }
  })

  it('begins no attempt after the time in which its caller expects one answer', async () => {
    const desk = bench()
    failing(desk, 'unreachable', 100)
    watch(retried(desk, { withinMs: 80 }).head(key, never))
    await desk.clock.pass(10_000)
    expect(desk.calls).toHaveLength(2)
  })

  it('makes one bounded look of a silent site, with the bound inside and the repeats outside', async () => {
    const desk = bench()
    desk.faults = () => ({ fault: 'silent' })
    const store = retrying(timed(desk.store, desk.clock, { lookMs: 2000, writeMs: 45_000 }), {
      clock: desk.clock,
      ...options,
    })
    const read = watch(store.head(key, never))
    await desk.clock.pass(2000)
    expect(read.outcome).toBe('unreachable')
    expect(desk.calls).toHaveLength(1)
  })

  it('stops waiting for its next attempt when its caller goes, and tells what it was waiting for', async () => {
    const desk = bench()
    failing(desk, 'throttled', 100)
    const caller = new AbortController()
    const read = watch(retried(desk).head(key, caller.signal))
    await desk.clock.pass(10)
    caller.abort()
    await desk.clock.pass(0)
    expect(read.outcome).toBe('throttled')
    await desk.clock.pass(1000)
    expect(desk.calls).toHaveLength(1)
  })

  it('lets a defect pass at once', async () => {
    const desk = bench()
    desk.faults = () => {
      throw new TypeError('ours')
    }
    await expect(retried(desk).head(key, never)).rejects.toThrow('ours')
    expect(desk.calls).toHaveLength(1)
  })
})
