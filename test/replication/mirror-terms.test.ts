import { describe, expect, it } from 'vitest'
import { s3, withoutHistory } from '#shared/memory/profiles.ts'
import { plant, stampAt, stampOfMeta } from './plant.ts'
import { along, copied, deliver, messageTo } from './routes.ts'
import { bytes, key } from './trio.ts'

describe('a deletion at the source', () => {
  it('waits until copies under way have landed, and is still seen to be a user’s then', async () => {
    const stage = await copied({ from: 'vault', deletes: 'seen' })
    stage.at('vault').user.delete(key('k'))
    const deletion = stage.events.at(-1)!
    expect(await stage.deliver(deletion)).toEqual({
      receipts: [expect.objectContaining({ action: 'deferred', rule: 'r', site: 'vault' })],
      missed: [],
      again: [
        {
          message: { ...messageTo(stage, 'aws', 'azure'), seen: true },
          delayMs: 4_000, // S3 dates a deletion by the second: it may be that much younger.
          queue: 'short',
          why: 'a deletion waits until copies under way have landed',
        },
      ],
    })
    stage.clock.ms += 3_999
    expect((await stage.deliver(deletion)).again).toMatchObject([{ delayMs: 1 }])
    stage.clock.ms += 1
    expect((await stage.deliver(deletion)).again).toEqual([])
    expect(stage.shown('k')).toMatchObject({ aws: null, azure: null })
  })

  it.each<[deletes: unknown, byUser: boolean | null, done: 'deleted' | 'kept']>([
    [true, true, 'deleted'],
    [true, null, 'deleted'],
    [true, false, 'deleted'],
    [false, true, 'kept'],
    ['seen', true, 'deleted'],
    ['seen', false, 'kept'],
    ['seen', null, 'kept'],
  ])('with deletes %s and byUser %s is %s', async (deletes, byUser, done) => {
    const stage = await copied({ from: 'vault', deletes })
    const there = stage.at('aws').bucket.head(key('k'))!
    stage.at('vault').user.delete(key('k'))
    await deliver(stage, {}, byUser)
    expect(stage.acts).toEqual([`${done} aws`, `${done} azure`])
    if (done === 'kept') {
      expect(stage.receipts[0]).toMatchObject({ stamp: null, why: 'the route keeps what its source deleted' })
      expect(stage.sent).toEqual([])
    } else {
      expect(stage.sent[0]).toMatchObject({ site: 'aws', verb: 'remove', since: there.version })
      expect(stage.receipts[0]).toMatchObject({ why: 'the source shows nothing any more', stamp: { origin: 'vault' } })
    }
  })

  it.each([true, false])('that a user was seen to make is still seen when it comes back later: %s', async (byUser) => {
    const stage = await copied({ from: 'vault', deletes: 'seen', to: ['aws'] })
    stage.fault('aws', 'head', { fault: 'request-lost' })
    stage.at('vault').user.delete(key('k'))
    const { again } = await deliver(stage, {}, byUser)
    expect(again).toMatchObject([{ message: { kind: 'mirror', seen: byUser } }])
    await stage.deliver(again[0]!.message)
    expect(stage.acts).toEqual(['deferred aws', `${byUser ? 'deleted' : 'kept'} aws`])
  })

  it('of what is there again is none', async () => {
    const stage = await copied()
    stage.at('gcp').user.delete(key('k'))
    const deletion = stage.events.at(-1)!
    stage.at('gcp').user.put(key('k'), bytes('two'))
    await stage.pass(5_000)
    await stage.deliver(deletion)
    expect(stage.shown('k')).toMatchObject({ aws: 'two', azure: 'two' })
  })

  it('takes nothing with it that changed at the target meanwhile', async () => {
    const stage = await copied({ to: ['aws'] })
    stage.at('gcp').user.delete(key('k'))
    stage.meanwhile('aws', 'remove', () => stage.at('aws').user.put(key('k'), bytes('theirs')))
    await deliver(stage)
    expect(stage.shown('k')['aws']).toBe('theirs')
    expect(stage.acts).toEqual(['agreed aws'])
  })

  it.each(['request-lost', 'answer-lost'] as const)('whose %s is looked at again', async (fault) => {
    const stage = await copied({ to: ['aws'] })
    stage.at('gcp').user.delete(key('k'))
    stage.fault('aws', 'remove', { fault })
    await deliver(stage)
    expect(stage.shown('k')['aws']).toBeNull()
    expect(stage.done).toEqual([fault === 'answer-lost' ? 'agreed aws' : 'deleted aws'])
  })
})

describe('what is no copy of the source', () => {
  it('is left alone and reported', async () => {
    const stage = await along()
    stage.at('aws').user.put(key('k'), bytes('theirs'))
    const meta = stage.at('gcp').user.put(key('k'), bytes('ours'))
    await deliver(stage)
    expect(stage.shown('k')).toMatchObject({ aws: 'theirs', azure: 'ours' })
    expect(stage.receipt('foreign', 'aws')).toMatchObject({
      stamp: stampOfMeta('gcp', meta),
      why: 'what is there is no copy of this source',
    })
    expect(stage.acts.toSorted()).toEqual(['copied azure', 'foreign aws'])
  })

  it('is replaced by explicit choice, kept as a noncurrent version and reported', async () => {
    const stage = await along({ to: ['aws'], foreign: 'replace' })
    const theirs = stage.at('aws').user.put(key('k'), bytes('theirs'))
    const meta = stage.at('gcp').user.put(key('k'), bytes('ours'))
    await deliver(stage)
    expect(stage.acts).toEqual(['copied aws', 'conflict aws'])
    expect(stage.receipt('conflict', 'aws')).toMatchObject({
      stamp: stampOfMeta('gcp', meta),
      loser: stampOfMeta('aws', theirs),
    })
    expect(
      stage
        .at('aws')
        .bucket.dump()
        .map(({ body }) => new TextDecoder().decode(body)),
    ).toEqual(['theirs', 'ours'])
  })

  it('is left alone, whatever the route says, where the target keeps nothing of what it loses', async () => {
    const stage = await along({ to: ['aws'], foreign: 'replace' }, { profiles: { aws: withoutHistory(s3) } })
    stage.at('aws').user.put(key('k'), bytes('theirs'))
    stage.at('gcp').user.put(key('k'), bytes('ours'))
    await deliver(stage)
    expect(stage.acts).toEqual(['foreign aws'])
    expect(stage.shown('k')['aws']).toBe('theirs')
  })

  it.each([
    ['a copy by a group', 'isobar', 'gcp'],
    ['a copy of another route’s source', 'isobarfrom', 'azure'],
  ] as const)('may be %s', async (_, entry, origin) => {
    const stage = await along({ to: ['aws'] })
    plant(stage, 'aws', stampAt(origin, stage.clock.ms), { entry, text: 'there' })
    stage.at('gcp').user.put(key('k'), bytes('ours'))
    await deliver(stage)
    expect(stage.acts).toEqual(['foreign aws'])
  })

  it('is not ours to remove with the source’s deletion', async () => {
    const stage = await along({ to: ['aws'] })
    stage.at('gcp').user.put(key('k'), bytes('ours'))
    stage.at('gcp').user.delete(key('k'))
    stage.at('aws').user.put(key('k'), bytes('theirs'))
    await deliver(stage)
    expect(stage.acts).toEqual(['agreed aws'])
    expect(stage.shown('k')['aws']).toBe('theirs')
  })
})

describe('a route that renames', () => {
  it('writes under the new name, and its mark belongs to that name', async () => {
    const stage = await along({ to: ['aws'], prefix: 'in/', rename: { from: 'in/', to: 'out/' } })
    stage.at('gcp').user.put(key('in/k'), bytes('x'))
    const { receipts } = await deliver(stage)
    expect(receipts).toMatchObject([{ action: 'copied', key: 'in/k', site: 'aws' }])
    expect(stage.shown('out/k')).toMatchObject({ aws: 'x', gcp: null })
    stage.at('gcp').user.put(key('in/k'), bytes('y'))
    await deliver(stage)
    expect(stage.shown('out/k')['aws']).toBe('y')
    stage.at('gcp').user.delete(key('in/k'))
    await deliver(stage)
    expect(stage.shown('out/k')['aws']).toBeNull()
    expect(stage.acts).toEqual(['copied aws', 'copied aws', 'deleted aws'])
  })

  it('parks what becomes too long for any store', async () => {
    const stage = await along({ to: ['aws'], prefix: 'in/', rename: { from: 'in/', to: 'outside/' } })
    stage.at('gcp').user.put(key(`in/${'x'.repeat(1_020)}`), bytes('x'))
    const { receipts, again } = await deliver(stage)
    expect(receipts).toMatchObject([
      { action: 'parked', site: 'gcp', why: 'renamed, the key is longer than any store can hold' },
    ])
    expect([again, stage.requests()]).toEqual([[], {}])
  })
})

describe('a route that filters', () => {
  it.each([
    ['size', { size: { min: 3, max: 5 } }, 'abcd', {}, true],
    ['size', { size: { min: 3, max: 5 } }, 'ab', {}, false],
    ['size', { size: { min: 3, max: 5 } }, 'abcdef', {}, false],
    ['tags', { tags: { team: 'blue' } }, 'x', { team: 'blue', more: '1' }, true],
    ['tags', { tags: { team: 'blue' } }, 'x', { team: 'red' }, false],
    ['tags', { tags: { team: 'blue' } }, 'x', {}, false],
  ])('by %s %o takes %j with %o: %s', async (_, filter, text, tags, taken) => {
    const stage = await along({ from: 'vault', to: ['aws'], ...filter })
    stage.at('vault').user.put(key('k'), bytes(text), { tags })
    await deliver(stage)
    expect(stage.shown('k')['aws']).toBe(taken ? text : null)
    expect(stage.acts).toEqual([taken ? 'copied aws' : 'deferred vault'])
  })

  it('asks for tags only where it filters by them and there are any', async () => {
    const filtering = await along({ from: 'vault', to: ['aws'], tags: { team: 'blue' } })
    filtering.at('vault').user.put(key('k'), bytes('x'))
    await deliver(filtering)
    expect(filtering.requests()).toEqual({ 'vault get': 1 })
    filtering.at('vault').user.put(key('k'), bytes('x'), { tags: { team: 'red' } })
    await deliver(filtering)
    expect(filtering.requests()).toEqual({ 'vault get': 1, 'vault tags': 1 })
    const open = await along({ from: 'vault', to: ['aws'] })
    open.at('vault').user.put(key('k'), bytes('x'), { tags: { team: 'red' } })
    await deliver(open)
    expect(open.requests()).toEqual({ 'vault get': 1, 'vault tags': 1, 'aws put': 1 })
  })

  it.each([
    [true, 'deleted'],
    [false, 'kept'],
  ])('takes back what passes no more, with deletes %s: %s', async (deletes, done) => {
    const stage = await copied({ to: ['aws'], size: { max: 3 }, deletes })
    stage.at('gcp').user.put(key('k'), bytes('longer'))
    const { again } = await deliver(stage)
    // As a deletion does, it waits until copies of what was there have landed.
    expect(again).toMatchObject([{ delayMs: 3_001, message: messageTo(stage, 'aws') }])
    await stage.deliver(again[0]!.message)
    expect(stage.acts).toEqual(['deferred gcp', `${done} aws`])
  })
})
