import { describe, expect, it } from 'vitest'
import { Tally } from '#shared/layers/tally.ts'
import { type Trace, traced } from '#shared/layers/traced.ts'
import { bench, bytes, key, never, silentAfter, site, watch, write } from './bench.ts'

describe('traced', () => {
  it('tells each request with its verb, its bytes, its time and how it failed', async () => {
    const desk = bench()
    const traces: Trace[] = []
    const store = traced(desk.store, desk.clock, (trace) => traces.push(trace))
    await store.put(key, write('abc'), { if: 'absent' }, never)
    await expect(store.put(key, write('abcd'), { if: 'absent' }, never)).rejects.toMatchObject({ kind: 'conflict' })
    desk.faults = () => ({ fault: 'slow', ms: 30 })
    const listed = watch(store.list({ prefix: '', after: '', cursor: null, max: 1 }, never))
    await desk.clock.pass(30)
    expect(listed.outcome).toBe('done')
    expect(traces).toEqual([
      { what: 'request', call: { site, verb: 'put', key, bytes: 3 }, ms: 0, failure: null },
      { what: 'request', call: { site, verb: 'put', key, bytes: 4 }, ms: 0, failure: 'conflict' },
      { what: 'request', call: { site, verb: 'list', key: null, bytes: 0 }, ms: 30, failure: null },
    ])
  })

  it('tells what was read of a body, whole, left or broken off, and nothing of one that lay unread', async () => {
    const desk = bench()
    desk.user.put(key, bytes('0123456789'))
    const read: number[] = []
    const store = traced(desk.store, desk.clock, (trace) => {
      if (trace.what === 'body') read.push(trace.bytes)
    })
    await Array.fromAsync((await store.get(key, never))!.body)
    for await (const chunk of (await store.get(key, never))!.body) if (chunk.byteLength > 0) break
    desk.faults = () => ({ fault: 'cut', byte: 6 })
    await expect(Array.fromAsync((await store.get(key, never))!.body)).rejects.toMatchObject({ kind: 'unreachable' })
    await store.get(key, never)
    expect(read).toEqual([10, 4, 6])
  })

  it('closes a body that its reader gives up while a piece of it is awaited, and tells what was read of it once', async () => {
    const desk = bench()
    const read: number[] = []
    const silent = silentAfter(bytes('abc'))
    const found = { meta: desk.user.put(key, bytes('abcdef')), body: silent.body }
    const store = traced({ ...desk.store, get: async () => found }, desk.clock, (trace) => {
      if (trace.what === 'body') read.push(trace.bytes)
    })
    const { body } = (await store.get(key, never))!
    const reader = body[Symbol.asyncIterator]()
    await reader.next()
    void reader.next()
    await reader.return!()
    await reader.return!()
    expect([silent.closed, read]).toEqual([true, [3]])
  })

  it('does not hide a defect', async () => {
    const desk = bench()
    desk.faults = () => {
      throw new TypeError('ours')
    }
    const store = traced(desk.store, desk.clock, () => undefined)
    await expect(store.head(key, never)).rejects.toThrow('ours')
  })

  it('adds up by verb', async () => {
    const desk = bench()
    const tally = new Tally()
    const store = traced(desk.store, desk.clock, tally.count)
    await store.put(key, write('abc'), { if: 'absent' }, never)
    await expect(store.put(key, write('abcd'), { if: 'absent' }, never)).rejects.toMatchObject({ kind: 'conflict' })
    await Array.fromAsync((await store.get(key, never))!.body)
    expect(tally.of('put')).toEqual({ requests: 2, failed: 1, sent: 7, received: 0 })
    expect(tally.of('get')).toEqual({ requests: 1, failed: 0, sent: 0, received: 3 })
    expect(tally.of('head')).toEqual({ requests: 0, failed: 0, sent: 0, received: 0 })
    expect(tally.requests).toBe(3)
  })
})
