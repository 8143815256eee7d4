import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { Failure } from '#shared/kernel/failure.ts'
import { planParts, rangeOf, refuseTooLarge } from '#shared/replication/plan.ts'

const wide = { objectBytesMax: 1_000_000, partBytesMin: 1, partsMax: 10_000 }

it('an object is cut into parts of the size we like best', () => {
  expect(planParts(100, 10, [wide])).toEqual({ partBytes: 10, count: 10 })
  expect(planParts(101, 10, [wide])).toEqual({ partBytes: 10, count: 11 })
  expect(planParts(10, 10, [wide])).toEqual({ partBytes: 10, count: 1 })
})

it('no target gets parts smaller than it takes', () => {
  const targets = [{ ...wide, partBytesMin: 5 }, { ...wide, partBytesMin: 40 }, wide]
  expect(planParts(100, 10, targets)).toEqual({ partBytes: 40, count: 3 })
})

it('no target gets more parts than it takes', () => {
  const targets = [wide, { ...wide, partsMax: 3 }, { ...wide, partsMax: 7 }]
  expect(planParts(100, 10, targets)).toEqual({ partBytes: 34, count: 3 })
  expect(planParts(90, 10, targets)).toEqual({ partBytes: 30, count: 3 })
})

it('an empty object is one part', () => {
  expect(planParts(0, 10, [wide])).toEqual({ partBytes: 10, count: 1 })
})

it('the parts are the whole object, without a gap, within every target’s bounds', () => {
  const bounds = fc.record({
    objectBytesMax: fc.constant(1_000_000),
    partBytesMin: fc.integer({ min: 1, max: 50 }),
    partsMax: fc.integer({ min: 1, max: 40 }),
  })
  const targets = fc.array(bounds, { minLength: 1, maxLength: 3 })
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5_000 }),
      fc.integer({ min: 1, max: 60 }),
      targets,
      (size, preferred, all) => {
        const plan = planParts(size, preferred, all)
        const ranges = Array.from({ length: plan.count }, (_, i) => rangeOf(plan, i + 1, size))
        expect(ranges[0]!.start).toBe(0)
        expect(ranges.at(-1)!.end).toBe(size)
        for (const [i, { start, end }] of ranges.entries()) {
          expect(end).toBeGreaterThan(start)
          if (i > 0) expect(start).toBe(ranges[i - 1]!.end)
          if (i < ranges.length - 1) expect(end - start).toBe(plan.partBytes)
        }
        for (const { partBytesMin, partsMax } of all) {
          expect(plan.count).toBeLessThanOrEqual(partsMax)
          expect(plan.partBytes).toBeGreaterThanOrEqual(partBytesMin)
        }
      },
    ),
  )
})

it('ranges count parts from 1 and end with the object', () => {
  const plan = { partBytes: 10, count: 3 }
  expect([1, 2, 3].map((number) => rangeOf(plan, number, 25))).toEqual([
    { start: 0, end: 10 },
    { start: 10, end: 20 },
    { start: 20, end: 25 },
  ])
})

it('what a target cannot hold is refused aloud, and what it just can is not', () => {
  expect(() => refuseTooLarge('vault', 1_000_000, wide)).not.toThrow()
  expect(() => refuseTooLarge('vault', 1_000_001, wide)).toThrow(
    new Failure('invalid', 'vault: the object has 1000001 bytes, this site holds at most 1000000'),
  )
})
