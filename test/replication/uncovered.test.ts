import { describe, expect, it } from 'vitest'
import { siteId } from '#shared/kernel/ids.ts'
import { s3 } from '#shared/memory/profiles.ts'
import type { Core } from '#shared/replication/core.ts'
import type { ObjectEvent, Outcome } from '#shared/replication/model.ts'
import { run } from '#shared/replication/run.ts'
import { plant, stampAt, stampOfMeta } from './plant.ts'
import { Stage } from './stage.ts'
import { bytes, key, oneGroup, type TrioOptions } from './trio.ts'

const signal = new AbortController().signal

async function calm(options: TrioOptions = {}): Promise<Stage> {
  const stage = new Stage(oneGroup, options)
  await stage.pass(20_000)
  stage.forget()
  return stage
}

async function deliver(stage: Stage, event: ObjectEvent, core: Partial<Core> = {}): Promise<Outcome> {
  const outcome = await run({ kind: 'event', event }, { ...stage.core, ...core }, signal)
  stage.receipts.push(...outcome.receipts)
  return outcome
}

describe('a deletion that a user took back', () => {
  /** The deletion at Cloud Storage is known to all; a user at AWS has just removed the marker there. */
  async function uncovered(options: TrioOptions = {}): Promise<{ stage: Stage; event: ObjectEvent }> {
    const stage = await calm(options)
    stage.at('gcp').user.put(key('k'), bytes('x'))
    await stage.drain()
    await stage.pass(20_000)
    stage.at('gcp').user.delete(key('k'))
    await stage.pass(10_000)
    await stage.drain()
    expect(stage.shown('k')).toEqual({ aws: null, azure: null, gcp: null })
    await stage.pass(10_000)
    stage.forget()
    stage.at('aws').user.undelete(key('k'))
    const event = stage.events.find(({ kind }) => kind === 'uncovered')!
    stage.forgetCalls()
    return { stage, event }
  }

  it('shows everywhere again: it is written anew instead of deleted', async () => {
    const { stage, event } = await uncovered()
    const shown = stage.at('aws').bucket.head(key('k'))!
    const { again } = await deliver(stage, event)
    expect(stage.sent).toMatchObject([{ site: 'aws', since: shown.version, mark: null }])
    expect(stage.receipt('lifted', 'aws')).toMatchObject({
      bytes: 1,
      stamp: stampOfMeta('aws', stage.at('aws').bucket.head(key('k'))!),
      why: 'a user uncovered it after it was deleted',
    })
    expect(again).toMatchObject([{ message: { kind: 'settle', group: 'all', key: 'k' }, delayMs: 0, queue: 'short' }])
    await stage.drain()
    expect(stage.shown('k')).toEqual({ aws: 'x', azure: 'x', gcp: 'x' })
  })

  it('is written anew where its event says, though another member shows something dead too', async () => {
    const { stage, event } = await uncovered({ profiles: { azure: s3 } })
    plant(stage, 'aws', stampAt('gcp', 5), { text: 'other' })
    stage.at('azure').user.undelete(key('k'))
    stage.forgetCalls()
    await deliver(stage, { ...event, site: siteId('azure'), id: null })
    expect(stage.sent).toMatchObject([{ site: 'azure', mark: null }])
    expect(stage.done).toEqual(['lifted azure'])
  })

  it.each([
    [0, 'goes to those who have the time, and is as fresh there'],
    [1, 'is written anew at once'],
  ])('where %i bytes are small %s', async (smallBytes) => {
    const { stage, event } = await uncovered()
    const core = { transfers: false, limits: { ...stage.core.limits, smallBytes } }
    const { again } = await deliver(stage, event, core)
    const settle = { message: { kind: 'settle', group: 'all', key: 'k' }, queue: 'short' }
    expect(again).toMatchObject([
      smallBytes === 0 ? { message: { kind: 'changed', event, wasFresh: true }, delayMs: 0, queue: 'long' } : settle,
    ])
    expect(stage.done).toEqual(smallBytes === 0 ? [] : ['lifted aws'])
  })

  it('is deleted again where the event is old', async () => {
    const { stage, event } = await uncovered()
    await stage.pass(11_000)
    await deliver(stage, event)
    expect(stage.acts).toEqual(['deleted aws'])
  })

  it('is nothing where it is gone again', async () => {
    const { stage, event } = await uncovered()
    stage.at('aws').user.delete(key('k'))
    await deliver(stage, event)
    expect(stage.receipts).toMatchObject([{ action: 'agreed', why: 'gone again: its deletion speaks for itself' }])
    expect(stage.requests()).toEqual({ 'aws get': 1 })
  })

  it('is looked at again where it changed meanwhile', async () => {
    const { stage, event } = await uncovered()
    stage.meanwhile('aws', 'put', () => stage.at('aws').user.put(key('k'), bytes('new')))
    await deliver(stage, event)
    expect(stage.shown('k')).toEqual({ aws: 'new', azure: 'new', gcp: 'new' })
  })

  it('comes back as fresh where its site refuses', async () => {
    const { stage, event } = await uncovered()
    stage.fault('aws', 'put', { fault: 'refused', kind: 'throttled' })
    const { again } = await deliver(stage, event)
    expect(stage.acts).toEqual(['deferred aws'])
    const message = { kind: 'changed', group: 'all', event, wasFresh: true } as const
    expect(again).toMatchObject([{ message, delayMs: 30_000, queue: 'short' }])
    await stage.drain(again)
    expect(stage.shown('k')).toEqual({ aws: 'x', azure: 'x', gcp: 'x' })
  })

  it('matters to nobody where nothing is to be deleted', async () => {
    const { stage, event } = await uncovered()
    stage.at('gcp').user.put(key('k'), bytes('newer'))
    await deliver(stage, event)
    expect(stage.acts.toSorted()).toEqual(['copied aws', 'copied azure'])
  })
})
