import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { gcsClient } from '#gcp/drivers/client.ts'
import type { About } from '#gcp/drivers/failure.ts'
import { assemble, stagedBelow } from '#gcp/drivers/staging.ts'
import { Wire } from '#gcp/drivers/wire.ts'
import { systemClock } from '#functions/runtime.ts'
import { parseKey } from '#shared/kernel/key.ts'
import type { ObjectStore, Part } from '#shared/ports/object-store.ts'
import { absent, bytes, bytesOf, failed, never } from '#test/contract/subject.ts'
import { embedded, type Embedded } from './embedded.ts'
import { type Script, Scripted } from '#test/functions/drivers/scripted.ts'
import { crc32cOf, key as scriptedKey, resource, saying, site, storeAt, token, write } from './scripted.ts'

const MiB = 1024 * 1024
const first = Buffer.alloc(5 * MiB, 'a')
const last = bytes('the last part')
const all = Buffer.concat([first, last])

let server: Embedded
let store: ObjectStore
let keys = 0
const key = () => parseKey(`transfers/${keys++}`)
beforeAll(async () => {
  server = await embedded()
})
beforeEach(() => {
  server.proxy.reset()
  store = server.store()
})
afterAll(() => server.close())

type Name = ReturnType<typeof key>

async function putPart(at: ObjectStore, name: Name, number: number, content: Uint8Array): Promise<Part> {
  const { body, digests } = write(content)
  return at.putPart(name, 't', number, body, digests, never)
}

const commit = (at: ObjectStore, name: Name, parts: readonly Part[], content: Uint8Array, said = {}) =>
  at.commit(name, 't', parts, write(content, said), absent, never)

/** What lies in a bucket, old generations too. */
async function lying(there: Embedded, bucket = 'yard', prefix = 'transfer/'): Promise<string[]> {
  const answer = await there.raw('GET', `/storage/v1/b/${bucket}/o?versions=true&prefix=${prefix}`)
  const { items = [] } = (await answer.json()) as { items?: { name: string }[] }
  return items.map(({ name }) =>
    name.replace(/^transfer\/[\w-]{43}\//, '').replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'NONCE'),
  )
}

/** Closes the connection instead of the answer to the first request that begins so; the request was taken. */
function losing(begins: RegExp): void {
  let lost = false
  server.proxy.passing.received = (chunk, socket) => {
    if (lost || !begins.test(server.proxy.asked.at(-1) ?? '')) return chunk
    lost = true
    socket.destroy()
    return Buffer.alloc(0)
  }
}

describe('parts', () => {
  it('wait in the control bucket, and nothing shows in the user’s', async () => {
    const name = key()
    await putPart(store, name, 2, last)
    expect(await lying(server)).toEqual(['part/00002-NONCE'])
    expect(await lying(server, 'things', 'transfers')).toEqual([])
    await store.discard(name, 't', never)
    expect(await lying(server)).toEqual([])
  })

  it('have a name of their own each time, so that none waits for the second of another', async () => {
    const name = key()
    await putPart(store, name, 1, last)
    const newest = await putPart(store, name, 1, bytes('again'))
    expect(await lying(server)).toEqual(['part/00001-NONCE', 'part/00001-NONCE'])
    expect(await store.parts(name, 't', never)).toEqual([newest])
    await store.discard(name, 't', never)
    expect(await lying(server)).toEqual([])
  })

  it('are known by number, whatever else lies in their place', async () => {
    const name = key()
    const part = await putPart(store, name, 1, last)
    const target = decodeURIComponent(
      /name=([^&]+)/.exec(server.proxy.asked.find((line) => line.startsWith('POST'))!)![1]!,
    )
    const root = target.slice(0, target.indexOf('part/'))
    for (const other of ['part/x', 'part/00002', 'part/0000x-y', 'gone/00001', 'other', 'join/x/1-0'])
      await server.raw(
        'POST',
        `/upload/storage/v1/b/yard/o?uploadType=media&name=${encodeURIComponent(root + other)}`,
        {
          body: 'x',
        },
      )
    expect(await store.parts(name, 't', never)).toEqual([part])
    await store.discard(name, 't', never)
    expect(await store.parts(name, 't', never)).toEqual([])
  })

  it('have numbers from 1 to 10,000', async () => {
    for (const number of [0, -1, 1.5, 10_001, NaN])
      expect(await failed(putPart(store, key(), number, last))).toMatchObject({ kind: 'invalid', scope: 'key' })
  })

  it('of one key and transfer in two buckets are two ledgers', async () => {
    const name = key()
    const part = await putPart(store, name, 1, last)
    expect(await server.store({ bucket: 'plain' }).parts(name, 't', never)).toEqual([])
    expect(await store.parts(name, 't', never)).toEqual([part])
    await store.discard(name, 't', never)
  })

  it('whose answer was lost are in the ledger, for whoever looks', async () => {
    const name = key()
    losing(/^POST \/upload/)
    expect(await failed(putPart(store, name, 1, last))).toMatchObject({ kind: 'unknown', scope: 'key' })
    await expect.poll(() => store.parts(name, 't', never)).toMatchObject([{ number: 1, digests: write(last).digests }])
    await store.discard(name, 't', never)
  })

  it('leave nothing behind when they are discarded, even where the control bucket keeps versions', async () => {
    const kept = server.store({ control: { bucket: 'things' }, bucket: 'plain' })
    const name = key()
    await putPart(kept, name, 1, last)
    await putPart(kept, name, 1, last)
    await kept.discard(name, 't', never)
    expect(await lying(server, 'things')).toEqual([])
  })
})

describe('discards within a second of the last part', () => {
  let aheadMs = 0
  let paced: Embedded
  beforeAll(async () => {
    paced = await embedded({ paced: true, now: () => Date.now() + aheadMs })
  })
  afterAll(() => paced.close())

  it('are done at once: what may not be removed yet is marked as gone, and swept with its mark later', async () => {
    const at = paced.store()
    const name = key()
    await putPart(at, name, 1, last)
    await at.discard(name, 't', never)
    await at.discard(name, 't', never)
    expect(await at.parts(name, 't', never)).toEqual([])
    expect(await lying(paced)).toEqual(['gone/00001-NONCE/NONCE', 'part/00001-NONCE'])
    const again = await putPart(at, name, 1, last)
    expect(await at.parts(name, 't', never)).toEqual([again])
    aheadMs += 1100
    await at.discard(name, 't', never)
    await at.discard(name, 't', never)
    expect(await lying(paced)).toEqual([])
  })

  it('may be several at once', async () => {
    for (const there of [server, paced]) {
      const at = there.store()
      const name = key()
      for (const number of [1, 2, 3]) await putPart(at, name, number, last)
      await Promise.all([1, 2, 3, 4].map(() => at.discard(name, 't', never)))
      expect(await at.parts(name, 't', never)).toEqual([])
      aheadMs += 1100
      await at.discard(name, 't', never)
      expect(await lying(there)).toEqual([])
    }
  })

  it('after a commit leave an empty ledger', async () => {
    const at = paced.store()
    const name = key()
    const meta = await commit(at, name, [await putPart(at, name, 1, last)], last)
    expect(await at.head(name, never)).toEqual(meta)
    expect(await at.parts(name, 't', never)).toEqual([])
    expect(await failed(commit(at, name, [], last))).toMatchObject({ kind: 'invalid' })
  })
})

describe('commits', () => {
  const said = { metadata: { a: 'b' }, headers: { contentType: 'x/y', expires: 'z' }, tags: { t: 'v' } }

  it('put together what was listed, say what a write says, and leave nothing behind', async () => {
    const name = key()
    const parts = [await putPart(store, name, 1, first), await putPart(store, name, 2, last)]
    const meta = await commit(store, name, parts, all, said)
    expect(meta).toMatchObject({
      size: all.byteLength,
      digests: { crc32c: crc32cOf(all) },
      inParts: true,
      tagCount: 1,
      metadata: said.metadata,
      headers: said.headers,
    })
    expect(Buffer.compare(Buffer.from(await bytesOf((await store.get(name, never))!.body)), all)).toBe(0)
    expect(await lying(server)).toEqual([])
  })

  it('whose answer was lost are unknown; the object is there once, and a second commit meets its own condition', async () => {
    const name = key()
    const parts = [await putPart(store, name, 1, last)]
    losing(/rewriteTo/)
    expect(await failed(commit(store, name, parts, last, said))).toMatchObject({ kind: 'unknown', scope: 'key' })
    await expect.poll(() => store.head(name, never)).not.toBeNull()
    const meta = await store.head(name, never)
    expect(meta).toMatchObject({ metadata: said.metadata, tagCount: 1 })
    expect(await store.parts(name, 't', never)).toEqual(parts)
    expect(await failed(commit(store, name, parts, last, said))).toMatchObject({ kind: 'conflict', scope: 'key' })
    expect(await store.head(name, never)).toEqual(meta)
    await store.discard(name, 't', never)
    expect(await lying(server)).toEqual([])
  })

  it('that were lost before the last request have done nothing, and can be sent again', async () => {
    const name = key()
    const parts = [await putPart(store, name, 1, last)]
    losing(/\/compose/)
    expect(await failed(commit(store, name, parts, last))).toMatchObject({ kind: 'unreachable', scope: 'site' })
    expect(await store.head(name, never)).toBeNull()
    expect(await commit(store, name, parts, last)).toMatchObject({ size: last.byteLength })
    expect(await lying(server)).toEqual([])
  })

  it('are done where only their parts could not be removed', async () => {
    const name = key()
    const parts = [await putPart(store, name, 1, last)]
    losing(/^DELETE/)
    const meta = await commit(store, name, parts, last)
    expect(await store.head(name, never)).toEqual(meta)
    await store.discard(name, 't', never)
    expect(await lying(server)).toEqual([])
  })

  it('refuse parts that are not as they were listed, and write nothing', async () => {
    const name = key()
    const [one, two] = [await putPart(store, name, 1, first), await putPart(store, name, 2, last)]
    for (const [parts, kind] of [
      [[two], 'invalid'],
      [[one, one], 'invalid'],
      [[one, { ...two, size: two.size + 1 }], 'absent'],
      [[one, { ...two, digests: { crc32c: 'AAAAAA==' } }], 'absent'],
      [[one, two, { ...two, number: 3 }], 'invalid'],
      [[], 'invalid'],
    ] as const)
      expect(await failed(commit(store, name, parts, all))).toMatchObject({ kind, scope: 'key' })
    expect(await failed(commit(store, key(), [one], first))).toMatchObject({ kind: 'absent', scope: 'key' })
    await putPart(store, name, 1, last)
    expect(await failed(commit(store, name, [one, two], all))).toMatchObject({ kind: 'absent' })
    const small = { ...one, size: last.byteLength, digests: write(last).digests }
    expect(await failed(commit(store, name, [small, two], all))).toMatchObject({ kind: 'invalid' })
    expect(await store.head(name, never)).toBeNull()
    await store.discard(name, 't', never)
  })

  it('refuse metadata that is too much before anything is put together', async () => {
    const name = key()
    const parts = [await putPart(store, name, 1, last)]
    server.proxy.asked.length = 0
    const act = commit(store, name, parts, last, { metadata: { a: 'x'.repeat(8192) } })
    expect(await failed(act)).toMatchObject({ kind: 'invalid', scope: 'key' })
    expect(server.proxy.asked).toEqual([])
    await store.discard(name, 't', never)
  })

  it('put more than 32 together in layers, in their order', async () => {
    const about: About = { site, verb: 'commit', key: null, buckets: ['yard'], write: true }
    const contents = Array.from({ length: 70 }, (_, i) => bytes(`${i};`))
    const names = contents.map((_, i) => `many/${String(i).padStart(2, '0')}`)
    for (const [i, name] of names.entries())
      await server.raw('POST', `/upload/storage/v1/b/yard/o?uploadType=media&name=${encodeURIComponent(name)}`, {
        body: contents[i]!,
      })
    const endpoint = `http://127.0.0.1:${[...server.proxy.open][0]!.localPort}`
    const wire = new Wire(gcsClient({ endpoint, token }), site, systemClock)
    const sources = await stagedBelow(wire, about, 'yard', 'many/', never)
    expect(sources.map(({ name }) => name)).toEqual(names)
    const whole = await assemble(wire, about, 'yard', sources, 'layers/', never)
    expect(whole).toMatchObject({ name: 'layers/2-0', crc32c: crc32cOf(Buffer.concat(contents)) })
    expect(await lying(server, 'yard', 'layers/')).toEqual(['layers/1-0', 'layers/1-1', 'layers/1-2', 'layers/2-0'])
  })
})

describe('rewrites in several calls', () => {
  let scripted: Scripted
  beforeAll(async () => {
    scripted = await new Scripted().listen()
  })
  afterAll(() => scripted.close())

  const crc32c = crc32cOf(last)
  const part: Part = { number: 1, size: last.byteLength, digests: { crc32c } }
  const item = (name: string) => resource({ name, size: String(last.byteLength), crc32c })

  /** All that a commit asks for, and the rewrite as these answers say. */
  function answering(rewrites: readonly unknown[]): Script {
    let calls = 0
    return (request, ...rest) => {
      const url = new URL(request.url, scripted.endpoint)
      const prefix = url.searchParams.get('prefix')
      if (prefix !== null) return saying({ items: [item(`${prefix}part/00001-x`)] })(request, ...rest)
      if (url.pathname.endsWith('/compose'))
        return saying(item(decodeURIComponent(url.pathname.split('/')[6]!)))(request, ...rest)
      return saying(rewrites[calls++] ?? {})(request, ...rest)
    }
  }
  const act = () => commit(storeAt(scripted.endpoint), scriptedKey, [part], last)

  it('state the condition and the metadata each time, and go on with the token of the one before', async () => {
    const done = { done: true, resource: resource({ size: String(last.byteLength), crc32c, componentCount: 1 }) }
    scripted.requests.length = 0
    scripted.script = answering([{ done: false, rewriteToken: 'one' }, { done: false, rewriteToken: 'two' }, done])
    expect(await act()).toMatchObject({ size: last.byteLength, inParts: true })
    const asked = scripted.requests.filter(({ url }) => url.includes('/rewriteTo/'))
    const queries = asked.map(({ url }) => new URL(url, scripted.endpoint).searchParams)
    expect(queries.map((query) => query.get('rewriteToken'))).toEqual([null, 'one', 'two'])
    for (const query of queries)
      expect([query.get('ifGenerationMatch'), query.get('sourceGeneration')]).toEqual(['0', '1764000000000001'])
    expect(new Set(asked.map(({ body }) => body.toString())).size).toBe(1)
  })

  it.each<[string, unknown]>([
    ['nothing', {}],
    ['null', null],
    ['a token that is none', { done: false, rewriteToken: 1 }],
    ['an end without an object', { done: true }],
    ['an end with another object', { done: true, resource: resource({ name: 'other' }) }],
  ])('that answer otherwise leave a doubt: %s', async (_what, answer) => {
    scripted.script = answering([answer])
    expect(await failed(act())).toMatchObject({ kind: 'unknown', scope: 'key' })
  })
})
