import { describe, expect, it } from 'vitest'
import { siteId } from '#shared/kernel/ids.ts'
import { breakers } from '#shared/layers/breakers.ts'
import { gcs, withoutHistory } from '#shared/memory/profiles.ts'
import type { Core } from '#shared/replication/core.ts'
import type { Outcome } from '#shared/replication/model.ts'
import { run } from '#shared/replication/run.ts'
import { plant, stampAt, stampOfMeta } from './plant.ts'
import { Stage } from './stage.ts'
import { bytes, key, oneGroup, type TrioOptions } from './trio.ts'

const signal = new AbortController().signal
const sites = ['aws', 'azure', 'gcp'] as const

async function calm(options: TrioOptions = {}, document: object = oneGroup): Promise<Stage> {
  const stage = new Stage(document, options)
  await stage.pass(20_000)
  stage.forget()
  return stage
}

async function settle(stage: Stage, core: Partial<Core> = {}): Promise<Outcome> {
  const message = { kind: 'settle', group: stage.group.id, key: key('k') } as const
  const outcome = await run(message, { ...stage.core, ...core }, signal)
  stage.receipts.push(...outcome.receipts)
  return outcome
}

/** One at AWS, older copies of it at the others. */
async function behind(options: TrioOptions = {}): Promise<Stage> {
  const stage = await calm(options)
  const old = stampAt('aws', stage.clock.ms - 60_000)
  for (const site of ['azure', 'gcp']) plant(stage, site, old, { text: 'old' })
  stage.at('aws').user.put(key('k'), bytes('new'))
  await stage.pass(5_000)
  stage.forget()
  return stage
}

const comesBack = { message: { kind: 'settle', group: 'all', key: 'k' }, delayMs: 30_000, queue: 'short' }

describe('what only a person can end is parked; the others are done:', () => {
  it.each(['lease', 'hold'] as const)('a %s forbids writing', async (refusal) => {
    const stage = await behind()
    stage.at('azure').bucket.refuse(key('k'), refusal)
    const { again } = await settle(stage)
    expect([stage.acts.toSorted(), again]).toEqual([['copied gcp', 'parked azure'], []])
    expect(stage.receipt('parked', 'azure').why).toBe(`k: under a ${refusal}, which a person must end`)
    expect(stage.shown('k')).toEqual({ aws: 'new', azure: 'old', gcp: 'new' })
  })

  it('a lease forbids removing', async () => {
    const stage = await behind()
    stage.at('azure').bucket.refuse(key('k'), 'lease')
    stage.at('aws').user.delete(key('k'))
    const { again } = await settle(stage)
    expect([stage.acts.toSorted(), again]).toEqual([['deleted gcp', 'parked azure'], []])
  })

  it('a key that its site denies, while the site is well', async () => {
    const stage = await behind()
    stage.fault('azure', 'head', { fault: 'refused', kind: 'denied', scope: 'key' })
    const { again } = await settle(stage)
    expect([stage.acts.toSorted(), again]).toEqual([['copied gcp', 'parked azure'], []])
  })

  it('metadata wider than a member holds', async () => {
    const stage = await calm()
    stage.at('gcp').user.put(key('k'), bytes('x'), { metadata: { m: 'x'.repeat(2_000) } })
    const { again } = await settle(stage)
    expect([stage.acts.toSorted(), again]).toEqual([['copied azure', 'parked aws'], []])
  })

  it('a history too long: nothing is deleted or written there by itself', async () => {
    const stage = await calm()
    for (let i = 0; i < 70; i++) stage.at('aws').user.put(key('k'), bytes(`${i}`))
    stage.at('aws').user.delete(key('k'))
    plant(stage, 'azure', stampAt('gcp', stage.clock.ms), { text: 'shown' })
    const { again } = await settle(stage)
    expect([stage.acts.toSorted(), again]).toEqual([['copied gcp', 'parked aws'], []])
    expect(stage.receipt('parked', 'aws').why).toContain('the history of this key is longer')
    expect(stage.sent.filter(({ site }) => site === 'aws')).toEqual([])
  })
})

describe('a member that keeps no versions', () => {
  it('is refused: it is neither asked nor written, and the others settle without it', async () => {
    const stage = await behind({ profiles: { gcp: withoutHistory(gcs) } })
    const { again } = await settle(stage)
    expect([stage.acts.toSorted(), again]).toEqual([['copied azure', 'parked gcp'], []])
    expect(stage.receipt('parked', 'gcp').why).toBe(
      'gcp: keeps no noncurrent versions, and a group needs them; turn versioning on',
    )
    expect(stage.calls.filter((call) => call.startsWith('gcp'))).toEqual([])
  })
})

describe('a member that shows the winner and does not give it out', () => {
  it('is left alone: another one is read', async () => {
    const stage = await calm()
    const stamp = stampOfMeta('aws', stage.at('aws').user.put(key('k'), bytes('x')))
    plant(stage, 'azure', stamp)
    stage.at('aws').bucket.refuse(key('k'), 'archived')
    const { again } = await settle(stage)
    expect(stage.acts).toEqual(['copied gcp'])
    expect(stage.calls.filter((call) => call.endsWith('get'))).toEqual(['aws get', 'azure get'])
    expect(again).toEqual([])
  })

  it.each([
    ['archived', () => undefined],
    ['throttled', (stage: Stage) => stage.fault('aws', 'get', { fault: 'refused', kind: 'throttled' }, { times: 99 })],
  ])('is left alone though it is large and read in parts: %s', async (how, fault) => {
    const stage = await calm({ limits: { smallBytes: 10, partBytes: 5 * 1024 * 1024 } })
    const text = 'x'.repeat(11)
    plant(stage, 'azure', stampOfMeta('aws', stage.at('aws').user.put(key('k'), bytes(text))), { text })
    if (how === 'archived') stage.at('aws').bucket.refuse(key('k'), 'archived')
    fault(stage)
    const { again } = await settle(stage)
    expect([stage.acts, again]).toEqual([['copied gcp'], []])
  })

  it('is parked where nobody else has it', async () => {
    const stage = await calm()
    stage.at('aws').user.put(key('k'), bytes('x'))
    stage.at('aws').bucket.refuse(key('k'), 'archived')
    const { again } = await settle(stage)
    expect([stage.acts, again, stage.sent]).toEqual([['parked aws'], [], []])
    expect(stage.receipt('parked', 'aws').why).toBe('k is archived: restore it to read it')
  })

  it('brings the key back where it may give it later', async () => {
    const stage = await calm()
    stage.at('aws').user.put(key('k'), bytes('x'))
    stage.fault('aws', 'get', { fault: 'refused', kind: 'throttled' }, { times: Infinity })
    const { again } = await settle(stage)
    expect(stage.acts).toEqual(['deferred aws'])
    expect(again).toMatchObject([{ ...comesBack, why: 'get at aws: refused by an injected fault' }])
    expect(stage.calls.filter((call) => call === 'aws get')).toHaveLength(1)
  })

  it('opens its breaker where the whole site does not', async () => {
    const stage = await calm()
    stage.at('aws').user.put(key('k'), bytes('x'))
    stage.fault('aws', 'get', { fault: 'cut', byte: 0 })
    const core = { breakers: breakers({ clock: stage.clock, failures: 1, restMs: 60_000 }) }
    const { again } = await settle(stage, core)
    expect(core.breakers.mayAsk(siteId('aws'))).toBe(false)
    expect(again).toMatchObject([comesBack])
  })

  it('for a moment is read again', async () => {
    const stage = await calm()
    stage.at('aws').user.put(key('k'), bytes('x'))
    stage.fault('aws', 'get', { fault: 'bit-flipped', byte: 0 })
    await settle(stage)
    expect(stage.acts.toSorted()).toEqual(['copied azure', 'copied gcp'])
  })
})

describe('an outcome that nobody knows is read back', () => {
  it.each([
    ['put', 'answer-lost', ['agreed aws', 'copied gcp'], 1],
    ['put', 'request-lost', ['copied azure', 'copied gcp'], 2],
  ] as const)('after a %s whose %s', async (verb, fault, acts, writes) => {
    const stage = await behind()
    stage.fault('azure', verb, { fault })
    await settle(stage)
    expect(stage.done.toSorted()).toEqual(acts)
    expect(stage.shown('k')).toEqual({ aws: 'new', azure: 'new', gcp: 'new' })
    expect(stage.sent.filter(({ site }) => site === 'azure')).toHaveLength(writes)
  })

  it.each([
    ['put', 'answer-lost'],
    ['remove', 'request-lost'],
  ] as const)('and once more when a %s must have landed: %s', async (verb, fault) => {
    const stage = await behind()
    if (verb === 'remove') stage.at('aws').user.delete(key('k'))
    stage.fault('azure', verb, { fault })
    const { again } = await settle(stage)
    expect(again).toMatchObject([{ ...comesBack, delayMs: 60_000, why: expect.stringContaining('may still land') }])
  })

  it.each([
    ['answer-lost', 1],
    ['request-lost', 2],
  ] as const)('after a removal whose %s', async (fault, removals) => {
    const stage = await behind()
    stage.at('aws').user.delete(key('k'))
    stage.fault('azure', 'remove', { fault })
    await settle(stage)
    expect(stage.shown('k')).toEqual({ aws: null, azure: null, gcp: null })
    expect(stage.sent.filter(({ site }) => site === 'azure')).toHaveLength(removals)
  })

  it.each(['put', 'remove'] as const)('and a user’s version that a %s may have covered is reported', async (verb) => {
    const stage = await calm()
    const theirs = stage.at('azure').user.put(key('k'), bytes('theirs'))
    const newer = plant(stage, 'aws', stampAt('gcp', stage.clock.ms + 1_000), { text: 'newer' })
    await stage.pass(5_000)
    if (verb === 'remove') stage.at('aws').user.delete(key('k'))
    stage.fault('azure', verb, { fault: 'answer-lost' })
    await settle(stage)
    expect(newer.id).not.toBe(theirs.id)
    expect(stage.receipt('conflict', 'azure')).toMatchObject({ loser: stampOfMeta('azure', theirs) })
  })
})

describe('members that do not answer', () => {
  it('bring the key back by one delayed message, however many they are', async () => {
    const stage = await behind()
    stage.cutOff('azure', 'head')
    stage.cutOff('gcp', 'head')
    const { again } = await settle(stage)
    expect(again).toMatchObject([{ ...comesBack, why: expect.stringContaining('head k at azure') }])
    expect(stage.acts).toEqual(['agreed aws', 'deferred azure', 'deferred gcp'])
  })

  it('are not asked again, and delay nobody else', async () => {
    const stage = await behind()
    stage.cutOff('azure', 'head')
    stage.fault('gcp', 'put', { fault: 'request-lost' })
    await settle(stage)
    expect(stage.calls.filter((call) => call === 'azure head')).toHaveLength(1)
    expect(stage.calls.filter((call) => call === 'gcp head')).toHaveLength(2)
    expect(stage.done).toEqual(['copied gcp'])
  })

  it('all of them leave everything as it is', async () => {
    const stage = await behind()
    for (const site of sites) stage.cutOff(site, 'head')
    const { again } = await settle(stage)
    expect(again).toMatchObject([{ ...comesBack, why: expect.stringContaining('head k at aws') }])
    expect([stage.acts, stage.sent]).toEqual([['deferred aws', 'deferred azure', 'deferred gcp'], []])
  })

  it.each(['throttled', 'denied', 'unreachable'] as const)('to a write (%s) come back later', async (kind) => {
    const stage = await behind()
    stage.fault('azure', 'put', { fault: 'refused', kind }, { times: Infinity })
    const { again } = await settle(stage)
    expect(stage.acts.toSorted()).toEqual(['copied gcp', 'deferred azure'])
    expect(again).toMatchObject([comesBack])
    expect(stage.sent.filter(({ site }) => site === 'azure')).toHaveLength(1)
  })

  it('to a removal come back later', async () => {
    const stage = await behind()
    stage.at('aws').user.delete(key('k'))
    stage.fault('azure', 'remove', { fault: 'refused', kind: 'throttled' })
    const { again, missed } = await settle(stage)
    expect(stage.acts.toSorted()).toEqual(['deferred azure', 'deleted gcp'])
    expect(again).toMatchObject([comesBack])
    expect(missed).toEqual(['azure'])
  })

  it('to a removal in every round are missed: what shows there may outlive the memory of its deletion', async () => {
    const stage = await behind()
    stage.at('aws').user.delete(key('k'))
    stage.fault('azure', 'remove', { fault: 'refused', kind: 'conflict' }, { times: Infinity })
    expect((await settle(stage)).missed).toEqual(['azure'])
  })

  it('to a removal in one round and not in the next are not missed', async () => {
    const stage = await behind()
    stage.at('aws').user.delete(key('k'))
    stage.fault('azure', 'remove', { fault: 'refused', kind: 'conflict' })
    stage.fault('gcp', 'remove', { fault: 'refused', kind: 'conflict' }, { times: Infinity })
    expect((await settle(stage)).missed).toEqual(['gcp'])
  })

  it('to a listing come back later; nothing is concluded from what they show', async () => {
    const stage = await calm()
    plant(stage, 'azure', stampAt('aws', stage.clock.ms), { text: 'x' })
    stage.fault('gcp', 'versions', { fault: 'request-lost' })
    const { again } = await settle(stage)
    expect(stage.acts.toSorted()).toEqual(['copied aws', 'deferred gcp'])
    expect(again).toMatchObject([comesBack])
    expect(stage.shown('k')['gcp']).toBeNull()
  })

  it('behind an open breaker are not asked at all', async () => {
    const stage = await behind()
    const core = { breakers: breakers({ clock: stage.clock, failures: 1, restMs: 60_000 }) }
    core.breakers.failed(siteId('azure'))
    const { again } = await settle(stage, core)
    expect(stage.calls.filter((call) => call.startsWith('azure'))).toEqual([])
    expect(again).toMatchObject([{ ...comesBack, why: 'azure: its breaker is open' }])
    expect(stage.shown('k')['gcp']).toBe('new')
  })

  it('and those that are parked are both told', async () => {
    const stage = await behind()
    stage.cutOff('azure', 'head')
    stage.at('gcp').bucket.refuse(key('k'), 'lease')
    const { again } = await settle(stage)
    expect(stage.acts.toSorted()).toEqual(['deferred azure', 'parked gcp'])
    expect(again).toHaveLength(1)
  })

  it('a mark of a newer format brings the key back, and the others settle without it', async () => {
    const stage = await behind()
    stage.at('azure').user.put(key('k'), bytes('x'), { metadata: { isobar: '2;later' } })
    const { again } = await settle(stage)
    expect(stage.acts.toSorted()).toEqual(['copied gcp', 'deferred azure'])
    expect(again).toMatchObject([comesBack])
  })
})

it('a member that is out is not asked, and nothing of it is told', async () => {
  const stage = await behind()
  const { again } = await settle(stage, { out: (group, site) => group === 'all' && site === 'azure' })
  expect([stage.acts, again]).toEqual([['copied gcp'], []])
  expect(stage.calls.filter((call) => call.startsWith('azure'))).toEqual([])
})
