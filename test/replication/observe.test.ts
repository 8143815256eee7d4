import { describe, expect, it } from 'vitest'
import { digestText } from '#shared/kernel/digest.ts'
import { Failure } from '#shared/kernel/failure.ts'
import { siteId } from '#shared/kernel/ids.ts'
import { breakers } from '#shared/layers/breakers.ts'
import type { Core } from '#shared/replication/core.ts'
import type { Sight } from '#shared/replication/model.ts'
import { look, nativeStamp, noted, scopeOf, tryLook } from '#shared/replication/observe.ts'
import { digestProperties } from '#shared/replication/properties.ts'
import { cheapHashing } from '#test/simulation/cheap-hashing.ts'
import { circleAmong, plant, stampAt, stampOfMeta } from './plant.ts'
import { Stage } from './stage.ts'
import { bytes, key, oneGroup, Trio } from './trio.ts'

const sites = ['aws', 'azure', 'gcp'] as const
const signal = new AbortController().signal

function seen(trio: Trio, site: string): Promise<Sight> {
  return look(scopeOf(trio.core, circleAmong(trio.core, 'aws', 'azure', 'gcp'), key('k'), signal), trio.at(site).store)
}

describe.each(sites)('at %s', (site) => {
  const other = site === 'aws' ? 'gcp' : 'aws'

  it('what is absent shows nothing, and its history is not read', async () => {
    const trio = new Trio()
    trio.at(site).user.put(key('k'), bytes('x'))
    trio.at(site).user.delete(key('k'))
    expect(await seen(trio, site)).toEqual({ site, shows: 'nothing', below: null })
    expect(trio.requests()).toEqual({ [`${site} head`]: 1 })
  })

  it('what a user wrote is worth its own date, this site and its id', async () => {
    const trio = new Trio()
    const said = { headers: { contentType: 'a/b' }, metadata: { m: '1' } }
    const meta = trio.at(site).user.put(key('k'), bytes('abc'), said)
    expect(await seen(trio, site)).toEqual({
      site,
      shows: 'native',
      stamp: { epoch: 0, timeMs: meta.dateMs, origin: site, id: meta.id },
      content: { size: 3, digests: meta.digests, properties: digestProperties(cheapHashing, said), joinedMs: null },
      meta,
    })
  })

  it('a replica is worth the stamp of its mark', async () => {
    const trio = new Trio()
    const stamp = stampAt(other, trio.clock.ms - 5_000)
    const meta = plant(trio, site, stamp, { mark: { onto: 'absent' } })
    expect(await seen(trio, site)).toEqual({
      site,
      shows: 'replica',
      stamp,
      onto: 'absent',
      below: null,
      content: {
        size: 1,
        digests: meta.digests,
        properties: digestProperties(cheapHashing, { headers: {}, metadata: {} }),
        joinedMs: null,
      },
      meta,
    })
    expect(trio.requests()).toEqual({ [`${site} head`]: 1 })
  })

  it('what a route wrote is native to a group', async () => {
    const trio = new Trio()
    plant(trio, site, stampAt(other, trio.clock.ms), { entry: 'isobarfrom' })
    expect(await seen(trio, site)).toMatchObject({ shows: 'native' })
  })

  it('a mark of a newer format sends the key back to the queue, and says nothing of the site', async () => {
    const trio = new Trio()
    trio.at(site).user.put(key('k'), bytes('x'), { metadata: { isobar: '2;later' } })
    await expect(seen(trio, site)).rejects.toThrow(
      new Failure(
        'throttled',
        `${site}: a mark by a newer Isobar or a newer configuration than this one; wait for the rollout to end`,
        {
          site: siteId(site),
          scope: 'key',
        },
      ),
    )
  })

  it('a mark of a newer format that is older than any rollout is for a person, who is told what to do', async () => {
    const trio = new Trio()
    trio.at(site).user.put(key('k'), bytes('x'), { metadata: { isobar: '2;later' } })
    const writtenMs = trio.at(site).bucket.head(key('k'))!.dateMs
    trio.clock.ms = writtenMs + 86_399_000
    await expect(seen(trio, site)).rejects.toMatchObject({ kind: 'throttled' })
    trio.clock.ms = writtenMs + 86_400_000
    await expect(seen(trio, site)).rejects.toThrow(
      new Failure(
        'denied',
        `${site}: a mark by a newer Isobar or a newer configuration than this one; update this one, or, if a user wrote the entry, copy the object over itself without it`,
        { site: siteId(site), scope: 'key' },
      ),
    )
    await expect(seen(trio, site)).rejects.toMatchObject({ kind: 'denied', scope: 'key', site })
  })

  it('so does the mark of a site that this configuration does not know, for a day', async () => {
    const trio = new Trio()
    plant(trio, site, stampAt('joining', trio.clock.ms))
    const plantedMs = trio.at(site).bucket.head(key('k'))!.dateMs
    trio.clock.ms = plantedMs + 86_399_000
    await expect(seen(trio, site)).rejects.toMatchObject({ kind: 'throttled', scope: 'key', site })
    trio.clock.ms = plantedMs + 86_400_000
    expect(await seen(trio, site)).toMatchObject({ shows: 'native', stamp: { origin: site } })
  })

  // A copy dated 3 to 60 seconds after it was sent: slow, or restored by a user.

  it('a slow copy is ours where no older version carries its nonce', async () => {
    const trio = new Trio()
    trio.at(site).user.put(key('k'), bytes('before'))
    trio.clock.ms += 30_000
    plant(trio, site, stampAt(other, trio.clock.ms - 60_000), { mark: { nonce: 'another', writtenMs: trio.clock.ms } })
    trio.clock.ms += 1_000
    plant(trio, site, stampAt(other, trio.clock.ms), { mark: { writtenMs: trio.clock.ms - 10_000, nonce: 'once' } })
    expect(await seen(trio, site)).toMatchObject({ shows: 'replica', stamp: { timeMs: trio.clock.ms } })
    const { [`${site} versions`]: listings } = trio.requests()
    expect(listings).toBe(1)
  })

  it('what a user restores within a minute is the user’s: its nonce lies below', async () => {
    const trio = new Trio()
    const copy = plant(trio, site, stampAt(other, trio.clock.ms))
    trio.clock.ms += 5_000
    trio.at(site).user.put(key('k'), bytes('between'))
    trio.clock.ms += 5_000
    trio.at(site).user.restore(key('k'), copy.version)
    expect(await seen(trio, site)).toMatchObject({ shows: 'native', stamp: { origin: site } })
  })

  it('what a user restores is the user’s after a deletion, too', async () => {
    const trio = new Trio()
    const copy = plant(trio, site, stampAt(other, trio.clock.ms))
    trio.clock.ms += 5_000
    trio.at(site).user.delete(key('k'))
    trio.at(site).user.restore(key('k'), copy.version)
    expect(await seen(trio, site)).toMatchObject({ shows: 'native' })
  })

  it('a slow copy with nothing below it is ours', async () => {
    const trio = new Trio()
    plant(trio, site, stampAt(other, trio.clock.ms), { mark: { writtenMs: trio.clock.ms - 10_000 } })
    expect(await seen(trio, site)).toMatchObject({ shows: 'replica' })
  })

  it.each([
    [0, 'native'],
    [1, 'replica'],
  ])(
    'versions are searched that are dated a step of the dates before the sending, %i steps earlier: %s',
    async (steps, shows) => {
      const trio = new Trio()
      const { dateGranularityMs: step } = trio.at(site).store.traits
      plant(trio, site, stampAt(other, trio.clock.ms), { mark: { nonce: 'same' } })
      const writtenMs = trio.clock.ms + step + steps * step
      trio.clock.ms = writtenMs + 10_000
      plant(trio, site, stampAt(other, trio.clock.ms), { mark: { writtenMs, nonce: 'same' } })
      expect(await seen(trio, site)).toMatchObject({ shows })
    },
  )

  it('versions much older than the sending of a slow copy are not searched', async () => {
    const trio = new Trio()
    plant(trio, site, stampAt(other, trio.clock.ms), { mark: { nonce: 'same' } })
    trio.clock.ms += 30_000
    const copy = plant(trio, site, stampAt(other, trio.clock.ms), {
      mark: { writtenMs: trio.clock.ms - 5_000, nonce: 'same' },
    })
    expect(await seen(trio, site)).toMatchObject({ shows: 'replica', meta: { version: copy.version } })
  })

  it('versions dated when a slow copy was sent are searched', async () => {
    const trio = new Trio()
    plant(trio, site, stampAt(other, trio.clock.ms), { mark: { nonce: 'same' } })
    plant(trio, site, stampAt(other, trio.clock.ms), { mark: { writtenMs: trio.clock.ms - 5_000, nonce: 'same' } })
    expect(await seen(trio, site)).toMatchObject({ shows: 'native' })
  })
})

it('on S3 an older version that goes while it is looked at says nothing', async () => {
  const stage = new Stage()
  const copy = plant(stage, 'aws', stampAt('gcp', stage.clock.ms), { text: 'first', mark: { nonce: 'same' } })
  plant(stage, 'aws', stampAt('gcp', stage.clock.ms), { mark: { writtenMs: stage.clock.ms - 5_000, nonce: 'same' } })
  stage.meanwhile('aws', 'head', () => stage.at('aws').user.removeVersion(key('k'), copy.version), { skip: 1 })
  expect(await seen(stage, 'aws')).toMatchObject({ shows: 'replica' })
})

it.each([
  [-1, true],
  [0, false],
])('dated %i ms from the day its site joined, a version is older: %s', async (offset, older) => {
  const joined = '2026-11-25T12:00:00.000Z'
  const { azure } = oneGroup.sites
  const trio = new Trio({ ...oneGroup, sites: { ...oneGroup.sites, azure: { ...azure, joined } } })
  trio.clock.ms = Date.parse(joined) + offset
  for (const site of sites) trio.at(site).user.put(key('k'), bytes('x'))
  expect(await seen(trio, 'azure')).toMatchObject({ content: { joinedMs: older ? Date.parse(joined) : null } })
  expect(await seen(trio, 'gcp')).toMatchObject({ content: { joinedMs: null } })
})

it('a stamp is of epoch 0', () => {
  expect(nativeStamp(siteId('aws'), { dateMs: 5, id: stampAt('aws', 5).id })).toEqual(stampAt('aws', 5))
})

it('a scope is of one key, by its digest', () => {
  const { core } = new Trio()
  const circle = circleAmong(core, 'aws', 'left')
  const keyDigest = digestText(cheapHashing, 'k')
  expect(scopeOf(core, circle, key('k'), signal)).toEqual({ core, circle, key: 'k', keyDigest, signal })
})

// Breakers learn from looks.

function careful(trio: Trio): Core {
  return { ...trio.core, breakers: breakers({ clock: trio.clock, failures: 1, restMs: 60_000 }) }
}

it('a look that fails opens the breaker, and behind an open breaker nobody looks', async () => {
  const stage = new Stage()
  const core = careful(stage)
  const scope = scopeOf(core, circleAmong(core), key('k'), signal)
  stage.fault('azure', 'head', { fault: 'request-lost' })
  expect(await tryLook(scope, siteId('azure'))).toMatchObject({ kind: 'unreachable', site: 'azure' })
  expect(await tryLook(scope, siteId('azure'))).toEqual(
    new Failure('unreachable', 'azure: its breaker is open', { site: siteId('azure') }),
  )
  expect(stage.requests()).toEqual({ 'azure head': 1 })
})

it('a look that succeeds closes it again', async () => {
  const trio = new Trio()
  const core = { ...trio.core, breakers: breakers({ clock: trio.clock, failures: 2, restMs: 60_000 }) }
  const meta = trio.at('azure').user.put(key('k'), bytes('x'))
  core.breakers.failed(siteId('azure'))
  const sight = await tryLook(scopeOf(core, circleAmong(core), key('k'), signal), siteId('azure'))
  expect(sight).toMatchObject({ shows: 'native', stamp: stampOfMeta('azure', meta) })
  core.breakers.failed(siteId('azure'))
  expect(core.breakers.mayAsk(siteId('azure'))).toBe(true)
})

it('a key’s own refusal is told, and opens nothing', async () => {
  const stage = new Stage()
  const core = careful(stage)
  stage.fault('azure', 'head', { fault: 'refused', kind: 'denied', scope: 'key' })
  expect(await tryLook(scopeOf(core, circleAmong(core), key('k'), signal), siteId('azure'))).toMatchObject({
    patience: 'never',
  })
  expect(core.breakers.mayAsk(siteId('azure'))).toBe(true)
})

it('a defect of ours is no silence of a member', async () => {
  const trio = new Trio()
  const core: Core = {
    ...trio.core,
    store: () => ({ ...trio.at('aws').store, head: () => Promise.reject(new TypeError('ours')) }),
  }
  await expect(tryLook(scopeOf(core, circleAmong(core), key('k'), signal), siteId('azure'))).rejects.toThrow(TypeError)
})

it.each<[Failure['kind'], Failure['scope'], boolean]>([
  ['unreachable', 'site', true],
  ['throttled', 'site', true],
  ['denied', 'site', true],
  ['absent', 'site', true],
  ['throttled', 'key', false],
  ['denied', 'key', false],
  ['corrupt', 'site', false],
  ['invalid', 'site', false],
])('%s of a %s opens its breaker: %s', (kind, scope, opens) => {
  const core = careful(new Trio())
  const failure = new Failure(kind, 'trouble', { scope })
  expect(noted(core, siteId('azure'), failure)).toBe(failure)
  expect(core.breakers.mayAsk(siteId('azure'))).toBe(!opens)
})

it.each<[Failure['kind'], boolean]>([
  ['conflict', true],
  ['absent', true],
  ['corrupt', true],
  ['denied', true],
  ['invalid', false],
  ['unknown', false],
  ['throttled', false],
])('%s of a key says that its site answers, which closes its breaker: %s', (kind, closes) => {
  const trio = new Trio()
  const core = { ...trio.core, breakers: breakers({ clock: trio.clock, failures: 2, restMs: 60_000 }) }
  core.breakers.failed(siteId('azure'))
  noted(core, siteId('azure'), new Failure(kind, 'refused', { scope: 'key' }))
  core.breakers.failed(siteId('azure'))
  expect(core.breakers.mayAsk(siteId('azure'))).toBe(closes)
})
