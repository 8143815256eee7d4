import { describe, expect, it } from 'vitest'
import { small, TooLarge } from '#local/servers/http/small.ts'

describe('a small body', () => {
  let read = 0
  async function* pieces(...all: string[]) {
    read = 0
    for (const one of all) {
      read++
      yield Buffer.from(one)
    }
  }

  it('comes whole, up to the last byte it may have', async () => {
    expect(Buffer.from(await small({ headers: {}, body: pieces('abc', '', 'de') }, 5)).toString()).toBe('abcde')
    expect(await small({ headers: {}, body: pieces() }, 0)).toHaveLength(0)
  })

  it('is refused as soon as it is over, and before it is read where it says so', async () => {
    await expect(small({ headers: {}, body: pieces('abc', 'def', 'g') }, 5)).rejects.toThrow(TooLarge)
    expect(read).toBe(2)
    read = 0
    await expect(small({ headers: { 'content-length': '6' }, body: pieces('abc') }, 5)).rejects.toThrow(
      'expected at most 5 bytes',
    )
    expect(read).toBe(0)
  })
})
