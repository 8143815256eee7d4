import { describe, expect, it } from 'vitest'
import { siteId } from '#shared/kernel/ids.ts'
import { breakers } from '#shared/layers/breakers.ts'
import { azure, resized, s3 } from '#shared/memory/profiles.ts'
import { run } from '#shared/replication/run.ts'
import { plant, stampOfMeta } from './plant.ts'
import { along, copied, deliver, messageTo } from './routes.ts'
import { bytes, key } from './trio.ts'

describe('a target that does not answer', () => {
  it('comes back by itself; the others are done', async () => {
    const stage = await along()
    stage.at('gcp').user.put(key('k'), bytes('x'.repeat(70_000)))
    stage.fault('aws', 'head', { fault: 'request-lost' })
    const { again } = await deliver(stage)
    expect(stage.acts.toSorted()).toEqual(['copied azure', 'deferred aws'])
    expect(again).toEqual([
      {
        message: messageTo(stage, 'aws'),
        delayMs: 30_000,
        queue: 'short',
        why: expect.stringContaining('head k at aws'),
      },
    ])
    expect(stage.receipt('deferred', 'aws').why).toBe(again[0]!.why)
    await stage.deliver(again[0]!.message)
    expect(stage.shown('k')).toMatchObject({ aws: 'x'.repeat(70_000) })
  })

  it('is not asked behind its open breaker', async () => {
    const stage = await copied()
    const core = { breakers: breakers({ clock: stage.clock, failures: 1, restMs: 60_000 }) }
    core.breakers.failed(siteId('aws'))
    stage.at('gcp').user.put(key('k'), bytes('two'))
    const { again } = await deliver(stage, core)
    expect(stage.acts.toSorted()).toEqual(['copied azure', 'deferred aws'])
    expect(again).toMatchObject([{ message: { targets: ['aws'] } }])
    expect(stage.requests()).not.toHaveProperty('aws put')
    expect(stage.requests()).not.toHaveProperty('aws head')
  })

  it.each(['throttled', 'denied', 'unreachable'] as const)(
    'when written to (%s) comes back by itself',
    async (kind) => {
      const stage = await along()
      stage.at('gcp').user.put(key('k'), bytes('x'))
      stage.fault('aws', 'put', { fault: 'refused', kind })
      const { again } = await deliver(stage)
      expect(stage.acts.toSorted()).toEqual(['copied azure', 'deferred aws'])
      expect(again).toMatchObject([{ message: messageTo(stage, 'aws'), delayMs: 30_000 }])
    },
  )

  it('when removed from opens its breaker', async () => {
    const stage = await copied({ to: ['aws'] })
    const core = { breakers: breakers({ clock: stage.clock, failures: 1, restMs: 60_000 }) }
    stage.fault('aws', 'remove', { fault: 'refused', kind: 'throttled' })
    stage.at('gcp').user.delete(key('k'))
    const { again } = await deliver(stage, core)
    expect(again).toMatchObject([{ message: { targets: ['aws'], seen: true } }])
    expect(core.breakers.mayAsk(siteId('aws'))).toBe(false)
  })
})

describe('what only a person can end is parked, not tried again:', () => {
  it.each(['lease', 'hold'] as const)('a %s at the target', async (refusal) => {
    const stage = await copied()
    stage.at('aws').bucket.refuse(key('k'), refusal)
    stage.at('gcp').user.put(key('k'), bytes('two'))
    const { again } = await deliver(stage)
    expect([stage.acts.toSorted(), again]).toEqual([['copied azure', 'parked aws'], []])
    expect(stage.receipt('parked', 'aws').why).toContain(refusal)
  })

  it('a lease on what is to be removed', async () => {
    const stage = await copied()
    stage.at('aws').bucket.refuse(key('k'), 'lease')
    stage.at('gcp').user.delete(key('k'))
    const { again } = await deliver(stage)
    expect([stage.acts.toSorted(), again]).toEqual([['deleted azure', 'parked aws'], []])
  })

  it('an archived source, for every target', async () => {
    const stage = await along()
    stage.at('gcp').user.put(key('k'), bytes('x'))
    stage.at('gcp').bucket.refuse(key('k'), 'archived')
    const { again } = await stage.deliver(messageTo(stage, 'aws', 'azure'))
    expect([stage.acts, again, stage.sent]).toEqual([['parked gcp', 'parked gcp'], [], []])
  })

  it('metadata wider than a target holds', async () => {
    const stage = await along()
    stage.at('gcp').user.put(key('k'), bytes('x'), { metadata: { m: 'x'.repeat(2_000) } })
    const { again } = await deliver(stage)
    expect([stage.acts.toSorted(), again]).toEqual([['copied azure', 'parked aws'], []])
  })

  it('an object larger than a target holds', async () => {
    const stage = await along({}, { profiles: { aws: resized(s3, { objectBytesMax: 1 }), azure } })
    stage.at('gcp').user.put(key('k'), bytes('xx'))
    await deliver(stage)
    expect(stage.acts.toSorted()).toEqual(['copied azure', 'parked aws'])
  })
})

it('a source that does not answer leaves everything to later', async () => {
  const stage = await along()
  stage.at('gcp').user.put(key('k'), bytes('x'))
  stage.fault('gcp', 'head', { fault: 'request-lost' })
  const { again } = await stage.deliver(messageTo(stage, 'aws', 'azure'))
  expect(again).toMatchObject([{ message: messageTo(stage, 'aws', 'azure'), delayMs: 30_000 }])
  expect(stage.acts).toEqual(['deferred gcp'])
})

it('a source that breaks off opens its own breaker and comes back for every target', async () => {
  const stage = await along()
  const core = { breakers: breakers({ clock: stage.clock, failures: 1, restMs: 60_000 }) }
  stage.at('gcp').user.put(key('k'), bytes('x'))
  stage.fault('gcp', 'get', { fault: 'cut', byte: 0 })
  const { again } = await deliver(stage, core)
  expect(again.map(({ message }) => 'targets' in message && message.targets)).toEqual([['aws', 'azure']])
  expect(core.breakers.mayAsk(siteId('gcp'))).toBe(false)
})

it('a source that answers closes its breaker again', async () => {
  const stage = await copied()
  const core = { breakers: breakers({ clock: stage.clock, failures: 2, restMs: 60_000 }) }
  core.breakers.failed(siteId('gcp'))
  await run(messageTo(stage, 'aws'), { ...stage.core, ...core }, new AbortController().signal)
  core.breakers.failed(siteId('gcp'))
  expect(core.breakers.mayAsk(siteId('gcp'))).toBe(true)
})

it('a bit that flipped once is read again in the next round', async () => {
  const stage = await along()
  stage.at('gcp').user.put(key('k'), bytes('x'))
  stage.fault('gcp', 'get', { fault: 'bit-flipped', byte: 0 })
  await deliver(stage)
  expect(stage.acts).toEqual(['copied aws', 'copied azure'])
})

it('a bit that flips every time comes back after six rounds, and nothing was written', async () => {
  const stage = await along()
  stage.at('gcp').user.put(key('k'), bytes('x'))
  stage.fault('gcp', 'get', { fault: 'bit-flipped', byte: 0 }, { times: Infinity })
  const { again } = await deliver(stage)
  expect(stage.calls.filter((call) => call === 'gcp get')).toHaveLength(6)
  expect(stage.sent).toEqual([])
  expect(again).toMatchObject([{ message: messageTo(stage, 'aws', 'azure'), delayMs: 30_000, queue: 'short' }])
  expect(stage.receipt('deferred', 'gcp').why).toBe('no agreement within the rounds and the time of one function')
})

it.each(['request-lost', 'answer-lost'] as const)('a write whose %s is looked at again', async (fault) => {
  const stage = await along({ to: ['aws'] })
  stage.at('gcp').user.put(key('k'), bytes('x'))
  stage.fault('aws', 'put', { fault })
  await deliver(stage)
  expect(stage.done).toEqual([fault === 'answer-lost' ? 'agreed aws' : 'copied aws'])
  expect(stage.shown('k')['aws']).toBe('x')
})

it.each([
  ['what a user wrote is reported, for it may be replaced by now', 'theirs', 1],
  ['a copy is nobody’s loss', 'copy', 0],
])('a lost answer over %s', async (_, what, conflicts) => {
  const stage = await along({ foreign: 'replace', to: ['aws'] })
  const copy = stampOfMeta('gcp', stage.at('gcp').user.put(key('k'), bytes('one')))
  if (what === 'theirs') stage.at('aws').user.put(key('k'), bytes('theirs'))
  else plant(stage, 'aws', copy, { text: 'one', entry: 'isobarfrom' })
  await stage.pass(20_000)
  stage.at('gcp').user.put(key('k'), bytes('two'))
  stage.fault('aws', 'put', { fault: 'answer-lost' }, { skip: 1 })
  await deliver(stage)
  expect(stage.receipts.filter(({ action }) => action === 'conflict')).toHaveLength(conflicts)
  expect(stage.shown('k')['aws']).toBe('two')
})

it('a write that was refused over what a user wrote displaced nothing, and reports nothing', async () => {
  const stage = await along({ foreign: 'replace', to: ['aws'] })
  stage.at('aws').user.put(key('k'), bytes('theirs'))
  stage.at('gcp').user.put(key('k'), bytes('two'))
  stage.fault('aws', 'put', { fault: 'refused', kind: 'throttled' }, { skip: 1 })
  await deliver(stage)
  expect(stage.acts).toEqual(['deferred aws'])
  expect(stage.shown('k')['aws']).toBe('theirs')
})

it('a write whose answer was lost is looked at once more when it must have landed', async () => {
  const stage = await along()
  stage.at('gcp').user.put(key('k'), bytes('x'))
  stage.fault('azure', 'put', { fault: 'answer-lost' })
  const { again } = await deliver(stage)
  const why = 'the answer to a write was lost, and it may still land'
  expect(again).toEqual([{ message: messageTo(stage, 'azure'), delayMs: 60_000, queue: 'short', why }])
})

it('what is refused alone is not', async () => {
  const stage = await along({ to: ['aws'] })
  stage.at('gcp').user.put(key('k'), bytes('x'))
  stage.fault('aws', 'put', { fault: 'bit-flipped', byte: 0 })
  expect((await deliver(stage)).again).toEqual([])
  expect(stage.acts).toEqual(['copied aws'])
})

describe('an object larger than one write', () => {
  const limits = { smallBytes: 10, partBytes: 5 * 1024 * 1024 }

  it('moves in parts where the function has the time', async () => {
    const stage = await along({}, { limits })
    stage.at('gcp').user.put(key('k'), bytes('x'.repeat(11)))
    await deliver(stage)
    expect(stage.sent.map(({ site, verb }) => `${site} ${verb}`)).toEqual(['aws commit', 'azure commit'])
    expect(stage.receipts).toMatchObject([{ parts: 1 }, { parts: 1 }])
  })

  it('that its source does not give out is the source’s trouble, for every target', async () => {
    const stage = await along({}, { limits })
    stage.at('gcp').user.put(key('k'), bytes('x'.repeat(11)))
    stage.at('gcp').bucket.refuse(key('k'), 'archived')
    const { again } = await stage.deliver(messageTo(stage, 'aws', 'azure'))
    expect([stage.acts, again, stage.sent]).toEqual([['parked gcp', 'parked gcp'], [], []])
  })

  it('whose source is denied comes back for every target, and the source is named', async () => {
    const stage = await along({}, { limits })
    stage.at('gcp').user.put(key('k'), bytes('x'.repeat(11)))
    stage.fault('gcp', 'get', { fault: 'refused', kind: 'denied' }, { times: Infinity })
    const { again } = await stage.deliver(messageTo(stage, 'aws', 'azure'))
    expect(stage.acts).toEqual(['deferred gcp', 'deferred gcp'])
    expect(again).toMatchObject([{ message: messageTo(stage, 'aws', 'azure'), delayMs: 30_000, queue: 'short' }])
  })

  it('that a target does not take in parts is the target’s trouble', async () => {
    const stage = await along({}, { limits })
    stage.at('gcp').user.put(key('k'), bytes('x'.repeat(11)))
    stage.fault('aws', 'putPart', { fault: 'refused', kind: 'denied' })
    const { again } = await deliver(stage)
    expect(stage.acts.toSorted()).toEqual(['copied azure', 'deferred aws'])
    expect(again).toMatchObject([{ message: messageTo(stage, 'aws') }])
  })

  it.each([
    [10, false],
    [11, true],
  ])('of %i bytes goes to the queue of those that have: %s', async (size, long) => {
    const stage = await along({}, { limits })
    stage.at('gcp').user.put(key('k'), bytes('x'.repeat(size)))
    const { again } = await deliver(stage, { transfers: false })
    expect(again).toEqual(
      long
        ? [
            {
              message: messageTo(stage, 'aws', 'azure'),
              delayMs: 0,
              queue: 'long',
              why: 'larger than one write: it moves in parts',
            },
          ]
        : [],
    )
    expect(stage.sent).toHaveLength(long ? 0 : 2)
  })
})

describe('what a guard forbids is told, not done:', () => {
  it('a write along a route', async () => {
    const stage = await along()
    stage.at('gcp').user.put(key('k'), bytes('abc'))
    const asked: unknown[] = []
    const { again } = await deliver(stage, {
      forbidden: (rule, site, intent) => {
        asked.push([rule, site, intent])
        return site === 'aws' ? 'enough' : null
      },
    })
    expect(asked).toEqual(['aws', 'azure'].map((site) => ['r', site, { act: 'write', bytes: 3 }]))
    expect(stage.receipt('held', 'aws')).toMatchObject({ why: 'enough', bytes: 3 })
    expect([stage.acts.toSorted(), again]).toEqual([['copied azure', 'held aws'], []])
  })

  it('a removal along a route', async () => {
    const stage = await copied()
    stage.at('gcp').user.delete(key('k'))
    const { again } = await deliver(stage, {
      forbidden: (_, site, intent) => (site === 'aws' && intent.act === 'remove' ? 'enough' : null),
    })
    expect([stage.acts.toSorted(), again]).toEqual([['deleted azure', 'held aws'], []])
    expect(stage.receipt('held', 'aws').bytes).toBe(0)
    expect(stage.shown('k')['aws']).toBe('one')
  })
})
