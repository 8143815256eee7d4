import { describe, expect, it } from 'vitest'
import { ConfigError, issue, pathOf } from '#shared/config/issue.ts'
import { show } from '#shared/config/show.ts'

const many = (count: number) => new ConfigError(Array.from({ length: count }, (_, at) => issue(['a', at], 'x', 'y')))

describe('what a refusal says', () => {
  it('is one line for each mistake below one that counts them', () => {
    expect(many(1).message).toBe('the configuration is refused (one mistake):\n  a[0]: found x, expected y')
    expect(many(2).message).toMatch(/^the configuration is refused \(2 mistakes\):\n {2}a\[0\]: .*\n {2}a\[1\]: .*$/)
    expect(many(1).name).toBe('ConfigError')
  })

  it('ends after fifty, and says how many more there are', () => {
    expect(many(50).message.split('\n')).toHaveLength(51)
    expect(many(53).message.split('\n').slice(51)).toEqual(['  and 3 more'])
  })

  it('names a path as one would write it, and quotes what one would not', () => {
    expect(pathOf(['replicate', 0, 'size', 'min'])).toBe('replicate[0].size.min')
    expect(pathOf(['sites', 'old-azure', '$schema'])).toBe('sites.old-azure.$schema')
    expect(pathOf(['sites', 'a b', 'c.d'])).toBe('sites["a b"]["c.d"]')
    expect(pathOf([2, ''])).toBe('[2][""]')
    expect(pathOf([])).toBe('(the whole document)')
  })

  it('shows what was found in one line, with everything unseen written out', () => {
    expect(show('é\u001b\u202e\u2028\u00a0\u{e0001}')).toBe(String.raw`"é\u001b\u{202e}\u{2028}\u{a0}\u{e0001}"`)
    expect(show('x'.repeat(78))).toBe(`"${'x'.repeat(78)}"`)
    expect(show('x'.repeat(79))).toBe(`"${'x'.repeat(79)}… (79 characters)`)
    expect(show('\u001b'.repeat(129))).toMatch(/… \(129 characters\)$/)
    const all = [undefined, null, [], [1], {}, { a: 1 }, -1].map(show)
    expect(all).toEqual(['nothing', 'null', 'an empty list', 'a list of 1', 'an empty object', 'an object', '-1'])
  })
})
