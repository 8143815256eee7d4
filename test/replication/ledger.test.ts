import { describe, expect, it } from 'vitest'
import { Failure } from '#shared/kernel/failure.ts'
import { ruleId, siteId } from '#shared/kernel/ids.ts'
import { Ledger } from '#shared/replication/ledger.ts'
import type { Message, ObjectEvent } from '#shared/replication/model.ts'
import { key } from './trio.ts'

const [aws, azure] = [siteId('aws'), siteId('azure')]
const settle = (group: string, name = 'k'): Message => ({ kind: 'settle', group: ruleId(group), key: key(name) })
const mirror = (route: string, targets: readonly string[], name = 'k'): Message => ({
  kind: 'mirror',
  route: ruleId(route),
  key: key(name),
  targets: targets.map(siteId),
  seen: true,
})
const theEvent: ObjectEvent = {
  site: aws,
  key: key('k'),
  kind: 'created',
  id: null,
  timeMs: 1,
  writtenFor: null,
  byUser: true,
}

const changed = (event: ObjectEvent = theEvent, wasFresh = true): Message => ({
  kind: 'changed',
  group: ruleId('g'),
  event,
  wasFresh,
})

function left(...messages: readonly (readonly [Message, number, ('short' | 'long')?])[]): readonly object[] {
  const ledger = new Ledger(ruleId('all'), key('k'))
  for (const [message, delayMs, queue] of messages) ledger.deferred(aws, message, delayMs, 'because', queue)
  return ledger.outcome().again.map(({ message, delayMs, queue }) => ({ message, delayMs, queue }))
}

describe('one invocation leaves one message for one piece of work', () => {
  it('to settle one key of one group, the longest wait counting, whichever comes first', () => {
    expect(left([settle('g'), 5], [settle('g'), 9])).toEqual([{ message: settle('g'), delayMs: 9, queue: 'short' }])
    expect(left([settle('g'), 9], [settle('g'), 5])).toEqual([{ message: settle('g'), delayMs: 9, queue: 'short' }])
  })

  it('along one route, for the targets of all', () => {
    expect(left([mirror('r', ['azure']), 5], [mirror('r', ['gcp', 'azure']), 3])).toEqual([
      { message: mirror('r', ['azure', 'gcp']), delayMs: 5, queue: 'short' },
    ])
  })

  it('of one event, however often the message was made', () => {
    expect(left([changed(), 1], [changed({ ...theEvent }), 2])).toEqual([
      { message: changed(), delayMs: 2, queue: 'short' },
    ])
  })
})

it.each<readonly [string, Message, Message]>([
  ['other groups', settle('g'), settle('h')],
  ['other keys of a group', settle('g'), settle('g', 'l')],
  ['other routes', mirror('r', ['azure']), mirror('s', ['azure'])],
  ['other keys of a route', mirror('r', ['azure']), mirror('r', ['azure'], 'l')],
  ['a group and a route of one name', settle('g'), mirror('g', ['azure'])],
  ['a route and a group of one name', mirror('g', ['azure']), settle('g')],
  ['two events', changed(), changed({ ...theEvent, timeMs: 2 })],
  ['one event that was fresh, and the same that was not', changed(), changed(theEvent, false)],
  ['an event and its key', changed(), settle('g')],
  ['a key and an event of it', settle('g'), changed()],
])('of %s each has a message of its own', (_, one, other) => {
  expect(left([one, 1], [other, 2])).toEqual([
    { message: one, delayMs: 1, queue: 'short' },
    { message: other, delayMs: 2, queue: 'short' },
  ])
})

it('the queue of transfers takes its own message of the same work', () => {
  expect(left([settle('g'), 1], [settle('g'), 0, 'long'])).toEqual([
    { message: settle('g'), delayMs: 1, queue: 'short' },
    { message: settle('g'), delayMs: 0, queue: 'long' },
  ])
})

it('every wait has its receipt, at the site that it waits for', () => {
  const ledger = new Ledger(ruleId('all'), key('k'))
  ledger.deferred(aws, settle('g'), 1, 'away')
  ledger.deferred(azure, settle('g'), 1, 'busy')
  expect(ledger.outcome().receipts.map(({ action, site, why }) => [action, site, why])).toEqual([
    ['deferred', 'aws', 'away'],
    ['deferred', 'azure', 'busy'],
  ])
})

describe('who is not in agreement', () => {
  const failure = (kind: Failure['kind']) => new Failure(kind, 'no', { site: aws })

  it('is told once, however often missed', () => {
    const ledger = new Ledger(ruleId('all'), key('k'))
    expect(ledger.outcome().missed).toEqual([])
    for (const site of [azure, aws, azure]) ledger.missed(site)
    expect(ledger.outcome().missed).toEqual(['azure', 'aws'])
  })

  it.each([
    ['throttled', ['aws']],
    ['invalid', []],
  ] as const)('is who fails for a while, not what only a person can end: %s', (kind, missed) => {
    const ledger = new Ledger(ruleId('all'), key('k'))
    ledger.failed(aws, failure(kind), settle('all'), 5)
    expect(ledger.outcome().missed).toEqual(missed)
  })

  it('is whom another part of the invocation missed, too', () => {
    const other = new Ledger(ruleId('all'), key('k'))
    other.missed(azure)
    const ledger = new Ledger(ruleId('all'), key('k'))
    ledger.add(other.outcome())
    expect(ledger.outcome().missed).toEqual(['azure'])
  })
})

it('what another part of the invocation left counts as its own', () => {
  const other = new Ledger(ruleId('g'), key('k'))
  other.deferred(azure, settle('g'), 9, 'later')
  const ledger = new Ledger(ruleId('g'), key('k'))
  ledger.deferred(aws, settle('g'), 5, 'soon')
  ledger.add(other.outcome())
  const { receipts, again } = ledger.outcome()
  expect(receipts.map(({ site, why }) => `${site} ${why}`)).toEqual(['aws soon', 'azure later'])
  expect(again).toMatchObject([{ message: settle('g'), delayMs: 9 }])
})
