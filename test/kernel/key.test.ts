import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Failure } from '#shared/kernel/failure.ts'
import { keyBytesMax, parseKey } from '#shared/kernel/key.ts'

const width = (text: string) => Buffer.byteLength(text)

function refusal(text: string): string {
  try {
    return expect.fail(`found key ${parseKey(text)}, expected a refusal`)
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown
    expect(thrown).toMatchObject({ kind: 'invalid', scope: 'key', patience: 'never' })
    return thrown.message
  }
}

describe('keys', () => {
  it('are any well-formed text of 1 to 1,024 bytes, unchanged', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 1100 }), (text) => {
        fc.pre(width(text) <= keyBytesMax)
        expect(parseKey(text)).toBe(text)
      }),
    )
  })

  it('count bytes and not letters', () => {
    for (const letter of ['x', 'ü', '☃', '😀']) {
      const most = Math.floor(keyBytesMax / width(letter))
      expect(parseKey(letter.repeat(most))).toHaveLength(letter.length * most)
      expect(refusal(letter.repeat(most + 1))).toContain(`found ${width(letter) * (most + 1)} bytes`)
    }
  })

  it('are never empty', () => {
    expect(refusal('')).toContain('empty')
  })

  it('have no half of a letter, which would come back as another', () => {
    for (const text of ['\uD83D', 'a\uDE00b', '\uDE00\uD83D']) expect(refusal(text)).toContain('surrogate')
  })
})
