import { describe, expect, it } from 'vitest'
import { parseKey } from '#shared/kernel/key.ts'
import { type Call, givenUp, leftAlone, notSent } from '#shared/layers/around.ts'
import { site } from './bench.ts'

describe('a call that failed', () => {
  const call: Call = { site, verb: 'put', key: parseKey('a\u0085b\u2028c\u202Ed\ne'), bytes: 0 }

  it.each([
    ['given up', givenUp(call, 'why')],
    ['left alone', leftAlone(call, null)],
    ['not sent', notSent(call, 'why')],
  ])('is told on one line, whatever its key holds: %s', (_how, { message }) => {
    expect(message).toContain('put "a\\u0085b\\u2028c\\u202ed\\ne" at here: ')
  })

  it('names no key where it has none', () => {
    expect(givenUp({ ...call, verb: 'list', key: null }, 'why').message).toBe('list at here: why')
  })
})
