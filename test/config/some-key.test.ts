import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { globMatches, parseGlob, type Glob } from '#shared/config/glob.ts'
import { someKey } from '#shared/config/some-key.ts'

function glob(text: string): Glob {
  const parsed = parseGlob(text)
  if ('expected' in parsed) throw new Error(parsed.expected)
  return parsed
}

const parts = fc.constantFrom('a', '/', '*', '?', '**/', '/**', '*/')
const patterns = (most: number): fc.Arbitrary<readonly Glob[]> =>
  fc.array(
    fc.array(parts, { minLength: 1, maxLength: 3 }).map((some) => glob(some.join('').replaceAll(/\*{3,}/g, '**'))),
    { maxLength: most },
  )

/** Every key of up to seven of three characters: one that patterns name, the slash, and one that they do not. */
let keys: readonly string[] = ['']
for (let length = 1; length <= 7; length += 1) {
  keys = [...new Set(keys.flatMap((key) => [key, ...['a', '/', '€'].map((letter) => key + letter)]))]
}

function tried(prefix: string, all: readonly Glob[], none: readonly Glob[]): boolean {
  const isIn = (key: string): boolean =>
    all.every((one) => globMatches(one, key)) && !none.some((one) => globMatches(one, key))
  return keys.some((key) => key !== '' && key.startsWith(prefix) && isIn(key))
}

describe('whether some key is in one list of patterns and not in another', () => {
  it('is what trying all short keys tells', () => {
    const count = { true: 0, false: 0 }
    fc.assert(
      fc.property(fc.constantFrom('', 'a', 'a/', '/'), patterns(2), patterns(3), (prefix, all, none) => {
        const answer = tried(prefix, all, none)
        count[answer ? 'true' : 'false'] += 1
        expect(someKey(prefix, all, none)).toBe(answer)
      }),
      { numRuns: 400 },
    )
    expect(Math.min(count.true, count.false)).toBeGreaterThan(40)
  })

  it.each([
    ['', [], ['*', '*/**'], false],
    ['', [], ['?**'], true],
    ['', [], ['?**', '/**'], false],
    ['a', [], ['a?**'], true],
    ['a/', ['a/**/*.x'], ['**/*.x'], false],
    ['a/', ['a/**/*.x'], ['**/*.y'], true],
    ['', ['**/*.x', '**/*.y'], [], false],
    ['', ['**/b/**', 'a/*'], [], false],
    ['', ['**/b/**', 'a/*/?'], [], true],
    ['', ['*'], ['a*', 'b*', '?'], true],
  ] as const)('below %j in %j and not in %j: %s', (prefix, all, none, answer) => {
    expect(someKey(prefix, all.map(glob), none.map(glob))).toBe(answer)
  })

  it('is given up where it would take long, and not before', () => {
    const hard = [glob(`**a${'?'.repeat(40)}`), glob(`**b${'?'.repeat(40)}`)]
    expect(someKey('', [glob('**c')], [...hard, glob('**c')])).toBeNull()
    const endings = Array.from({ length: 100 }, (_, at) => glob(`**/*.e${at}`))
    expect(someKey('', [glob('**/*.ex')], endings)).toBe(true)
    expect(someKey('', [glob('**/*.e7')], endings)).toBeNull()
    expect(someKey('', [glob('**/*.e7')], endings.slice(0, 20))).toBe(false)
    const long = 'long/'.repeat(200)
    expect(someKey(long, [glob(`${long}**`)], [glob(`${long}x/**`), glob('**/y')])).toBe(true)
  })
})
