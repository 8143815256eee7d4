import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { siteId } from '#shared/kernel/ids.ts'
import { type Mark, markBytesMax, readMark, writeMark } from '#shared/kernel/mark.ts'
import { stampId } from '#shared/kernel/version.ts'
import { marks } from './arbitraries.ts'

const example: Mark = {
  stamp: {
    epoch: 0,
    timeMs: 1_764_000_000_000,
    origin: siteId('aws'),
    id: stampId('5d41402abc4b2a76b9719d911017c592'),
  },
  key: 'rosUhgp5mIg=',
  algorithm: 'md5',
  content: 'XUFAKrxLKna5cZ2REBfFkg==',
  properties: 'AAAAAAAAAAA=',
  writtenMs: 1_764_000_000_500,
  nonce: 'abcdefghij',
  onto: 'over',
}
const written = writeMark(example)
const fields = written.split(';')

function withField(index: number, text: string): string {
  return fields.with(index, text).join(';')
}

describe('marks', () => {
  it('read as they were written, for the longest names that the clouds give', () => {
    fc.assert(
      fc.property(marks, (mark) => {
        expect(readMark(writeMark(mark))).toEqual(mark)
      }),
    )
  })

  it('take at most 200 bytes, all of them printable ASCII, which every cloud holds', () => {
    fc.assert(
      fc.property(marks, (mark) => {
        expect(writeMark(mark)).toMatch(/^[\x21-\x7e]+$/)
        expect(writeMark(mark).length).toBeLessThanOrEqual(markBytesMax)
      }),
    )
  })

  it('refuse to be written longer, or where a name would cut them: no retry mends that', () => {
    const invalid = expect.objectContaining({ kind: 'invalid', patience: 'never' })
    for (const id of ['x'.repeat(200), 'a;b']) {
      const mark = { ...example, stamp: { ...example.stamp, id: stampId(id) } }
      expect(() => writeMark(mark)).toThrow(invalid)
    }
    const spare = markBytesMax - written.length
    const longest = { ...example, stamp: { ...example.stamp, id: stampId(example.stamp.id + 'x'.repeat(spare)) } }
    expect(writeMark(longest)).toHaveLength(markBytesMax)
    const over = { ...longest, nonce: `${example.nonce}x` }
    expect(() => writeMark(over)).toThrow(invalid)
  })

  it('never throw, whatever stands in their place', () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.array(fc.string({ maxLength: 12 }), { maxLength: 14 }).map((all) => all.join(';')),
      fc.tuple(fc.nat(10), fc.string({ maxLength: 30 })).map(([index, text]) => withField(index, text)),
      fc.tuple(fc.nat(written.length), fc.nat(written.length)).map(([a, b]) => written.slice(0, a) + written.slice(b)),
    )
    fc.assert(
      fc.property(hostile, (text) => {
        const mark = readMark(text)
        if (mark === null || mark === 'newer' || text.length > markBytesMax) return
        expect(readMark(writeMark(mark))).toEqual(mark)
      }),
      { numRuns: 2000 },
    )
  })

  it('are none with a field too few, too many, or empty', () => {
    expect(readMark(fields.slice(0, -1).join(';'))).toBeNull()
    expect(readMark(`${written};x`)).toBeNull()
    for (const index of fields.keys()) expect(readMark(withField(index, ''))).toBeNull()
  })

  it('are none with a field that is not what it should be', () => {
    const wrong: [number, string[]][] = [
      [1, ['-1', 'A', '1.5', '0-1', 'zzzzzzzzzzz', '000000000001']],
      [2, ['-1', ' 1', 'zzzzzzzzzzz', 'NaN']],
      [3, ['AWS', '9a', 'a.b', 'a_b', 'x'.repeat(25)]],
      [6, ['xAAAA', 'AAAA']],
      [8, ['-1', '', '!']],
      [10, ['A', 'x', 'absent']],
    ]
    for (const [index, texts] of wrong) {
      for (const text of texts) expect(readMark(withField(index, text)), `${index}: ${text}`).toBeNull()
    }
  })

  it('of a newer format are told apart from none', () => {
    expect(readMark(withField(0, '2'))).toBe('newer')
    expect(readMark('2;anything')).toBe('newer')
    for (const text of ['10', '19', '100']) expect(readMark(`${text};anything`)).toBe('newer')
    for (const text of ['', '0', '-1', 'one', '1', '02', '0x2', ' 2', '2 ', '2.5', '1e9', 'Infinity'])
      expect(readMark(`${text};anything`)).toBeNull()
  })
})
