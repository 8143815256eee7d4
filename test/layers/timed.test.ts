import { describe, expect, it } from 'vitest'
import { timed } from '#shared/layers/timed.ts'
import type { Found, ObjectStore } from '#shared/ports/object-store.ts'
import { type Bench, bench, bytes, key, never, silentAfter, watch, write } from './bench.ts'

function bounded(desk: Bench, store: ObjectStore = desk.store): ObjectStore {
  return timed(store, desk.clock, { lookMs: 2000, writeMs: 45_000 })
}

describe('timed', () => {
  it('fails a read as unreachable when its bound is over, and not before', async () => {
    const desk = bench()
    desk.faults = () => ({ fault: 'silent' })
    const reads = [
      bounded(desk).head(key, never),
      bounded(desk).get(key, never),
      bounded(desk).versions(key, null, never),
    ]
    const watched = reads.map((read) => watch<unknown>(read))
    await desk.clock.pass(1999)
    expect(watched.map(({ outcome }) => outcome)).toEqual(['waiting', 'waiting', 'waiting'])
    await desk.clock.pass(1)
    expect(watched.map(({ outcome }) => outcome)).toEqual(['unreachable', 'unreachable', 'unreachable'])
    expect(watched[0]!.failure).toMatchObject({ site: 'here', scope: 'site' })
    expect(watched[0]!.failure!.message).toContain('2000 ms')
  })

  it('fails a write as unknown when its bound is over: it may have been done, or may still be', async () => {
    const desk = bench()
    desk.faults = () => ({ fault: 'silent' })
    const writes = [
      watch<unknown>(bounded(desk).put(key, write('a'), { if: 'absent' }, never)),
      watch<unknown>(bounded(desk).discard(key, 't', never)),
    ]
    await desk.clock.pass(44_999)
    expect(writes.map(({ outcome }) => outcome)).toEqual(['waiting', 'waiting'])
    await desk.clock.pass(1)
    expect(writes.map(({ outcome }) => outcome)).toEqual(['unknown', 'unknown'])
    expect(writes[0]!.failure!.scope).toBe('key')
  })

  it('ends what it no longer waits for', async () => {
    const desk = bench()
    let ended: unknown = null
    const store: ObjectStore = {
      ...desk.store,
      head: (_, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            ended = signal.reason
            reject(new Error('nobody hears this'))
          })
        }),
    }
    const read = watch(bounded(desk, store).head(key, never))
    await desk.clock.pass(2000)
    expect(read.outcome).toBe('unreachable')
    expect(ended).toBe(read.failure)
  })

  it('does not wait for a store that does not listen', async () => {
    const desk = bench()
    const store: ObjectStore = { ...desk.store, head: () => Promise.withResolvers<never>().promise }
    const read = watch(bounded(desk, store).head(key, never))
    await desk.clock.pass(2000)
    expect(read.outcome).toBe('unreachable')
  })

  it('leaves nothing ticking behind an answer', async () => {
    const desk = bench()
    desk.user.put(key, bytes('a'))
    const read = watch(bounded(desk).head(key, never))
    await desk.clock.pass(0)
    expect(read).toMatchObject({ outcome: 'done', answer: { size: 1 } })
    expect(desk.clock.sleeping).toBe(0)
  })

  it('passes a failure on as it is', async () => {
    const desk = bench()
    desk.faults = () => ({ fault: 'refused', kind: 'denied' })
    const read = watch(bounded(desk).head(key, never))
    await desk.clock.pass(0)
    expect(read.outcome).toBe('denied')
    expect(desk.clock.sleeping).toBe(0)
  })

  it('gives up with its caller', async () => {
    const desk = bench()
    desk.faults = () => ({ fault: 'silent' })
    const caller = new AbortController()
    const read = watch(bounded(desk).head(key, caller.signal))
    const put = watch(bounded(desk).put(key, write('a'), { if: 'absent' }, caller.signal))
    await desk.clock.pass(100)
    caller.abort(new Error('the function ends'))
    await desk.clock.pass(0)
    expect([read.outcome, put.outcome]).toEqual(['unreachable', 'unknown'])
    expect(put.failure!.cause).toEqual(new Error('the function ends'))
    expect(desk.clock.sleeping).toBe(0)
  })

  it('sends nothing for a caller who has gone, and knows so', async () => {
    const desk = bench()
    const put = watch(bounded(desk).put(key, write('a'), { if: 'absent' }, AbortSignal.abort()))
    await desk.clock.pass(0)
    expect(put.outcome).toBe('unreachable')
    expect(desk.calls).toHaveLength(0)
  })

  it('bounds each piece of a body, and not what its reader does between', async () => {
    const desk = bench()
    const found: Found = {
      meta: desk.user.put(key, bytes('ab')),
      body: {
        async *[Symbol.asyncIterator]() {
          yield bytes('a')
          await Promise.withResolvers().promise
        },
      },
    }
    const store = bounded(desk, { ...desk.store, get: async () => found })
    const { body } = (await store.get(key, never))!
    const reader = body[Symbol.asyncIterator]()
    expect(await reader.next()).toEqual({ done: false, value: bytes('a') })
    await desk.clock.pass(60_000)
    const stalled = watch(reader.next())
    await desk.clock.pass(1999)
    expect(stalled.outcome).toBe('waiting')
    await desk.clock.pass(1)
    expect(stalled.outcome).toBe('unreachable')
  })

  it.each([
    ['waits for a piece', false],
    ['does something else', true],
  ])('gives up with its caller while its reader %s, and closes the body', async (_what, between) => {
    const desk = bench()
    const silent = silentAfter(bytes('a'))
    const found: Found = { meta: desk.user.put(key, bytes('ab')), body: silent.body }
    const caller = new AbortController()
    const store = bounded(desk, { ...desk.store, get: async () => found })
    const { body } = (await store.get(key, caller.signal))!
    const reader = body[Symbol.asyncIterator]()
    await reader.next()
    const waiting = between ? null : watch(reader.next())
    await desk.clock.pass(100)
    caller.abort(new Error('the function ends'))
    const given = waiting ?? watch(reader.next())
    await desk.clock.pass(0)
    expect(given.outcome).toBe('unreachable')
    expect(given.failure).toMatchObject({ scope: 'key' }) // It says nothing about the site.
    expect([silent.closed, desk.clock.sleeping]).toEqual([true, 0])
  })

  it('gives a whole body, and closes one that its reader leaves', async () => {
    const desk = bench()
    desk.user.put(key, bytes('0123456789'))
    const whole = (await bounded(desk).get(key, never))!
    expect(Buffer.concat(await Array.fromAsync(whole.body)).toString()).toBe('0123456789')
    let closed = false
    const body = {
      async *[Symbol.asyncIterator]() {
        try {
          yield bytes('a')
          yield bytes('b')
        } finally {
          closed = true
        }
      },
    }
    const left = (await bounded(desk, { ...desk.store, get: async () => ({ ...whole, body }) }).get(key, never))!
    for await (const chunk of left.body) if (chunk.byteLength > 0) break
    expect(closed).toBe(true)
  })
})
