import { describe, expect, it } from 'vitest'
import { ruleId, siteId } from '#shared/kernel/ids.ts'
import { breakers } from '#shared/layers/breakers.ts'
import { azure, gcs, resized, s3, withoutHistory } from '#shared/memory/profiles.ts'
import { decide } from '#shared/replication/decide.ts'
import type { Lane } from '#shared/replication/seal.ts'
import { SharedRead } from '#shared/replication/shared-read.ts'
import type { Core } from '#shared/replication/core.ts'
import { move } from '#shared/replication/move.ts'
import { dig, scopeOf } from '#shared/replication/observe.ts'
import { run } from '#shared/replication/run.ts'
import { buriedUpload } from '#test/replication/buried-upload.ts'
import { circleAmong, plant, stampAt, stampOfMeta } from '#test/replication/plant.ts'
import { native, nothing, replica, stampOf } from '#test/replication/sights.ts'
import { along, messageTo } from '#test/replication/routes.ts'
import { Stage } from '#test/replication/stage.ts'
import { bytes, key, oneGroup } from '#test/replication/trio.ts'

const signal = new AbortController().signal
const [v, w] = [stampOf(10, 'aws', 'v'), stampOf(10, 'aws', 'w')]
const settleK = { kind: 'settle', group: ruleId('all'), key: key('k') } as const

it('a tie that something later exceeds is not asked about, in whatever order it is seen', () => {
  const silent = new Set([siteId('aws')])
  const sights = [replica('azure', v), replica('gcp', w), native('vault', 11)]
  expect(decide({ sights, deeper: true, silent, again: new Set() })).toMatchObject({ verdict: 'move' })
})

it('a tie whose origin is silent comes back by one message', async () => {
  const stage = new Stage()
  await stage.pass(20_000)
  const at = stage.clock.ms - 60_000
  plant(stage, 'azure', stampAt('aws', at, 'v'), { text: 'v' })
  plant(stage, 'gcp', stampAt('aws', at, 'w'), { text: 'w' })
  stage.cutOff('aws', 'head')
  const { again } = await stage.deliver(settleK)
  expect(again).toHaveLength(1)
})

it('six rounds without agreement and a silent member come back by one message', async () => {
  const stage = new Stage()
  await stage.pass(20_000)
  stage.at('aws').user.put(key('k'), bytes('x'))
  stage.fault('aws', 'get', { fault: 'bit-flipped', byte: 0 }, { times: Infinity })
  stage.cutOff('azure', 'head')
  const { again } = await stage.deliver(settleK)
  expect(again).toHaveLength(1)
})

it('a source that does not give it out and a silent member come back by one message', async () => {
  const stage = new Stage()
  await stage.pass(20_000)
  stage.at('aws').user.put(key('k'), bytes('x'))
  stage.fault('aws', 'get', { fault: 'refused', kind: 'throttled' }, { times: Infinity })
  stage.cutOff('azure', 'head')
  const { again } = await stage.deliver(settleK)
  expect(again).toHaveLength(1)
})

it('a large object archived at one member is read from another', async () => {
  const stage = new Stage(oneGroup, { limits: { smallBytes: 10, partBytes: 5 * 1024 * 1024 } })
  await stage.pass(20_000)
  const text = 'x'.repeat(11)
  const stamp = stampOfMeta('aws', stage.at('aws').user.put(key('k'), bytes(text)))
  plant(stage, 'azure', stamp, { text })
  stage.at('aws').bucket.refuse(key('k'), 'archived')
  await stage.deliver(settleK)
  expect(stage.acts).toEqual(['copied gcp'])
})

it('a large object whose source read is throttled is read from another, or comes back', async () => {
  const stage = new Stage(oneGroup, { limits: { smallBytes: 10, partBytes: 5 * 1024 * 1024 } })
  await stage.pass(20_000)
  const text = 'x'.repeat(11)
  const stamp = stampOfMeta('aws', stage.at('aws').user.put(key('k'), bytes(text)))
  plant(stage, 'azure', stamp, { text })
  stage.fault('aws', 'get', { fault: 'refused', kind: 'throttled' }, { times: Infinity })
  await stage.deliver(settleK)
  expect(stage.acts).toEqual(['copied gcp'])
})

it('above 64 KiB the fast path does not look at a member whose breaker is open', async () => {
  const stage = new Stage()
  await stage.pass(20_000)
  stage.forget()
  const core = { ...stage.core, breakers: breakers({ clock: stage.clock, failures: 1, restMs: 60_000 }) }
  stage.at('gcp').user.put(key('k'), new Uint8Array(70_000))
  core.breakers.failed(siteId('aws'))
  await run({ kind: 'event', event: stage.events[0]! }, core, signal)
  expect(stage.calls.filter((call) => call.startsWith('aws'))).toEqual([])
})

it('the fast path writes to no member that keeps no versions', async () => {
  const stage = new Stage(oneGroup, { profiles: { azure: withoutHistory(azure) } })
  await stage.pass(20_000)
  stage.at('azure').user.put(key('k'), bytes('theirs'))
  await stage.pass(20_000)
  stage.forget()
  stage.at('gcp').user.put(key('k'), bytes('new'))
  await run({ kind: 'event', event: stage.events[0]! }, stage.core, signal)
  expect(stage.sent.filter(({ site }) => site === 'azure')).toEqual([])
  expect(stage.shown('k')['azure']).toBe('theirs')
})

it('nothing goes out from a member that is out', async () => {
  const stage = new Stage()
  await stage.pass(20_000)
  stage.forget()
  stage.at('gcp').user.put(key('k'), bytes('new'))
  const out: Core['out'] = (_, site) => site === 'gcp'
  const { receipts, again } = await run({ kind: 'event', event: stage.events[0]! }, { ...stage.core, out }, signal)
  expect(stage.sent).toEqual([])
  expect(receipts).toMatchObject([{ action: 'held', site: 'gcp', why: expect.stringMatching(/let it rejoin/) }])
  expect(again).toEqual([])
})

describe('a dry run or a pause writes nothing:', () => {
  it('no lift of a patched object', async () => {
    const stage = new Stage()
    await stage.pass(20_000)
    stage.at('gcp').user.put(key('k'), bytes('x'))
    stage.forget()
    stage.at('gcp').user.patch(key('k'), { metadata: { m: '1' } })
    const asked: unknown[] = []
    const forbidden: Core['forbidden'] = (...question) => {
      asked.push(question)
      return 'the rule is a dry run'
    }
    const { receipts } = await run({ kind: 'event', event: stage.events[0]! }, { ...stage.core, forbidden }, signal)
    expect(stage.sent).toEqual([])
    expect(asked).toEqual([['all', 'gcp', { act: 'write', bytes: 1 }]])
    expect(receipts).toMatchObject([{ action: 'held', site: 'gcp', bytes: 1, why: 'the rule is a dry run' }])
  })
  it('no lift of what a user uncovered', async () => {
    const stage = new Stage()
    await stage.pass(20_000)
    const dead = stage.at('gcp').user.put(key('k'), bytes('x'))
    stage.at('gcp').user.delete(key('k'))
    plant(stage, 'aws', stampOfMeta('gcp', dead))
    stage.clock.ms += 5_000
    stage.forget()
    const event = {
      site: siteId('aws'),
      key: key('k'),
      kind: 'uncovered',
      id: null,
      timeMs: stage.clock.ms,
      writtenFor: null,
      byUser: true,
    } as const
    await run({ kind: 'event', event }, { ...stage.core, forbidden: () => 'the rule is a dry run' }, signal)
    expect(stage.sent).toEqual([])
  })
  it('no lift of a buried upload', async () => {
    const stage = new Stage()
    const event = await buriedUpload(stage, 'upload')
    await run({ kind: 'event', event }, { ...stage.core, forbidden: () => 'the rule is a dry run' }, signal)
    expect(stage.sent).toEqual([])
  })
})

const joinedMs = Date.UTC(2026, 10, 25, 13)
const joining = {
  ...oneGroup.sites,
  azure: { ...oneGroup.sites.azure, joined: new Date(joinedMs).toISOString() },
  aws: { ...oneGroup.sites.aws, joined: new Date(joinedMs).toISOString() },
}

it('what is uploaded anew after an adopted object was deleted stays', async () => {
  const stage = new Stage({ ...oneGroup, sites: joining })
  for (const site of ['aws', 'azure', 'gcp']) stage.at(site).user.put(key('k'), bytes('same'))
  stage.clock.ms = joinedMs + 3_600_000
  await stage.pass(0)
  stage.forget()
  await stage.deliver(settleK)
  // deleted everywhere, for good reason
  stage.at('azure').user.delete(key('k'))
  await stage.pass(10_000)
  await stage.drain()
  expect(stage.shown('k')).toEqual({ aws: null, azure: null, gcp: null })
  // a week later a user uploads the same file again; its event is late, so that it is settled
  stage.clock.ms += 7 * 86_400_000
  stage.forget()
  stage.at('gcp').user.put(key('k'), bytes('same'))
  await stage.pass(60_000)
  await stage.drain()
  expect(stage.shown('k')).toEqual({ aws: 'same', azure: 'same', gcp: 'same' })
})

it('of two adopted versions of one second it is the deleted one that counts', async () => {
  const stage = new Stage({ ...oneGroup, sites: joining })
  stage.at('aws').user.put(key('k'), bytes('one'))
  stage.at('aws').user.put(key('k'), bytes('two'))
  stage.clock.ms = joinedMs
  stage.at('aws').user.delete(key('k'))
  await stage.pass(0)
  const scope = scopeOf(stage.core, circleAmong(stage.core, 'aws', 'azure', 'gcp'), key('k'), signal)
  const { greatest, older } = await dig(scope, stage.at('aws').store, nothing('aws'))
  expect(older!.meta.id).toBe(greatest[0]!.id)
})

it('overwritten before the deletion, equal bytes elsewhere are not deleted with it', async () => {
  const stage = new Stage({ ...oneGroup, sites: joining })
  stage.at('aws').user.put(key('k'), bytes('one'))
  stage.at('aws').user.put(key('k'), bytes('two'))
  stage.at('aws').user.delete(key('k'))
  stage.clock.ms += 10_000
  stage.at('gcp').user.put(key('k'), bytes('one'))
  stage.clock.ms = joinedMs + 1000
  await stage.pass(0)
  stage.forget()
  await stage.deliver(settleK)
  expect(stage.shown('k')['gcp']).toBe('one')
})

it('two detached lanes that go on alone do not count a part twice', async () => {
  const stage = new Stage(undefined, { limits: { leadBytes: 4 } })
  const text = 'abcdefghijklmnopqrstuvwxyz'
  const meta = stage.at('aws').user.put(key('k'), bytes(text))
  const lanes = ['azure', 'gcp', 'aws'].map((site): Lane => ({
    store: stage.at(site).store,
    key: key('k'),
    condition: { if: 'absent' },
    storageClass: null,
    mark: null,
  }))
  const shared = new SharedRead(
    stage.core,
    { store: stage.at('aws').store, meta },
    { partBytes: 4, count: 7 },
    lanes,
    signal,
  )
  const [quick, a, b] = lanes as [Lane, Lane, Lane]
  for (let n = 1; n <= 4; n++) await shared.part(quick, n)
  shared.leave(quick) // it failed
  for (let n = 1; n <= 7; n++) await Promise.all([shared.part(a, n), shared.part(b, n)])
  expect(() => shared.whole()).not.toThrow()
})

it('a version that goes midway: its parts are discarded', async () => {
  const tiny = { partBytesMin: 1 }
  const stage = new Stage(undefined, {
    profiles: { aws: withoutHistory(resized(s3, tiny)), azure: resized(azure, tiny), gcp: resized(gcs, tiny) },
    limits: { smallBytes: 10, partBytes: 4 },
  })
  const meta = stage.at('aws').user.put(key('k'), bytes('abcdefghijklmnopqrstuvwxyz'))
  await stage.pass(20_000)
  const lane: Lane = {
    store: stage.at('gcp').store,
    key: key('k'),
    condition: { if: 'absent' },
    storageClass: null,
    mark: { entry: 'isobarfrom', stamp: stampOfMeta('aws', meta), onto: 'absent' },
  }
  stage.meanwhile('gcp', 'putPart', () => stage.at('aws').user.put(key('k'), bytes('newer newer newer')), { skip: 2 })
  stage.requests()
  await move(stage.core, { store: stage.at('aws').store, meta }, [lane], signal)
  expect(stage.requests()).toMatchObject({ 'gcp discard': 1 })
})

it('a target that was set aside is not asked again, nor brought back twice', async () => {
  const stage = await along()
  stage.at('gcp').user.put(key('k'), bytes('one'))
  stage.cutOff('aws', 'head', 'put')
  stage.cutOff('aws', 'head')
  stage.meanwhile('azure', 'put', () => {
    stage.clock.ms += 3_001
    stage.at('gcp').user.put(key('k'), bytes('two'))
  })
  const { again } = await stage.deliver(messageTo(stage, 'aws', 'azure'))
  expect(again).toHaveLength(1)
})

it('a doubtful copy on S3 costs a HEAD only for those dated from its sending on', async () => {
  const stage = new Stage()
  stage.at('aws').user.put(key('k'), bytes('long before'))
  stage.clock.ms += 600_000
  plant(stage, 'aws', stampAt('gcp', stage.clock.ms), { mark: { writtenMs: stage.clock.ms - 10_000 } })
  await stage.pass(0)
  stage.requests()
  await stage.deliver({
    kind: 'event',
    event: {
      site: siteId('aws'),
      key: key('k'),
      kind: 'created',
      id: null,
      timeMs: stage.clock.ms,
      writtenFor: null,
      byUser: null,
    },
  })
  expect(stage.requests()).toEqual({ 'aws get': 1, 'aws versions': 1 })
})

it('a mark in another algorithm than the store reports for our writes is not ours', async () => {
  const stage = new Stage()
  const md5 = stage.at('aws').bucket.content(bytes('x')).digest('md5')
  plant(stage, 'aws', stampAt('gcp', stage.clock.ms), { mark: { algorithm: 'md5', content: md5 } })
  await stage.pass(0)
  const { look } = await import('#shared/replication/observe.ts')
  const sight = await look(scopeOf(stage.core, circleAmong(stage.core, 'gcp'), key('k'), signal), stage.at('aws').store)
  expect(sight.shows).toBe('native')
})
