import { expect, it } from 'vitest'
import { parseConfig } from '#shared/config/load.ts'
import { type RuleId, ruleId, siteId } from '#shared/kernel/ids.ts'
import type { Intent } from '#shared/replication/core.ts'
import { guardsOf } from '#shared/replication/guards.ts'
import { HandClock, oneGroup } from './trio.ts'

const azure = siteId('azure')
const remove = { act: 'remove' } as const

function write(bytes: number): { readonly act: 'write'; readonly bytes: number } {
  return { act: 'write', bytes }
}

interface Guarded {
  readonly asks: (rule: RuleId, intent: Intent) => string | null
  /** Asks, and does it where it may. */
  readonly does: (rule: RuleId, intent: Intent) => string | null
  readonly clock: HandClock
}

function guarded(more: { all?: object; rule?: object; route?: object }): Guarded {
  const clock = new HandClock()
  const document = {
    ...oneGroup,
    ...more.all,
    replicate: [
      { id: 'group', among: ['aws', 'azure'], ...more.rule },
      { id: 'route', from: 'gcp', to: ['azure'], prefix: 'other/', intoGroup: true, ...more.route },
    ],
  }
  const { forbidden, done } = guardsOf(parseConfig(JSON.stringify(document)), clock)
  const asks: Guarded['asks'] = (rule, intent) => forbidden(rule, azure, intent)
  const does: Guarded['does'] = (rule, intent) => {
    const why = asks(rule, intent)
    if (why === null) done(rule, intent)
    return why
  }
  return { asks, does, clock }
}

const group = ruleId('group')
const route = ruleId('route')

it('where nothing is said all is allowed', () => {
  const { does } = guarded({})
  for (const rule of [group, route]) expect([does(rule, write(9e15)), does(rule, remove)]).toEqual([null, null])
})

it('a rule that nobody knows may do nothing', () => {
  const why = 'the rule is not in the configuration'
  expect(guarded({}).does(ruleId('unheard'), remove)).toBe(why)
})

it.each([
  ['everything is paused', { all: { paused: true } }, 'everything is paused', 'everything is paused'],
  ['a rule is paused', { rule: { paused: true } }, 'the rule is paused', null],
  ['a rule is a dry run', { rule: { dryRun: true } }, 'the rule is a dry run', null],
  ['another rule is paused', { route: { paused: true } }, null, 'the rule is paused'],
  ['another rule is a dry run', { route: { dryRun: true } }, null, 'the rule is a dry run'],
])('where %s neither writes nor removals pass', (_, more, ofGroup, ofRoute) => {
  const { does } = guarded(more)
  for (const intent of [write(0), remove]) {
    expect([does(group, intent), does(route, intent)]).toEqual([ofGroup, ofRoute])
  }
})

const tenBytes = { guards: { maxBytesPerDay: 10 } }
const twoDeletes = { guards: { deletes: { perHour: 2 } } }

it('as many bytes pass as a day may have, and not one more', () => {
  const { does } = guarded({ rule: tenBytes })
  expect(does(group, write(6))).toBeNull()
  expect(does(group, write(5))).toBe('guard maxBytesPerDay: 6 bytes written within a day, at most 10')
  expect(does(group, write(4))).toBeNull()
  expect(does(group, write(1))).toBe('guard maxBytesPerDay: 10 bytes written within a day, at most 10')
  expect(does(group, write(0))).toBeNull()
})

it('as many deletions pass as an hour may have, and not one more', () => {
  const { does } = guarded({ rule: twoDeletes })
  expect([does(group, remove), does(group, remove)]).toEqual([null, null])
  expect(does(group, remove)).toBe('guard deletes.perHour: 2 deletions this hour, at most 2')
})

it('bytes and deletions are counted apart', () => {
  const { does } = guarded({ rule: { guards: { ...tenBytes.guards, ...twoDeletes.guards } } })
  expect([does(group, remove), does(group, remove)]).toEqual([null, null])
  expect(does(group, write(10))).toBeNull()
  expect(does(group, remove)).not.toBeNull()
  expect(does(group, write(1))).not.toBeNull()
})

it.each([
  [86_399_999, false],
  [86_400_000, true],
])('%i ms after a day began its bytes are forgotten: %s', (ms, forgotten) => {
  const { does, clock } = guarded({ rule: tenBytes })
  does(group, write(10))
  clock.ms += ms
  expect(does(group, write(1)) === null).toBe(forgotten)
})

it.each([
  [3_599_999, false],
  [3_600_000, true],
])('%i ms after an hour began its deletions are forgotten: %s', (ms, forgotten) => {
  const { does, clock } = guarded({ rule: twoDeletes })
  does(group, remove)
  does(group, remove)
  clock.ms += ms
  expect(does(group, remove) === null).toBe(forgotten)
})

it('an hour that ended begins anew with what comes first, and is counted again', () => {
  const { does, clock } = guarded({ rule: twoDeletes })
  for (const _ of [1, 2]) does(group, remove)
  clock.ms += 3_600_000
  expect([1, 2, 3].map(() => does(group, remove) === null)).toEqual([true, true, false])
  clock.ms += 3_599_999
  expect(does(group, remove)).not.toBeNull()
})

it('a day that ended begins anew, too', () => {
  const { does, clock } = guarded({ rule: tenBytes })
  does(group, write(10))
  clock.ms += 86_400_000
  expect([10, 1].map((bytes) => does(group, write(bytes)) === null)).toEqual([true, false])
  clock.ms += 86_399_999
  expect(does(group, write(1))).not.toBeNull()
})

it('a rule’s own limit is that rule’s alone', () => {
  const { does } = guarded({ rule: tenBytes })
  does(group, write(10))
  expect(does(route, write(10))).toBeNull()
})

it('the limit of all is shared by all', () => {
  const { does } = guarded({ all: tenBytes })
  does(group, write(6))
  expect(does(route, write(5))).toBe('guard maxBytesPerDay: 6 bytes written within a day, at most 10')
  expect(does(route, write(4))).toBeNull()
})

it('what one limit refuses counts against no other', () => {
  const { does } = guarded({ all: tenBytes, rule: { guards: { maxBytesPerDay: 3 } } })
  expect(does(group, write(9))).not.toBeNull()
  expect(does(route, write(10))).toBeNull()
})

it('what is only asked for counts for nothing, however often', () => {
  const { asks } = guarded({ all: tenBytes, rule: twoDeletes })
  for (let i = 0; i < 5; i++) expect([asks(group, write(10)), asks(group, remove)]).toEqual([null, null])
})
