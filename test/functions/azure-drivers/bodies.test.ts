import type { Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { parseKey } from '#shared/kernel/key.ts'
import { timed } from '#shared/layers/timed.ts'
import { systemClock } from '#functions/runtime.ts'
import type { ObjectStore } from '#shared/ports/object-store.ts'
import { absent, bytes, bytesOf, failed, never, textOf } from '#test/contract/subject.ts'
import { Scripted } from '#test/functions/drivers/scripted.ts'
import { flipping } from '#test/functions/drivers/tampering-proxy.ts'
import { embedded, type Embedded } from './embedded.ts'
import { hashing, storeAt, write } from './scripted.ts'

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

/** An object without an MD5, as many a tool leaves it. */
async function unvouched(content: Buffer): Promise<ReturnType<typeof key>> {
  const name = key()
  const blob = server.client().getBlockBlobClient(name)
  const id = Buffer.from('block').toString('base64')
  await blob.stageBlock(id, content, content.byteLength)
  await blob.commitBlockList([id])
  return name
}

describe('bodies that are sent', () => {
  it('are refused by the store when a bit flips on their way, and nothing is stored', async () => {
    const name = key()
    server.proxy.passing.sent = flipping('payload')
    expect(await failed(store.put(name, write('the payload'), absent, never))).toMatchObject({
      kind: 'corrupt',
      scope: 'key',
    })
    expect(await store.head(name, never)).toBeNull()
    server.proxy.passing.sent = flipping('payload')
    const { body, digests } = write('a payload in part')
    expect(await failed(store.putPart(name, 't', 1, body, digests, never))).toMatchObject({ kind: 'corrupt' })
    expect(await store.parts(name, 't', never)).toEqual([])
  })

  it('are checked by every checksum that comes with them, not by the MD5 alone', async () => {
    const name = key()
    const digests = { ...write('content').digests, crc32c: 'AAAAAA==' }
    const failure = await failed(store.put(name, { ...write('content'), digests }, absent, never))
    expect(failure).toMatchObject({ kind: 'corrupt' })
    expect(failure.message).toMatch(/found crc32c \S+, expected AAAAAA==; nothing was stored/)
    expect(await store.head(name, never)).toBeNull()
  })

  it('are not stored where their source goes on, or breaks, behind the last announced byte', async () => {
    const plain = write('content')
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
    expect(await failed(store.put(name, { ...plain, body: long }, absent, never))).toMatchObject({ kind: 'corrupt' })
    const broken = after(() => {
      throw new Error('the source broke')
    })
    await expect(store.put(name, { ...plain, body: broken }, absent, never)).rejects.toThrow('the source broke')
    await wait(50)
    expect(await store.head(name, never)).toBeNull()
  })

  it('have an MD5 even where nobody said one', async () => {
    const meta = await store.put(key(), { ...write('content'), digests: {} }, absent, never)
    expect(meta.digests).toEqual(write('content').digests)
  })

  it('let their source go when the store has answered early, and tell its answer', async () => {
    const hasty = await new Scripted().listen()
    onTestFinished(() => hasty.close())
    hasty.onHead = (socket) =>
      void socket.write('HTTP/1.1 403 No\r\nx-ms-error-code: AuthorizationFailure\r\ncontent-length: 0\r\n\r\n')
    let left = 0
    const body = {
      size: 64 * MiB,
      async *open() {
        try {
          for (let i = 0; i < 64; i++) yield Buffer.alloc(MiB)
        } finally {
          left++
        }
      },
    }
    const denied = storeAt(hasty.endpoint)
    const { digests } = write('')
    const name = key()
    expect(await failed(denied.put(name, { ...write(''), body }, absent, never))).toMatchObject({ kind: 'denied' })
    expect(await failed(denied.putPart(name, 't', 1, body, digests, never))).toMatchObject({ kind: 'denied' })
    await expect.poll(() => left).toBe(2)
  })

  it('are not held in memory: no more is read ahead than a connection takes', async () => {
    const progress = { read: 0 }
    const body = {
      size: 256 * MiB,
      async *open() {
        for (; progress.read < 256; progress.read++) yield Buffer.alloc(MiB)
      },
    }
    server.proxy.passing.sent = (chunk) => chunk
    const ending = new AbortController()
    const act = store.put(
      key(),
      { ...write(''), body, digests: { md5: write('').digests.md5! } },
      absent,
      ending.signal,
    )
    const stopped = failed(act)
    while (progress.read < 8) await wait(1)
    for (const socket of server.proxy.open) socket.pause()
    await wait(100)
    const then = progress.read
    await wait(100)
    expect(progress.read - then).toBeLessThan(8)
    ending.abort()
    expect(await stopped).toMatchObject({ kind: 'unknown' })
    for (const socket of server.proxy.open) socket.resume()
  })
})

describe('bodies that are received', () => {
  it('come in one answer where the version is known to have an MD5, in ranges of 4 MiB where it has none', async () => {
    const meta = await store.put(key(), { ...write(''), ...sized(large) }, absent, never)
    server.proxy.asked.length = 0
    const found = await store.get(meta.key, never, { version: meta.version })
    expect(Buffer.compare(await whole(found!.body), large)).toBe(0)
    expect(server.proxy.asked).toHaveLength(1)
    const other = await unvouched(large)
    server.proxy.asked.length = 0
    const ranged = await store.get(other, never)
    expect(ranged!.meta.digests).toEqual({})
    expect(Buffer.compare(await whole(ranged!.body), large)).toBe(0)
    expect(server.proxy.asked).toHaveLength(3)
  })

  it('are found corrupt by the checksum of their range when a bit flips, where no MD5 vouches for the whole', async () => {
    const name = await unvouched(large)
    server.proxy.passing.received = flipping('MARK')
    const found = await store.get(name, never)
    expect(await failed(whole(found!.body))).toMatchObject({ kind: 'corrupt' })
    server.proxy.passing.received = flipping('MARK')
    const range = { start: 5 * MiB - 2, end: 5 * MiB + 20 }
    expect(await failed(whole((await store.get(name, never, { range }))!.body))).toMatchObject({ kind: 'corrupt' })
  })

  it('are left to whoever reads the whole, where an MD5 vouches for it: nothing is compared twice', async () => {
    const meta = await store.put(key(), write('the MARK'), absent, never)
    server.proxy.passing.received = flipping('MARK')
    const found = await store.get(meta.key, never)
    expect(found!.meta.digests).toEqual(meta.digests)
    expect(await textOf(found!.body)).toBe('the LARK')
  })

  it('break off as unanswered when the connection does, however much came', async () => {
    const name = await unvouched(large)
    let passed = 0
    server.proxy.passing.received = (chunk) => {
      passed += chunk.byteLength
      if (passed > 6 * MiB) for (const socket of server.proxy.open) socket.destroy()
      return chunk
    }
    const failure = await failed(whole((await store.get(name, never))!.body))
    expect(failure).toMatchObject({ kind: 'unreachable', scope: 'site' })
  })

  it.each<[string, (passed: number, requests: number) => boolean]>([
    ['within the first answer', (passed) => passed > MiB],
    ['before the second', (_passed, requests) => requests > 1],
  ])('that never end are given up within their bound, and leave no connection open: %s', async (_where, isOver) => {
    const name = await unvouched(large)
    const before = new Set(server.proxy.open)
    server.proxy.asked.length = 0
    let passed = 0
    server.proxy.passing.received = (chunk) => {
      passed += chunk.byteLength
      return isOver(passed, server.proxy.asked.length) ? Buffer.alloc(0) : chunk
    }
    const bounded = timed(server.store(), systemClock, { lookMs: 500, writeMs: 500 })
    const failure = await failed(whole((await bounded.get(name, never))!.body))
    expect(failure).toMatchObject({ kind: 'unreachable', scope: 'site' })
    await closed(since(before))
  })

  it('that nobody reads give their connection back, and can be read all the same', async () => {
    const name = await unvouched(large)
    const before = new Set(server.proxy.open)
    const found = await server.store().get(name, never)
    const own = since(before)
    expect(own).toHaveLength(1)
    server.proxy.asked.length = 0
    await wait(2_500)
    expect(server.proxy.open.has(own[0]!)).toBe(true)
    await closed(own)
    expect(Buffer.compare(await whole(found!.body), large)).toBe(0)
    expect(server.proxy.asked).toHaveLength(3)
  }, 10_000)

  it('that are left half read give their connection back at once', async () => {
    const name = await unvouched(large)
    const before = new Set(server.proxy.open)
    const found = await server.store().get(name, never)
    const own = since(before)
    for await (const chunk of found!.body) {
      expect(chunk.byteLength).toBeGreaterThan(0)
      break
    }
    expect(own).toHaveLength(1)
    await closed(own)
    expect(() => found!.body[Symbol.asyncIterator]()).toThrow('read once')
  })

  it('end with their caller, however silent the store is', async () => {
    const name = await unvouched(large)
    let passed = 0
    server.proxy.passing.received = (chunk) => ((passed += chunk.byteLength) > MiB ? Buffer.alloc(0) : chunk)
    const ending = new AbortController()
    const found = await store.get(name, ending.signal)
    const reading = failed(whole(found!.body))
    await wait(100)
    ending.abort()
    expect(await reading).toMatchObject({ kind: 'unreachable', scope: 'key' })
  })

  it('that lay unread end with their caller all the same, once they are read', async () => {
    const name = await unvouched(large)
    const ending = new AbortController()
    const found = await store.get(name, ending.signal)
    await wait(3_200)
    let passed = 0
    server.proxy.passing.received = (chunk) => ((passed += chunk.byteLength) > MiB ? Buffer.alloc(0) : chunk)
    const reading = failed(whole(found!.body))
    await wait(100)
    ending.abort()
    expect(await reading).toMatchObject({ kind: 'unreachable', scope: 'key' })
    server.proxy.reset()
    const other = new AbortController()
    const later = await store.get(name, other.signal)
    await wait(3_200)
    other.abort()
    expect(await failed(whole(later!.body))).toMatchObject({ kind: 'unreachable', scope: 'key' })
  }, 15_000)

  it('of another version are never mixed in: the rest is of the version that was opened, or nothing', async () => {
    const name = await unvouched(large)
    const found = await store.get(name, never)
    await server.client().getBlockBlobClient(name).upload('other', 5)
    expect(Buffer.compare(await whole(found!.body), large)).toBe(0)
    const plain = server.store({ versioned: false })
    const again = await unvouched(large)
    const opened = await plain.get(again, never)
    await server
      .client()
      .getBlockBlobClient(again)
      .upload(Buffer.alloc(9 * MiB, 'c'), 9 * MiB)
    expect(await failed(whole(opened!.body))).toMatchObject({ kind: 'unreachable' })
  })
})

function since(before: ReadonlySet<Socket>): Socket[] {
  return [...server.proxy.open].filter((socket) => !before.has(socket))
}

/** Gone within a second; an idle connection is kept for four. */
async function closed(sockets: readonly Socket[]): Promise<void> {
  const open = () => sockets.filter((socket) => server.proxy.open.has(socket))
  for (let i = 0; i < 100 && open().length > 0; i++) await wait(10)
  expect(open()).toEqual([])
}

async function whole(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(body))
}

function sized(content: Buffer) {
  const hasher = hashing.hasher('md5')
  hasher.update(content)
  return {
    body: {
      size: content.byteLength,
      async *open() {
        yield content
      },
    },
    digests: { md5: hasher.digest() },
  }
}

describe('empty bodies and ranges', () => {
  it('are bodies of no bytes', async () => {
    const meta = await store.put(key(), write(''), absent, never)
    for (const want of [{}, { version: meta.version }]) {
      const found = await store.get(meta.key, never, want)
      expect(found!.meta).toEqual(meta)
      expect(await textOf(found!.body)).toBe('')
    }
    const full = await store.put(key(), write('0123456789'), absent, never)
    for (const range of [
      { start: 3, end: 3 },
      { start: 10, end: 20 },
      { start: 99, end: 100 },
    ]) {
      expect(await bytesOf((await store.get(full.key, never, { range }))!.body)).toEqual(bytes(''))
    }
  })

  it('are refused where bytes come that were not announced', async () => {
    const name = key()
    const body = {
      size: 0,
      async *open() {
        yield bytes('x')
      },
    }
    expect(await failed(store.put(name, { ...write(''), body }, absent, never))).toMatchObject({ kind: 'corrupt' })
    expect(await store.head(name, never)).toBeNull()
  })
})
