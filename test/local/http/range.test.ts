import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { range } from '#local/servers/http/range.ts'

describe('a range', () => {
  it.each([
    ['bytes=0-4', { start: 0, end: 5 }],
    ['bytes=9-9', { start: 9, end: 10 }],
    ['bytes=5-', { start: 5, end: 10 }],
    ['bytes=0-', { start: 0, end: 10 }],
    ['bytes=-3', { start: 7, end: 10 }],
    ['bytes=-99', { start: 0, end: 10 }],
    ['bytes=8-99', { start: 8, end: 10 }],
    ['bytes=8-99999999999999999999999', { start: 8, end: 10 }],
    ['Bytes=1-2', { start: 1, end: 3 }],
    [' bytes=1-2 ', { start: 1, end: 3 }],
    ['bytes=10-', 'unsatisfiable'],
    ['bytes=10-12', 'unsatisfiable'],
    ['bytes=99999999999999999999999-', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=4-2', null],
    ['bytes=12-11', null],
    ['bytes=0-1,3-4', null],
    ['bytes=-', null],
    ['bytes=', null],
    ['bytes=a-b', null],
    ['bytes=1.5-2', null],
    ['bytes=+1-2', null],
    ['bytes=--2', null],
    ['items=0-1', null],
    ['', null],
    [undefined, null],
  ])('%s of ten bytes', (header, expected) => {
    expect(range(header, 10)).toEqual(expected)
  })

  it.each(['bytes=0-', 'bytes=0-0', 'bytes=-1'])('%s of nothing is unsatisfiable', (header) => {
    expect(range(header, 0)).toBe('unsatisfiable')
  })

  it('that can be satisfied lies within its content and is not empty', () => {
    const digits = fc.oneof(fc.constant(''), fc.nat(30).map(String))
    fc.assert(
      fc.property(digits, digits, fc.nat(20), (first, last, size) => {
        const found = range(`bytes=${first}-${last}`, size)
        if (found === null || found === 'unsatisfiable') return
        expect(found.start).toBeLessThan(found.end)
        expect(found.end).toBeLessThanOrEqual(size)
      }),
    )
  })
})
