import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { metaOf } from '#aws/drivers/meta.ts'
import { letters, listedName, read, spell } from '#aws/drivers/names.ts'
import { inscribe, saidIn, type Told } from '#aws/drivers/properties.ts'
import { shownValue, storedValue } from '#local/servers/s3/words.ts'
import { Failure } from '#shared/kernel/failure.ts'
import { siteId } from '#shared/kernel/ids.ts'
import type { Write } from '#shared/ports/object-store.ts'
import { key } from './bench.ts'
import { object } from './scripted-server.ts'

const here = siteId('here')

type Said = Pick<Write, 'headers' | 'metadata' | 'tags'>

/** What S3 does to a value on its way: nothing, or what its words say and back. */
const manners: Readonly<Record<string, (header: string) => string>> = {
  'keeps headers as they are': (header) => header,
  'reads words and writes its own': (header) => shownValue(storedValue(header)),
}

/** The answer to a HEAD of what was written so. */
function shown({ headers = {}, metadata = {}, tags = {} }: Partial<Said>, manner = (header: string) => header): Told {
  const { fields, headers: aside } = inscribe(here, key, { headers, metadata, tags, storageClass: null })
  const {
    ContentType,
    ContentEncoding,
    ContentLanguage,
    ContentDisposition,
    CacheControl,
    Metadata = {},
    Tagging,
  } = fields
  const told: Record<string, string | undefined> = {
    ...object,
    'content-length': '7',
    'content-type': ContentType,
    'content-encoding': ContentEncoding,
    'content-language': ContentLanguage,
    'content-disposition': ContentDisposition,
    'cache-control': CacheControl,
    ...aside,
    ...Object.fromEntries(
      Object.entries(Metadata).map(([name, value]) => [`x-amz-meta-${name.toLowerCase()}`, manner(value.trim())]),
    ),
    ...(Tagging === undefined ? {} : { 'x-amz-tagging-count': String(Tagging.split('&').length) }),
  }
  return Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined)) as Told
}

/** Every header name and value must be one that HTTP carries. */
function expectSendable(told: Told): void {
  for (const [name, value] of Object.entries(told)) {
    expect(name).toMatch(/^[!#$%&'*+.^_`|~0-9a-z-]+$/)
    expect(value).toMatch(/^(?:[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)?$/)
  }
}

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc.string({ maxLength: 30 }),
  fc.constantFrom(
    '',
    ' ',
    ' a',
    'a ',
    '\t',
    'a\nb',
    '=?',
    '=?UTF-8?B?YQ==?=',
    '=?UTF-8?Q?=C3=A9?= é',
    'é',
    'Ã©',
    '%41',
    'isobar',
  ),
)
const name = fc.oneof(
  text,
  fc.constantFrom(
    'plain',
    'Plain',
    'PLAIN',
    'with-dash',
    'with.dot',
    'under_score',
    '__proto__',
    'constructor',
    'a b',
    'ü',
  ),
  text.map((rest) => `isobar.m-${rest}`),
  fc.constantFrom('isobar.m-.41', 'isobar.m-a', 'isobar.h-content-type', 'isobar.t-a', 'isobar.', 'isobarfrom'),
)
const few = (of: fc.Arbitrary<string>) =>
  fc
    .uniqueArray(fc.tuple(of, text), { maxLength: 5, selector: ([key]) => key })
    .map((pairs) => Object.fromEntries(pairs) as Record<string, string>)

describe('what a user says of an object', () => {
  for (const [manner, through] of Object.entries(manners)) {
    it(`comes back as it was from a store that ${manner}`, () => {
      const headers = fc.record(
        {
          contentType: text,
          contentEncoding: text,
          contentLanguage: text,
          contentDisposition: text,
          cacheControl: text,
          expires: text,
        },
        { requiredKeys: [] },
      )
      fc.assert(
        fc.property(headers, few(name), few(name), (headers, metadata, tags) => {
          const told = shown({ headers, metadata, tags }, through)
          expectSendable(told)
          const said = saidIn(here, key, told)
          expect(said.headers).toEqual(headers)
          expect(said.metadata).toEqual(metadata)
          expect(metaOf(here, key, told, true)!.tagCount).toBe(Object.keys(tags).length)
          for (const [name, value] of Object.entries(said.tags)) expect(tags[name]).toBe(value)
        }),
        { numRuns: 1000 },
      )
    })
  }

  it('keeps names apart however alike they look', () => {
    fc.assert(
      fc.property(few(name), (metadata) => {
        const { fields } = inscribe(here, key, { headers: {}, metadata, tags: {}, storageClass: null })
        expect(Object.keys(fields.Metadata!)).toHaveLength(Object.keys(metadata).length)
      }),
    )
  })

  it('goes as it is under names that S3 holds', () => {
    const metadata = {
      plain: 'value',
      'with-dash': 'a=b; c',
      'with.dot': '100%',
      under_score: 'x',
      digits0: '',
      isobar: '1;2',
      "!#$%&'*+^`|~": 'y',
    }
    expect(inscribe(here, key, { headers: {}, metadata, tags: {}, storageClass: null }).fields.Metadata).toEqual(
      metadata,
    )
  })

  it('goes in the words that other clients of S3 read, where it is beyond ASCII', () => {
    const { fields } = inscribe(here, key, { headers: {}, metadata: { a: 'grün' }, tags: {}, storageClass: null })
    expect(fields.Metadata).toEqual({ a: '=?UTF-8?B?Z3LDvG4=?=' })
    expect(storedValue(fields.Metadata!['a']!)).toBe('grün')
  })

  it('says no content type where nobody did, and takes S3’s word for that as nothing said', () => {
    expect(shown({})['content-type']).toBe('binary/octet-stream')
    expect(saidIn(here, key, { 'content-type': 'binary/octet-stream' }).headers).toEqual({})
    const headers = { contentType: 'binary/octet-stream' }
    expect(saidIn(here, key, shown({ headers })).headers).toEqual(headers)
  })

  it('holds ten tags and carries the others', () => {
    const many = Object.fromEntries(Array.from({ length: 14 }, (_, i) => [`tag${i}`, `v${i}`]))
    const odd = { 'a;b': 'semicolon', 'aws:x': 'reserved', 'b\n': '' }
    const told = shown({ tags: { ...odd, ...many } })
    expect(told['x-amz-tagging-count']).toBe('10')
    expect(saidIn(here, key, told).tags).toEqual({ ...odd, tag10: 'v10', tag11: 'v11', tag12: 'v12', tag13: 'v13' })
    expect(saidIn(here, key, told).metadata).toEqual({})
  })

  it('is refused aloud, with the bytes to spare, where it is too much; nothing is cut', () => {
    const mark = 'm'.repeat(194)
    const most = { isobar: mark, a: 'x'.repeat(2048 - 200 - 1) }
    expect(() => shown({ metadata: most })).not.toThrow()
    expect(() => shown({ metadata: { ...most, a: `${most.a}x` } })).toThrow(
      /found 2049 bytes, expected at most 2048, of which Isobar's mark leaves 1848/,
    )
    const refused = () => shown({ metadata: { ä: 'x'.repeat(2047) } })
    expect(refused).toThrow(Failure)
    expect(refused).toThrow(expect.objectContaining({ kind: 'invalid', scope: 'key', site: here }))
  })

  it('is refused aloud where it has no bytes', () => {
    for (const said of [
      { metadata: { a: '\ud800' } },
      { tags: { '\udfff': '' } },
      { headers: { expires: '\ud800' } },
      { metadata: { 'a\ud83d': '\ude00b' } },
      { tags: { 'a\ud83d': '\ude00b' } },
    ]) {
      expect(() => shown(said)).toThrow(
        expect.objectContaining({ kind: 'invalid', message: expect.stringContaining('lone surrogate') }),
      )
    }
  })
})

describe('what somebody else wrote', () => {
  const native = (entries: Record<string, string>) =>
    saidIn(here, key, Object.fromEntries(Object.entries(entries).map(([name, value]) => [`x-amz-meta-${name}`, value])))
      .metadata

  it('is read under its own name, also where that looks like one of ours', () => {
    const own = {
      'isobar.': 'a',
      'isobar.m-': '%',
      'isobar.m-plain': 'plain',
      'isobar.m-.4': 'x',
      'isobar.m-.zz': 'x',
      'isobar.m-.ff': 'x',
      'isobar.m-.41': 'not written out',
      'isobar.x-.41': 'y',
      'isobar.m-.61': 'needless',
      __proto__: 'kept',
    }
    expect(native(own)).toEqual(own)
    expect(Object.keys(native(JSON.parse('{"__proto__":"kept"}') as Record<string, string>))).toEqual(['__proto__'])
  })

  it('is read in whatever words S3 tells it', () => {
    expect(read('=?UTF-8?Q?gr=C3=BCn?=')).toBe('grün')
    expect(read('=?utf-8?b?Z3LDvG4=?= =?UTF-8?Q?_!?=')).toBe('grün !')
    expect(read('=?ISO-8859-1?Q?gr=FCn?=')).toBe('grün')
    expect(read('=?UTF-8?B?w7w=?=\t=?UTF-8?B?w7w=?=')).toBe('üü')
  })

  it('is read as it is where it only looks like words', () => {
    for (const plain of ['a =?UTF-8?B?YQ==?=', '=?UTF-8?B?/w==?=', '=?nonsense?Q?a?=', '=?UTF-8?X?a?=', '=?', ''])
      expect(read(plain)).toBe(plain)
  })

  it('is read as its writer meant it, where raw UTF-8 was taken for Latin-1', () => {
    const raw = Buffer.from('grün ☃').toString('latin1')
    expect(read(raw)).toBe('grün ☃')
    expect(read(shownValue(storedValue(raw)))).toBe('grün ☃')
    expect(letters(Buffer.from('grün', 'latin1').toString('latin1'))).toBe('grün')
  })

  it('is not spelt in words that would be read as others', () => {
    expect(spell('Ã¼')).toBeNull()
    expect(read(spell('grün')!)).toBe('grün')
  })

  it('is refused where S3 says that it cannot tell it all', () => {
    expect(() => native({ a: 'b' })).not.toThrow()
    expect(() => saidIn(here, key, { 'x-amz-missing-meta': '2' })).toThrow(/2 entries of its metadata/)
  })
})

describe('digests', () => {
  const digests = (told: Told) => metaOf(here, key, { ...object, 'content-length': '9', ...told }, true)!.digests

  it('are those of the whole that S3 vouches for', () => {
    expect(digests({})).toEqual({ crc64nvme: 'rosUhgp5mIg=', md5: 'JfnnlDI7RTiF9RgfG2JNCw==' })
    expect(digests({ 'x-amz-checksum-crc32c': 'AAAAAA==' })).toMatchObject({ crc32c: 'AAAAAA==' })
  })

  it('are none of a part, and none made of those of parts', () => {
    expect(digests({ 'content-range': 'bytes 0-8/90' })).not.toHaveProperty('crc64nvme')
    expect(digests({ 'x-amz-checksum-crc32c': 'AAAAAA==-3', 'x-amz-checksum-type': 'COMPOSITE' })).not.toHaveProperty(
      'crc32c',
    )
    expect(digests({ etag: '"25f9e794323b453885f5181f1b624d0b-3"' })).not.toHaveProperty('md5')
  })

  it('take an ETag for an MD5 only under S3’s own keys', () => {
    expect(digests({ 'x-amz-server-side-encryption': 'AES256' })).toHaveProperty('md5')
    expect(digests({ 'x-amz-server-side-encryption': 'aws:kms' })).not.toHaveProperty('md5')
    expect(digests({ 'x-amz-server-side-encryption': 'aws:kms:dsse' })).not.toHaveProperty('md5')
    expect(digests({ 'x-amz-server-side-encryption-customer-algorithm': 'AES256' })).not.toHaveProperty('md5')
  })
})

describe('names in listings', () => {
  it('are read as they were written, in the manner of a form or of an address', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed()),
        (text) => {
          expect(listedName(encodeURIComponent(text), 'url')).toBe(text)
          expect(listedName(new URLSearchParams({ text }).toString().slice('text='.length), 'url')).toBe(text)
          expect(listedName(text, undefined)).toBe(text)
        },
      ),
    )
  })
})
