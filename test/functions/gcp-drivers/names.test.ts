import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { gcsClient } from '#gcp/drivers/client.ts'
import type { About } from '#gcp/drivers/failure.ts'
import { beginningOf, keyOf, nameOf } from '#gcp/drivers/names.ts'
import { addressOf, isAddressOf } from '#gcp/drivers/request.ts'
import { Failure } from '#shared/kernel/failure.ts'
import { type Key, parseKey } from '#shared/kernel/key.ts'
import { version } from '#shared/kernel/version.ts'
import { absent, failed, never } from '#test/contract/subject.ts'
import { Scripted } from '#test/functions/drivers/scripted.ts'
import { refusing, site, storeAt, write } from './scripted.ts'

const about: About = { site, verb: 'head', key: null, buckets: [], write: false }
const name = (key: string) => nameOf(about, parseKey(key))

const [feed, back, dots, no] = ['\t\u{10FFFC}', '\t\u{10FFFD}', '\t\u{10FFFA}', '\u{10FFFB}']
/** Few letters, so that odd ones meet; now and then anything at all. */
const acme = '.well-known/acme-challenge'
const letters = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      ...Array.from('a./\t\n\r\u{10FFFA}\u{10FFFB}\u{10FFFC}\u{10FFFD}'),
      '..',
      '😀',
      acme,
      `${acme}/`,
    ),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 2 }) },
)
const texts = fc
  .array(letters, { minLength: 1, maxLength: 8 })
  .map((all) => all.join(''))
  .filter((text) => text.isWellFormed())
const keys = fc.oneof(
  texts,
  texts.map((text) => `${acme}${text}`),
  texts.map((text) => `${acme}/${text}`),
  texts.map(name),
  fc.constantFrom('.', '..', `.${dots}`, `..${dots}`, `..${dots}${no}`, `.${dots}${no}${no}`),
)
/** What Cloud Storage takes for a name. https://cloud.google.com/storage/docs/objects#naming */
const isTaken = (text: string) =>
  text !== '.' && text !== '..' && !/[\r\n]/.test(text) && !text.startsWith(`${acme}/`) && text.isWellFormed()

describe('names of keys', () => {
  it.each([
    'a',
    'a/b',
    '/a',
    'a//b',
    'a/',
    '...',
    'a/../b',
    './a',
    '../a',
    'a/.',
    '100%',
    '%2F',
    ' a ',
    '😀',
    'x?y#z&="\'',
  ])('leaves an ordinary key as it is: %j', (key) => expect(name(key)).toBe(key))

  it.each([
    ['.', `.${dots}`],
    ['..', `..${dots}`],
    ['a\nb', `a${feed}b`],
    ['a\r\n', `a${back}${feed}`],
    ['..\n', `..${feed}`],
    [`${acme}/x`, `${acme}.\u{10FFFC}/x`],
    [`..${dots}`, `..${dots}${no}`],
    [`a${feed}`, `a\t${no}\u{10FFFC}`],
    [`${acme}.\u{10FFFC}/x`, `${acme}.\u{10FFFC}${no}/x`],
    ['a\tb', 'a\tb'],
    [acme, acme],
  ])('writes %j as %j, and reads it back', (key, written) => {
    expect(name(key)).toBe(written)
    expect(keyOf(written)).toBe(key)
  })

  it('gives every key a name of its own that Cloud Storage takes, and finds the key again', () => {
    fc.assert(
      fc.property(keys, (key) => {
        expect(isTaken(name(key))).toBe(true)
        expect(keyOf(name(key))).toBe(key)
      }),
      { numRuns: 5000 },
    )
  })

  it('gives back every name that somebody else may have given, one that looks written out too', () => {
    fc.assert(
      fc.property(keys.filter(isTaken), (one) => {
        expect(name(keyOf(one))).toBe(one)
      }),
      { numRuns: 5000 },
    )
  })

  it('keeps what begins with what', () => {
    fc.assert(
      fc.property(keys, fc.nat(20), (key, length) => {
        const prefix = key.slice(0, length)
        if (prefix.isWellFormed()) expect(name(key).startsWith(beginningOf(prefix))).toBe(true)
      }),
      { numRuns: 5000 },
    )
  })

  it('keeps the order of keys, which listings are merged by', () => {
    // But for control characters beside a break or behind dots, and for our own signs.
    const isStrange = (char: string) =>
      /^[\v\f]$/.test(char) || char.codePointAt(0)! < 9 || char.codePointAt(0)! > 0x10fff9
    const plain = keys.filter((key) => !Array.from(key).some(isStrange) && !/^\.\.?\t/.test(key))
    fc.assert(
      fc.property(plain, plain, (a, b) => {
        const byKey = Buffer.compare(Buffer.from(a), Buffer.from(b))
        expect(Buffer.compare(Buffer.from(name(a)), Buffer.from(name(b)))).toBe(byKey)
      }),
      { numRuns: 5000 },
    )
  })

  it('refuses aloud a key that grows too long by being written out', () => {
    const key = '\n'.repeat(210) as Key
    expect(() => nameOf(about, key)).toThrow(Failure)
    expect(() => nameOf(about, key)).toThrow(
      expect.objectContaining({
        kind: 'invalid',
        scope: 'key',
        site,
        message: expect.stringContaining('has 1050 bytes'),
      }),
    )
    expect(name('x'.repeat(1024))).toHaveLength(1024)
  })
})

describe('addresses', () => {
  let server: Scripted
  beforeAll(async () => {
    server = await new Scripted().listen()
  })
  afterAll(() => server.close())

  const hostile = [
    '..',
    '.',
    '../..',
    '../../../b/other/o/x',
    'x/../../y',
    '/',
    '//',
    './',
    'a?alt=media&generation=1',
    'a#b',
    'a%2F..%2Fb',
    '%2e%2e',
    '%',
    '\\..\\..',
    'a\nb: c\r\n\r\n',
    '\u0000',
    '{{projectId}}',
    '__proto__',
    '?',
    'ü/☃/😀',
  ]

  it('that came out as those of something else are seen before anything is sent', () => {
    const storage = gcsClient({ endpoint: 'http://h:1/base' })
    const request = {
      method: 'DELETE',
      path: ['storage', 'v1', 'b', 'things', 'o', 'x/..'],
      query: { a: '1' },
    } as const
    const is = (address: string) => isAddressOf(new URL(address), storage, request)
    expect(addressOf(storage, request)).toBe('http://h:1/base/storage/v1/b/things/o/x%2F..?a=1')
    expect(is(addressOf(storage, request))).toBe(true)
    for (const other of [
      'http://h:1/base/storage/v1/b/things/o/x/..?a=1',
      'http://h:1/base/storage/v1/b/things/o?a=1',
      'http://h:1/base/storage/v1/b/things?a=1',
      'http://h:1/base/storage/v1/b/other/o/x%2F..?a=1',
      'http://h:1/base/storage/v1/b/things/o/x%2F../acl?a=1',
      'http://h:1/base/storage/v1/b/things/o/x%2F..?a=2',
      'http://h:1/base/storage/v1/b/things/o/x%2F..',
      'http://h:1/storage/v1/b/things/o/x%2F..?a=1',
      'http://i:1/base/storage/v1/b/things/o/x%2F..?a=1',
      'http://h:1/base/storage/v1/b/things/o/%FF?a=1',
    ])
      expect(is(other)).toBe(false)
  })

  it.each(hostile)('of a hostile key name one object of this bucket and nothing else: %j', async (text) => {
    server.requests.length = 0
    server.script = refusing(412, 'conditionNotMet')
    const store = storeAt(server.endpoint)
    const [key, pinned] = [parseKey(text), version('5|1')]
    await failed(store.head(key, never))
    await failed(store.head(key, never, pinned))
    await failed(store.tags(key, pinned, never))
    await failed(store.remove(key, pinned, never))
    expect(server.requests.map(({ method }) => method)).toEqual(['GET', 'GET', 'GET', 'DELETE'])
    for (const { url } of server.requests) {
      const [, , bucket, , object, ...more] = new URL(url, server.endpoint).pathname
        .slice('/storage/'.length)
        .split('/')
      expect([bucket, decodeURIComponent(object!), more]).toEqual(['things', name(text), []])
      expect(url.split('?')[0]).toBe(new URL(url, server.endpoint).pathname)
    }
    expect(server.requests[3]!.url).toContain('?ifGenerationMatch=5&ifMetagenerationMatch=1&')
  })

  it.each(hostile)('of a hostile key and its listings keep to their parameters: %j', async (text) => {
    server.requests.length = 0
    server.script = refusing(412, 'conditionNotMet')
    const store = storeAt(server.endpoint)
    const key = parseKey(text)
    await failed(store.put(key, write('x'), absent, never))
    await failed(store.versions(key, null, never))
    await failed(store.list({ prefix: text, after: text, cursor: null, max: 5 }, never))
    await failed(store.putPart(key, text, 1, write('x').body, {}, never))
    const [put, versions, list, part] = server.requests.map(({ url }) => new URL(url, server.endpoint))
    expect(put!.pathname).toBe('/upload/storage/v1/b/things/o')
    expect(put!.searchParams.get('name')).toBe(name(text))
    expect(put!.searchParams.get('ifGenerationMatch')).toBe('0')
    expect(versions!.searchParams.get('prefix')).toBe(name(text))
    expect(list!.searchParams.get('prefix')).toBe(beginningOf(text))
    expect(list!.searchParams.get('startOffset')).toBe(name(text))
    expect(part!.pathname).toBe('/upload/storage/v1/b/yard/o')
    expect(part!.searchParams.get('name')).toMatch(/^transfer\/[\w-]{43}\/part\/00001-[0-9a-f-]{36}$/)
  })
})
