import { describe, expect, it } from 'vitest'
import { siteId } from '#shared/kernel/ids.ts'
import type { ObjectMeta } from '#shared/ports/object-store.ts'
import { s3, withoutHistory } from '#shared/memory/profiles.ts'
import { type Core, limits } from '#shared/replication/core.ts'
import { Habits } from '#shared/replication/habits.ts'
import type { Again } from '#shared/replication/model.ts'
import { run } from '#shared/replication/run.ts'
import { plant, stampAt, stampOfMeta } from './plant.ts'
import { Stage } from './stage.ts'
import { bytes, key, oneGroup, type TrioOptions } from './trio.ts'

const signal = new AbortController().signal
const sites = { aws: oneGroup.sites.aws, gcp: oneGroup.sites.gcp }
const pair = { sites, replicate: [{ id: 'all', among: ['aws', 'gcp'], storageClass: { aws: 'GLACIER_IR' } }] }

/** A user writes at Cloud Storage; something may lie at AWS already. The event is delivered two seconds later. */
class Race {
  readonly stage: Stage
  meta!: ObjectMeta
  text: string

  constructor(text = 'new', options: TrioOptions = {}) {
    this.stage = new Stage(pair, options)
    this.text = text
  }

  /** `then` happens after the write and before the event arrives. */
  async run(then: (race: Race) => void = () => undefined, core: Partial<Core> = {}): Promise<readonly Again[]> {
    const { stage } = this
    await stage.pass(20_000)
    stage.forget()
    this.meta = stage.at('gcp').user.put(key('k'), bytes(this.text))
    const event = stage.events[0]!
    await stage.pass(2_000)
    stage.forgetCalls()
    then(this)
    const { receipts, again } = await run({ kind: 'event', event }, { ...stage.core, ...core }, signal)
    stage.receipts.push(...receipts)
    return again
  }

  get stamp(): ReturnType<typeof stampAt> {
    return stampOfMeta('gcp', this.meta)
  }

  /** The general protocol looks at the event's own site again; the fast path never does. */
  get settled(): boolean {
    return this.stage.calls.includes('gcp head')
  }
}

it('what is new goes to where nothing is, under that condition, and says so', async () => {
  const race = new Race()
  expect(await race.run()).toEqual([])
  const { stage, stamp } = race
  expect(stage.sent).toMatchObject([
    { site: 'aws', verb: 'put', since: null, mark: { stamp, onto: 'absent' }, write: { storageClass: 'GLACIER_IR' } },
  ])
  const copied = { action: 'copied', rule: 'all', key: 'k', site: 'aws', stamp, loser: null, bytes: 3, parts: 0 }
  expect(stage.receipts).toEqual([{ ...copied, lagMs: 2_000, checksum: 'verified', why: 'it was absent' }])
  expect(stage.requests()).toEqual({ 'gcp get': 1, 'aws put': 1 })
})

describe('what is there and strictly older is replaced, if unchanged:', () => {
  it.each(['absent', 'over'] as const)('a copy written onto %s, whose condition is inherited', async (onto) => {
    const race = new Race()
    const { stage } = race
    const there = plant(stage, 'aws', stampAt('gcp', stage.clock.ms - 5), { mark: { onto } })
    await race.run()
    const { stamp } = race
    expect(stage.sent).toMatchObject([
      { site: 'aws', since: null },
      { site: 'aws', verb: 'put', since: there.version, mark: { stamp, onto }, write: { storageClass: 'GLACIER_IR' } },
    ])
    expect(stage.receipts).toMatchObject([{ action: 'copied', site: 'aws', stamp, why: 'it was older' }])
    expect(stage.requests()).toEqual({ 'gcp get': 1, 'aws put': 2, 'aws head': 1 })
  })

  it('what a user wrote, which is kept and reported', async () => {
    const race = new Race()
    const { stage } = race
    const there = stage.at('aws').user.put(key('k'), bytes('theirs'))
    await race.run()
    expect(stage.sent[1]).toMatchObject({ since: there.version, mark: { onto: 'over' } })
    expect(stage.acts).toEqual(['copied aws', 'conflict aws'])
    expect(stage.receipt('conflict', 'aws')).toMatchObject({
      stamp: race.stamp,
      loser: stampOfMeta('aws', there),
      why: 'a version that a user wrote here is kept as a noncurrent one',
    })
    expect(race.settled).toBe(false)
  })

  it('of a greater origin, too: its time alone counts', async () => {
    const race = new Race()
    plant(race.stage, 'aws', stampAt('zone', race.stage.clock.ms), {})
    const core = { config: { ...race.stage.config, groups: [{ ...race.stage.group, retired: [siteId('zone')] }] } }
    await race.run(undefined, core)
    expect(race.stage.acts).toEqual(['copied aws'])
    expect(race.settled).toBe(false)
  })
})

describe('what is there and not strictly older is for the general protocol:', () => {
  it.each([
    ['of the same time', 0, true],
    ['a millisecond later', 1, true],
    ['a millisecond earlier', -1, false],
  ])('%s', async (_, offset, settled) => {
    const race = new Race()
    await race.run(({ stage, meta }) => plant(stage, 'aws', stampAt('aws', meta.dateMs + offset)))
    expect(race.settled).toBe(settled)
  })

  it('but the same version is there already: nothing is left to do', async () => {
    const race = new Race()
    await race.run(({ stage, stamp }) => plant(stage, 'aws', stamp, { text: 'new' }))
    expect(race.stage.requests()).toEqual({ 'gcp get': 1, 'aws put': 1, 'aws head': 1 })
    expect(race.stage.receipts).toEqual([])
  })
})

describe('between the refusal and the next write', () => {
  it('what was there is gone: it is written where nothing is', async () => {
    const race = new Race()
    await race.run(({ stage }) => {
      plant(stage, 'aws', stampAt('gcp', 1))
      stage.meanwhile('aws', 'head', () => stage.at('aws').user.delete(key('k')))
    })
    expect(race.stage.sent).toMatchObject([{ since: null }, { since: null, mark: { onto: 'absent' } }])
    expect(race.stage.receipts).toMatchObject([{ action: 'copied', why: 'it was absent' }])
    expect(race.settled).toBe(false)
  })

  it('another came back: the general protocol takes over', async () => {
    const race = new Race()
    await race.run(({ stage }) => {
      plant(stage, 'aws', stampAt('gcp', 1))
      stage.meanwhile('aws', 'head', () => stage.at('aws').user.delete(key('k')))
      stage.meanwhile('aws', 'put', () => plant(stage, 'aws', stampAt('gcp', 2)), { skip: 1 })
    })
    expect(race.settled).toBe(true)
    expect(race.stage.shown('k')['aws']).toBe('new')
  })

  it('what was there changed: the general protocol takes over', async () => {
    const race = new Race()
    await race.run(({ stage }) => {
      plant(stage, 'aws', stampAt('gcp', 1))
      stage.meanwhile('aws', 'put', () => plant(stage, 'aws', stampAt('gcp', 2), { text: 'y' }), { skip: 1 })
    })
    expect(race.settled).toBe(true)
    expect(race.stage.shown('k')['aws']).toBe('new')
  })
})

describe('what is not clear is for the general protocol:', () => {
  it.each(['request-lost', 'answer-lost'] as const)('a write whose %s', async (fault) => {
    const race = new Race()
    await race.run(({ stage }) => stage.fault('aws', 'put', { fault }))
    expect(race.settled).toBe(true)
    expect(race.stage.done).toEqual([fault === 'answer-lost' ? 'agreed aws' : 'copied aws'])
    expect(race.stage.shown('k')['aws']).toBe('new')
  })

  it('which is looked at once more when it must have landed', async () => {
    const race = new Race()
    const again = await race.run(({ stage }) => stage.fault('aws', 'put', { fault: 'answer-lost' }))
    expect(again).toEqual([
      {
        message: { kind: 'settle', group: 'all', key: 'k' },
        delayMs: 60_000,
        queue: 'short',
        why: 'the answer to a write was lost, and it may still land',
      },
    ])
  })

  it('a lost answer over what a user wrote: it may be replaced by now, so it is reported', async () => {
    const race = new Race()
    const there = race.stage.at('aws').user.put(key('k'), bytes('theirs'))
    await race.run(({ stage }) => stage.fault('aws', 'put', { fault: 'answer-lost' }, { skip: 1 }))
    expect(race.stage.receipt('conflict', 'aws')).toMatchObject({ loser: stampOfMeta('aws', there), stamp: race.stamp })
    expect(race.settled).toBe(true)
  })

  it('a lost answer over a copy, which is nobody’s loss', async () => {
    const race = new Race()
    plant(race.stage, 'aws', stampAt('gcp', 1))
    await race.run(({ stage }) => stage.fault('aws', 'put', { fault: 'answer-lost' }, { skip: 1 }))
    expect(race.stage.done).toEqual(['agreed aws'])
  })

  it('a refusal over what a user wrote loses nobody', async () => {
    const race = new Race()
    race.stage.at('aws').user.put(key('k'), bytes('theirs'))
    await race.run(({ stage }) =>
      stage.fault('aws', 'put', { fault: 'refused', kind: 'throttled' }, { skip: 1, times: 9 }),
    )
    expect(race.stage.acts).toEqual(['deferred aws'])
  })

  it('a member that does not answer a look is not looked at once more: it comes back later', async () => {
    const race = new Race()
    await race.run(({ stage }) => {
      plant(stage, 'aws', stampAt('gcp', 1))
      stage.fault('aws', 'head', { fault: 'request-lost' })
    })
    expect(race.settled).toBe(false)
    expect(race.stage.acts).toContain('deferred aws')
  })

  it.each([
    [3_000, false],
    [3_001, true],
  ])('a round of %i ms', async (ms, settled) => {
    const race = new Race()
    await race.run(({ stage }) => stage.fault('aws', 'put', { fault: 'slow', ms }))
    expect(race.settled).toBe(settled)
    expect(race.stage.acts).toEqual(settled ? ['copied aws', 'agreed aws'] : ['copied aws'])
  })
})

describe('a refused write has already sent its body:', () => {
  it.each([
    [limits.blindBytes, { 'gcp get': 1, 'aws put': 1 }],
    [limits.blindBytes + 1, { 'gcp get': 1, 'aws head': 1, 'aws put': 1 }],
  ])('%i bytes cost %o', async (size, requests) => {
    const race = new Race('x'.repeat(size))
    await race.run()
    expect(race.stage.requests()).toEqual(requests)
    expect(race.stage.sent).toMatchObject([{ since: null, mark: { onto: 'absent' } }])
  })

  it('where users overwrite one looks first, as long as they do', async () => {
    const habits = new Habits()
    for (let times = 0; times < 6; times++) {
      const race = new Race()
      plant(race.stage, 'aws', stampAt('gcp', 1))
      await race.run(undefined, { habits })
      expect(race.stage.calls).toEqual(['gcp get', 'aws put', 'aws head', 'aws put'])
    }
    for (let times = 0; times < 8; times++) {
      const race = new Race()
      await race.run(undefined, { habits })
      expect(race.stage.calls).toEqual(['gcp get', 'aws head', 'aws put'])
    }
    const race = new Race()
    await race.run(undefined, { habits })
    expect(race.stage.calls).toEqual(['gcp get', 'aws put'])
  })

  it('an overwrite counts once, looked for or refused: where every fourth is one, all are looked for', async () => {
    const habits = new Habits()
    for (let times = 0; times < 46; times++) {
      const race = new Race()
      if (times < 6 || times % 4 === 0) plant(race.stage, 'aws', stampAt('gcp', 1))
      await race.run(undefined, { habits })
      const blind = ['aws put', 'aws head', 'aws put']
      expect(race.stage.calls).toEqual(['gcp get', ...(times < 6 ? blind : ['aws head', 'aws put'])])
    }
  })

  it('the limit is 64 KiB', () => {
    expect(limits.blindBytes).toBe(64 * 1024)
  })

  it('above it what is there is replaced at once', async () => {
    const race = new Race('x'.repeat(100_000))
    const there = plant(race.stage, 'aws', stampAt('gcp', 1), { mark: { onto: 'absent' } })
    await race.run()
    expect(race.stage.sent).toMatchObject([{ since: there.version, mark: { onto: 'absent' } }])
  })
})

it('where a member keeps no versions nobody is written to before all were looked at', async () => {
  const race = new Race('new', { profiles: { aws: withoutHistory(s3) } })
  const theirs = race.stage.at('aws').user.put(key('k'), bytes('theirs'))
  expect(theirs.size).toBe(6)
  await race.run()
  expect([race.settled, race.stage.sent, race.stage.acts]).toEqual([true, [], ['agreed gcp', 'parked aws']])
  expect(race.stage.shown('k')).toEqual({ aws: 'theirs', gcp: 'new' })
})

it('a defect of ours is no silence of a member', async () => {
  const race = new Race('x'.repeat(100_000))
  const { stage } = race
  const store: Core['store'] = (site) =>
    site === 'aws'
      ? { ...stage.at('aws').store, head: () => Promise.reject(new TypeError('ours')) }
      : stage.core.store(site)
  await expect(race.run(undefined, { store })).rejects.toThrow(TypeError)
})

it('what a guard forbids is told, not done; what the others get is not its business', async () => {
  const stage = new Stage()
  await stage.pass(20_000)
  const meta = stage.at('gcp').user.put(key('k'), bytes('new'))
  const intents: unknown[] = []
  const forbidden: Core['forbidden'] = (rule, site, intent) => {
    intents.push([rule, site, intent])
    return site === 'aws' ? 'enough for today' : null
  }
  const { receipts, again } = await run(
    { kind: 'event', event: stage.events[0]! },
    { ...stage.core, forbidden },
    signal,
  )
  expect(intents).toEqual(['aws', 'azure'].map((site) => ['all', site, { act: 'write', bytes: 3 }]))
  expect(receipts).toMatchObject([
    { action: 'held', site: 'aws', stamp: stampOfMeta('gcp', meta), bytes: 3, why: 'enough for today' },
    { action: 'copied', site: 'azure' },
  ])
  expect(again).toEqual([])
  expect(stage.shown('k')).toEqual({ aws: null, azure: 'new', gcp: 'new' })
})

it('a member that is out gets nothing', async () => {
  const race = new Race()
  await race.run(undefined, { out: (group, site) => group === 'all' && site === 'aws' })
  expect(race.stage.requests()).toEqual({ 'gcp get': 1 })
  expect(race.stage.receipts).toEqual([])
})

it('a target whose clock is behind is waited for, and the wait is no lag below zero', async () => {
  const race = new Race('new', { skewMs: { aws: -4_000 } })
  await race.run()
  expect(race.stage.receipt('copied', 'aws').lagMs).toBe(1_000)
  expect(race.stage.sent[0]!.mark!.writtenMs).toBe(race.meta.dateMs + 1_000)
})

it('a member that only a person can mend is parked, and nothing comes back for it', async () => {
  const race = new Race()
  const again = await race.run(({ stage }) =>
    stage.fault('aws', 'put', { fault: 'refused', kind: 'denied', scope: 'key' }),
  )
  expect([race.stage.acts, again, race.settled]).toEqual([['parked aws'], [], false])
})

it('where nothing was there before, writes stay blind', async () => {
  const stage = new Stage(pair)
  await stage.pass(20_000)
  for (let n = 0; n < 30; n++) {
    stage.events.length = 0
    stage.at('gcp').user.put(key(`new/${n}`), bytes('x'))
    stage.forgetCalls()
    await run({ kind: 'event', event: stage.events[0]! }, stage.core, signal)
    expect(stage.calls).toEqual(['gcp get', 'aws put'])
  }
})
