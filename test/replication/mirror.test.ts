import { describe, expect, it } from 'vitest'
import { azure, gcs, withoutHistory } from '#shared/memory/profiles.ts'
import { Habits } from '#shared/replication/habits.ts'
import { plant, stampAt, stampOfMeta } from './plant.ts'
import { along, copied, deliver, messageTo, routeSites } from './routes.ts'
import { markIn, Stage } from './stage.ts'
import { bytes, key } from './trio.ts'

describe('what is new at the source', () => {
  it('goes to where nothing is, for one read and one write per target', async () => {
    const stage = await along({ storageClass: { azure: 'Cool' } })
    const meta = stage.at('gcp').user.put(key('k'), bytes('new'))
    await stage.pass(2_000)
    stage.forgetCalls()
    const { again } = await deliver(stage)
    const stamp = stampOfMeta('gcp', meta)
    const mark = { stamp, onto: 'absent', writtenMs: 0 }
    expect(stage.sent).toMatchObject([
      { site: 'aws', since: null, mark, write: { storageClass: null } },
      { site: 'azure', since: null, mark, write: { storageClass: 'Cool' } },
    ])
    expect(Object.keys(stage.sent[0]!.write!.metadata)).toEqual(['isobarfrom'])
    const receipt = { action: 'copied', rule: 'r', key: 'k', stamp, loser: null, bytes: 3, parts: 0, lagMs: 2_000 }
    expect(stage.receipts).toEqual(
      ['aws', 'azure'].map((site) => ({ ...receipt, site, checksum: 'verified', why: 'it was absent' })),
    )
    expect([again, stage.requests()]).toEqual([[], { 'gcp get': 1, 'aws put': 1, 'azure put': 1 }])
  })

  it.each([
    [65_536, {}],
    [65_537, { 'aws head': 1, 'azure head': 1, 'gcp head': 1 }],
  ])('of %i bytes is looked for first: %o', async (size, heads) => {
    const stage = await along()
    stage.at('gcp').user.put(key('k'), new Uint8Array(size))
    await deliver(stage)
    expect(stage.requests()).toEqual({ 'gcp get': 1, 'aws put': 1, 'azure put': 1, ...heads })
  })

  it('at a source whose clock is ahead shows no lag below zero', async () => {
    const stage = await along({ to: ['aws'] }, { skewMs: { gcp: 60_000 } })
    stage.at('gcp').user.put(key('k'), bytes('new'))
    await deliver(stage)
    expect(stage.receipt('copied', 'aws').lagMs).toBe(0)
  })

  describe('is looked for first where users overwrite:', () => {
    async function written(habits: Habits, over: boolean): Promise<readonly string[]> {
      const stage = await along({ to: ['aws'] })
      if (over) plant(stage, 'aws', stampAt('gcp', 1), { entry: 'isobarfrom' })
      stage.at('gcp').user.put(key('k'), bytes('new'))
      await deliver(stage, { habits })
      return stage.calls.filter((call) => call.startsWith('aws'))
    }
    const refused = ['aws put', 'aws head', 'aws put']
    const looked = ['aws head', 'aws put']

    it('as long as they do', async () => {
      const habits = new Habits()
      for (let times = 0; times < 6; times++) expect(await written(habits, true)).toEqual(refused)
      for (let times = 0; times < 8; times++) expect(await written(habits, false)).toEqual(looked)
      expect(await written(habits, false)).toEqual(['aws put'])
    })

    it('an overwrite counts once, looked for or refused: where every fourth is one, all are looked for', async () => {
      const habits = new Habits()
      for (let times = 0; times < 6; times++) expect(await written(habits, true)).toEqual(refused)
      for (let times = 0; times < 40; times++) expect(await written(habits, times % 4 === 0)).toEqual(looked)
    })
  })

  it.each([
    ['larger than what is written blind', 70_000, 0],
    ['where users overwrite', 3, 9],
  ])(
    'and changes between its GET and our HEAD is never copied under the later stamp: %s',
    async (_, size, overwrites) => {
      const stage = await along({ to: ['aws'] })
      const { id } = stage.config.routes[0]!
      for (let times = 0; times < overwrites; times++) stage.core.habits.note(id, key('k'), true)
      stage.at('gcp').user.put(key('k'), bytes('1'.repeat(size)))
      stage.meanwhile('gcp', 'head', () => stage.at('gcp').user.put(key('k'), bytes('2'.repeat(size))))
      await deliver(stage)
      expect(stage.acts).toEqual(['copied aws'])
      expect(stage.shown('k')['aws']).toBe('2'.repeat(size))
      const later = stampOfMeta('gcp', stage.at('gcp').bucket.head(key('k'))!)
      expect(markIn(stage.at('aws').bucket.head(key('k'))!.metadata)!.stamp).toEqual(later)
    },
  )

  it('is written under the condition of what was seen: what changed meanwhile is looked at again', async () => {
    const stage = await copied({ to: ['aws'] })
    stage.at('gcp').user.put(key('k'), bytes('two'))
    stage.meanwhile('aws', 'put', () => stage.at('aws').user.put(key('k'), bytes('theirs')), { skip: 1 })
    await deliver(stage)
    expect(stage.acts).toEqual(['foreign aws'])
    expect(stage.shown('k')['aws']).toBe('theirs')
  })

  it('is not written twice, however often its event comes', async () => {
    const stage = await along()
    stage.at('gcp').user.put(key('k'), bytes('new'))
    const [event] = stage.events
    await deliver(stage)
    stage.forgetCalls()
    await stage.deliver(event!)
    expect(stage.acts).toEqual(['agreed aws', 'agreed azure'])
    expect(stage.receipt('agreed', 'aws').why).toBe('the target shows what the source shows')
    expect(stage.at('aws').bucket.dump()).toHaveLength(1)
  })

  it('replaces the copy of what was there before, if that is unchanged', async () => {
    const stage = await copied()
    const there = stage.at('aws').bucket.head(key('k'))!
    const meta = stage.at('gcp').user.put(key('k'), bytes('two'))
    await deliver(stage)
    expect(stage.shown('k')).toMatchObject({ aws: 'two', azure: 'two' })
    expect(stage.sent.filter(({ site }) => site === 'aws')).toMatchObject([
      { since: null },
      { since: there.version, mark: { stamp: stampOfMeta('gcp', meta), onto: 'over' } },
    ])
    expect(stage.receipt('copied', 'aws').why).toBe('it was older')
    expect(stage.acts).toEqual(['copied aws', 'copied azure'])
  })

  it('follows a source that was set back', async () => {
    const stage = await along()
    stage.at('gcp').user.put(key('k'), bytes('now'))
    plant(stage, 'aws', stampAt('gcp', stage.clock.ms + 9_999), { entry: 'isobarfrom', text: 'later' })
    await deliver(stage)
    expect(stage.shown('k')['aws']).toBe('now')
  })

  it('is gone again when its event comes: its copies go as well', async () => {
    const stage = await copied()
    stage.at('gcp').user.put(key('k'), bytes('two'))
    const [event] = stage.events
    stage.at('gcp').user.delete(key('k'))
    await stage.deliver(event!)
    expect(stage.shown('k')).toMatchObject({ aws: null, azure: null })
  })
})

it('metadata that Cloud Storage changed in place is written again over the copy', async () => {
  const stage = await copied({ to: ['aws'] })
  stage.at('gcp').user.patch(key('k'), { metadata: { m: 'after' } })
  await deliver(stage)
  expect(stage.at('aws').bucket.head(key('k'))!.metadata).toMatchObject({ m: 'after' })
  expect(stage.acts).toEqual(['copied aws'])
  await stage.deliver(messageTo(stage, 'aws'))
  expect(stage.acts).toEqual(['copied aws', 'agreed aws'])
})

describe('a source that changes while its copy is slow', () => {
  it.each([
    [3_000, 'one', ['copied aws']],
    [3_001, 'two', ['copied aws', 'copied aws']],
  ])('for %i ms: the target shows %s', async (ms, shown, acts) => {
    const stage = await along({ to: ['aws'] })
    stage.at('gcp').user.put(key('k'), bytes('one'))
    stage.meanwhile('aws', 'put', () => {
      stage.clock.ms += ms
      stage.at('gcp').user.put(key('k'), bytes('two'))
    })
    await deliver(stage)
    expect(stage.shown('k')['aws']).toBe(shown)
    expect(stage.acts).toEqual(acts)
  })

  it('and only that brings it back: what stayed as it was is done', async () => {
    const stage = await along({ to: ['aws'] })
    stage.at('gcp').user.put(key('k'), bytes('one'))
    stage.fault('aws', 'put', { fault: 'slow', ms: 9_000 })
    await deliver(stage)
    expect(stage.acts).toEqual(['copied aws'])
    expect(stage.requests()).toEqual({ 'gcp get': 1, 'aws put': 1, 'gcp head': 1 })
  })

  it('reopens the targets of its message alone', async () => {
    const stage = await along()
    stage.at('gcp').user.put(key('k'), bytes('one'))
    stage.meanwhile('aws', 'put', () => {
      stage.clock.ms += 3_001
      stage.at('gcp').user.put(key('k'), bytes('two'))
    })
    await stage.deliver(messageTo(stage, 'aws'))
    expect(stage.shown('k')).toMatchObject({ aws: 'two', azure: null })
  })

  it('and is gone stays gone, however slow its removal', async () => {
    const stage = await copied({ to: ['aws'] })
    stage.at('gcp').user.delete(key('k'))
    stage.fault('aws', 'remove', { fault: 'slow', ms: 9_000 })
    await deliver(stage)
    expect(stage.acts).toEqual(['deleted aws'])
  })

  it('and goes takes its copy with it', async () => {
    const stage = await along({ to: ['aws'] })
    stage.at('gcp').user.put(key('k'), bytes('one'))
    stage.meanwhile('aws', 'put', () => {
      stage.clock.ms += 3_001
      stage.at('gcp').user.delete(key('k'))
    })
    await deliver(stage)
    expect(stage.acts).toEqual(['copied aws', 'deleted aws'])
  })
})

describe('any store will do:', () => {
  it('a chain copies hop by hop, and each mark names its hop’s source', async () => {
    const stage = new Stage({
      sites: routeSites,
      replicate: [
        { id: 'first', from: 'gcp', to: ['aws'] },
        { id: 'second', from: 'aws', to: ['vault'] },
      ],
    })
    await stage.pass(20_000)
    stage.at('gcp').user.put(key('k'), bytes('x'))
    await stage.drain()
    expect(stage.shown('k')).toMatchObject({ aws: 'x', vault: 'x' })
    expect(markIn(stage.at('aws').bucket.head(key('k'))!.metadata)!.stamp.origin).toBe('gcp')
    expect(markIn(stage.at('vault').bucket.head(key('k'))!.metadata)!.stamp.origin).toBe('aws')
    stage.at('gcp').user.delete(key('k'))
    await stage.drain()
    expect(stage.shown('k')).toMatchObject({ aws: null, vault: null })
  })

  it.each(['gcp', 'azure'])('%s may keep no versions', async (bare) => {
    const stage = await along(
      {},
      { profiles: { gcp: gcs, azure, [bare]: withoutHistory(bare === 'gcp' ? gcs : azure) } },
    )
    for (const text of ['one', 'two']) {
      stage.at('gcp').user.put(key('k'), bytes(text))
      await deliver(stage)
      expect(stage.shown('k')).toMatchObject({ aws: text, azure: text })
    }
    stage.at('gcp').user.delete(key('k'))
    await deliver(stage)
    expect(stage.shown('k')).toMatchObject({ aws: null, azure: null })
  })

  it('a site that left is still believed: what it was the source of is replaced', async () => {
    const left = { ...routeSites.vault, retired: true }
    const stage = new Stage({
      sites: { ...routeSites, vault: left },
      replicate: [{ id: 'r', from: 'gcp', to: ['aws'] }],
    })
    await stage.pass(20_000)
    plant(stage, 'aws', stampAt('vault', stage.clock.ms), { entry: 'isobarfrom', text: 'before' })
    stage.at('gcp').user.put(key('k'), bytes('now'))
    await deliver(stage)
    expect(stage.shown('k')['aws']).toBe('now')
  })
})

describe('what a deletion asked before it went along a route counts as time of the function:', () => {
  it.each([
    [8_000, []],
    [8_001, ['no agreement within the rounds and the time of one function']],
  ])('a look of %i ms for the clock of its own site', async (ms, left) => {
    const stage = await copied()
    stage.at('gcp').user.delete(key('k'))
    const deletion = stage.events.splice(0).findLast(({ kind }) => kind === 'deleted')!
    stage.clock.ms += 61_000
    stage.meanwhile('gcp', 'head', () => (stage.clock.ms += ms))
    const { again } = await stage.deliver(deletion)
    expect(again.map(({ why }) => why)).toEqual(left)
  })
})
