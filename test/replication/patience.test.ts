import { expect, it } from 'vitest'
import { limits } from '#shared/replication/core.ts'
import { mayBegin } from '#shared/replication/patience.ts'
import { Trio } from './trio.ts'

it.each([
  [0, true],
  [5, true],
  [6, false],
])('round %i may begin: %s', (round, may) => {
  const { core, clock } = new Trio()
  expect(mayBegin(core, round, clock.ms)).toBe(may)
})

it('a round that begins at once, or eight seconds later, ends before the function’s signal does it', () => {
  const { core, clock } = new Trio()
  const beganMs = clock.ms
  clock.ms += 8_000
  expect(mayBegin(core, 0, beganMs)).toBe(true)
})

it('no round begins whose slowest write might not end within the function’s time', () => {
  const { core, clock } = new Trio()
  const beganMs = clock.ms
  const longest = limits.writeMs + limits.holdMsMax + limits.lookMs
  clock.ms += limits.invocationMs - longest
  expect(mayBegin(core, 0, beganMs)).toBe(true)
  clock.ms += 1
  expect(mayBegin(core, 0, beganMs)).toBe(false)
})
