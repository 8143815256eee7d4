import { describe, expect, it } from 'vitest'
import type { Sum } from '#local/servers/engine/model.ts'
import { Summing } from '#local/servers/engine/sums.ts'

const all: readonly Sum[] = ['md5', 'sha1', 'sha256', 'crc32', 'crc32c', 'crc64nvme']

/** Of "123456789", as published for each. */
const known: Readonly<Record<Sum, string>> = {
  md5: '25f9e794323b453885f5181f1b624d0b',
  sha1: 'f7c3bc1d808e04732adf679965ccc34ca7ae3441',
  sha256: '15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225',
  crc32: 'cbf43926',
  crc32c: 'e3069283',
  crc64nvme: 'ae8b14860a799888',
}

describe('sums over passing bytes', () => {
  it('are the published ones, in lower-case hex', async () => {
    const summing = await Summing.of(all)
    for (const piece of ['1', '2345', '', '6789']) summing.update(Buffer.from(piece))
    expect(summing.digest()).toEqual(known)
  })

  it('are only those that were asked for', async () => {
    expect(Object.keys((await Summing.of(['crc32c'])).digest())).toEqual(['crc32c'])
    expect((await Summing.of([])).digest()).toEqual({})
  })

  it('keep their leading zeros', async () => {
    const summing = await Summing.of(['crc32', 'crc32c', 'crc64nvme'])
    expect(summing.digest()).toEqual({ crc32: '00000000', crc32c: '00000000', crc64nvme: '0000000000000000' })
  })

  it('of bodies side by side do not mix, nor do those of one after another', async () => {
    for (let round = 0; round < 3; round++) {
      const several = await Promise.all(Array.from({ length: 4 }, async () => Summing.of(all)))
      for (const digit of '123456789') {
        for (const summing of several) summing.update(Buffer.from(digit))
      }
      for (const summing of several) expect(summing.digest()).toEqual(known)
    }
  })

  it('begin anew after one that was given up half-way', async () => {
    const givenUp = await Summing.of(all)
    givenUp.update(Buffer.from('something else'))
    const summing = await Summing.of(all)
    summing.update(Buffer.from('123456789'))
    expect(summing.digest()).toEqual(known)
  })
})
