import { describe, expect, it } from 'vitest'
import { ruleId, siteId } from '#shared/kernel/ids.ts'
import type { ObjectMeta } from '#shared/ports/object-store.ts'
import type { Core } from '#shared/replication/core.ts'
import { Ledger } from '#shared/replication/ledger.ts'
import type { ObjectEvent, Outcome } from '#shared/replication/model.ts'
import { lift } from '#shared/replication/lift.ts'
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

function created(stage: Stage, site: string, { id }: ObjectMeta): ObjectEvent {
  const what = { site: siteId(site), key: key('k'), kind: 'created', id } as const
  return { ...what, timeMs: stage.clock.ms, writtenFor: null, byUser: true }
}

/** A user begins an upload at S3; before its end a copy of something lands on top. */
async function buried(stage: Stage, stampMs: number, meanwhile: () => void = () => undefined): Promise<ObjectMeta> {
  const upload = stage.at('aws').user.begin(key('k'), { metadata: { m: '1' }, tags: { t: '2' } })
  upload.part(bytes('upload'))
  stage.clock.ms += 2_000
  plant(stage, 'aws', stampAt('gcp', stampMs), { text: 'copy' })
  meanwhile()
  const meta = upload.complete()
  await stage.pass(0)
  stage.forget()
  return meta
}

describe('an upload that its store buried below a copy', () => {
  it('is written over it again as the user’s, and goes everywhere', async () => {
    const stage = await calm()
    const upload = await buried(stage, stage.clock.ms - 1)
    expect(stage.shown('k')['aws']).toBe('copy')
    const on = stage.at('aws').bucket.head(key('k'))!
    const { again } = await deliver(stage, created(stage, 'aws', upload))
    const lifted = stage.at('aws').bucket.head(key('k'))!
    expect(stage.receipt('lifted', 'aws')).toMatchObject({
      stamp: stampOfMeta('aws', lifted),
      bytes: 6,
      why: 'its upload began before the replica on top was written',
    })
    expect(again).toMatchObject([{ message: { kind: 'settle', group: 'all', key: 'k' }, delayMs: 0, queue: 'short' }])
    expect(stage.sent).toMatchObject([{ site: 'aws', verb: 'put', since: on.version, mark: null }])
    expect(lifted).toMatchObject({ metadata: { m: '1' }, tagCount: 1, dateMs: stage.clock.ms })
    expect(stage.requests()).toEqual({ 'aws get': 2, 'aws versions': 1, 'aws head': 1, 'aws tags': 1, 'aws put': 1 })
    await stage.drain()
    expect(stage.shown('k')).toEqual({ aws: 'upload', azure: 'upload', gcp: 'upload' })
  })

  it.each([
    ['later', 1],
    ['not earlier, of a greater origin', 0],
  ])('stays there where the copy is of something %s', async (_, offset) => {
    const stage = await calm()
    const upload = await buried(stage, stage.clock.ms + offset)
    await deliver(stage, created(stage, 'aws', upload))
    expect(stage.acts).toEqual(['echo aws'])
    expect(stage.sent).toEqual([])
  })

  it('stays there below a delete marker', async () => {
    const stage = await calm()
    const stampMs = stage.clock.ms - 1
    const upload = await buried(stage, stampMs, () => {
      stage.at('aws').user.delete(key('k'))
      plant(stage, 'aws', stampAt('gcp', stampMs), { text: 'copy' })
    })
    await deliver(stage, created(stage, 'aws', upload))
    expect(stage.acts).toEqual(['echo aws'])
    expect(stage.requests()).toEqual({ 'aws get': 1, 'aws versions': 1 })
  })

  it('is looked for below other versions', async () => {
    const stage = await calm()
    const stampMs = stage.clock.ms - 1
    const upload = await buried(stage, stampMs, () => {
      plant(stage, 'aws', stampAt('gcp', stampMs), { text: 'another copy' })
    })
    await deliver(stage, created(stage, 'aws', upload))
    expect(stage.done).toEqual(['lifted aws'])
  })

  it('that is gone meanwhile is no news', async () => {
    const stage = await calm()
    const upload = await buried(stage, stage.clock.ms - 1)
    stage.at('aws').user.removeVersion(key('k'), upload.version)
    await deliver(stage, created(stage, 'aws', upload))
    expect(stage.acts).toEqual(['echo aws'])
  })

  it('that goes while it is looked at is no news', async () => {
    const stage = await calm()
    const upload = await buried(stage, stage.clock.ms - 1)
    stage.meanwhile('aws', 'head', () => stage.at('aws').user.removeVersion(key('k'), upload.version))
    await deliver(stage, created(stage, 'aws', upload))
    expect(stage.acts).toEqual(['echo aws'])
  })

  it('that was a copy is no news', async () => {
    const stage = await calm()
    const copy = plant(stage, 'aws', stampAt('gcp', stage.clock.ms), { text: 'first' })
    plant(stage, 'aws', stampAt('gcp', stage.clock.ms - 5), { text: 'second' })
    await deliver(stage, created(stage, 'aws', copy))
    expect(stage.acts).toEqual(['echo aws'])
  })

  it('is found again where the copy on top changes meanwhile', async () => {
    const stage = await calm()
    const event = created(stage, 'aws', await buried(stage, stage.clock.ms - 1))
    stage.meanwhile('aws', 'put', () => plant(stage, 'aws', stampAt('gcp', 9), { text: 'changed' }))
    const { again } = await deliver(stage, event)
    expect(stage.shown('k')).toEqual({ aws: 'changed', azure: 'changed', gcp: 'changed' })
    const why = 'another was faster, or the answer was lost'
    const message = { kind: 'changed', group: 'all', event, wasFresh: false } as const
    expect(again).toEqual([{ message, delayMs: 30_000, queue: 'short', why }])
    await stage.drain(again)
    expect(stage.shown('k')).toEqual({ aws: 'upload', azure: 'upload', gcp: 'upload' })
  })

  it.each([
    ['get', 'throttled'],
    ['versions', 'throttled'],
    ['put', 'throttled'],
    ['get', 'request-lost'],
    ['put', 'request-lost'],
    ['put', 'answer-lost'],
  ] as const)('goes everywhere in the end though its %s is %s', async (verb, fault) => {
    const stage = await calm()
    const event = created(stage, 'aws', await buried(stage, stage.clock.ms - 1))
    stage.fault('aws', verb, fault === 'throttled' ? { fault: 'refused', kind: fault } : { fault })
    await stage.drain((await deliver(stage, event)).again)
    expect(stage.shown('k')).toEqual({ aws: 'upload', azure: 'upload', gcp: 'upload' })
  })

  it('is as much news when its event is late', async () => {
    const stage = await calm()
    const event = created(stage, 'aws', await buried(stage, stage.clock.ms - 1))
    await stage.pass(3_600_000)
    await deliver(stage, event)
    expect(stage.done).toEqual(['lifted aws'])
  })
})

it.each(['azure', 'gcp'])('at %s nothing is buried: what lies below was overwritten', async (site) => {
  const stage = await calm()
  const first = stage.at(site).user.put(key('k'), bytes('first'))
  plant(stage, site, stampAt('aws', first.dateMs - 1))
  stage.forget()
  await deliver(stage, created(stage, site, first))
  expect(stage.acts).toEqual([`echo ${site}`])
  expect(stage.requests()).toEqual({ [`${site} get`]: 1 })
})

const message = { kind: 'settle', group: ruleId('all'), key: key('k') } as const

it('what is lifted is a version of its site’s own, whatever it carried before', async () => {
  const stage = await calm()
  const copy = plant(stage, 'gcp', stampAt('aws', stage.clock.ms), { metadata: { m: '1' } })
  stage.clock.ms += 5_000
  const { store } = stage.at('gcp')
  const ledger = new Ledger(ruleId('all'), key('k'))
  const what = { group: ruleId('all'), store, version: copy, over: copy, why: 'a test', again: message }
  expect(await lift(stage.core, ledger, what, signal)).toBe(true)
  const lifted = stage.at('gcp').bucket.head(key('k'))!
  const { receipts, again } = ledger.outcome()
  expect(receipts[0]).toMatchObject({ action: 'lifted', stamp: stampOfMeta('gcp', lifted), why: 'a test' })
  expect(again).toMatchObject([{ message: { kind: 'settle' }, delayMs: 0 }])
  expect(lifted).toMatchObject({ metadata: { m: '1' }, dateMs: stage.clock.ms })
  expect(lifted.metadata).not.toHaveProperty('isobar')
  expect(await lift(stage.core, ledger, what, signal)).toBe(false)
  expect(ledger.outcome().receipts).toEqual(receipts)
})

it('a lift whose answer was lost is looked at once more when it must have landed', async () => {
  const stage = await calm()
  const copy = plant(stage, 'gcp', stampAt('aws', stage.clock.ms))
  stage.fault('gcp', 'put', { fault: 'answer-lost' })
  const ledger = new Ledger(ruleId('all'), key('k'))
  const what = {
    group: ruleId('all'),
    store: stage.core.store(siteId('gcp')),
    version: copy,
    over: copy,
    why: 'a test',
    again: message,
  }
  expect(await lift(stage.core, ledger, what, signal)).toBe(false)
  expect(ledger.outcome().again).toMatchObject([{ message: { kind: 'settle' }, delayMs: 60_000 }])
})

describe('metadata changed in place, whose lift', () => {
  async function patched(): Promise<{ stage: Stage; event: ObjectEvent }> {
    const stage = await calm()
    stage.at('gcp').user.put(key('k'), bytes('x'))
    await stage.drain()
    await stage.pass(20_000)
    stage.at('gcp').user.patch(key('k'), { metadata: { note: 'patched' } })
    const event = stage.events.find(({ kind }) => kind === 'updated')!
    stage.forgetCalls()
    return { stage, event }
  }

  function notes(stage: Stage): readonly unknown[] {
    return [...stage.places.values()].map(({ bucket }) => bucket.head(key('k'))!.metadata['note'])
  }

  it('had no answer, is looked at again at once, and once more when it must have landed', async () => {
    const { stage, event } = await patched()
    stage.fault('gcp', 'put', { fault: 'answer-lost' })
    const { again } = await deliver(stage, event)
    expect(stage.done.toSorted()).toEqual(['copied aws', 'copied azure'])
    expect(notes(stage)).toEqual(['patched', 'patched', 'patched'])
    const why = 'the answer to a write was lost, and it may still land'
    const left = { kind: 'changed', group: 'all', event, wasFresh: false }
    expect(again).toEqual([{ message: left, delayMs: 60_000, queue: 'short', why }])
  })

  it.each([
    ['throttled', 'deferred', 1],
    ['invalid', 'parked', 0],
  ] as const)('is refused as %s, is %s', async (kind, act, messages) => {
    const { stage, event } = await patched()
    stage.fault('gcp', 'put', { fault: 'refused', kind })
    const { again } = await deliver(stage, event)
    expect(stage.acts).toEqual([`${act} gcp`])
    expect(again).toHaveLength(messages)
    for (const one of again) expect(one).toMatchObject({ message: { kind: 'changed', event }, delayMs: 30_000 })
  })
})
