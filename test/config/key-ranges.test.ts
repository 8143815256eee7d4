import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { keyFilter, matches, type KeyFilter } from '#shared/config/key-filter.ts'
import { inHole, intersect, meeting, rangeOf, renamed } from '#shared/config/key-range.ts'

const prefix = fc.constantFrom('', 'a', 'a/', 'b/', 'a/b/', 'ab')
const pattern = fc.constantFrom('a/**', '**', 'a/*', 'a/b/**', '**/*.x', '*', 'b/**/*', 'a/b/?', 'ab', 'a?/**')
const filter: fc.Arbitrary<KeyFilter> = fc
  .tuple(prefix, fc.array(pattern, { maxLength: 2 }), fc.array(pattern, { maxLength: 1 }))
  .map((parts) => keyFilter(...parts))
const key = fc
  .array(fc.constantFrom('a', 'b', '/', '.x', 'a/', 'b/'), { minLength: 1, maxLength: 5 })
  .map((parts) => parts.join(''))

const show = (filter: KeyFilter): string => JSON.stringify(filter)

describe('what prefixes tell of two filters', () => {
  it('never says that they are apart where one key is in both', () => {
    let shared = 0
    fc.assert(
      fc.property(filter, filter, key, (one, other, key) => {
        if (!matches(one, key) || !matches(other, key)) return
        shared += 1
        expect(meeting(rangeOf(one), rangeOf(other)), `${show(one)} ${show(other)}`).not.toBeNull()
      }),
      { numRuns: 20_000 },
    )
    expect(shared).toBeGreaterThan(300)
  })

  it('nor where a third one takes it too', () => {
    fc.assert(
      fc.property(filter, filter, filter, key, (one, other, third, key) => {
        if (![one, other, third].every((each) => matches(each, key))) return
        expect(meeting(intersect(rangeOf(one), rangeOf(other)), rangeOf(third))).not.toBeNull()
      }),
      { numRuns: 20_000 },
    )
  })

  it('nor where one of them is a route’s, under its new names', () => {
    fc.assert(
      fc.property(filter, filter, key, fc.constantFrom('', 'b/', 'a/b/', 'c'), (route, other, key, to) => {
        const from = route.prefix
        if (!matches(route, key) || !matches(other, to + key.slice(from.length))) return
        expect(meeting(renamed(rangeOf(route), { from, to }), rangeOf(other))).not.toBeNull()
      }),
      { numRuns: 20_000 },
    )
  })

  it('finds apart what differs by prefix, or by a folder that one of them excludes', () => {
    const range = (...parts: Parameters<typeof keyFilter>) => rangeOf(keyFilter(...parts))
    expect(meeting(range('a/', [], []), range('b/', [], []))).toBeNull()
    expect(meeting(range('', [], ['logs/**']), range('logs/', [], []))).toBeNull()
    expect(meeting(range('', ['a/*', 'c/*'], []), range('b/', [], []))).toBeNull()
    expect(meeting(range('', [], ['logs/*']), range('logs/', [], []))).toBe('logs/')
    expect(intersect(range('', [], ['a/**']), range('', ['a/*', 'b/*'], [])).heads).toEqual(['b/'])
    expect(meeting(intersect(range('', [], ['a/**']), range('', [], [])), range('a/', [], []))).toBeNull()
    expect(inHole(range('', [], ['a/**/*']), 'a/b')).toBe(true)
  })
})
