import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { besideEntry, withBeside, withoutBeside } from '#gcp/drivers/beside.ts'
import { parseKey } from '#shared/kernel/key.ts'
import type { ObjectStore, Write } from '#shared/ports/object-store.ts'
import { absent, failed, never } from '#test/contract/subject.ts'
import { halves } from '#test/contract/halves.ts'
import { embedded, type Embedded } from './embedded.ts'
import { write } from './scripted.ts'

const texts = fc.string({ unit: 'binary', maxLength: 6 }).filter((text) => text.isWellFormed())
const names = fc.oneof(
  texts,
  fc.constantFrom('__proto__', 'constructor', 'toString', '', besideEntry, `${besideEntry}-`, `${besideEntry}--`),
)
/** Texts that look like ours. */
const lookalikes = fc.oneof(
  texts,
  fc.constantFrom(
    '{}',
    '{"tags":[]}',
    '{"tags":[["a","b"]]}',
    '{"tags":[["b","c"],["a","b"]]}',
    '{"tags":[["a","b"],["a","c"]]}',
    '{"expires":"x"}',
    '{"expires":"x","tags":[["a","b"]]}',
    '{"tags":[["a","b"]],"expires":"x"}',
    ' {"expires":"x"}',
    '{"expires":1}',
    '{"expires":"\\ud800"}',
    '{"tags":[["a","\\ud800"]]}',
    '{"tags":[["\\udc00","b"]]}',
    '{"tags":[["a"]]}',
    '{"tags":{"a":"b"}}',
    'null',
    '[]',
    '1',
  ),
)
const records = fc.array(fc.tuple(names, lookalikes), { maxLength: 5 }).map((all) => Object.fromEntries(all))
const besides = fc.record({
  tags: fc.array(fc.tuple(names, texts), { maxLength: 4 }).map((all) => Object.fromEntries(all)),
  expires: fc.option(texts, { nil: undefined }),
})

/** As it is after a journey in JSON. */
const carried = (value: Readonly<Record<string, string>>) => JSON.parse(JSON.stringify(value)) as Record<string, string>

/** Entries, because an object's comparison passes over the name `__proto__`. */
const sorted = (value: Readonly<Record<string, string>>) =>
  Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))

describe('what lies beside', () => {
  it('comes back from among the metadata, whatever the user’s own is called', () => {
    fc.assert(
      fc.property(records, besides, (metadata, beside) => {
        const back = withoutBeside(carried(withBeside(metadata, beside)))
        expect(sorted(back.metadata)).toEqual(sorted(metadata))
        expect(sorted(back.beside.tags)).toEqual(sorted(beside.tags))
        expect(back.beside.expires).toBe(beside.expires)
      }),
      { numRuns: 3000 },
    )
  })

  it('is never read into what another client wrote so that it would be written otherwise', () => {
    fc.assert(
      fc.property(records, (stored) => {
        const { metadata, beside } = withoutBeside(stored)
        const again = withoutBeside(withBeside(metadata, beside))
        expect(again).toEqual({ metadata, beside })
      }),
      { numRuns: 3000 },
    )
  })

  it('has one spelling: tags by name, nothing empty', () => {
    expect(withBeside({}, { tags: { b: '2', a: '1' }, expires: 'x' })).toEqual({
      [besideEntry]: '{"expires":"x","tags":[["a","1"],["b","2"]]}',
    })
    expect(withBeside({ a: 'b' }, { tags: {}, expires: undefined })).toEqual({ a: 'b' })
    const stored = { [besideEntry]: '{"tags":[["b","2"],["a","1"]]}' }
    expect(withoutBeside(stored)).toEqual({ metadata: stored, beside: { tags: {}, expires: undefined } })
  })

  it('moves a user’s entry of the same name aside, and back', () => {
    const metadata = { [besideEntry]: 'mine', [`${besideEntry}-`]: 'too', [`${besideEntry}x`]: 'stays' }
    const stored = withBeside(metadata, { tags: { a: 'b' }, expires: undefined })
    expect(Object.keys(stored).toSorted()).toEqual(
      [besideEntry, `${besideEntry}-`, `${besideEntry}--`, `${besideEntry}x`].toSorted(),
    )
    expect(withoutBeside(stored)).toEqual({ metadata, beside: { tags: { a: 'b' }, expires: undefined } })
  })
})

describe('metadata, headers and tags at the embedded Cloud Storage', () => {
  let server: Embedded
  let store: ObjectStore
  let count = 0
  beforeAll(async () => {
    server = await embedded()
    store = server.store()
  })
  afterAll(() => server.close())

  const stored = async (said: Partial<Write>) => {
    const key = parseKey(`metadata/${count++}`)
    const meta = await store.put(key, write('x', said), absent, never)
    expect(await store.head(key, never)).toEqual(meta)
    return meta
  }

  it('come back as they were said', async () => {
    const names = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }).filter((text) => text.isWellFormed())
    const many = fc.dictionary(names, texts, { maxKeys: 6 })
    await fc.assert(
      fc.asyncProperty(many, fc.dictionary(names, texts, { maxKeys: 6 }), async (metadata, tags) => {
        const meta = await stored({ metadata, tags })
        expect(meta.metadata).toEqual(metadata)
        expect(meta.tagCount).toBe(Object.keys(tags).length)
        expect(await store.tags(meta.key, meta.version, never)).toEqual(tags)
      }),
      { numRuns: 40 },
    )
  })

  it('hold what the SDK would have changed: the sign for its project, `__proto__`, line breaks', async () => {
    const metadata = JSON.parse('{"__proto__":"p","a":"{{projectId}}","b":"x\\r\\ny: z","C":"case"}') as {}
    const { metadata: found } = await stored({ metadata })
    expect(sorted(found)).toEqual(sorted(metadata))
    expect(await store.head(parseKey('{{projectId}}'), never)).toBeNull()
  })

  it('hold every header, and none where none was said', async () => {
    const headers = {
      contentType: 'text/plain; charset=utf-8',
      contentEncoding: 'gzip',
      contentLanguage: 'de',
      contentDisposition: 'attachment; filename="ü.txt"',
      cacheControl: 'no-transform',
      expires: 'Wed, 21 Oct 2026 07:28:00 GMT',
    }
    expect((await stored({ headers })).headers).toEqual(headers)
    expect((await stored({})).headers).toEqual({})
    expect((await stored({ headers: { expires: '0' } })).metadata).toEqual({})
  })

  it('are refused by us before they are sent where they are too much, and told by how much', async () => {
    const key = parseKey('metadata/full')
    const tags = { name: 'value' }
    const own = Buffer.byteLength(`${besideEntry}{"tags":[["name","value"]]}`)
    const metadata = { n: 'ü'.repeat((8192 - own - 1) >> 1) }
    await store.put(key, write('x', { metadata, tags }), absent, never)
    server.proxy.asked.length = 0
    const failure = await failed(
      store.put(key, write('x', { metadata: { ...metadata, xy: 'z' }, tags }), absent, never),
    )
    expect(failure).toMatchObject({ kind: 'invalid', scope: 'key' })
    expect(failure.message).toMatch(/has 819\d bytes.*at most 8192: shorten it by [123]$/)
    expect(server.proxy.asked).toEqual([])
  })

  it.each(halves)('are refused as this object’s own trouble where they hold half a character: %j', async (said) => {
    server.proxy.asked.length = 0
    const failure = await failed(store.put(parseKey('metadata/half'), write('x', said), absent, never))
    expect(failure).toMatchObject({ kind: 'invalid', scope: 'key' })
    expect(failure.message).toMatch(/found half a character in (headers|metadata|tags), at ".*", expected well-formed/)
    expect(server.proxy.asked).toEqual([])
  })

  it('that another client wrote in the place of ours are the user’s own, half a character included', async () => {
    const unsorted = '{"tags":[["b","2"],["a","1"]]}'
    const half = ['{"tags":[["a","\\ud800"]]}', '{"tags":[["\\udc00","a"]]}', '{"expires":"\\ud800"}']
    for (const value of ['mine', unsorted, '{"expires":7}', ...half]) {
      const metadata = { [besideEntry]: value, [`${besideEntry}-`]: 'x' }
      const answer = await server.raw('POST', '/upload/storage/v1/b/things/o?uploadType=multipart&name=theirs', {
        headers: { 'content-type': 'multipart/related; boundary=b' },
        body: `--b\r\ncontent-type: application/json\r\n\r\n${JSON.stringify({ metadata })}\r\n--b\r\ncontent-type: a/b\r\n\r\nx\r\n--b--`,
      })
      expect(answer.status).toBe(200)
      const meta = await store.head(parseKey('theirs'), never)
      expect(meta).toMatchObject({ metadata, tagCount: 0, headers: { contentType: 'a/b' } })
    }
  })

  it('change in place under the same id and another version, which a condition tells apart', async () => {
    const meta = await stored({ metadata: { a: 'b' } })
    await server.raw('PATCH', `/storage/v1/b/things/o/${encodeURIComponent(meta.key)}`, {
      body: JSON.stringify({ metadata: { a: 'c' } }),
    })
    const now = await store.head(meta.key, never)
    expect(now).toMatchObject({ id: meta.id, dateMs: meta.dateMs, metadata: { a: 'c' } })
    expect(now!.version).not.toBe(meta.version)
    const over = store.put(meta.key, write('y'), { if: 'unchanged', since: meta.version }, never)
    expect(await failed(over)).toMatchObject({ kind: 'conflict' })
    expect(await failed(store.remove(meta.key, meta.version, never))).toMatchObject({ kind: 'conflict' })
    await store.remove(meta.key, now!.version, never)
  })
})
