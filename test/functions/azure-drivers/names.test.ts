import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  isWrittenOut,
  keyOf,
  nameOf,
  oddFolder,
  oddPrefix,
  pastOdd,
  pastPlain,
  plainPrefix,
} from '#azure/drivers/names.ts'
import { Failure } from '#shared/kernel/failure.ts'
import { siteId } from '#shared/kernel/ids.ts'
import { type Key, parseKey } from '#shared/kernel/key.ts'

const site = siteId('blob')
const name = (key: string) => nameOf(parseKey(key), { site })

/** Few letters, so that odd ones meet; now and then anything at all. */
const letters = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      ...Array.from('ab/.\\!$~[\u0001 \n0\uE000\uF900\uFFFC\uFFFD\u007F'),
      '😀',
      'é',
      oddFolder,
      '../',
    ),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 2 }) },
)
const texts = fc.array(letters, { minLength: 1, maxLength: 12 }).map((all) => all.join(''))
const keys = fc
  .oneof(
    texts,
    texts.map((text) => oddFolder + text),
    texts.map((text) => `${name(text)}x`),
    texts.map(name),
  )
  .filter((text) => text.isWellFormed())

/** Azure's own reading of an address: what our names must survive. */
function azureReads(name: string): string {
  const segments: string[] = []
  for (const segment of name.replaceAll('\\', '/').split('/')) {
    if (segment === '..') segments.pop()
    else if (segment !== '.') segments.push(segment.replace(/\.+$/, ''))
  }
  return segments.join('/')
}

describe('names of keys', () => {
  it.each([
    'a',
    'a/b',
    'photos/2026/Übersicht (1).jpg',
    '/a',
    'a//b',
    'a/',
    '.hidden',
    'a..b/c',
    '100%',
    '%2F',
    ' a ',
    '😀',
    'x?y#z&="\'',
    '...a',
  ])('leaves an ordinary key as it is: %j', (key) => expect(name(key)).toBe(key))

  it('gives every key a name of its own, and finds the key again', () => {
    fc.assert(
      fc.property(keys, (key) => {
        expect(keyOf(name(key))).toBe(key)
      }),
      { numRuns: 2000 },
    )
  })

  it('gives back every name that somebody else may have given', () => {
    const names = keys.filter((text) => azureReads(text) === text && plainPrefix(text) !== null)
    fc.assert(
      fc.property(names, (one) => {
        expect(nameOf(keyOf(one)!, { site })).toBe(one)
      }),
      { numRuns: 2000 },
    )
  })

  it('gives back every name that only looks like an odd key written out', () => {
    const pieces = fc.constantFrom('[1', '[0', '.0', '.1', '$0', '$W', '~1', '\uF900000', ' ', 'a', '!', '/', 'x')
    const lookalikes = fc.array(pieces, { maxLength: 6 }).map((all) => `${oddFolder}${all.join('')}!`)
    fc.assert(
      fc.property(lookalikes, (one) => {
        expect(nameOf(keyOf(one)!, { site })).toBe(one)
      }),
      { numRuns: 5000 },
    )
  })

  it('never lets two keys meet in the way in which Azure reads addresses', () => {
    fc.assert(
      fc.property(keys, keys, (a, b) => {
        fc.pre(a !== b)
        expect(azureReads(name(a))).not.toBe(azureReads(name(b)))
      }),
      { numRuns: 2000 },
    )
  })

  it.each([
    'x/../../tenant-b/secret',
    '..',
    '.',
    '../x',
    'a/./b',
    'a/.',
    'a\\b',
    '\\..\\..\\b',
    'a.',
    'a./b',
    'a...',
    '\u0000',
    'a\nb',
    '\uFFFD',
    '\uE000',
  ])('lets no attack out of its container or onto another key: %j', (key) => {
    const one = name(key)
    expect(azureReads(one)).toBe(one)
    expect(new URL(`http://h/c/${one.split('/').map(encodeURIComponent).join('/')}`).pathname).toMatch(
      /^\/c\/\.isobar\//,
    )
  })

  it('writes out a key of more segments than Azure takes', () => {
    expect(name('a/'.repeat(253) + 'a')).toBe('a/'.repeat(253) + 'a')
    expect(name('a/'.repeat(254) + 'a').split('/')).toHaveLength(2)
  })

  it('keeps the order of odd keys, and what begins with what', () => {
    const odd = keys.filter((key) => isWrittenOut(name(key)))
    fc.assert(
      fc.property(odd, odd, (a, b) => {
        expect(name(a) < name(b)).toBe(a < b)
        expect(name(b).startsWith(oddPrefix(a))).toBe(b.startsWith(a))
      }),
      { numRuns: 2000 },
    )
  })

  it('begins a listing beyond a key and not beyond the next, with a text that an address holds', () => {
    fc.assert(
      fc.property(keys, keys, (after, one) => {
        if (one > after) expect(name(one) >= (isWrittenOut(name(one)) ? pastOdd : pastPlain)(after)).toBe(true)
        expect(name(one) < (isWrittenOut(name(one)) ? pastOdd : pastPlain)(one)).toBe(true)
        for (const start of [pastPlain(after), pastOdd(after)]) expect(plainPrefix(start)).toBe(start)
      }),
      { numRuns: 4000 },
    )
    expect(pastPlain('a')).toBe('a ')
    expect(pastPlain('a\uFFFD')).toBe('a\uFFFC ')
    expect(pastPlain('a\uD800')).toBe('a ')
    expect(pastPlain('a\u0001')).toBe('a ')
  })

  it('refuses aloud a key that grows too long by being written out', () => {
    const key = `${'/'.repeat(600)}.` as Key
    expect(() => nameOf(key, { site })).toThrow(
      expect.objectContaining({
        kind: 'invalid',
        scope: 'key',
        site,
        message: expect.stringMatching(/found|has 1\d\d\d letters, expected at most 1024/),
      }),
    )
    expect(() => nameOf(key, { site })).toThrow(Failure)
  })

  it('lists no name that is too long to be a key anywhere', () => {
    expect(keyOf('ü'.repeat(1024))).toBeNull()
    expect(keyOf('ü'.repeat(512))).toBe('ü'.repeat(512))
  })
})
