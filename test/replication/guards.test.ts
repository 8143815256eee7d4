import { expect, it } from 'vitest'
import { parseConfig } from '#shared/config/load.ts'
import { ruleId, siteId } from '#shared/kernel/ids.ts'
import type { Core } from '#shared/replication/core.ts'
import { guardsOf } from '#shared/replication/guards.ts'
import { HandClock, oneGroup } from './trio.ts'

const azure = siteId('azure')
const remove = { act: 'remove' } as const

function write(bytes: number): { readonly act: 'write'; readonly bytes: number } {
  return { act: 'write', bytes }
}

function guarded(more: { all?: object; rule?: object; route?: object }): {
  readonly forbidden: Core['forbidden']
  readonly clock: HandClock
} {
  const clock = new HandClock()
  const document = {
    ...oneGroup,
    ...more.all,
    replicate: [
      { id: 'group', among: ['aws', 'azure'], ...more.rule },
      { id: 'route', from: 'gcp', to: ['azure'], prefix: 'other/', intoGroup: true, ...more.route },
    ],
  }
  return { forbidden: guardsOf(parseConfig(JSON.stringify(document)), clock), clock }
}

const group = ruleId('group')
const route = ruleId('route')

it('where nothing is said all is allowed', () => {
  const { forbidden } = guarded({})
  for (const rule of [group, route])
    expect([forbidden(rule, azure, write(9e15)), forbidden(rule, azure, remove)]).toEqual([null, null])
})

it('a rule that nobody knows may do nothing', () => {
  const why = 'the rule is not in the configuration'
  expect(guarded({}).forbidden(ruleId('unheard'), azure, remove)).toBe(why)
})

it.each([
  ['everything is paused', { all: { paused: true } }, 'everything is paused', 'everything is paused'],
  ['a rule is paused', { rule: { paused: true } }, 'the rule is paused', null],
  ['a rule is a dry run', { rule: { dryRun: true } }, 'the rule is a dry run', null],
  ['another rule is paused', { route: { paused: true } }, null, 'the rule is paused'],
  ['another rule is a dry run', { route: { dryRun: true } }, null, 'the rule is a dry run'],
])('where %s neither writes nor removals pass', (_, more, ofGroup, ofRoute) => {
  const { forbidden } = guarded(more)
  for (const intent of [write(0), remove]) {
    expect([forbidden(group, azure, intent), forbidden(route, azure, intent)]).toEqual([ofGroup, ofRoute])
  }
})

const tenBytes = { guards: { maxBytesPerDay: 10 } }
const twoDeletes = { guards: { deletes: { perHour: 2 } } }

it('as many bytes pass as a day may have, and not one more', () => {
  const { forbidden } = guarded({ rule: tenBytes })
  expect(forbidden(group, azure, write(6))).toBeNull()
  expect(forbidden(group, azure, write(5))).toBe('guard maxBytesPerDay: 6 bytes written within a day, at most 10')
  expect(forbidden(group, azure, write(4))).toBeNull()
  expect(forbidden(group, azure, write(1))).toBe('guard maxBytesPerDay: 10 bytes written within a day, at most 10')
  expect(forbidden(group, azure, write(0))).toBeNull()
})

it('as many deletions pass as an hour may have, and not one more', () => {
  const { forbidden } = guarded({ rule: twoDeletes })
  expect([forbidden(group, azure, remove), forbidden(group, azure, remove)]).toEqual([null, null])
  expect(forbidden(group, azure, remove)).toBe('guard deletes.perHour: 2 deletions this hour, at most 2')
})

it('bytes and deletions are counted apart', () => {
  const { forbidden } = guarded({ rule: { guards: { ...tenBytes.guards, ...twoDeletes.guards } } })
  expect([forbidden(group, azure, remove), forbidden(group, azure, remove)]).toEqual([null, null])
  expect(forbidden(group, azure, write(10))).toBeNull()
  expect(forbidden(group, azure, remove)).not.toBeNull()
  expect(forbidden(group, azure, write(1))).not.toBeNull()
})

it.each([
  [86_399_999, false],
  [86_400_000, true],
])('%i ms after a day began its bytes are forgotten: %s', (ms, forgotten) => {
  const { forbidden, clock } = guarded({ rule: tenBytes })
  forbidden(group, azure, write(10))
  clock.ms += ms
  expect(forbidden(group, azure, write(1)) === null).toBe(forgotten)
})

it.each([
  [3_599_999, false],
  [3_600_000, true],
])('%i ms after an hour began its deletions are forgotten: %s', (ms, forgotten) => {
  const { forbidden, clock } = guarded({ rule: twoDeletes })
  forbidden(group, azure, remove)
  forbidden(group, azure, remove)
  clock.ms += ms
  expect(forbidden(group, azure, remove) === null).toBe(forgotten)
})

it('an hour that ended begins anew with what comes first, and is counted again', () => {
  const { forbidden, clock } = guarded({ rule: twoDeletes })
  for (const _ of [1, 2]) forbidden(group, azure, remove)
  clock.ms += 3_600_000
  expect([1, 2, 3].map(() => forbidden(group, azure, remove) === null)).toEqual([true, true, false])
  clock.ms += 3_599_999
  expect(forbidden(group, azure, remove)).not.toBeNull()
})

it('a day that ended begins anew, too', () => {
  const { forbidden, clock } = guarded({ rule: tenBytes })
  forbidden(group, azure, write(10))
  clock.ms += 86_400_000
  expect([10, 1].map((bytes) => forbidden(group, azure, write(bytes)) === null)).toEqual([true, false])
  clock.ms += 86_399_999
  expect(forbidden(group, azure, write(1))).not.toBeNull()
})

it('a rule’s own limit is that rule’s alone', () => {
  const { forbidden } = guarded({ rule: tenBytes })
  forbidden(group, azure, write(10))
  expect(forbidden(route, azure, write(10))).toBeNull()
})

it('the limit of all is shared by all', () => {
  const { forbidden } = guarded({ all: tenBytes })
  forbidden(group, azure, write(6))
  expect(forbidden(route, azure, write(5))).toBe('guard maxBytesPerDay: 6 bytes written within a day, at most 10')
  expect(forbidden(route, azure, write(4))).toBeNull()
})

it('what one limit refuses counts against no other', () => {
  const { forbidden } = guarded({ all: tenBytes, rule: { guards: { maxBytesPerDay: 3 } } })
  expect(forbidden(group, azure, write(9))).not.toBeNull()
  expect(forbidden(route, azure, write(10))).toBeNull()
})
