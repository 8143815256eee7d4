import { describe, expect, it } from 'vitest'
import type { Fault } from '#shared/layers/faulty.ts'
import { type Bench, bench, bytes, fine, key, never, site, watch, write } from './bench.ts'

function suffering(fault: Fault): Bench {
  const desk = bench()
  desk.faults = () => fault
  return desk
}

async function textAt(desk: Bench): Promise<string | null> {
  desk.faults = () => fine
  const found = await desk.store.get(key, never)
  return found === null ? null : Buffer.concat(await Array.fromAsync(found.body)).toString()
}

const put = ({ store }: Bench, text = 'content', signal = never) =>
  store.put(key, write(text), { if: 'absent' }, signal)

describe('faulty', () => {
  it('refuses in the words that it is given, and nothing is done', async () => {
    const desk = suffering({ fault: 'refused', kind: 'throttled', scope: 'key' })
    await expect(put(desk)).rejects.toMatchObject({ kind: 'throttled', scope: 'key', site })
    expect(await textAt(desk)).toBeNull()
  })

  it('loses requests, or only their answers', async () => {
    for (const [fault, left] of [
      ['request-lost', null],
      ['answer-lost', 'content'],
    ] as const) {
      const desk = suffering({ fault })
      await expect(put(desk)).rejects.toMatchObject({ kind: 'unknown' })
      expect(await textAt(desk)).toBe(left)
    }
  })

  it('leaves a removal unknown and a look unanswered, whichever was lost', async () => {
    for (const [fault, left] of [
      ['request-lost', 'content'],
      ['answer-lost', null],
    ] as const) {
      const desk = bench()
      const { version } = await put(desk)
      desk.faults = () => ({ fault })
      await expect(desk.store.head(key, never)).rejects.toMatchObject({ kind: 'unreachable', scope: 'site' })
      await expect(desk.store.remove(key, version, never)).rejects.toMatchObject({ kind: 'unknown', scope: 'key' })
      expect(await textAt(desk)).toBe(left)
    }
  })

  it('loses a refusal like any other answer', async () => {
    const desk = bench()
    desk.user.put(key, bytes('first'))
    desk.faults = () => ({ fault: 'answer-lost' })
    await expect(put(desk)).rejects.toMatchObject({ kind: 'unknown' })
    expect(await textAt(desk)).toBe('first')
  })

  it('lets a request land long after its caller was told that nobody knows, under its own condition', async () => {
    const desk = suffering({ fault: 'lands-late', ms: 25_000 })
    await expect(put(desk)).rejects.toMatchObject({ kind: 'unknown' })
    await desk.clock.pass(24_999)
    expect(await textAt(desk)).toBeNull()
    await desk.clock.pass(1)
    expect(await textAt(desk)).toBe('content')
    desk.faults = () => ({ fault: 'lands-late', ms: 1000 })
    await expect(put(desk, 'too late')).rejects.toMatchObject({ kind: 'unknown' })
    await desk.clock.pass(1000)
    expect(await textAt(desk)).toBe('content')
  })

  it('is slow, and hears a caller who does not wait', async () => {
    const desk = suffering({ fault: 'slow', ms: 500 })
    const caller = new AbortController()
    const slow = watch(desk.store.head(key, never))
    const left = watch(put(desk, 'content', caller.signal))
    await desk.clock.pass(499)
    expect(slow.outcome).toBe('waiting')
    caller.abort()
    await desk.clock.pass(1)
    expect([slow.outcome, left.outcome]).toEqual(['done', 'unknown'])
  })

  it('is silent until its caller gives up', async () => {
    const desk = suffering({ fault: 'silent' })
    const caller = new AbortController()
    const read = watch(desk.store.head(key, caller.signal))
    await desk.clock.pass(1_000_000)
    expect(read.outcome).toBe('waiting')
    caller.abort()
    await desk.clock.pass(0)
    expect(read.outcome).toBe('unreachable')
    const gone = watch(put(desk, 'content', AbortSignal.abort()))
    await desk.clock.pass(0)
    expect(gone.outcome).toBe('unknown')
  })

  it('flips one bit of what is read, and leaves what is stored alone', async () => {
    for (const byte of [0, 5, 9]) {
      const desk = bench()
      desk.user.put(key, bytes('0123456789'))
      desk.faults = () => ({ fault: 'bit-flipped', byte })
      const found = (await desk.store.get(key, never))!
      const read = Buffer.concat(await Array.fromAsync(found.body))
      expect([...read].filter((one, i) => one !== bytes('0123456789')[i])).toHaveLength(1)
      expect(read[byte]).toBe(bytes('0123456789')[byte]! ^ 1)
      expect(await textAt(desk)).toBe('0123456789')
    }
  })

  it('flips one bit of what is sent, in one request or a part', async () => {
    const desk = suffering({ fault: 'bit-flipped', byte: 0 })
    await put(desk, 'abc')
    expect(await textAt(desk)).toBe('`bc')
    desk.faults = () => ({ fault: 'bit-flipped', byte: 0 })
    const sent = await desk.store.putPart(key, 't', 1, write('abc').body, {}, never)
    desk.faults = () => fine
    const whole = await desk.store.putPart(key, 't', 2, write('`bc').body, {}, never)
    expect(sent.digests).toEqual(whole.digests)
  })

  it('breaks a body off where it is told to', async () => {
    for (const byte of [0, 4, 6]) {
      const desk = bench()
      desk.user.put(key, bytes('0123456789'))
      desk.faults = () => ({ fault: 'cut', byte })
      const found = (await desk.store.get(key, never))!
      const read: Uint8Array[] = []
      const reading = (async () => {
        for await (const chunk of found.body) read.push(chunk)
      })()
      await expect(reading).rejects.toMatchObject({ kind: 'unreachable' })
      expect(Buffer.concat(read).toString()).toBe('0123456789'.slice(0, byte))
    }
  })

  it('has nothing to damage where nothing is', async () => {
    const desk = suffering({ fault: 'cut', byte: 0 })
    expect(await desk.store.get(key, never)).toBeNull()
    expect(desk.calls).toEqual([{ site, verb: 'get', key, bytes: 0 }])
  })
})
