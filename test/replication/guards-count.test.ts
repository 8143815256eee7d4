import { describe, expect, it } from 'vitest'
import { parseConfig } from '#shared/config/load.ts'
import { siteId } from '#shared/kernel/ids.ts'
import type { Fault } from '#shared/layers/faulty.ts'
import type { Core, Intent } from '#shared/replication/core.ts'
import { guardsOf } from '#shared/replication/guards.ts'
import type { Message, ObjectEvent, Outcome } from '#shared/replication/model.ts'
import { run } from '#shared/replication/run.ts'
import { routeSites } from './routes.ts'
import { Stage } from './stage.ts'
import { bytes, key, oneGroup } from './trio.ts'

const signal = new AbortController().signal
const group = { ...oneGroup, replicate: [{ id: 'all', among: ['aws', 'gcp'] }] }
const route = { sites: routeSites, replicate: [{ id: 'r', from: 'gcp', to: ['aws'], deletes: true }] }
const settle: Message = { kind: 'settle', group: 'all' as never, key: key('k') }

async function staged(document: object): Promise<Stage> {
  const stage = new Stage(document)
  await stage.pass(20_000)
  stage.forget()
  return stage
}

/** Handles a message, and tells what it counted. */
async function counted(stage: Stage, message: Message, more: Partial<Core> = {}): Promise<readonly Intent[]> {
  const done: Intent[] = []
  const outcome: Outcome = await run(
    message,
    { ...stage.core, done: (_, intent) => done.push(intent), ...more },
    signal,
  )
  stage.receipts.push(...outcome.receipts)
  return done
}

function lastEvent(stage: Stage): Message {
  return { kind: 'event', event: stage.events.splice(0).at(-1)! }
}

/** Three bytes at Cloud Storage that AWS has not. */
function written(stage: Stage): Message {
  stage.at('gcp').user.put(key('k'), bytes('abc'))
  return lastEvent(stage)
}

/** They were copied, and the user has deleted them. */
async function deleted(stage: Stage, message: Message): Promise<Message> {
  await counted(stage, message)
  await stage.pass(20_000)
  stage.at('gcp').user.delete(key('k'))
  const event = lastEvent(stage)
  await stage.pass(20_000)
  return event
}

const threeBytes = [{ act: 'write', bytes: 3 }]
const acts: readonly (readonly [
  what: string,
  document: object,
  verb: 'put' | 'remove',
  prepare: (stage: Stage) => Promise<Message> | Message,
  intents: readonly object[],
])[] = [
  ['a copy by the fast path', group, 'put', written, threeBytes],
  ['a copy by settle', group, 'put', (stage) => (written(stage), settle), threeBytes],
  ['a copy along a route', route, 'put', written, threeBytes],
  ['a removal by settle', group, 'remove', async (stage) => deleted(stage, written(stage)), [{ act: 'remove' }]],
  ['a removal along a route', route, 'remove', async (stage) => deleted(stage, written(stage)), [{ act: 'remove' }]],
]

describe.each(acts)('%s', (_what, document, verb, prepare, intents) => {
  it('counts once, for what was done', async () => {
    const stage = await staged(document)
    expect(await counted(stage, await prepare(stage))).toEqual(intents)
  })

  it.each(['throttled', 'unreachable', 'denied', 'invalid'] as const)(
    'counts for nothing where it was %s',
    async (kind) => {
      const stage = await staged(document)
      const message = await prepare(stage)
      stage.fault('aws', verb, { fault: 'refused', kind }, { times: Infinity })
      expect(await counted(stage, message)).toEqual([])
    },
  )

  it('counts once where another round was needed for it', async () => {
    const stage = await staged(document)
    const message = await prepare(stage)
    stage.fault('aws', verb, { fault: 'refused', kind: 'conflict' })
    expect(await counted(stage, message)).toEqual(intents)
  })

  it('counts where its answer was lost: it may have been done', async () => {
    const stage = await staged(document)
    const message = await prepare(stage)
    const lost: Fault = { fault: 'answer-lost' }
    stage.fault('aws', verb, lost)
    expect(await counted(stage, message)).toEqual(intents)
    expect(stage.shown('k')['aws']).toBe(verb === 'put' ? 'abc' : null)
  })
})

describe('a version that is lifted', () => {
  async function patched(): Promise<readonly [Stage, Message]> {
    const stage = await staged(group)
    await counted(stage, written(stage))
    stage.events.length = 0
    stage.at('gcp').user.patch(key('k'), { metadata: { note: 'patched' } })
    const event: ObjectEvent = stage.events.splice(0).find(({ site }) => site === siteId('gcp'))!
    return [stage, { kind: 'event', event }]
  }

  it.each([
    ['counts once, for what was written', { fault: 'none' }, threeBytes],
    ['counts for nothing where it was refused', { fault: 'refused', kind: 'conflict' }, []],
    ['counts where its answer was lost, as does its copy', { fault: 'answer-lost' }, [...threeBytes, ...threeBytes]],
  ] as const)('%s', async (_law, fault, intents) => {
    const [stage, message] = await patched()
    stage.fault('gcp', 'put', fault)
    expect(await counted(stage, message)).toEqual(intents)
  })
})

describe('an outage that is tried against all day', () => {
  it.each([
    ['in a group', { ...group, guards: { maxBytesPerDay: 3 } }, settle],
    ['along a route', { ...route, guards: { maxBytesPerDay: 3 } }, null],
  ] as const)('leaves the budget whole, %s', async (_where, document, again) => {
    const stage = await staged(document)
    const guards = guardsOf(parseConfig(JSON.stringify(document)), stage.clock)
    const event = written(stage)
    stage.fault('aws', 'put', { fault: 'refused', kind: 'unreachable' }, { times: 50 })
    for (let i = 0; i < 50; i++) expect(await counted(stage, again ?? event, guards)).toEqual([])
    expect(stage.acts).not.toContain('held aws')
    await counted(stage, again ?? event, guards)
    expect(stage.shown('k')['aws']).toBe('abc')
    stage.at('gcp').user.put(key('k'), bytes('x'))
    await stage.pass(20_000)
    await counted(stage, again ?? event, guards)
    expect(stage.receipt('held', 'aws').why).toContain('guard maxBytesPerDay: 3 bytes')
  })
})
