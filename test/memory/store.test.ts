import { beforeAll, describe, expect, it } from 'vitest'
import type { Hashing } from '#shared/kernel/digest.ts'
import { Failure } from '#shared/kernel/failure.ts'
import { loadHashing } from '#shared/kernel/hashing.ts'
import { s3 } from '#shared/memory/profiles.ts'
import { type MemoryStoreOptions, memoryStore, type Request, type Wire } from '#shared/memory/store.ts'
import type { ObjectStore, Write } from '#shared/ports/object-store.ts'
import { type Bench, benchWith, bytes, key } from './bench.ts'

const never = new AbortController().signal

describe('a memory store', () => {
  let hashing: Hashing | undefined
  beforeAll(async () => {
    hashing = await loadHashing()
  })

  function open(options: Partial<MemoryStoreOptions> = {}): Bench & { store: ObjectStore } {
    const bench = benchWith(hashing!, s3)
    return { ...bench, store: memoryStore({ bucket: bench.bucket, clock: bench.clock, ...options }) }
  }

  function write(text: string): Write {
    const body = { size: bytes(text).byteLength, open: () => pieces(bytes(text)) }
    return { body, digests: {}, headers: {}, metadata: {}, tags: {}, storageClass: null }
  }

  async function* pieces(...all: Uint8Array[]): AsyncGenerator<Uint8Array> {
    yield* all
  }

  it('has heard nothing before its first answer, and then the whole second of each answer', async () => {
    const { store, clock } = open()
    expect(store.heard()).toBeNull()
    await clock.pass(1234)
    await store.head(key, never)
    const first = { dateMs: clock.now() - 234, atMonotonicMs: clock.monotonic(), atWallMs: clock.now() }
    expect(store.heard()).toEqual(first)
    await clock.pass(10)
    await store.put(key, write('a'), { if: 'absent' }, never)
    expect(store.heard()).toEqual({ ...first, atMonotonicMs: clock.monotonic(), atWallMs: clock.now() })
  })

  it('hears a refusal as well as an answer', async () => {
    const { store, clock } = open()
    await store.put(key, write('a'), { if: 'absent' }, never)
    await clock.pass(5000)
    await expect(store.put(key, write('b'), { if: 'absent' }, never)).rejects.toMatchObject({ kind: 'conflict' })
    expect(store.heard()!.dateMs).toBe(clock.now())
  })

  it('hears nothing of an answer that is lost', async () => {
    const lost: Wire = async (request, _, land) => {
      land()
      throw new Failure('unknown', request.verb)
    }
    const { store, bucket } = open({ wire: lost })
    await expect(store.put(key, write('a'), { if: 'absent' }, never)).rejects.toMatchObject({ kind: 'unknown' })
    expect(store.heard()).toBeNull()
    expect(bucket.head(key)).not.toBeNull()
  })

  it('keeps the newest date when an older answer comes in late', async () => {
    const held: (() => void)[] = []
    const wire: Wire = async ({ verb }, _, land) => {
      const answer = land()
      if (verb === 'tags')
        await new Promise<void>((resolve) => {
          held.push(resolve)
        })
      return answer
    }
    const { store, clock, user } = open({ wire })
    const { version } = user.put(key, bytes('a'))
    const late = store.tags(key, version, never)
    await clock.pass(3000)
    await store.head(key, never)
    const heard = store.heard()
    held[0]!()
    await late
    expect(store.heard()).toEqual(heard)
  })

  it('sends each request over the wire, with the bytes that it carries', async () => {
    const sent: Request[] = []
    const wire: Wire = async (request, _, land) => {
      sent.push(request)
      return land()
    }
    const { store } = open({ wire })
    await store.put(key, write('abc'), { if: 'absent' }, never)
    await store.get(key, never)
    await store.list({ prefix: '', after: '', cursor: null, max: 1 }, never)
    expect(sent).toEqual([
      { verb: 'put', key, bytes: 3 },
      { verb: 'get', key, bytes: 0 },
      { verb: 'list', key: null, bytes: 0 },
    ])
  })

  it('writes under its own tag', async () => {
    const { store, changes } = open({ by: 'isobar/group' })
    const meta = await store.put(key, write('a'), { if: 'absent' }, never)
    await store.remove(key, meta.version, never)
    expect(changes.map(({ by }) => by)).toEqual(['isobar/group', 'isobar/group'])
  })

  it('gives a body in pieces where it is told to, and only once', async () => {
    const { store, user } = open({ chunkBytes: 4 })
    user.put(key, bytes('0123456789'))
    const { body } = (await store.get(key, never))!
    expect((await Array.fromAsync(body)).map(({ byteLength }) => byteLength)).toEqual([4, 4, 2])
    expect(() => body[Symbol.asyncIterator]()).toThrow(TypeError)
  })

  it('takes no more of a body than was announced', async () => {
    const { store } = open()
    let taken = 0
    const endless = {
      size: 4,
      async *open() {
        for (; taken < 1000; taken++) yield bytes('xx')
      },
    }
    await expect(store.put(key, { ...write(''), body: endless }, { if: 'absent' }, never)).rejects.toMatchObject({
      kind: 'corrupt',
    })
    expect(taken).toBeLessThan(5)
  })
})
