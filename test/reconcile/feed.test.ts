import { describe, expect, it } from 'vitest'
import { ruleId, siteId } from '#shared/kernel/ids.ts'
import { historyFeed } from '#shared/reconcile/feed.ts'
import { glimpse, glimpseOf } from '#shared/reconcile/glimpse.ts'
import type { Row } from '#shared/reconcile/model.ts'
import { circleOf } from '#shared/replication/believe.ts'
import { rowsAt } from '#shared/reconcile/members.ts'
import { plant, stampAt } from '#test/replication/plant.ts'
import { replica, stampOf } from '#test/replication/sights.ts'
import { key } from '#test/replication/trio.ts'
import { Yard } from './yard.ts'

const { signal } = new AbortController()

async function rowsOf(yard: Yard, site: string, { pageKeys = 100, historyPages = 3 } = {}): Promise<readonly Row[]> {
  const feed = historyFeed({ store: yard.at(site).store, prefix: '', pageKeys, historyPages, signal })
  const rows: Row[] = []
  for (let page = await feed.read(); page !== null; page = await feed.read()) rows.push(...page)
  return rows
}

/** Versions a second apart; `-` deletes. */
async function lived(yard: Yard, site: string, acts: readonly string[], name = 'k'): Promise<readonly number[]> {
  const dates: number[] = []
  for (const act of acts) {
    await yard.pass(1_000)
    if (act === '-') yard.at(site).user.delete(key(name))
    else yard.put(site, name, act)
    dates.push(yard.at(site).bucket.head(key(name))?.dateMs ?? 0)
  }
  return dates
}

describe('a history told as one row', () => {
  it('is what shows now, and the youngest of what was deleted: on S3 only what lies below a marker', async () => {
    const yard = new Yard()
    const dates = await lived(yard, 'aws', ['1', '2', '-', '3', '4'])
    expect(await rowsOf(yard, 'aws')).toMatchObject([
      { shown: { dateMs: dates[4] }, buriedMs: dates[1], entries: 5, cut: false },
    ])
  })

  it.each(['azure', 'gcp'])('at %s anything that is kept may have been deleted', async (site) => {
    const yard = new Yard()
    const dates = await lived(yard, site, ['1', '2', '3'])
    expect(await rowsOf(yard, site)).toMatchObject([
      { shown: { dateMs: dates[2] }, buriedMs: dates[1], entries: 3, cut: false },
    ])
  })

  it.each(['aws', 'azure', 'gcp'])('at %s shows nothing once it is deleted', async (site) => {
    const yard = new Yard()
    const dates = await lived(yard, site, ['1', '-'])
    expect(await rowsOf(yard, site)).toMatchObject([{ shown: null, buriedMs: dates[0] }])
  })

  it.each(['aws', 'azure', 'gcp'])('at %s is the same however it is cut into pages', async (site) => {
    const yard = new Yard()
    for (const name of ['a', 'b', 'c']) await lived(yard, site, ['1', '2', '-', '3'], name)
    const whole = await rowsOf(yard, site)
    expect(whole.map((row) => row.key)).toEqual(['a', 'b', 'c'])
    for (const pageKeys of [1, 2, 3, 4, 5])
      expect(await rowsOf(yard, site, { pageKeys, historyPages: 9 })).toEqual(whole)
  })

  it('too long to read, it counts as if anything lay below; and where the newest comes last, what shows is not known', async () => {
    const yard = new Yard()
    for (const site of ['aws', 'gcp']) {
      await lived(yard, site, Array.from({ length: 12 }, String), 'a')
      await lived(yard, site, ['1'], 'b')
    }
    const bounds = { pageKeys: 2, historyPages: 2 }
    expect(await rowsOf(yard, 'aws', bounds)).toMatchObject([
      { key: 'a', shown: {}, buriedMs: Infinity, cut: false },
      { key: 'b', buriedMs: -Infinity },
    ])
    expect(await rowsOf(yard, 'gcp', bounds)).toMatchObject([
      { key: 'a', buriedMs: Infinity, cut: true },
      { key: 'b', cut: false },
    ])
  })
})

describe('a copy is suspect', () => {
  const below = (timeMs: number, buriedMs: number, onto: 'absent' | 'over' = 'absent') => {
    const row: Row = { key: key('k'), shown: null, buriedMs, entries: 2, cut: false }
    const sight = glimpseOf(replica('azure', stampOf(timeMs, 'gcp'), onto), row)
    return 'suspect' in sight && sight.suspect
  }

  it('only where it was written over nothing, and what was deleted is not older than its stamp', () => {
    expect(below(1_000, 1_000)).toBe(true)
    expect(below(1_000, 2_000)).toBe(true)
    expect(below(1_000, 999)).toBe(false)
    expect(below(1_000, -Infinity)).toBe(false)
    expect(below(1_000, 2_000, 'over')).toBe(false)
  })

  it('by its mark in a listing just as by a HEAD', () => {
    const yard = new Yard()
    const circle = circleOf(yard.yard.config, yard.group)
    for (const [onto, buriedMs, suspect] of [
      ['absent', 5_000, true],
      ['absent', 100, false],
      ['over', 5_000, false],
    ] as const) {
      const meta = plant(yard, 'azure', stampAt('gcp', 1_000), { mark: { onto } })
      const heard = { dateMs: yard.clock.ms, atMonotonicMs: yard.clock.ms, atWallMs: yard.clock.ms }
      const core = {
        ...yard.yard,
        store: (site: ReturnType<typeof siteId>) => ({ ...yard.at(site).store, heard: () => heard }),
      }
      const row: Row = { key: meta.key, shown: { ...meta, meta }, buriedMs, entries: 2, cut: false }
      expect(glimpse(core, circle, siteId('azure'), meta.key, row)).toMatchObject({ shows: 'replica', suspect })
    }
  })
})

describe('names along a route', () => {
  it('a target’s key that no source could have is passed by, and no text longer than a key is sent', async () => {
    const long = 'l'.repeat(1000)
    const yard = new Yard({
      sites: {
        aws: { kind: 's3', bucket: 'b-aws', region: 'eu-west-1', control: 'c-aws' },
        gcp: { kind: 'gcs', bucket: 'b-gcp', control: 'c-gcp' },
      },
      replicate: [
        { id: 'vault', from: 'aws', to: ['gcp'], rename: { from: `${long}/`, to: 'c/' }, prefix: `${long}/` },
      ],
    })
    yard.put('gcp', `c/${'x'.repeat(900)}`, 'a user of the target')
    yard.put('gcp', 'c/short', 'a user of the target')
    yard.put('aws', `${long}/ok`, 'mine')
    await yard.age()
    const { keys, acts } = await yard.whole()
    expect(keys).toBe(2)
    expect(acts).toEqual(['copied gcp'])
  })

  it('goes on in a target under longer names without asking for what no key can be', async () => {
    const yard = new Yard({
      sites: {
        aws: { kind: 's3', bucket: 'b-aws', region: 'eu-west-1', control: 'c-aws' },
        gcp: { kind: 'gcs', bucket: 'b-gcp', control: 'c-gcp' },
      },
      replicate: [{ id: 'vault', from: 'aws', to: ['gcp'], rename: { from: '', to: `${'l'.repeat(900)}/` } }],
    })
    const asked: string[] = []
    const { store } = yard.at('gcp')
    const core = {
      ...yard.yard,
      store: () => ({
        ...store,
        heard: () => store.heard(),
        list: (query: Parameters<typeof store.list>[0], s: AbortSignal) => (
          asked.push(query.after),
          store.list(query, s)
        ),
      }),
    }
    const rule = yard.config.routes.find(({ id }) => id === ruleId('vault'))!
    await rowsAt({ core, rule, history: false, after: `${'é'.repeat(300)}😀`, signal }, siteId('gcp')).read()
    expect(asked.every((text) => new TextEncoder().encode(text).byteLength <= 1024 && text.isWellFormed())).toBe(true)
  })
})
