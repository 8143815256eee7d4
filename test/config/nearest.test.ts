import { describe, expect, it } from 'vitest'
import { oneOf } from '#shared/config/nearest.ts'

const known = ['region', 'role', 'bucket', 'deletes']

/** The word that is offered for what was found, if one is. */
function hint(found: string, words: readonly string[] = known): string | undefined {
  return / \(did you mean "(.*)"\?\)$/.exec(oneOf('one of', words, found))?.[1]
}

describe('what was probably meant', () => {
  it.each([
    ['regoin', 'region'],
    ['egion', 'region'],
    ['Region', 'region'],
    ['regionn', 'region'],
    ['rode', 'role'],
    ['buckte', 'bucket'],
    ['ubkcet', 'bucket'],
    ['delete', 'deletes'],
    ['rl', undefined],
    ['', undefined],
    ['prefix', undefined],
    ['rgn', undefined],
    ['bcuektx', undefined],
    ['rolé', 'role'],
  ])('for %j is %j', (found, meant) => expect(hint(found)).toBe(meant))

  it('shares a letter with what was found', () => {
    expect(hint('x', ['a', 'b'])).toBeUndefined()
    expect(hint('ab', ['a', 'c'])).toBeUndefined()
    expect(hint('a', ['ab'])).toBeUndefined()
    expect(hint('ab', ['ac'])).toBe('ac')
  })

  it('is the nearest of several, and the first of equals', () => {
    expect(hint('azur', ['azure', 'azur1', 'azura'])).toBe('azure')
    expect(hint('aws2', ['aws111', 'aws1', 'aws'])).toBe('aws1')
  })

  it('takes the place of a long list, not of a short one', () => {
    const eight = ['region', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
    expect(oneOf('one of', eight, 'regio')).toBe('one of: region, b, c, d, e, f, g, h (did you mean "region"?)')
    expect(oneOf('one of', [...eight, 'i'], 'regio')).toBe('one of (did you mean "region"?)')
    expect(oneOf('one of', [...eight, 'i'], 'xyzxyz')).toBe('one of: region, b, c, d, e, f, g, h, i')
    expect(oneOf('one of the sites', [], 'a')).toBe('one of the sites, of which there are none')
  })

  it('is not sought in words without end', () => {
    expect(hint('x'.repeat(1_000_000))).toBeUndefined()
    expect(oneOf('one of', ['y'.repeat(100)], 'x').length).toBeLessThan(80)
  })
})
