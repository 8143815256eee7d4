import { describe, expect, it } from 'vitest'
import { parseConfig } from '#shared/config/load.ts'
import { siteId } from '#shared/kernel/ids.ts'
import { reconcile } from '#shared/reconcile/run.ts'
import { headsOf, termsOf } from '#shared/reconcile/terms.ts'
import { plant, stampAt } from '#test/replication/plant.ts'
import { bytes, key } from '#test/replication/trio.ts'
import { Yard } from './yard.ts'

const sites = {
  aws: { kind: 's3', bucket: 'b-aws', region: 'eu-west-1', control: 'c-aws' },
  gcp: { kind: 'gcs', bucket: 'b-gcp', control: 'c-gcp' },
}
const group = { id: 'all', among: ['aws', 'gcp'] }
const route = { id: 'vault', from: 'gcp', to: ['aws'] }
const { signal } = new AbortController()

async function filled(rule: object): Promise<Yard> {
  const yard = new Yard({ sites, replicate: [rule] })
  yard.put('gcp', 'a', 'first')
  await yard.pass(1_000)
  await yard.drain()
  await yard.age()
  return yard
}

/** What gcp shows is overwritten; its copy arrives just when the store is asked for the n-th time, after it was listed. */
async function overtaken(yard: Yard, entry: 'isobar' | 'isobarfrom', nth: number): Promise<void> {
  yard.put('gcp', 'a', 'second')
  yard.loseEvents()
  await yard.age()
  const { id, dateMs } = yard.at('gcp').bucket.head(key('a'))!
  yard.meanwhile(
    'aws',
    'head',
    () => plant(yard, 'aws', stampAt('gcp', dateMs, id), { key: 'a', text: 'second', entry }),
    { skip: nth },
  )
  expect((await yard.whole()).acts.every((act) => act.startsWith('agreed'))).toBe(true)
}

/** A user removes the copy's version for good: the one that was listed before shows again. */
async function uncovered(yard: Yard): Promise<void> {
  const { bucket, user } = yard.at('aws')
  user.removeVersion(key('a'), bucket.head(key('a'))!.version)
  expect(yard.shown('a')).toEqual({ aws: 'first', gcp: 'second' })
  yard.loseEvents()
  await yard.age()
}

describe('what is remembered', () => {
  it.each([
    ['by the look itself', 0],
    ['by settle', 1],
  ])('is never a version that another had overtaken when it was found to agree, %s', async (_by, nth) => {
    const yard = await filled(group)
    await overtaken(yard, 'isobar', nth)
    await uncovered(yard)
    await yard.whole()
    expect(yard.shown('a')).toEqual({ aws: 'second', gcp: 'second' })
  })

  it.each([
    ['by the look itself', 0],
    ['by mirror', 1],
  ])('along a route neither, %s', async (_by, nth) => {
    const yard = await filled(route)
    await overtaken(yard, 'isobarfrom', nth)
    await uncovered(yard)
    await yard.whole()
    expect(yard.shown('a')).toEqual({ aws: 'second', gcp: 'second' })
  })

  it('is never that a source is absent because its listing lacked it', async () => {
    const yard = await filled(route)
    yard.hidden.set('gcp', new Set(['a']))
    expect((await yard.whole()).acts).toEqual(['agreed aws'])
    yard.hidden.clear()
    yard.at('gcp').user.delete(key('a'))
    yard.loseEvents()
    await yard.age()
    expect((await yard.whole()).acts).toEqual(['deleted aws'])
  })

  it('holds under the terms alone under which it was found', async () => {
    const yard = await filled({ ...route, deletes: false })
    yard.at('gcp').user.delete(key('a'))
    yard.loseEvents()
    await yard.age()
    expect((await yard.whole()).acts).toEqual(['kept aws'])
    expect((await yard.whole()).acts).toEqual([])
    const config = parseConfig(JSON.stringify({ sites, replicate: [route] }))
    const { receipts, troubles } = await reconcile(config.routes[0]!.id, null, { ...yard.yard, config }, signal)
    expect(receipts).toMatchObject([{ action: 'deleted', site: 'aws' }])
    expect(troubles).toEqual([expect.stringContaining('not a memory of these terms')])
  })

  it('is lost where its bytes are not those that the store vouches for, or more than we write', async () => {
    const yard = await filled(group)
    const { user, keys } = yard.userOfControl('aws')
    await yard.whole()
    yard.controlFaults.push({ site: 'aws', verb: 'get', fault: { fault: 'bit-flipped', byte: 5 } })
    const flipped = await yard.whole()
    expect(flipped.requests['aws head']).toBe(1)
    expect(flipped.control['aws put']).toBe(1) // Written over: rot must not stay.
    const file = yard.userOfControl('aws').keys.find((name) => name.includes('/seen/'))!
    expect(keys).toEqual([])
    user.put(key(file), new Uint8Array(33 * 1024 * 1024))
    yard.controlFaults.push({ site: 'aws', verb: 'get', fault: { fault: 'none' } })
    const received = () => yard.controls.get(siteId('aws'))!.tally.of('get').received
    const before = received()
    const { troubles } = await yard.whole()
    expect(received() - before).toBeLessThan(1_000)
    expect(troubles).toEqual([expect.stringContaining('not a memory of these terms')])
    expect(yard.controls.get(siteId('aws'))!.bucket.head(key(file))!.size).toBeLessThan(1_000)
    expect((await yard.whole()).requests['aws head']).toBeUndefined()
  })

  it('survives a pass without one of the members', async () => {
    const azure = { kind: 'azure-blob', account: 'isobar', container: 'b-azure', control: 'c-azure' }
    const yard = new Yard({ sites: { ...sites, azure }, replicate: [{ id: 'all', among: ['gcp', 'aws', 'azure'] }] })
    for (const site of ['gcp', 'aws', 'azure']) yard.at(site).user.put(key('a'), bytes('the same'))
    yard.loseEvents()
    const joined = '2026-11-25T12:00:10Z'
    const all = Object.fromEntries(Object.entries({ ...sites, azure }).map(([id, site]) => [id, { ...site, joined }]))
    const config = parseConfig(
      JSON.stringify({ sites: all, replicate: [{ id: 'all', among: ['gcp', 'aws', 'azure'] }] }),
    )
    await yard.age()
    const core = { ...yard.yard, config }
    const once = (more: object = {}) => reconcile(config.groups[0]!.id, null, { ...core, ...more }, signal)
    expect((await once()).receipts).toMatchObject([{ action: 'agreed' }])
    expect((await once({ out: (_: string, site: string) => site === 'azure' })).receipts).toEqual([])
    expect((await once()).receipts).toEqual([])
  })
})

describe('the terms of a rule', () => {
  const terms = (document: object) => {
    const config = parseConfig(JSON.stringify(document))
    const yard = new Yard(document)
    return termsOf(yard.yard, [...config.groups, ...config.routes][0]!)
  }

  it('are others once anything changes that decides what is in sync', () => {
    const aws = { ...sites.aws, joined: '2026-11-01T00:00:00Z' }
    const gone = { kind: 'gcs', bucket: 'b-gone', retired: true }
    const documents = [
      { sites, replicate: [group] },
      { sites, replicate: [{ ...group, prefix: 'p/' }] },
      { sites, replicate: [{ ...group, include: ['p/*'] }] },
      { sites, replicate: [{ ...group, exclude: ['p/*'] }] },
      { sites: { ...sites, aws }, replicate: [group] },
      { sites: { ...sites, gone }, replicate: [group] },
      ...[
        {},
        { deletes: false },
        { foreign: 'replace' },
        { from: 'aws', to: ['gcp'] },
        { from: 'aws', to: ['gcp'], tags: { a: 'b' } },
        { size: { min: 1 } },
        { rename: { from: '', to: 'x/' } },
      ].map((more) => ({ sites, replicate: [{ ...route, ...more }] })),
    ]
    expect(new Set(documents.map(terms)).size).toBe(documents.length)
  })

  it('are the same where only guards, windows or storage classes change', () => {
    expect(terms({ sites, replicate: [{ ...group, sloSeconds: 60, paused: true }] })).toBe(
      terms({ sites, replicate: [group] }),
    )
  })
})

describe('what is listed', () => {
  it('are the beginnings of the rule’s keys, each once and none within another', () => {
    const include = ['b/x/*', 'a/**', 'a/b/**', 'b/y/?', 'a/**']
    const config = parseConfig(JSON.stringify({ sites, replicate: [{ ...group, include }] }))
    expect(headsOf(config.groups[0]!)).toEqual(['a/', 'b/x/', 'b/y/'])
  })

  it('are only those of them that are still to come', async () => {
    const yard = new Yard(
      { sites, replicate: [{ ...group, include: ['a/**', 'b/**', 'c/**'] }] },
      { limits: { reconcileKeys: 1, listPage: 2 } },
    )
    for (const name of ['a/1', 'b/1', 'b/2', 'c/1', 'd/1'])
      for (const site of ['aws', 'gcp']) yard.put(site, name, name)
    const { requests, keys, invocations } = await yard.whole()
    expect(keys).toBe(4)
    expect(invocations).toBe(4)
    expect(requests['gcp list']).toBe(6) // Two at each end of a beginning, where the listing after its last key is empty.
  })
})

describe('a site whose breaker is open', () => {
  it('is not asked to list, and one that fails to is noted', async () => {
    const failed: string[] = []
    const opened = new Set<string>()
    const breakers = {
      mayAsk: (site: string) => !opened.has(site),
      succeeded: () => undefined,
      failed: (site: string) => void failed.push(site),
    }
    const yard = new Yard({ sites, replicate: [group] }, { breakers })
    yard.cutOff('gcp', 'list')
    await yard.reconcile()
    expect(failed).toEqual(['gcp'])
    opened.add('gcp')
    yard.tallied()
    const { troubles, keys } = await yard.reconcile()
    expect(keys).toBe(0)
    expect(troubles[0]).toContain('its breaker is open')
    expect(yard.tallied().requests).toEqual({ 'aws list': 1 })
  })
})
