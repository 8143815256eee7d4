import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { globMatches, parseGlob, takesAllUnderHead, type Glob } from '#shared/config/glob.ts'
import { keyFilter, matches } from '#shared/config/key-filter.ts'

function glob(pattern: string): Glob {
  const parsed = parseGlob(pattern)
  if ('expected' in parsed) throw new Error(parsed.expected)
  return parsed
}

/** The same language told by the engine's own expressions: slow on bad keys, but written by somebody else. */
function expression(pattern: string): RegExp {
  const source = pattern.replaceAll(
    /(^|\/)((?:\*\*\/)+)|\*\*|\*|\?|\\?[\s\S]/gu,
    (token, before: string | undefined, folders: string | undefined) => {
      if (folders !== undefined) return `${before ?? ''}(?:[^]*/)?`
      if (token === '**') return '[^]*'
      if (token === '*') return '[^/]*'
      if (token === '?') return '[^/]'
      return token.replace(/^\\(?=[^])/, '').replace(/[\\^$.*+?()[\]{}|/]/u, String.raw`\$&`)
    },
  )
  return new RegExp(`^${source}$`, 'u')
}

const piece = fc.constantFrom('a', 'b', '/', '*', '**', '?', '**/', '\\*', '.', '🜁')
const pattern = fc
  .array(piece, { minLength: 1, maxLength: 8 })
  .map((pieces) => pieces.join(''))
  .filter((text) => !text.includes('***'))
const key = fc.array(fc.constantFrom('a', 'b', '/', '*', '.', '🜁'), { maxLength: 10 }).map((chars) => chars.join(''))

describe('patterns over whole keys', () => {
  it.each([
    ['logs/*', ['logs/a', 'logs/'], ['logs/a/b', 'logs', 'xlogs/a']],
    ['logs/**', ['logs/a', 'logs/a/b', 'logs/'], ['logs', 'log/a']],
    ['**/*.tmp', ['a.tmp', 'x/y/a.tmp', '.tmp'], ['a.tmp/b', 'a.tm']],
    ['a/**/z', ['a/z', 'a/b/z', 'a/b/c/z'], ['a/bz', 'az', 'a/b/zz']],
    ['a**z', ['az', 'a/b/z'], ['a/b']],
    ['a**/z', ['a/z', 'ab/c/z'], ['az']],
    ['**/**/z', ['z', 'a/z', 'a/b/z'], ['az']],
    ['?/🜁', ['🜁/🜁'], ['/🜁', 'ab/🜁']],
    ['a\\*\\[\\?', ['a*[?'], ['ab[?']],
    ['exact', ['exact'], ['exact2', 'exac']],
  ])('%s', (text, inside, outside) => {
    expect(inside.filter((key) => !globMatches(glob(text), key))).toEqual([])
    expect(outside.filter((key) => globMatches(glob(text), key))).toEqual([])
  })

  it('match what a regular expression of the same meaning matches', () => {
    const seen = { yes: 0, no: 0 }
    fc.assert(
      fc.property(pattern, key, (text, key) => {
        const expected = expression(text).test(key)
        seen[expected ? 'yes' : 'no'] += 1
        expect(globMatches(glob(text), key)).toBe(expected)
      }),
      { numRuns: 20_000 },
    )
    expect(Math.min(seen.yes, seen.no)).toBeGreaterThan(1_000)
  })

  it('begin with their head, and take all under it where they say so', () => {
    fc.assert(
      fc.property(pattern, key, (text, key) => {
        const parsed = glob(text)
        if (globMatches(parsed, key)) expect(key.startsWith(parsed.head)).toBe(true)
        if (takesAllUnderHead(parsed)) expect(globMatches(parsed, parsed.head + key)).toBe(true)
      }),
      { numRuns: 5_000 },
    )
  })

  it('take no longer than pattern times key, whatever a stranger names an object', () => {
    const cruel = glob(`${'**a'.repeat(40)}**b`)
    const began = performance.now()
    expect(globMatches(cruel, 'a'.repeat(1024))).toBe(false)
    expect(performance.now() - began).toBeLessThan(2_000)
  })
})

describe('a filter', () => {
  it('takes a key that is under the prefix, included and not excluded', () => {
    const filter = keyFilter('in/', ['**/*.jpg', 'in/raw/**'], ['in/raw/tmp/**'])
    const taken = ['in/a.jpg', 'in/x/a.jpg', 'in/raw/a', 'in/raw/tmp/a.jpg', 'out/a.jpg', 'in/a.png']
    expect(taken.filter((key) => matches(filter, key))).toEqual(['in/a.jpg', 'in/x/a.jpg', 'in/raw/a'])
  })
})
