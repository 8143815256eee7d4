import { expect, it } from 'vitest'
import { ruleId, siteId } from '#shared/kernel/ids.ts'
import { azure, gcs, resized, s3 } from '#shared/memory/profiles.ts'
import { run } from '#shared/replication/run.ts'
import { buriedUpload } from '#test/replication/buried-upload.ts'
import { plant, stampOfMeta } from '#test/replication/plant.ts'
import { along, deliver as deliverAlong } from '#test/replication/routes.ts'
import { Stage } from '#test/replication/stage.ts'
import { bytes, key, oneGroup } from '#test/replication/trio.ts'

const signal = new AbortController().signal
const settleK = { kind: 'settle', group: ruleId('all'), key: key('k') } as const
const tiny = { partBytesMin: 1 }
const profiles = { aws: resized(s3, tiny), azure: resized(azure, tiny), gcp: resized(gcs, tiny) }
const small = { smallBytes: 10, partBytes: 4 }
const text = 'abcdefghijklmnopqrstuvwxyz'

it('a large upload that its store buried is lifted', async () => {
  const stage = new Stage(undefined, { profiles, limits: small })
  await stage.deliver(await buriedUpload(stage, text))
  expect(stage.acts).toContain('lifted aws')
})

it('a large upload is not lifted by a function that has no time for parts', async () => {
  const stage = new Stage(undefined, { profiles, limits: small })
  await stage.pass(20_000)
  stage.at('gcp').user.put(key('k'), bytes(text))
  stage.forget()
  stage.at('gcp').user.patch(key('k'), { metadata: { m: '1' } })
  await run({ kind: 'event', event: stage.events[0]! }, { ...stage.core, transfers: false }, signal)
  expect(stage.calls).not.toContain('gcp putPart')
})

it('what a slow mirror did is told, though the source does not answer the second look', async () => {
  const stage = await along({ to: ['aws'] })
  stage.at('gcp').user.put(key('k'), bytes('one'))
  stage.fault('aws', 'put', { fault: 'slow', ms: 3_001 })
  stage.fault('gcp', 'head', { fault: 'request-lost' })
  await deliverAlong(stage)
  expect(stage.acts).toContain('copied aws')
})

it('a large object is not read for comparison by a function without time', async () => {
  const joined = '2026-11-25T13:00:00.000Z'
  const stage = new Stage(
    { ...oneGroup, sites: { ...oneGroup.sites, azure: { ...oneGroup.sites.azure, joined } } },
    { profiles, limits: small },
  )
  const upload = stage.at('azure').user.begin(key('k'))
  upload.part(bytes(text))
  upload.complete()
  stage.clock.ms += 5000
  stage.at('aws').user.put(key('k'), bytes(text))
  await stage.pass(20_000)
  await run(settleK, { ...stage.core, transfers: false }, signal)
  expect(stage.calls.filter((c) => c.endsWith('get'))).toEqual([])
})

it('a removal that finds the whole site silent opens its breaker', async () => {
  const { breakers } = await import('#shared/layers/breakers.ts')
  const stage = new Stage()
  await stage.pass(20_000)
  const dead = stage.at('gcp').user.put(key('k'), bytes('x'))
  stage.at('gcp').user.delete(key('k'))
  plant(stage, 'aws', stampOfMeta('gcp', dead))
  stage.clock.ms += 5_000
  stage.fault('aws', 'remove', { fault: 'refused', kind: 'throttled' })
  const core = { ...stage.core, breakers: breakers({ clock: stage.clock, failures: 1, restMs: 60_000 }) }
  await run(settleK, core, signal)
  expect(core.breakers.mayAsk(siteId('aws'))).toBe(false)
})

it('a corrupt copy at one member is not all that is read: another has it', async () => {
  const stage = new Stage()
  await stage.pass(20_000)
  const stamp = stampOfMeta('aws', stage.at('aws').user.put(key('k'), bytes('x')))
  plant(stage, 'azure', stamp, { text: 'x' })
  stage.fault('aws', 'get', { fault: 'bit-flipped', byte: 0 }, { times: Infinity })
  await stage.deliver(settleK)
  expect(stage.acts).toEqual(['copied gcp'])
})

it('a large object whose source fails midway comes back by one message, however many lanes it had', async () => {
  const stage = new Stage(undefined, { profiles, limits: small })
  await stage.pass(20_000)
  stage.at('aws').user.put(key('k'), bytes(text))
  stage.fault('aws', 'get', { fault: 'refused', kind: 'throttled' }, { skip: 2, times: Infinity })
  const { again } = await stage.deliver(settleK)
  expect(again).toHaveLength(1)
})

it('a target whose writes are never answered brings a key back by a bounded number of messages', async () => {
  const stage = new Stage()
  await stage.pass(20_000)
  stage.at('aws').user.put(key('k'), bytes('x'))
  stage.cutOff('azure', 'put')
  const { again } = await stage.deliver(settleK)
  expect(again.length).toBeLessThanOrEqual(1)
})

it('the same along a route', async () => {
  const stage = await along({ to: ['aws'] })
  stage.at('gcp').user.put(key('k'), bytes('one'))
  stage.cutOff('aws', 'put')
  const { again } = await deliverAlong(stage)
  expect(again.length).toBeLessThanOrEqual(1)
})
