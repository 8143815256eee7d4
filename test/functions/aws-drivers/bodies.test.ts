import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { loadHashing } from '#shared/kernel/hashing.ts'
import { parseKey } from '#shared/kernel/key.ts'
import type { ObjectStore } from '#shared/ports/object-store.ts'
import type { Core } from '#shared/replication/core.ts'
import { load } from '#shared/replication/load.ts'
import { absent, bench, bodyOf, failed, key, never, since, storeAt, textOf, write } from './bench.ts'
import { embedded } from './embedded.ts'
import { answer, object, refusal } from './scripted-server.ts'
import { flipping, type Proxy, tamperingProxy } from '#test/functions/drivers/tampering-proxy.ts'

const MiB = 1024 ** 2

async function digestsOf(bytes: Uint8Array): Promise<{ crc64nvme: string }> {
  const hasher = (await loadHashing()).hasher('crc64nvme')
  hasher.update(bytes)
  return { crc64nvme: hasher.digest() }
}

async function settled(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 200 && !holds(); i++) await wait(10)
  expect(holds()).toBe(true)
}

describe('a body on its way out', () => {
  it('goes as it is, its length and checksum said before it', async () => {
    const { store, server } = await bench(({ method }, socket) => {
      socket.write(answer(200, { ...object, ...(method === 'HEAD' ? { 'content-length': '9' } : {}) }))
    })
    await store.put(
      key,
      write('123456789', { digests: { crc64nvme: 'rosUhgp5mIg=', md5: 'JfnnlDI7RTiF9RgfG2JNCw==' } }),
      absent,
      never,
    )
    const [{ headers, target, body }, look] = server.requests as [
      (typeof server.requests)[0],
      (typeof server.requests)[0],
    ]
    expect((await body()).toString()).toBe('123456789')
    expect(target).toMatch(/^\/bucket\/a%20key\?/)
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-length': '9',
      'x-amz-checksum-crc64nvme': 'rosUhgp5mIg=',
      'content-md5': 'JfnnlDI7RTiF9RgfG2JNCw==',
      'if-none-match': '*',
      'content-type': 'binary/octet-stream',
      'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
    })
    for (const name of ['content-encoding', 'transfer-encoding', 'x-amz-trailer', 'expect', 'x-amz-checksum-crc32']) {
      expect(headers.has(name)).toBe(false)
    }
    expect(look.method).toBe('HEAD')
    expect(look.headers.get('x-amz-checksum-mode')).toBe('ENABLED')
  })

  it('costs no upload where it is large and its condition is refused', async () => {
    let arrived = 0
    const { store } = await bench(({ method, headers }, socket) => {
      expect(headers.get('expect')).toBe('100-continue')
      socket.on('data', (piece) => (arrived += piece.byteLength))
      socket.write(refusal(method, 412, 'PreconditionFailed'))
    })
    let opened = 0
    const body = {
      size: 4 * MiB,
      async *open() {
        opened++
        yield Buffer.alloc(4 * MiB)
      },
    }
    expect(await failed(store.put(key, write(body), since, never))).toMatchObject({ kind: 'conflict' })
    expect({ opened, arrived }).toEqual({ opened: 0, arrived: 0 })
  })

  it('is sent once it is asked for', async () => {
    const { store, server } = await bench(async ({ method, body }, socket) => {
      if (method === 'PUT') socket.write('HTTP/1.1 100 Continue\r\n\r\n')
      if (method === 'PUT') expect(await body()).toEqual(Buffer.alloc(MiB, 7))
      socket.write(answer(200, { ...object, ...(method === 'HEAD' ? { 'content-length': String(MiB) } : {}) }))
    })
    expect(await store.put(key, write(bodyOf(Buffer.alloc(MiB, 7))), absent, never)).toMatchObject({ size: MiB })
    expect(server.requests).toHaveLength(2)
  })

  it('is given up where the answer comes before its end, and so is its source', async () => {
    let ended = false
    let sent = 0
    const endless = {
      size: 1024 * MiB,
      async *open() {
        try {
          for (;;) {
            sent += 65536
            yield Buffer.alloc(65536)
            await wait(1)
          }
        } finally {
          ended = true
        }
      },
    }
    const { store, server } = await bench(({ method, target }, socket) => {
      if (method === 'GET') return void socket.write(uploads(target))
      socket.write(refusal(method, 403, 'AccessDenied'))
    })
    expect(await failed(store.putPart(key, 't', 1, endless, {}, never))).toMatchObject({
      kind: 'denied',
      scope: 'site',
    })
    await settled(() => ended)
    const before = sent
    await wait(30)
    expect(sent).toBe(before)
    await settled(() => server.connections <= 1)
  })

  it('is not whole where its source fails, whose failure passes on, and nobody may take it for whole', async () => {
    const { store, server } = await bench(() => undefined)
    const cases: [string, AsyncGenerator<Uint8Array>, string][] = [
      [
        'fails',
        (async function* () {
          yield Buffer.from('conten')
          throw new Error('the source broke')
        })(),
        'the source broke',
      ],
      [
        'ends early',
        (async function* () {
          yield Buffer.from('conten')
        })(),
        'found 6 bytes, expected 7',
      ],
      [
        'goes on',
        (async function* () {
          yield Buffer.from('content')
          yield Buffer.from('!')
        })(),
        'more than 7',
      ],
      [
        'fails at its end',
        (async function* () {
          yield Buffer.from('content')
          throw new Error('at its end')
        })(),
        'at its end',
      ],
    ]
    for (const [, source, why] of cases) {
      const body = { size: 7, open: () => source }
      await expect(store.put(key, write(body), absent, never)).rejects.toThrow(why)
    }
    await settled(() => server.connections === 0)
    for (const { body } of server.requests) expect(await Promise.race([body(), wait(20)])).toBeUndefined()
  })

  it('is closed where nothing was sent of it', async () => {
    const { store } = await bench(() => undefined)
    let opened = 0
    const body = { size: 1, open: () => (opened++, bodyOf(Buffer.from('x')).open()) }
    await failed(store.put(key, write(body), absent, AbortSignal.abort()))
    expect(opened).toBe(0)
  })
})

describe('a body on its way in', () => {
  const large = Buffer.alloc(200_000, 'large ')

  it('that is small gives its connection back, read or not', async () => {
    const { store, server } = await bench((_, socket) => void socket.write(answer(200, object, '123456789')))
    for (let i = 0; i < 20; i++) expect((await store.get(key, never))!.meta.size).toBe(9)
    const found = await store.get(key, never)
    expect(server.connections).toBeLessThanOrEqual(2)
    expect(await textOf(found!.body)).toBe('123456789')
  })

  it('that is large and that nobody reads holds no connection for long, and is there all the same', async () => {
    const { store, server } = await bench((_, socket) => void socket.write(answer(200, object, large)))
    const found = await store.get(key, never)
    await settled(() => server.connections === 0)
    expect(await textOf(found!.body)).toBe(large.toString())
    expect(server.requests).toHaveLength(2)
    expect(server.requests[1]!.target).toContain('versionId=v1')
    expect(server.requests[1]!.headers.get('if-match')).toBe(object.etag)
  })

  it('is closed at once by a reader who leaves, also while a piece is awaited', async () => {
    const { store, server } = await bench(
      (_, socket) => {
        socket.write(answer(200, { ...object, 'content-length': '300000' }))
        socket.write(large)
      },
      {},
      { silenceMs: 60_000 },
    )
    const found = await store.get(key, never)
    const pieces = found!.body[Symbol.asyncIterator]()
    let read = 0
    while (read < large.byteLength) read += ((await pieces.next()) as { value: Uint8Array }).value.byteLength
    const awaited = Promise.resolve(pieces.next()).catch(() => 'ended')
    await pieces.return!()
    await settled(() => server.connections === 0)
    await awaited
    expect(server.connections).toBe(0)
  })

  it('that was opened again is closed at once by a reader who leaves, whether an answer or a piece is awaited', async () => {
    for (const piecesFirst of [0, large.byteLength]) {
      const { store, server } = await bench(
        (_, socket) => {
          if (server.requests.length > 1 && piecesFirst === 0) return
          socket.write(answer(200, { ...object, 'content-length': '300000' }))
          socket.write(large)
        },
        {},
        { silenceMs: 60_000 },
      )
      const found = await store.get(key, never)
      await settled(() => server.connections === 0)
      const pieces = found!.body[Symbol.asyncIterator]()
      let read = 0
      while (read < piecesFirst) read += ((await pieces.next()) as { value: Uint8Array }).value.byteLength
      const awaited = Promise.resolve(pieces.next()).catch(() => 'ended')
      await settled(() => server.requests.length === 2)
      void pieces.return!()
      await settled(() => server.connections === 0)
      expect(await awaited).toBe('ended')
    }
  })

  it('is read once', async () => {
    for (const content of ['123456789', large]) {
      const { store } = await bench((_, socket) => void socket.write(answer(200, object, content)))
      const found = await store.get(key, never)
      await textOf(found!.body)
      await expect(textOf(found!.body)).rejects.toThrow('read once')
    }
  })

  it('is unreachable where it breaks off, and where nothing more comes', async () => {
    for (const content of [Buffer.from('123456789'), large]) {
      const cut = answer(200, object, content).subarray(0, -3)
      for (const end of [true, false]) {
        const { store } = await bench((_, socket) => void (end ? socket.end(cut) : socket.write(cut)))
        const found = await store.get(key, never)
        expect(await failed(textOf(found!.body))).toMatchObject({ kind: 'unreachable', scope: 'site' })
      }
    }
  })

  it('ends with its caller, which says nothing of the site', async () => {
    const { store } = await bench((_, socket) => void socket.write(answer(200, object, large).subarray(0, -3)))
    const leaving = new AbortController()
    const found = await store.get(key, leaving.signal)
    const reading = failed(textOf(found!.body))
    leaving.abort(new Error('enough'))
    expect(await reading).toMatchObject({ kind: 'unreachable', scope: 'key' })
  })

  it('of no bytes is not asked for', async () => {
    const { store, server } = await bench(
      (_, socket) => void socket.write(answer(200, { ...object, 'content-length': '9' })),
    )
    const found = await store.get(key, never, { range: { start: 4, end: 4 } })
    expect(await textOf(found!.body)).toBe('')
    expect(server.requests.map(({ method }) => method)).toEqual(['HEAD'])
  })
})

describe('a bit that flips', () => {
  const there = embedded()
  let proxy: Proxy | undefined
  afterEach(() => proxy?.close())

  async function through(): Promise<{ proxy: Proxy; store: ObjectStore }> {
    proxy = await tamperingProxy(there().face.port)
    return { proxy, store: storeAt(proxy.url) }
  }

  it('on its way to the store is refused there, and nothing is stored', async () => {
    const { proxy, store } = await through()
    const bytes = Buffer.from('some FLIPME content')
    const digests = await digestsOf(bytes)
    proxy.passing.sent = flipping('FLIPME')
    expect(await failed(store.put(key, write(bodyOf(bytes), { digests }), absent, never))).toMatchObject({
      kind: 'corrupt',
    })
    proxy.passing.sent = flipping('FLIPME')
    expect(await failed(store.putPart(key, 't', 1, bodyOf(bytes), digests, never))).toMatchObject({ kind: 'corrupt' })
    expect(await there().store.head(key, never)).toBeNull()
    expect(await there().store.parts(key, 't', never)).toEqual([])
  })

  it('in a checksum on its way to the store is refused there', async () => {
    const { proxy, store } = await through()
    const bytes = Buffer.from('content')
    const digests = await digestsOf(bytes)
    proxy.passing.sent = flipping(digests.crc64nvme)
    const failure = await failed(store.put(key, write(bodyOf(bytes), { digests }), absent, never))
    expect(failure.kind).toMatch(/^(?:corrupt|denied)$/)
    expect(await there().store.head(key, never)).toBeNull()
  })

  it('on its way from the store is found by who reads the whole', async () => {
    const { proxy, store } = await through()
    const name = parseKey('read')
    await there().store.put(name, write('some FLIPME content'), absent, never)
    const core = { hashing: await loadHashing() } as Core
    const clean = await load(core, store, (await store.get(name, never))!, ['crc32c'], never)
    expect(clean.checksum).toBe('verified')
    proxy.passing.received = flipping('FLIPME')
    const found = await store.get(name, never)
    expect(await failed(load(core, store, found!, ['crc32c'], never))).toMatchObject({ kind: 'corrupt' })
  })

  it('in S3’s words makes no other object', async () => {
    const { proxy, store } = await through()
    const name = parseKey('told')
    const meta = await there().store.put(name, write('content', { metadata: { note: 'FLIPME' } }), absent, never)
    proxy.passing.received = (piece) => (piece.includes('HTTP/1.1') ? null : piece)
    expect(await failed(store.head(name, never))).toMatchObject({ kind: 'unreachable' })
    proxy.reset()
    expect(await store.head(name, never)).toEqual(meta)
  })
})

function uploads(target: string): Buffer {
  const prefix = decodeURIComponent(/[?&]prefix=([^&]*)/.exec(target)?.[1] ?? '')
  const upload = `<Upload><Key>${prefix}</Key><UploadId>u1</UploadId><Initiated>2026-11-24T09:00:00Z</Initiated></Upload>`
  return answer(200, {}, `<ListMultipartUploadsResult>${upload}</ListMultipartUploadsResult>`)
}
