import { StorageSharedKeyCredential } from '@azure/storage-blob'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { azureContainer, sendings } from '#azure/drivers/client.ts'
import { parseKey } from '#shared/kernel/key.ts'
import { version } from '#shared/kernel/version.ts'
import type { KeptVersion, ListQuery, ObjectStore } from '#shared/ports/object-store.ts'
import { absent, failed, never, since, textOf } from '#test/contract/subject.ts'
import { embedded, type Embedded } from './embedded.ts'
import { Scripted } from '#test/functions/drivers/scripted.ts'
import { refusing, site, storeAt, write } from './scripted.ts'

let server: Embedded
let store: ObjectStore
let names = 0
const key = (text = '') => parseKey(`store/${names++}/${text}`)
const query = (prefix: string, more: Partial<ListQuery> = {}): ListQuery => ({
  prefix,
  after: '',
  cursor: null,
  max: 1000,
  ...more,
})

beforeAll(async () => {
  server = await embedded({ versioning: true, softDeleteDays: 14 })
  store = server.store()
})
beforeEach(() => {
  server.proxy.asked.length = 0
})
afterAll(() => server.close())

describe('keys that attack', () => {
  const attacks = [
    'x/../../tenant-b/secret',
    '../tenant-b/secret',
    '..\\tenant-b\\secret',
    './secret',
    'a/../secret',
    'secret.',
    'secret/.',
    '\\secret',
  ]

  it('reach neither another container nor another key, created or deleted', async () => {
    const plain = server.client('tenant-b').getBlockBlobClient('secret')
    await plain.upload('theirs', 6)
    const beside = await store.put(parseKey('secret'), write('ours'), absent, never)
    for (const attack of attacks) {
      const meta = await store.put(parseKey(attack), write(attack), absent, never)
      expect(await textOf((await store.get(parseKey(attack), never))!.body)).toBe(attack)
      expect((await store.list(query(attack), never)).objects.map((one) => one.key)).toEqual([attack])
      expect((await store.versions(parseKey(attack), null, never)).versions.map(({ id }) => id)).toEqual([meta.id])
      await store.remove(parseKey(attack), meta.version, never)
      expect(await store.head(parseKey(attack), never)).toBeNull()
      expect(await store.head(parseKey('secret'), never)).toEqual(beside)
      expect((await plain.getProperties()).contentLength).toBe(6)
    }
  })

  it('are stopped at the last moment where an address names anything else than was meant', async () => {
    const credential = new StorageSharedKeyCredential('a', 'a2V5')
    const container = azureContainer({
      account: 'a',
      endpoint: 'http://127.0.0.1:1/a',
      credential,
      container: 'things',
    })
    const ending = new AbortController()
    const sending = { site, path: '/a/things/../other/x', requestId: 'r', sent: false, answered: () => undefined }
    sendings.set(ending.signal, sending)
    const act = container.getBlobClient('../other/x').getProperties({ abortSignal: ending.signal })
    const failure = await failed(act)
    expect(failure).toMatchObject({ kind: 'invalid', scope: 'key', site })
    expect(failure.message).toContain('the address names "/a/other/x", expected "/a/things/../other/x"')
    expect(sending.sent).toBe(false)
  })

  it('are not sent by a client that no store watches', async () => {
    const credential = new StorageSharedKeyCredential('a', 'a2V5')
    const container = azureContainer({
      account: 'a',
      endpoint: 'http://127.0.0.1:1/a',
      credential,
      container: 'things',
    })
    await expect(container.getProperties()).rejects.toThrow(TypeError)
  })
})

describe('listings with odd keys', () => {
  const odd = ['a', 'a.', 'a/', 'a/.', 'a\\', 'a\n', 'b', '.', '..', 'z\uFFFD', 'z\uE000', 'z😀', 'zz', '~']

  it('come in the order of keys from every place, in pages of every size, versions too', async () => {
    const prefix = key()
    const all = odd.map((text) => parseKey(prefix + text)).toSorted((a, b) => (a < b ? -1 : 1))
    for (const one of all) {
      const first = await store.put(one, write('first'), absent, never)
      await store.put(one, write('second'), since(first.version), never)
    }
    const every = (keys: string[]) => keys.flatMap((one) => [one, one])
    for (const max of [1, 3, 100]) {
      for (const after of ['', ...all, `${prefix}a\u0001`, `${prefix}\uD7FF`, `${prefix}\u{10FFFD}`]) {
        const rest = all.filter((one) => one > after)
        expect(
          await listed((more) =>
            store
              .list(query(prefix, { after, max, ...more }), never)
              .then((page) => ({ ...page, keys: page.objects.map((one) => one.key) })),
          ),
        ).toEqual(rest)
        if (max > 2)
          expect(
            await listed((more) =>
              store
                .listVersions(query(prefix, { after, max, ...more }), never)
                .then((page) => ({ ...page, keys: page.versions.map((one) => one.key) })),
            ),
          ).toEqual(every(rest))
      }
    }
  }, 60_000)

  it('cost one request a page where no odd key is, and begin where they are told to', async () => {
    const prefix = key()
    for (const text of ['a', 'b', 'c', 'd']) await store.put(parseKey(prefix + text), write(text), absent, never)
    server.proxy.asked.length = 0
    const first = await store.list(query(prefix, { after: `${prefix}a`, max: 2 }), never)
    expect(first.objects.map((one) => one.key)).toEqual([`${prefix}b`, `${prefix}c`])
    expect(server.proxy.asked.filter((line) => line.includes('startFrom='))).toHaveLength(2)
    server.proxy.asked.length = 0
    const second = await store.list(query(prefix, { cursor: first.next, max: 2 }), never)
    expect(second).toMatchObject({ next: null, objects: [{ key: `${prefix}d` }] })
    expect(server.proxy.asked).toHaveLength(1)
  })

  it('are the same from a server that ignores where to begin', async () => {
    const scripted = await new Scripted().listen()
    const blob = (name: string) =>
      `<Blob><Name>${name}</Name><VersionId>2026-11-25T04:31:00.1234567Z</VersionId><IsCurrentVersion>true</IsCurrentVersion><Properties><Last-Modified>Wed, 25 Nov 2026 04:31:00 GMT</Last-Modified><Etag>0x1</Etag><Content-Length>1</Content-Length></Properties></Blob>`
    scripted.script = (request, answer) => {
      const names = request.url.includes('isobar') ? '' : ['a', 'b', 'c'].map(blob).join('')
      answer
        .writeHead(200, { 'content-type': 'application/xml' })
        .end(`<EnumerationResults><Blobs>${names}</Blobs><NextMarker/></EnumerationResults>`)
    }
    const page = await storeAt(scripted.endpoint).list(query('', { after: 'b' }), never)
    expect(page).toMatchObject({ next: null, objects: [{ key: 'c' }] })
    await scripted.close()
  })

  it('refuse a cursor that is none of theirs', async () => {
    for (const cursor of ['', '1', '[]', '[1,2]', '{"a":1}'])
      expect(await failed(store.list(query('', { cursor }), never))).toMatchObject({ kind: 'invalid' })
  })
})

async function listed(
  page: (more: Partial<ListQuery>) => Promise<{ keys: string[]; next: string | null }>,
): Promise<string[]> {
  const keys: string[] = []
  let more: Partial<ListQuery> = {}
  for (let pages = 0; pages < 200; pages++) {
    const { keys: some, next } = await page(more)
    keys.push(...some)
    if (next === null) return keys
    more = { cursor: next }
  }
  return expect.fail('a listing without an end')
}

describe('versions', () => {
  const told = ({ id, current, meta }: KeptVersion) => ({ id, current, size: meta?.size })

  it('are named by their own time, to the hundred nanoseconds, and dated by it to the millisecond', async () => {
    const meta = await store.put(key(), write('x'), absent, never)
    expect(meta.id).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z$/)
    expect(meta.dateMs).toBe(Date.parse(meta.id))
    expect(Number.isInteger(meta.dateMs)).toBe(true)
  })

  it('that were removed for good are listed as long as they are kept, and no longer read', async () => {
    const first = await store.put(key(), write('first'), absent, never)
    const second = await store.put(first.key, write('second'), since(first.version), never)
    await server.client().getBlobClient(first.key).withVersion(first.id).delete()
    const history = (await store.versions(first.key, null, never)).versions.map(told)
    expect(history).toEqual([
      { id: first.id, current: false, size: 5 },
      { id: second.id, current: true, size: 6 },
    ])
    expect(await store.head(first.key, never, first.version)).toBeNull()
    expect(await store.get(first.key, never, { version: first.version })).toBeNull()
  })

  it('of before the account kept any are named by their ETag and dated by the second, and are gone once another shows', async () => {
    const scripted = await new Scripted().listen()
    const headers = { etag: '"0x8DA"', 'last-modified': 'Wed, 25 Nov 2026 04:31:00 GMT', 'content-length': '7' }
    scripted.script = (request, answer) =>
      request.headers['if-match'] === '"0xOTHER"'
        ? refusing(412, 'ConditionNotMet')(request, answer, null!)
        : void answer.writeHead(200, headers).end()
    const own = storeAt(scripted.endpoint)
    const meta = (await own.head(key(), never))!
    expect(meta).toMatchObject({ id: '0x8DA', dateMs: Date.UTC(2026, 10, 25, 4, 31) })
    expect(await own.head(meta.key, never, meta.version)).toEqual(meta)
    expect(scripted.requests.at(-1)!.headers['if-match']).toBe('"0x8DA"')
    expect(await own.head(meta.key, never, version('0xOTHER||'))).toBeNull()
    await scripted.close()
  })

  it('end where a longer name begins', async () => {
    const short = key('a')
    const meta = await store.put(short, write('x'), absent, never)
    for (let i = 0; i < 110; i++) await store.put(parseKey(`${short}${i}`), write('y'), absent, never)
    expect(await store.versions(short, null, never)).toMatchObject({ next: null, versions: [{ id: meta.id }] })
  })
})
