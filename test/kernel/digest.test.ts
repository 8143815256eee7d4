import fc from 'fast-check'
import { createHash } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Algorithm, compareDigests, type Digests, digestText, type Hashing } from '#shared/kernel/digest.ts'
import { loadHashing } from '#shared/kernel/hashing.ts'

const algorithms: Algorithm[] = ['crc64nvme', 'crc32c', 'md5']
const sums = fc.option(fc.constantFrom('x', 'y'), { nil: undefined })
const digests: fc.Arbitrary<Digests> = fc
  .record({ crc64nvme: sums, crc32c: sums, md5: sums })
  .map((all) => Object.fromEntries(Object.entries(all).filter(([, sum]) => sum !== undefined)))

describe('comparing checksums', () => {
  it('decides by an algorithm that both sides report, and else not at all', () => {
    fc.assert(
      fc.property(digests, digests, (a, b) => {
        const shared = algorithms.filter((name) => a[name] !== undefined && b[name] !== undefined)
        const sameness = compareDigests(a, b)
        expect(compareDigests(b, a)).toBe(sameness)
        expect(sameness === 'unknown').toBe(shared.length === 0)
        if (shared.length > 0) expect(sameness).toBe(a[shared[0]!] === b[shared[0]!] ? 'same' : 'different')
      }),
    )
  })
})

describe('hashing', () => {
  let hashing: Hashing | undefined
  beforeAll(async () => {
    hashing = await loadHashing()
  })

  function digest(algorithm: Algorithm, ...pieces: Uint8Array[]): string {
    const hasher = hashing!.hasher(algorithm)
    for (const piece of pieces) hasher.update(piece)
    return hasher.digest()
  }

  it('gives the published check values', () => {
    const check = Buffer.from('123456789')
    const hex = (algorithm: Algorithm) => Buffer.from(digest(algorithm, check), 'base64').toString('hex')
    expect(hex('crc64nvme')).toBe('ae8b14860a799888')
    expect(hex('crc32c')).toBe('e3069283')
    expect(hex('md5')).toBe('25f9e794323b453885f5181f1b624d0b')
  })

  it('hashes nothing at all', () => {
    expect(digest('crc64nvme')).toBe('AAAAAAAAAAA=')
    expect(digest('crc32c')).toBe('AAAAAA==')
    expect(digest('md5')).toBe('1B2M2Y8AsgTpgAmY7PhCfg==')
  })

  it('agrees with another implementation of MD5', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(digest('md5', bytes)).toBe(createHash('md5').update(bytes).digest('base64'))
      }),
    )
  })

  it('does not mind how the bytes come', () => {
    const pieces = fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 5 })
    fc.assert(
      fc.property(fc.constantFrom(...algorithms), pieces, (algorithm, all) => {
        expect(digest(algorithm, ...all)).toBe(digest(algorithm, Buffer.concat(all)))
      }),
    )
  })

  it('keeps hashers that run side by side apart', () => {
    const turns = fc.array(fc.tuple(fc.nat(2), fc.uint8Array({ maxLength: 100 })), { maxLength: 12 })
    fc.assert(
      fc.property(fc.constantFrom(...algorithms), turns, (algorithm, all) => {
        const three = [0, 1, 2].map(() => hashing!.hasher(algorithm))
        for (const [which, bytes] of all) three[which]!.update(bytes)
        const alone = [0, 1, 2].map((which) =>
          digest(algorithm, ...all.filter(([other]) => other === which).map(([, bytes]) => bytes)),
        )
        expect(three.map((hasher) => hasher.digest())).toEqual(alone)
      }),
    )
  })

  it('lets no hasher go on after its end', () => {
    const hasher = hashing!.hasher('md5')
    hasher.digest()
    expect(() => hasher.digest()).toThrow(TypeError)
    expect(() => hasher.update(new Uint8Array(1))).toThrow(TypeError)
  })

  it('names a text by 64 bits', () => {
    expect(digestText(hashing!, '123456789')).toBe('rosUhgp5mIg=')
    expect(digestText(hashing!, 'grün')).toBe(digest('crc64nvme', Buffer.from('grün')))
  })
})
