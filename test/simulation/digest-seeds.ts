/** Prints a digest of each seed's whole history, of what was made of it and of what was counted, so that two processes can be compared. */
import { createHash } from 'node:crypto'
import { generate } from './generate.ts'
import { live } from './simulate.ts'
import { assertDrains, outsideMicrotasks } from './timeline.ts'

const [from = '1', seeds = '1', order = 'forwards'] = process.argv.slice(2)
const numbers = Array.from({ length: Number(seeds) }, (_, i) => Number(from) + i)

const told = await outsideMicrotasks(() => {
  assertDrains()
  const inOrder = order === 'backwards' ? numbers.toReversed() : numbers
  return inOrder.map((seed) => {
    const { plan, history, violations, exceptions, coverage } = live(generate(seed))
    const all = JSON.stringify([plan, history, violations, exceptions, coverage.counts(), [...coverage.crashes]])
    return [seed, createHash('sha256').update(all).digest('hex')] as const
  })
})
console.log(JSON.stringify(Object.fromEntries(told)))
