import type { Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '#functions/runtime.ts'
import { parseKey } from '#shared/kernel/key.ts'
import { timed } from '#shared/layers/timed.ts'
import type { ObjectStore } from '#shared/ports/object-store.ts'
import { absent, bodyOf, bytes, bytesOf, failed, never, since, textOf } from '#test/contract/subject.ts'
import { flipping } from '#test/functions/drivers/tampering-proxy.ts'
import { embedded, type Embedded } from './embedded.ts'
import { write } from './scripted.ts'

const MiB = 1024 * 1024
const large = Buffer.concat([Buffer.alloc(5 * MiB, 'a'), Buffer.from('MARK'), Buffer.alloc(4 * MiB, 'b')])

let server: Embedded
let store: ObjectStore
let keys = 0
const key = () => parseKey(`bodies/${keys++}`)
beforeAll(async () => {
  server = await embedded()
})
beforeEach(() => {
  server.proxy.reset()
  store = server.store()
})
afterAll(() => server.close())

const stored = async (content: Uint8Array = large) => store.put(key(), write(content), absent, never)

describe('bodies that are sent', () => {
  it('are refused by the store when a bit flips on their way, and nothing is stored', async () => {
    const name = key()
    for (const digests of [write('the payload').digests, {}]) {
      server.proxy.passing.sent = flipping('payload')
      const act = store.put(name, { ...write('the payload'), digests }, absent, never)
      expect(await failed(act)).toMatchObject({ kind: 'corrupt', scope: 'key' })
      expect(await store.head(name, never)).toBeNull()
      server.proxy.passing.sent = flipping('payload')
      const part = store.putPart(name, 't', 1, write('a payload in part').body, {}, never)
      expect(await failed(part)).toMatchObject({ kind: 'corrupt' })
      expect(await store.parts(name, 't', never)).toEqual([])
    }
  })

  it('have a CRC32C that the store compares, even where nobody said one', async () => {
    const meta = await store.put(key(), { ...write('content'), digests: {} }, absent, never)
    expect(meta.digests).toMatchObject(write('content').digests)
    expect(await store.putPart(meta.key, 't', 1, write('content').body, {}, never)).toMatchObject({
      digests: write('content').digests,
    })
  })

  it('are checked by an MD5 that comes with them too', async () => {
    const name = key()
    const digests = { ...write('content').digests, md5: 'AAAAAAAAAAAAAAAAAAAAAA==' }
    expect(await failed(store.put(name, { ...write('content'), digests }, absent, never))).toMatchObject({
      kind: 'corrupt',
    })
    expect(await store.head(name, never)).toBeNull()
  })

  it('are not stored where their source goes on, or breaks, behind the last announced byte', async () => {
    const after = (more: () => Uint8Array) => ({
      size: 7,
      async *open() {
        yield bytes('content')
        await wait(50) // Time enough for a server that has them all.
        yield more()
      },
    })
    const name = key()
    const long = after(() => bytes('x'))
    const act = store.put(name, { ...write('content'), body: long }, absent, never)
    expect(await failed(act)).toMatchObject({ kind: 'corrupt' })
    const broken = after(() => {
      throw new Error('the source broke')
    })
    const other = store.put(name, { ...write('content'), body: broken }, absent, never)
    await expect(other).rejects.toThrow('the source broke')
    await wait(50)
    expect(await store.head(name, never)).toBeNull()
  })

  it('may hold what divides them from what is said of them', async () => {
    const hostile = '\r\n--x--\r\ncontent-type: a/b\r\n\r\n{"name":"other"}\r\n--'
    const meta = await stored(bytes(hostile))
    expect(await textOf((await store.get(meta.key, never))!.body)).toBe(hostile)
    const said = { headers: { contentType: 'a/b\r\n\r\n--x' }, metadata: { a: '\r\n--x--\r\n' } }
    const other = await store.put(key(), write('x', said), absent, never)
    expect(other).toMatchObject(said)
  })

  it('let their source go when the store has answered early, and tell its answer', async () => {
    let left = false
    const body = {
      size: 64 * MiB,
      async *open() {
        try {
          for (let i = 0; i < 64; i++) {
            yield Buffer.alloc(MiB)
            await wait(5)
          }
        } finally {
          left = true
        }
      },
    }
    const denied = server.store({}, { token: 'another' })
    expect(await failed(denied.put(key(), { ...write(''), body }, absent, never))).toMatchObject({ kind: 'denied' })
    await expect.poll(() => left).toBe(true)
  })

  it('are not held in memory: no more is read ahead than a connection takes', async () => {
    const progress = { read: 0 }
    const body = {
      size: 256 * MiB,
      async *open() {
        for (; progress.read < 256; progress.read++) yield Buffer.alloc(MiB)
      },
    }
    const ending = new AbortController()
    const stopped = failed(store.put(key(), { ...write(''), body }, absent, ending.signal))
    while (progress.read < 8) await wait(1)
    for (const socket of server.proxy.open) socket.pause()
    await wait(100)
    const then = progress.read
    await wait(100)
    expect(progress.read - then).toBeLessThan(8)
    ending.abort()
    expect(await stopped).toMatchObject({ kind: 'unreachable', scope: 'key' })
    for (const socket of server.proxy.open) socket.resume()
  })
})

describe('bodies that are received', () => {
  it('cost nothing unread, and one request when their first byte is asked for', async () => {
    const meta = await stored()
    server.proxy.asked.length = 0
    const found = await store.get(meta.key, never)
    await wait(20)
    expect(server.proxy.asked).toHaveLength(1)
    expect(Buffer.compare(await whole(found!.body), large)).toBe(0)
    expect(server.proxy.asked).toHaveLength(2)
    expect(server.proxy.asked[1]).toMatch(/alt=media&generation=\d+/)
  })

  it('come packed as they were stored, whatever their encoding says', async () => {
    const packed = gzipSync('what is packed')
    const said = { headers: { contentEncoding: 'gzip', contentType: 'text/plain' } }
    const meta = await store.put(key(), write(packed, said), absent, never)
    expect(meta.headers).toEqual(said.headers)
    expect(Buffer.from(await bytesOf((await store.get(meta.key, never))!.body))).toEqual(packed)
    const range = { start: 2, end: 9 }
    expect(Buffer.from(await bytesOf((await store.get(meta.key, never, { range }))!.body))).toEqual(
      packed.subarray(2, 9),
    )
  })

  it('are left to whoever reads the whole, whom a CRC32C always tells: nothing is compared twice', async () => {
    const meta = await stored(bytes('the MARK'))
    for (const want of [{}, { range: { start: 4, end: 8 } }]) {
      server.proxy.passing.received = flipping('MARK')
      const found = await store.get(meta.key, never, want)
      expect(found!.meta.digests).toEqual(meta.digests)
      expect(await textOf(found!.body)).toMatch(/LARK$/)
    }
  })

  it('are read once', async () => {
    const found = await store.get((await stored(bytes('x'))).key, never)
    expect(await textOf(found!.body)).toBe('x')
    expect(() => found!.body[Symbol.asyncIterator]()).toThrow('read once')
  })

  it('break off as unanswered when the connection does, however much came', async () => {
    const meta = await stored()
    let passed = 0
    server.proxy.passing.received = (chunk, socket) => {
      passed += chunk.byteLength
      if (passed > 6 * MiB) socket.destroy()
      return chunk
    }
    const failure = await failed(whole((await store.get(meta.key, never))!.body))
    expect(failure).toMatchObject({ kind: 'unreachable', scope: 'site' })
  })

  it.each<[string, (passed: number) => boolean]>([
    ['before the first byte', () => server.proxy.asked.length > 1],
    ['within', (passed) => passed > MiB],
  ])('that never end are given up within their bound, and leave no connection open: %s', async (_where, isOver) => {
    const meta = await stored()
    const before = new Set(server.proxy.open)
    server.proxy.asked.length = 0
    let passed = 0
    server.proxy.passing.received = (chunk) => {
      passed += chunk.byteLength
      return isOver(passed) ? Buffer.alloc(0) : chunk
    }
    const bounded = timed(server.store(), systemClock, { lookMs: 300, writeMs: 300 })
    const failure = await failed(whole((await bounded.get(meta.key, never))!.body))
    expect(failure).toMatchObject({ kind: 'unreachable', scope: 'site' })
    await closed(opened(before))
  })

  it.each<[string, number]>([
    ['whose first byte is awaited', 0],
    ['of which another piece is awaited', 1],
  ])(
    'that their reader leaves while a piece is awaited give their connection back at once: %s',
    async (_what, read) => {
      const meta = await stored()
      const before = new Set(server.proxy.open)
      const reading = (await server.store().get(meta.key, never))!.body[Symbol.asyncIterator]()
      server.proxy.passing.received = (chunk) => (read === 0 ? Buffer.alloc(0) : chunk)
      for (let i = 0; i < read; i++) await reading.next()
      server.proxy.passing.received = () => Buffer.alloc(0)
      const pending = (async () => {
        for (;;) if ((await reading.next()).done === true) return 'whole'
      })().catch(() => 'ended')
      await wait(50)
      expect(await reading.return!()).toEqual({ done: true, value: undefined })
      await closed(opened(before))
      expect(await pending).toBe('ended')
    },
  )

  it('that are left at any moment of their opening leave no connection open', async () => {
    const meta = await stored()
    const before = new Set(server.proxy.open)
    const own = server.store()
    for (let ms = 0; ms < 12; ms++) {
      const reading = (await own.get(meta.key, never))!.body[Symbol.asyncIterator]()
      const pending = reading.next().catch(() => undefined)
      await wait(ms / 2)
      await reading.return!()
      await pending
      await expect(reading.next()).rejects.toMatchObject({ name: 'Failure' })
    }
    // What is at its end may wait in the pool for the next request; nothing else is left.
    await expect.poll(() => opened(before).length, { timeout: 1000 }).toBeLessThanOrEqual(1)
  })

  it('that are left half read give their connection back at once', async () => {
    const meta = await stored()
    const before = new Set(server.proxy.open)
    const found = await server.store().get(meta.key, never)
    for await (const chunk of found!.body) {
      expect(chunk.byteLength).toBeGreaterThan(0)
      break
    }
    await closed(opened(before))
  })

  it('end with their caller, however silent the store is', async () => {
    const meta = await stored()
    let passed = 0
    server.proxy.passing.received = (chunk) => ((passed += chunk.byteLength) > MiB ? Buffer.alloc(0) : chunk)
    const ending = new AbortController()
    const reading = failed(whole((await store.get(meta.key, ending.signal))!.body))
    await wait(100)
    ending.abort()
    expect(await reading).toMatchObject({ kind: 'unreachable', scope: 'key' })
  })

  it('do not count the time that their reader takes', async () => {
    const meta = await stored()
    const patient = server.store({}, { silenceMs: 100 })
    let size = 0
    let waits = 0
    for await (const chunk of (await patient.get(meta.key, never))!.body) {
      size += chunk.byteLength
      if (waits++ < 2) await wait(150)
    }
    expect(size).toBe(large.byteLength)
  })

  it('of another version are never mixed in: it is the version that was looked at, or absent', async () => {
    const meta = await stored()
    const found = await store.get(meta.key, never)
    await store.put(meta.key, write('other'), since(meta.version), never)
    expect(Buffer.compare(await whole(found!.body), large)).toBe(0)
    const plain = server.store({ bucket: 'plain' })
    const again = await plain.put(key(), write('first'), absent, never)
    const opened = await plain.get(again.key, never)
    await plain.put(again.key, write('other'), since(again.version), never)
    expect(await failed(whole(opened!.body))).toMatchObject({ kind: 'absent', scope: 'key' })
  })
})

describe('connections', () => {
  it('serve one request after another, a removal and a body among them', async () => {
    const before = new Set(server.proxy.open)
    const own = server.store()
    for (let i = 0; i < 3; i++) {
      const meta = await own.put(key(), write('content'), absent, never)
      expect(await textOf((await own.get(meta.key, never))!.body)).toBe('content')
      await own.remove(meta.key, meta.version, never)
      expect(await own.head(meta.key, never)).toBeNull()
      await wait(5)
    }
    expect(opened(before)).toHaveLength(1)
  })

  it('are no more than was said', async () => {
    const before = new Set(server.proxy.open)
    const own = server.store({}, { socketsMax: 2 })
    await Promise.all(Array.from({ length: 12 }, () => own.head(key(), never)))
    expect(opened(before).length).toBeLessThanOrEqual(2)
  })
})

describe('empty bodies and ranges', () => {
  it('are bodies of no bytes, and cost no request of their own', async () => {
    const meta = await store.put(key(), write(''), absent, never)
    const full = await store.put(key(), write('0123456789'), absent, never)
    server.proxy.asked.length = 0
    for (const [name, want] of [
      [meta.key, {}],
      [meta.key, { version: meta.version }],
      [full.key, { range: { start: 3, end: 3 } }],
      [full.key, { range: { start: 10, end: 20 } }],
      [full.key, { range: { start: 99, end: 100 } }],
    ] as const) {
      expect(await bytesOf((await store.get(name, never, want))!.body)).toEqual(bytes(''))
    }
    expect(server.proxy.asked).toHaveLength(5)
  })

  it('are refused where bytes come that were not announced', async () => {
    const name = key()
    const act = store.put(name, { ...write(''), body: bodyOf(bytes('x'), 0) }, absent, never)
    expect(await failed(act)).toMatchObject({ kind: 'corrupt' })
    expect(await store.head(name, never)).toBeNull()
  })
})

function opened(before: ReadonlySet<Socket>): Socket[] {
  return [...server.proxy.open].filter((socket) => !before.has(socket))
}

/** Gone within a second; an idle connection is kept for thirty. */
async function closed(sockets: readonly Socket[]): Promise<void> {
  const open = () => sockets.filter((socket) => server.proxy.open.has(socket))
  for (let i = 0; i < 100 && open().length > 0; i++) await wait(10)
  expect(open()).toEqual([])
}

async function whole(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(body))
}
