import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { siteId } from '#shared/kernel/ids.ts'
import { compareStamps, type Order, sameStamp } from '#shared/kernel/stamp.ts'
import { stampId } from '#shared/kernel/version.ts'
import { stamps } from './arbitraries.ts'

const mirrored: Record<Order, Order> = { less: 'greater', greater: 'less', equal: 'equal', ask: 'ask' }
const base = { epoch: 0, timeMs: 1000, origin: siteId('a'), id: stampId('x') }

describe('the order of stamps', () => {
  it('is the same whichever is asked first', () => {
    fc.assert(
      fc.property(stamps, stamps, (a, b) => {
        expect(compareStamps(b, a)).toBe(mirrored[compareStamps(a, b)])
      }),
    )
  })

  it('takes two for equal only when nothing differs', () => {
    fc.assert(
      fc.property(stamps, stamps, (a, b) => {
        const alike = a.epoch === b.epoch && a.timeMs === b.timeMs && a.origin === b.origin && a.id === b.id
        expect(compareStamps(a, b) === 'equal').toBe(alike)
        expect(sameStamp(a, b)).toBe(alike)
      }),
    )
  })

  it('asks the origin only about two versions of one origin, epoch and date', () => {
    fc.assert(
      fc.property(stamps, stamps, (a, b) => {
        const tied = a.epoch === b.epoch && a.timeMs === b.timeMs && a.origin === b.origin && a.id !== b.id
        expect(compareStamps(a, b) === 'ask').toBe(tied)
      }),
    )
  })

  it('is transitive, and a tie stands on one side of every third', () => {
    fc.assert(
      fc.property(stamps, stamps, stamps, (a, b, c) => {
        const [ab, bc, ac] = [compareStamps(a, b), compareStamps(b, c), compareStamps(a, c)]
        if (ab === 'less' && bc !== 'greater') expect(ac).toBe('less')
        if (bc === 'less' && ab !== 'greater') expect(ac).toBe('less')
      }),
      { numRuns: 2000 },
    )
  })

  it('puts the epoch above the time, and the time above the origin', () => {
    expect(compareStamps({ ...base, epoch: 1, timeMs: 0 }, base)).toBe('greater')
    expect(compareStamps({ ...base, timeMs: 2000 }, { ...base, origin: siteId('b') })).toBe('greater')
    expect(compareStamps({ ...base, origin: siteId('b'), id: stampId('a') }, base)).toBe('greater')
  })
})
