import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { numberOf } from '#test/number-of.ts'

const root = join(import.meta.dirname, '../..')
afterEach(() => vi.unstubAllEnvs())

describe('a variable that says how much is asked', () => {
  it.each([
    ['0', 1],
    ['', 1],
    ['abc', 1],
    ['-3', 0],
    ['1.5', 0],
    ['0x10', 0],
    [' 16 ', 0],
  ] as const)('is refused by its name where it says %j, and %j is the least', (text, least) => {
    vi.stubEnv('ISOBAR_LAW', text)
    const wanted = `ISOBAR_LAW: found ${JSON.stringify(text)}, expected a whole number, at least ${least}`
    expect(() => numberOf('ISOBAR_LAW', 7, least)).toThrow(wanted)
  })

  it('is taken at its word, and need not be there', () => {
    expect(numberOf('ISOBAR_LAW', 7)).toBe(7)
    vi.stubEnv('ISOBAR_LAW', '0')
    expect(numberOf('ISOBAR_LAW', 7, 0)).toBe(0)
  })

  it('is read in no other way', () => {
    const files = globSync('test/**/*.ts', { cwd: root }).filter((file) => !file.endsWith('numbers.test.ts'))
    const loose = files.filter((file) => /Number\(\s*process\.env/.test(readFileSync(join(root, file), 'utf8')))
    expect(loose).toEqual([])
  })
})
