import { describe, expect, it } from 'vitest'
import { ruleId, siteId } from '#shared/kernel/ids.ts'
import { stampId } from '#shared/kernel/version.ts'
import type { Core } from '#shared/replication/core.ts'
import type { ObjectEvent, Outcome } from '#shared/replication/model.ts'
import { run } from '#shared/replication/run.ts'
import { plant, stampAt, stampOfMeta } from './plant.ts'
import { Stage } from './stage.ts'
import { bytes, key, oneGroup, type TrioOptions } from './trio.ts'

const sites = ['aws', 'azure', 'gcp'] as const
const signal = new AbortController().signal

async function calm(options: TrioOptions = {}): Promise<Stage> {
  const stage = new Stage(oneGroup, options)
  await stage.pass(20_000)
  stage.forget()
  return stage
}

function event(stage: Stage, site: string, more: Partial<ObjectEvent> = {}): ObjectEvent {
  const common = {
    site: siteId(site),
    key: key('k'),
    kind: 'created',
    id: null,
    writtenFor: null,
    byUser: null,
  } as const
  return { ...common, timeMs: stage.clock.ms, ...more }
}

async function deliver(stage: Stage, one: ObjectEvent, core: Partial<Core> = {}): Promise<Outcome> {
  const outcome = await run({ kind: 'event', event: one }, { ...stage.core, ...core }, signal)
  stage.receipts.push(...outcome.receipts)
  return outcome
}

/** Settling looks at every member; nothing else asks all three. */
function settled(stage: Stage): boolean {
  return sites.every((site) => stage.calls.includes(`${site} head`))
}

describe('an echo', () => {
  it('that tells that this group wrote it costs nothing', async () => {
    const stage = await calm()
    const { receipts, again } = await deliver(stage, event(stage, 'azure', { writtenFor: ruleId('all') }))
    expect(receipts).toMatchObject([{ action: 'echo', site: 'azure', why: 'the event says that Isobar wrote it' }])
    expect([again, stage.requests()]).toEqual([[], {}])
  })

  it('of another rule is news', async () => {
    const stage = await calm()
    stage.at('azure').user.put(key('k'), bytes('by a route'))
    await deliver(stage, event(stage, 'azure', { writtenFor: ruleId('route') }))
    expect(stage.acts.toSorted()).toEqual(['copied aws', 'copied gcp'])
  })

  it.each(sites)('at %s that does not tell is known by its mark', async (site) => {
    const stage = await calm()
    const stamp = stampAt('gcp', stage.clock.ms)
    const { id } = plant(stage, site, stamp)
    await deliver(stage, event(stage, site, { id }))
    await deliver(stage, event(stage, site, { id: null }))
    const echo = { action: 'echo', site, stamp, why: 'a replica is no news' }
    expect(stage.receipts).toMatchObject([echo, echo])
    expect(stage.requests()).toEqual({ [`${site} get`]: 2 })
  })
})

describe('an event says little once it is old:', () => {
  it.each([
    [9_999, false],
    [10_000, true],
  ])('after %i ms it is settled: %s', async (age, old) => {
    const stage = await calm()
    stage.at('aws').user.put(key('k'), bytes('new'))
    await deliver(stage, event(stage, 'aws', { timeMs: stage.clock.ms - age }))
    expect(settled(stage)).toBe(old)
    expect(stage.shown('k')).toEqual({ aws: 'new', azure: 'new', gcp: 'new' })
  })

  it.each(['created', 'updated', 'uncovered'] as const)('%s', async (kind) => {
    const stage = await calm()
    stage.at('gcp').user.put(key('k'), bytes('x'))
    stage.at('gcp').user.delete(key('k'))
    plant(stage, 'aws', stampAt('gcp', 5), { text: 'old' })
    await deliver(stage, event(stage, 'aws', { kind, timeMs: stage.clock.ms - 10_000 }))
    expect(stage.acts).toEqual(['deleted aws'])
  })

  it('what its age is counted by is its own site’s clock', async () => {
    const stage = await calm({ skewMs: { aws: -60_000 } })
    stage.at('aws').user.put(key('k'), bytes('new'))
    await deliver(stage, event(stage, 'aws', { timeMs: stage.at('aws').bucket.now() - 9_999 }))
    expect(stage.requests()).not.toHaveProperty('aws head')
  })
})

describe('whatever is left to the general protocol is settled, looking deeper:', () => {
  /** All show one version; at Azure it was written where nothing was. */
  async function agreeing(): Promise<Stage> {
    const stage = await calm()
    const stamp = stampOfMeta('aws', stage.at('aws').user.put(key('k'), bytes('x')))
    plant(stage, 'azure', stamp, { mark: { onto: 'absent' } })
    plant(stage, 'gcp', stamp)
    await stage.pass(40_000)
    stage.forget()
    return stage
  }

  it.each([
    ['an old event', { kind: 'created', timeMs: 0 }],
    ['a deletion of what is there again', { kind: 'deleted', timeMs: 0 }],
  ] as const)('%s', async (_, more) => {
    const stage = await agreeing()
    await deliver(stage, event(stage, 'aws', more))
    expect(stage.calls).toContain('azure versions')
  })

  it('an event whose version is overtaken while a target is behind', async () => {
    const stage = await agreeing()
    stage.at('gcp').user.put(key('k'), bytes('newer'))
    stage.forgetCalls()
    await deliver(stage, event(stage, 'gcp', { id: stampId('overtaken') }))
    expect(stage.calls).toContain('azure versions')
    expect(stage.shown('k')).toEqual({ aws: 'newer', azure: 'newer', gcp: 'newer' })
  })
})

describe('what an event asked before it was settled counts as time of the function:', () => {
  const outOfTime = 'no agreement within the rounds and the time of one function'

  it.each([
    [8_000, []],
    [8_001, [outOfTime]],
  ])('a look of %i ms at a target that is behind', async (ms, left) => {
    const stage = await calm()
    stage.at('gcp').user.put(key('k'), bytes('newer'))
    stage.forgetCalls()
    stage.meanwhile('azure', 'head', () => (stage.clock.ms += ms))
    const { again } = await deliver(stage, event(stage, 'gcp', { id: stampId('overtaken') }))
    expect(again.map(({ why }) => why)).toEqual(left)
    expect(stage.sent).toHaveLength(left.length === 0 ? 2 : 0)
  })

  it.each([
    [8_000, []],
    [8_001, [outOfTime]],
  ])('a look of %i ms for the clock of a deletion’s own site', async (ms, left) => {
    const stage = await calm()
    const deletion = event(stage, 'aws', { kind: 'deleted' })
    stage.clock.ms += 61_000
    stage.meanwhile('aws', 'head', () => (stage.clock.ms += ms))
    const { again } = await deliver(stage, deletion)
    expect(again.map(({ why }) => why)).toEqual(left)
  })
})

it('what is gone again is left to its deletion’s own event', async () => {
  const stage = await calm()
  const { receipts, again } = await deliver(stage, event(stage, 'aws'))
  expect(receipts).toMatchObject([{ action: 'agreed', site: 'aws', why: 'gone again: its deletion speaks for itself' }])
  expect([again, stage.requests()]).toEqual([[], { 'aws get': 1 }])
})

it('what is larger than one write goes to those who have the time for it, before anyone is looked at', async () => {
  const stage = await calm({ limits: { smallBytes: 10 } })
  stage.at('aws').user.put(key('k'), bytes('x'.repeat(11)))
  const { again } = await deliver(stage, event(stage, 'aws'), { transfers: false })
  const why = 'larger than one write: it moves in parts'
  expect(again).toEqual([{ message: { kind: 'settle', group: 'all', key: 'k' }, delayMs: 0, queue: 'long', why }])
  expect(stage.requests()).toEqual({ 'aws get': 1 })
})

it.each([
  [10, false],
  [11, true],
])('%i bytes are for the general protocol: %s', async (size, general) => {
  const stage = await calm({ limits: { smallBytes: 10, partBytes: 5 * 1024 * 1024 } })
  stage.at('aws').user.put(key('k'), bytes('x'.repeat(size)))
  await deliver(stage, event(stage, 'aws'))
  expect(settled(stage)).toBe(general)
  expect(stage.shown('k')['gcp']).toBe('x'.repeat(size))
})

describe('an event whose version is no longer on top', () => {
  /** What is on top is this much newer than what the targets show. */
  async function overtaken(behindMs: number | null, options: TrioOptions = {}): Promise<Stage> {
    const stage = await calm(options)
    const top = stage.at('gcp').user.put(key('k'), bytes('top'))
    if (behindMs !== null)
      for (const site of ['aws', 'azure'])
        plant(stage, site, stampAt('gcp', top.dateMs - (site === 'aws' ? behindMs : 0)), { text: site })
    stage.forgetCalls()
    return stage
  }

  const old = { id: stampId('overtaken') }

  it.each([0, 29_999, 30_000])(
    'copies nothing where the targets are %i ms behind: within the window',
    async (behindMs) => {
      const stage = await overtaken(behindMs)
      const { receipts, again } = await deliver(stage, event(stage, 'gcp', old))
      expect(receipts).toMatchObject([
        {
          action: 'superseded',
          site: 'gcp',
          stamp: stampOfMeta('gcp', stage.at('gcp').bucket.head(key('k'))!),
          why: 'a newer version is on top: its own event copies it',
        },
      ])
      expect([again, stage.requests()]).toEqual([[], { 'gcp get': 1, 'aws head': 1, 'azure head': 1 }])
    },
  )

  it.each([
    ['a target is further behind', 30_001],
    ['targets show nothing yet', null],
  ])('copies what is on top where %s', async (_, behindMs) => {
    const stage = await overtaken(behindMs)
    await deliver(stage, event(stage, 'gcp', old))
    expect(stage.shown('k')).toMatchObject({ aws: 'top', gcp: 'top' })
  })

  it('is settled where a target does not answer', async () => {
    const stage = await overtaken(0)
    stage.fault('azure', 'head', { fault: 'request-lost' }, { times: 2 })
    const { again } = await deliver(stage, event(stage, 'gcp', old))
    expect(again).toMatchObject([{ message: { kind: 'settle', group: 'all', key: 'k' } }])
  })

  it('asks no member that is out', async () => {
    const stage = await overtaken(0)
    await deliver(stage, event(stage, 'gcp', old), { out: (_, site) => site === 'azure' })
    expect(stage.requests()).toEqual({ 'gcp get': 1, 'aws head': 1 })
  })

  it('copies nothing though it is large', async () => {
    const stage = await overtaken(0, { limits: { smallBytes: 2 } })
    await deliver(stage, event(stage, 'gcp', old))
    expect(stage.acts).toEqual(['superseded gcp'])
  })
})

describe('a deletion', () => {
  it.each([
    ['aws', 4_000],
    ['azure', 3_001],
    ['gcp', 3_001],
  ])('at %s waits %i ms, until copies under way have landed', async (site, wait) => {
    const stage = await calm()
    stage.at(site).user.put(key('k'), bytes('x'))
    const deletion = event(stage, site, { kind: 'deleted', timeMs: stage.clock.ms })
    expect(await deliver(stage, deletion)).toMatchObject({
      receipts: [{ action: 'deferred', site, why: 'a deletion waits until copies under way have landed' }],
      again: [{ message: { kind: 'settle', group: 'all', key: 'k' }, delayMs: wait, queue: 'short' }],
    })
    expect(stage.requests()).toEqual({})
    stage.clock.ms += wait - 1
    expect((await deliver(stage, deletion)).again).toMatchObject([{ delayMs: 1 }])
    stage.clock.ms += 1
    expect((await deliver(stage, deletion)).again).toEqual([])
    expect(settled(stage)).toBe(true)
  })

  it('of a site that was not heard of lately asks for its clock first', async () => {
    const stage = new Stage()
    await deliver(stage, event(stage, 'aws', { kind: 'deleted' }))
    expect(stage.requests()).toEqual({ 'aws head': 1 })
  })
})

describe('metadata changed in place', () => {
  it('at Cloud Storage becomes a version that everyone can order', async () => {
    const stage = await calm()
    stage.at('gcp').user.put(key('k'), bytes('same'), { metadata: { m: 'before' }, tags: { t: '1' } })
    await stage.drain()
    await stage.pass(20_000)
    stage.forget()
    const patched = stage.at('gcp').user.patch(key('k'), { metadata: { m: 'after' } })!
    const [one] = stage.events.splice(0)
    const { again } = await deliver(stage, one!)
    const { version, ...lifted } = stage.at('gcp').bucket.head(key('k'))!
    expect(stage.receipt('lifted', 'gcp')).toMatchObject({
      stamp: stampOfMeta('gcp', lifted),
      bytes: 4,
      why: 'its metadata was changed in place',
    })
    expect(again).toMatchObject([{ message: { kind: 'settle', group: 'all', key: 'k' }, delayMs: 0, queue: 'short' }])
    expect(lifted.id).not.toBe(patched.id)
    expect(version).not.toBe(patched.version)
    expect(lifted).toMatchObject({ metadata: { m: 'after' }, tagCount: 1 })
    await stage.drain()
    for (const site of sites) expect(stage.at(site).bucket.head(key('k'))!.metadata['m']).toBe('after')
  })

  it('of a large object is left to those who have the time', async () => {
    const stage = await calm({ limits: { smallBytes: 3 } })
    const { id } = stage.at('gcp').user.put(key('k'), bytes('same'))
    const one = event(stage, 'gcp', { kind: 'updated', id })
    const { again } = await deliver(stage, one, { transfers: false })
    const message = { kind: 'changed', group: 'all', event: one, wasFresh: false }
    expect(again).toMatchObject([{ message, delayMs: 0, queue: 'long' }])
    expect(stage.sent).toEqual([])
  })

  it('is as much news when its event is late', async () => {
    const stage = await calm()
    const { id } = stage.at('gcp').user.put(key('k'), bytes('same'))
    const one = event(stage, 'gcp', { kind: 'updated', id })
    await stage.pass(60_000)
    await deliver(stage, one)
    expect(stage.done).toEqual(['lifted gcp'])
  })

  it('of a copy, which is a user’s then, too', async () => {
    const stage = await calm()
    const copy = plant(stage, 'gcp', stampAt('aws', stage.clock.ms))
    stage.at('gcp').user.patch(key('k'), { metadata: { ...copy.metadata, m: 'mine' } })
    await deliver(stage, event(stage, 'gcp', { kind: 'updated', id: copy.id }))
    expect(stage.done).toEqual(['lifted gcp'])
  })

  it('of a version that is no longer on top is settled', async () => {
    const stage = await calm()
    stage.at('gcp').user.put(key('k'), bytes('x'))
    await deliver(stage, event(stage, 'gcp', { kind: 'updated', id: stampId('another') }))
    expect(settled(stage)).toBe(true)
    expect(stage.acts.toSorted()).toEqual(['copied aws', 'copied azure'])
  })

  it('of a copy that is whole is settled', async () => {
    const stage = await calm()
    const { id } = plant(stage, 'gcp', stampAt('aws', stage.clock.ms))
    await deliver(stage, event(stage, 'gcp', { kind: 'updated', id }))
    expect(settled(stage)).toBe(true)
  })
})
