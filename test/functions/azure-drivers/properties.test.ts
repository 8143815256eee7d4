import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseKey } from '#shared/kernel/key.ts'
import type { ListQuery, ObjectStore, Properties } from '#shared/ports/object-store.ts'
import { absent, failed, never } from '#test/contract/subject.ts'
import { embedded, type Embedded } from './embedded.ts'
import { halves } from '#test/contract/halves.ts'
import { write } from './scripted.ts'

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
afterAll(() => server.close())

describe('what a user says of an object', () => {
  const expectRound = async ({ headers, metadata }: Properties, tags: Readonly<Record<string, string>> = {}) => {
    const meta = await store.put(key(), { ...write('x'), headers, metadata, tags }, absent, never)
    expect(await store.head(meta.key, never)).toEqual(meta)
    expect((await store.list(query(meta.key), never)).objects[0]!.meta).toEqual(meta)
    expect({ headers: meta.headers, metadata: meta.metadata }).toEqual({ headers, metadata })
    expect(meta.tagCount).toBe(Object.keys(tags).length)
    expect(await store.tags(meta.key, meta.version, never)).toEqual(tags)
    return meta
  }

  it('comes back as it was said: no type or any, what Azure has no header for, what no header can hold', async () => {
    await expectRound({ headers: {}, metadata: {} })
    await expectRound({ headers: { contentType: 'application/octet-stream' }, metadata: {} })
    await expectRound({
      headers: { contentType: 'binary/octet-stream', expires: 'Thu, 01 Dec 1994 16:00:00 GMT' },
      metadata: {},
    })
    await expectRound({
      headers: { contentDisposition: 'attachment; filename="grün ☃.txt"', cacheControl: '', contentLanguage: ' de' },
      metadata: {},
    })
  })

  it('comes back as it was said: every name and every value of metadata', async () => {
    const strange = [
      'constructor',
      'prototype',
      '__proto__',
      'toString',
      'encrypted',
      'isobar_headers',
      'isobar_tags',
      '',
      '-',
      'A',
      'a',
      '1',
      '_x2d_',
      'é',
      '😀',
      'a b',
    ]
    await expectRound({
      headers: {},
      metadata: Object.fromEntries(strange.map((name, i) => [name, ['', ' ', 'ü', `UTF-8''`, 'plain'][i % 5]!])),
    })
    await expectRound({ headers: {}, metadata: { isobar_headers: '{"expires":"x"}', isobar_tags: 'a%40=b' } })
    const text = fc.string({ unit: 'binary', maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(text, text, { maxKeys: 5 }),
        async (metadata) => void (await expectRound({ headers: {}, metadata })),
      ),
      { numRuns: 30 },
    )
  })

  it('comes back as it was said: tags beyond Azure’s letters, length and number', async () => {
    await expectRound({ headers: {}, metadata: {} }, { stage: 'prod', 'a b': '+-./:=_', empty: '' })
    await expectRound({ headers: {}, metadata: {} }, { mail: 'a@b', größe: 'groß', ['__proto__']: 'x', plain: 'y' })
    await expectRound(
      { headers: {}, metadata: {} },
      Object.fromEntries(Array.from({ length: 14 }, (_, i) => [`tag${i}`, `${i}`])),
    )
    await expectRound({ headers: {}, metadata: {} }, { long: 'x'.repeat(300) })
  })

  it('is refused with its bytes named where it does not fit as Azure spells it', async () => {
    const metadata = { name: 'ü'.repeat(1400) }
    const failure = await failed(store.put(key(), { ...write('x'), metadata }, absent, never))
    expect(failure).toMatchObject({ kind: 'invalid', scope: 'key' })
    expect(failure.message).toMatch(
      /found metadata of 8411 bytes as Azure spells it, expected at most 8192; shorten .* by 219$/,
    )
  })

  it.each(halves)('is refused as this object’s own trouble where it holds half a character: %j', async (said) => {
    const failure = await failed(store.put(key(), { ...write('x'), ...said }, absent, never))
    expect(failure).toMatchObject({ kind: 'invalid', scope: 'key' })
    expect(failure.message).toMatch(/found half a character in (headers|metadata|tags), at ".*", expected well-formed/)
  })

  it('is what Azure’s own users said, where they did, in the spelling of this port', async () => {
    const name = key()
    const half = '{"expires":"\\ud800"}'
    await server
      .client()
      .getBlockBlobClient(name)
      .upload('x', 1, {
        metadata: { MyName: 'a', isobar_headers: half, isobar_tags: 'mine too', a_x2d_b: 'c', _xd83d__xde00_: 'd' },
        tags: { stage: 'test' },
      })
    const meta = (await store.head(name, never))!
    expect(meta.headers).toEqual({ contentType: 'application/octet-stream' })
    const others = { myname: 'a', isobar_tags: 'mine too', 'a-b': 'c', _xd83d__xde00_: 'd' }
    expect(meta.metadata).toEqual({ ...others, isobar_headers: half })
    expect((await store.list(query(name), never)).objects[0]!.meta).toEqual(meta)
    expect(await store.tags(name, meta.version, never)).toEqual({ stage: 'test' })
  })

  it('is asked for by name where a listing cannot tell it: names that the SDK’s reader refuses or changes', async () => {
    const prefix = key()
    const at = (text: string) => server.client().getBlockBlobClient(prefix + text)
    await at('a').upload('x', 1, { metadata: { plain: 'x' } })
    await at('b').upload('x', 1, { metadata: { toString: 'x' } })
    const metas = async () => (await store.list(query(prefix), never)).objects.map(({ meta }) => meta?.metadata ?? null)
    expect(await metas()).toEqual([{ plain: 'x' }, null])
    for (const refused of ['constructor', 'prototype']) {
      await at('b').upload('x', 1, { metadata: { [refused]: 'x' } })
      expect(await metas()).toEqual([null, null])
      expect((await store.head(parseKey(`${prefix}b`), never))!.metadata).toEqual({ [refused]: 'x' })
      const { versions } = await store.versions(parseKey(`${prefix}b`), null, never)
      expect(versions.every(({ meta }) => meta === null)).toBe(true)
    }
  })
})
