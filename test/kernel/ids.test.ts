import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nonce } from '#shared/kernel/clock.ts'
import { isId, ruleId, siteId } from '#shared/kernel/ids.ts'
import { stampId, version } from '#shared/kernel/version.ts'

describe('ids', () => {
  it('are short and lower case, so that they stand in marks, names and log fields', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z][a-z0-9-]{0,23}$/), (text) => {
        expect(siteId(text)).toBe(text)
        expect(ruleId(text)).toBe(text)
      }),
    )
  })

  it('are refused aloud otherwise', () => {
    for (const text of ['', 'A', '1a', 'a.b', 'a;b', 'a b', 'a\n', '-a', 'x'.repeat(25)]) {
      expect(isId(text)).toBe(false)
      expect(() => siteId(text)).toThrow(`site id ${JSON.stringify(text)}`)
      expect(() => ruleId(text)).toThrow(`rule id ${JSON.stringify(text)}`)
    }
  })

  it('of versions pass as they are, for only their drivers look inside', () => {
    expect(version('"etag"|v1')).toBe('"etag"|v1')
    expect(stampId('2026-11-25T00:00:00.0000001Z')).toBe('2026-11-25T00:00:00.0000001Z')
  })
})

describe('nonces', () => {
  it('are ten letters of 36, from the chance that is handed in', () => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })), (chances) => {
        expect(nonce({ next: () => chances.next().value as number })).toMatch(/^[0-9a-z]{10}$/)
      }),
    )
    expect(nonce({ next: () => 0 })).toBe('0000000000')
    expect(nonce({ next: () => 0.999999 })).toBe('zzzzzzzzzz')
  })
})
