import { describe, expect, it } from 'vitest'
import type { Core } from '#shared/replication/core.ts'
import { siteId } from '#shared/kernel/ids.ts'
import type { Outcome } from '#shared/replication/model.ts'
import { settle, type SettleOptions } from '#shared/replication/settle.ts'
import { plant, stampAt, stampOfMeta } from './plant.ts'
import { Stage } from './stage.ts'
import { bytes, key, oneGroup, type TrioOptions } from './trio.ts'

const signal = new AbortController().signal
const classes = { sites: oneGroup.sites, replicate: [{ ...oneGroup.replicate[0], storageClass: { gcp: 'COLDLINE' } }] }

async function calm(options: TrioOptions = {}): Promise<Stage> {
  const stage = new Stage(classes, options)
  await stage.pass(20_000)
  stage.forget()
  return stage
}

async function settled(stage: Stage, options: Partial<SettleOptions> = {}, core: Partial<Core> = {}): Promise<Outcome> {
  const all = { deeper: true, uncovered: null, ...options }
  const outcome = await settle(stage.group, key('k'), { ...stage.core, ...core }, signal, all)
  stage.receipts.push(...outcome.receipts)
  return outcome
}

function heads(stage: Stage, site: string): number {
  return stage.calls.filter((call) => call === `${site} head`).length
}

describe('the winner is alive:', () => {
  it('who is behind gets it under the condition of what was seen, its stamp unchanged', async () => {
    const stage = await calm()
    const stamp = stampAt('azure', stage.clock.ms - 9_000)
    const theirs = stage.at('aws').user.put(key('k'), bytes('theirs'))
    stage.clock.ms += 10_000
    const winner = plant(stage, 'azure', { ...stamp, timeMs: stage.clock.ms - 2_000 }, { text: 'winner' })
    await stage.pass(5_000)
    stage.forgetCalls()
    const { again } = await settled(stage)
    const won = { ...stamp, timeMs: winner.dateMs - 2_000 }
    expect(stage.sent).toMatchObject([
      { site: 'aws', since: theirs.version, mark: { stamp: won, onto: 'over' }, write: { storageClass: null } },
      { site: 'gcp', since: null, mark: { stamp: won, onto: 'absent' }, write: { storageClass: 'COLDLINE' } },
    ])
    const copied = { action: 'copied', rule: 'all', key: 'k', stamp: won, loser: null, bytes: 6, parts: 0 }
    expect(stage.receipts).toEqual([
      { ...copied, site: 'aws', lagMs: 7_000, checksum: 'verified', why: 'it was older' },
      {
        ...copied,
        action: 'conflict',
        site: 'aws',
        loser: stampOfMeta('aws', theirs),
        bytes: 0,
        lagMs: null,
        checksum: null,
        why: 'a version that a user wrote here is kept as a noncurrent one',
      },
      { ...copied, site: 'gcp', lagMs: 7_000, checksum: 'verified', why: 'it was absent' },
    ])
    expect(again).toEqual([])
  })

  it('one member that shows it is read, once', async () => {
    const stage = await calm()
    stage.at('gcp').user.put(key('k'), bytes('x'))
    await settled(stage)
    expect(stage.requests()).toEqual({
      'aws head': 1,
      'aws versions': 1,
      'aws put': 1,
      'azure head': 1,
      'azure versions': 1,
      'azure put': 1,
      'gcp head': 1,
      'gcp get': 1,
    })
  })
})

describe('the winner is dead:', () => {
  it('what shows goes from everyone who shows it, under the condition of what was seen', async () => {
    const stage = await calm()
    const dead = stage.at('gcp').user.put(key('k'), bytes('x'))
    stage.at('gcp').user.delete(key('k'))
    const stamp = stampOfMeta('gcp', dead)
    const theirs = stage.at('aws').user.put(key('k'), bytes('theirs'))
    const copy = plant(stage, 'azure', stamp)
    stage.clock.ms += 5_000
    expect(theirs.dateMs).toBe(dead.dateMs)
    await settled(stage)
    expect(stage.sent).toMatchObject([
      { site: 'aws', verb: 'remove', since: theirs.version },
      { site: 'azure', verb: 'remove', since: copy.version },
    ])
    expect(stage.receipts).toMatchObject([
      { action: 'deleted', site: 'aws', stamp, why: 'the greatest value is a deletion' },
      { action: 'conflict', site: 'aws', stamp, loser: stampOfMeta('aws', theirs) },
      { action: 'deleted', site: 'azure', stamp },
    ])
  })
})

describe('agreement', () => {
  it('is told once, with what all show', async () => {
    const stage = await calm()
    const stamp = stampOfMeta('aws', stage.at('aws').user.put(key('k'), bytes('x')))
    for (const site of ['azure', 'gcp']) plant(stage, site, stamp)
    await settled(stage)
    expect(stage.receipts).toMatchObject([
      { action: 'agreed', site: 'aws', stamp, why: 'every member that answered shows the same' },
    ])
    await settled(stage, {}, { out: (_, site) => site === siteId('aws') })
    expect(stage.receipts[1]).toMatchObject({ action: 'agreed', site: 'azure', stamp })
  })

  it('of all who show nothing has no stamp', async () => {
    const stage = await calm()
    await settled(stage)
    expect(stage.receipts).toMatchObject([{ action: 'agreed', stamp: null }])
    expect(stage.requests()).toEqual({ 'aws head': 1, 'azure head': 1, 'gcp head': 1 })
  })

  it.each([true, false])('looks below copies written where nothing was only when asked to (%s)', async (deeper) => {
    const stage = await calm()
    const stamp = stampOfMeta('aws', stage.at('aws').user.put(key('k'), bytes('x')))
    for (const site of ['azure', 'gcp']) plant(stage, site, stamp, { mark: { onto: 'absent' } })
    await settled(stage, { deeper })
    expect(stage.calls.filter((call) => call.endsWith('versions'))).toEqual(
      deeper ? ['azure versions', 'gcp versions'] : [],
    )
  })
})

describe('another round', () => {
  it('follows a condition that failed', async () => {
    const stage = await calm()
    stage.at('aws').user.put(key('k'), bytes('x'))
    plant(stage, 'azure', stampAt('aws', 1), { text: 'old', mark: { onto: 'over' } })
    const stamp = stampOfMeta('aws', stage.at('aws').bucket.head(key('k'))!)
    plant(stage, 'gcp', stamp, { mark: { onto: 'absent' } })
    stage.meanwhile('azure', 'put', () => plant(stage, 'azure', stampAt('aws', 2), { text: 'moved' }))
    await settled(stage, { deeper: false })
    expect(stage.shown('k')).toEqual({ aws: 'x', azure: 'x', gcp: 'x' })
    expect(heads(stage, 'azure')).toBe(2)
  })

  it('looks deeper, though the first was not asked to', async () => {
    const stage = await calm()
    const stamp = stampOfMeta('aws', stage.at('aws').user.put(key('k'), bytes('x')))
    plant(stage, 'azure', stampAt('aws', 1), { text: 'old' })
    plant(stage, 'gcp', stamp)
    stage.meanwhile('azure', 'put', () => plant(stage, 'azure', stamp, { mark: { onto: 'absent' } }))
    await settled(stage, { deeper: false })
    expect(stage.calls.filter((call) => call.endsWith('versions'))).toEqual(['azure versions'])
    expect(stage.acts).toEqual(['agreed aws'])
  })

  it('follows a removal whose condition failed', async () => {
    const stage = await calm()
    const dead = stage.at('gcp').user.put(key('k'), bytes('x'))
    stage.at('gcp').user.delete(key('k'))
    plant(stage, 'azure', stampOfMeta('gcp', dead))
    stage.clock.ms += 5_000
    stage.meanwhile('azure', 'remove', () => stage.at('azure').user.put(key('k'), bytes('newer')))
    await settled(stage)
    expect(stage.shown('k')).toEqual({ aws: 'newer', azure: 'newer', gcp: 'newer' })
  })

  it('follows a member that moved on between two looks', async () => {
    const stage = await calm()
    stage.at('aws').user.put(key('k'), bytes('x'))
    stage.clock.ms += 3_000
    stage.meanwhile('azure', 'versions', () => stage.at('azure').user.put(key('k'), bytes('newer')))
    await settled(stage)
    expect(stage.shown('k')).toEqual({ aws: 'newer', azure: 'newer', gcp: 'newer' })
    expect(heads(stage, 'azure')).toBe(2)
  })

  it.each([
    [3_000, 1],
    [3_001, 2],
  ])('follows one of %i ms: %i rounds', async (ms, rounds) => {
    const stage = await calm()
    stage.at('aws').user.put(key('k'), bytes('x'))
    await stage.pass(5_000)
    stage.forgetCalls()
    stage.meanwhile('azure', 'put', () => (stage.clock.ms += ms))
    await settled(stage)
    expect(heads(stage, 'aws')).toBe(rounds)
    expect(stage.acts).toEqual(['copied azure', 'copied gcp', ...(rounds === 2 ? ['agreed aws'] : [])])
  })

  it('is the sixth at most; then the key comes back', async () => {
    const stage = await calm()
    stage.at('aws').user.put(key('k'), bytes('x'))
    stage.fault('aws', 'get', { fault: 'bit-flipped', byte: 0 }, { times: Infinity })
    const { again } = await settled(stage)
    expect(heads(stage, 'aws')).toBe(6)
    const why = 'no agreement within the rounds and the time of one function'
    const message = { kind: 'settle', group: 'all', key: 'k' }
    expect(again).toEqual([{ message, delayMs: 30_000, queue: 'short', why }])
    expect(stage.receipts).toMatchObject([{ action: 'deferred', site: 'aws', why }])
  })

  it('does not begin where it might not end within the function’s time', async () => {
    const stage = await calm()
    stage.at('aws').user.put(key('k'), bytes('x'))
    const began = stage.clock.ms
    expect((await settled(stage, { beganMs: began - 8_001 })).again).toHaveLength(1)
    expect([stage.acts, stage.calls]).toEqual([['deferred aws'], []])
    expect((await settled(stage, { beganMs: began - 8_000 })).again).toEqual([])
  })
})

describe('an object larger than one write', () => {
  const limits = { smallBytes: 10, partBytes: 5 * 1024 * 1024 }

  it.each([
    [10, true, 'put'],
    [11, true, 'commit'],
    [10, false, 'put'],
    [11, false, null],
  ])('of %i bytes, where there is time for parts: %s, takes %s', async (size, transfers, verb) => {
    const stage = await calm({ limits })
    stage.at('aws').user.put(key('k'), bytes('x'.repeat(size)))
    const { again } = await settled(stage, {}, { transfers })
    expect(stage.sent.map((one) => one.verb)).toEqual(verb === null ? [] : [verb, verb])
    const message = { kind: 'settle', group: 'all', key: 'k' }
    expect(again).toEqual(
      verb === null ? [{ message, delayMs: 0, queue: 'long', why: 'larger than one write: it moves in parts' }] : [],
    )
    if (verb === 'commit') expect(stage.receipts).toMatchObject([{ parts: 1 }, { parts: 1 }])
  })
})

describe('what a guard forbids is told, not done:', () => {
  it('one write of two', async () => {
    const stage = await calm()
    const meta = stage.at('aws').user.put(key('k'), bytes('abc'))
    const asked: unknown[] = []
    const forbidden: Core['forbidden'] = (rule, site, intent) => {
      asked.push([rule, site, intent])
      return site === 'azure' ? 'enough' : null
    }
    const { again } = await settled(stage, {}, { forbidden })
    expect(asked).toEqual(['azure', 'gcp'].map((site) => ['all', site, { act: 'write', bytes: 3 }]))
    expect(stage.receipts).toMatchObject([
      { action: 'held', site: 'azure', stamp: stampOfMeta('aws', meta), bytes: 3, why: 'enough' },
      { action: 'copied', site: 'gcp' },
    ])
    expect([again, stage.shown('k')['azure']]).toEqual([[], null])
  })

  it('all of them, for no read at all', async () => {
    const stage = await calm()
    stage.at('aws').user.put(key('k'), bytes('abc'))
    const { again } = await settled(stage, {}, { forbidden: () => 'paused' })
    expect([stage.acts, again]).toEqual([['held azure', 'held gcp'], []])
    expect(stage.calls).not.toContain('aws get')
    expect(heads(stage, 'aws')).toBe(1)
  })

  it('a removal at a member', async () => {
    const stage = await calm()
    const dead = stage.at('gcp').user.put(key('k'), bytes('x'))
    stage.at('gcp').user.delete(key('k'))
    for (const site of ['aws', 'azure']) plant(stage, site, stampOfMeta('gcp', dead))
    stage.clock.ms += 5_000
    const forbidden: Core['forbidden'] = (_, site, intent) =>
      site === 'aws' && intent.act === 'remove' ? 'enough' : null
    await settled(stage, {}, { forbidden })
    expect(stage.acts).toEqual(['held aws', 'deleted azure'])
    expect(stage.receipt('held', 'aws').bytes).toBe(0)
  })
})
