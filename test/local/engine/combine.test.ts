import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { createCRC32, createCRC64, type IHasher } from 'hash-wasm'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Combine, combine, combining } from '#local/servers/engine/combine.ts'

/** CRC64 as .xz files carry it: not one of ours, so what combines it knows more than our three. */
const xz = 0xc96c5795d7870f42n

describe('CRCs of contents put together', () => {
  let castagnoli: IHasher
  let nvme: IHasher
  let ofXz: IHasher
  beforeAll(async () => {
    castagnoli = await createCRC32(0x82f63b78)
    nvme = await createCRC64('9a6c9329ac4bc9b5')
    ofXz = await createCRC64(xz.toString(16))
  })

  const cases: readonly [string, Combine, (bytes: Uint8Array) => string][] = [
    ['crc32', combine.crc32, (bytes) => crc32(bytes).toString(16).padStart(8, '0')],
    ['crc32c', combine.crc32c, (bytes) => castagnoli.init().update(bytes).digest('hex')],
    ['crc64nvme', combine.crc64nvme, (bytes) => nvme.init().update(bytes).digest('hex')],
    ['crc64 of xz', combining(64, xz), (bytes) => ofXz.init().update(bytes).digest('hex')],
  ]

  it.each(cases)('%s of the whole equals the combined sums of any two pieces', (_, combine, direct) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 5000 }), (first, second) => {
        const combined = combine(direct(first), direct(second), second.length)
        expect(combined).toBe(direct(Buffer.concat([first, second])))
      }),
    )
  })

  it.each(cases)('%s is combined right where the second piece is larger than 2^32 bytes', (_, combine, direct) => {
    // Eight gigabytes of zeros: doubled from what was summed, and added in a thousand steps to what stands before them.
    const zeros = Buffer.alloc(8 * 2 ** 20)
    let sum = direct(zeros)
    for (let size = zeros.length; size < 2 ** 33; size *= 2) sum = combine(sum, sum, size)
    const first = direct(Buffer.from('first'))
    const step = direct(zeros)
    let slowly = first
    for (let count = 0; count < 1024; count++) slowly = combine(slowly, step, zeros.length)
    expect(combine(first, sum, 2 ** 33)).toBe(slowly)
  })

  it('the check value of each, as its catalogue gives it, comes out of single bytes', () => {
    const check: Readonly<Record<string, string>> = {
      crc32: 'cbf43926',
      crc32c: 'e3069283',
      crc64nvme: 'ae8b14860a799888',
      'crc64 of xz': '995dc9bbdf1939fa',
    }
    for (const [name, combine, direct] of cases) {
      const digits = '123456789'.split('').map((digit) => direct(Buffer.from(digit)))
      expect([name, digits.reduce((sum, digit) => combine(sum, digit, 1))]).toEqual([name, check[name]])
    }
  })

  it('ten thousand parts of one size are combined in well under a second', () => {
    const begin = performance.now()
    let sum = 'ae8b14860a799888'
    for (let part = 0; part < 10_000; part++) sum = combine.crc64nvme(sum, 'ae8b14860a799888', 5 * 2 ** 20)
    expect(performance.now() - begin).toBeLessThan(1000)
  })
})
