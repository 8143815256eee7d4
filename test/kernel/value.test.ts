import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareStamps, type Order } from '#shared/kernel/stamp.ts'
import { alive, compareValues, dead, never } from '#shared/kernel/value.ts'
import { stamps, values } from './arbitraries.ts'

const mirrored: Record<Order, Order> = { less: 'greater', greater: 'less', equal: 'equal', ask: 'ask' }

describe('the order of values', () => {
  it('puts what never was below everything', () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(compareValues(never, value)).toBe(value.state === 'never' ? 'equal' : 'less')
      }),
    )
  })

  it('puts a deletion right above what it deleted', () => {
    fc.assert(
      fc.property(stamps, stamps, (deleted, other) => {
        expect(compareValues(dead(deleted), alive(deleted))).toBe('greater')
        const order = compareStamps(deleted, other)
        if (order !== 'equal') expect(compareValues(dead(deleted), alive(other))).toBe(order)
      }),
    )
  })

  it('orders two of one state as their stamps', () => {
    fc.assert(
      fc.property(stamps, stamps, fc.constantFrom(alive, dead), (a, b, state) => {
        expect(compareValues(state(a), state(b))).toBe(compareStamps(a, b))
      }),
    )
  })

  it('is the same whichever is asked first', () => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        expect(compareValues(b, a)).toBe(mirrored[compareValues(a, b)])
      }),
    )
  })

  it('is transitive, ties and deletions included', () => {
    fc.assert(
      fc.property(values, values, values, (a, b, c) => {
        const [ab, bc, ac] = [compareValues(a, b), compareValues(b, c), compareValues(a, c)]
        if (ab === 'less' && bc === 'less') expect(ac).toBe('less')
        if (ab === 'equal') expect(ac).toBe(bc)
      }),
      { numRuns: 2000 },
    )
  })

  it('asks the origin of a tie, dead or alive', () => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        if (a.state === 'never' || b.state === 'never') return
        expect(compareValues(a, b) === 'ask').toBe(compareStamps(a.stamp, b.stamp) === 'ask')
      }),
    )
  })
})
