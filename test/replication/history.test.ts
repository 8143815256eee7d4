import { expect, it } from 'vitest'
import { Failure } from '#shared/kernel/failure.ts'
import { siteId } from '#shared/kernel/ids.ts'
import { azure, gcs, resized, s3 } from '#shared/memory/profiles.ts'
import { limits } from '#shared/replication/core.ts'
import { History } from '#shared/replication/history.ts'
import { bytes, key, Trio } from './trio.ts'

const sites = ['aws', 'azure', 'gcp'] as const
const signal = new AbortController().signal

interface Bounds {
  readonly historyPages: number
  readonly historyHeads: number
}

function historyAt(trio: Trio, site: string, bounds: Bounds = limits): History {
  return new History(trio.at(site).store, key('k'), signal, bounds)
}

/** Versions `0`, `1`, … one second apart, in pages of two. */
function versions(count: number): Trio {
  const trio = new Trio(undefined, {
    profiles: {
      aws: resized(s3, { pageMax: 2 }),
      azure: resized(azure, { pageMax: 2 }),
      gcp: resized(gcs, { pageMax: 2 }),
    },
  })
  for (let i = 0; i < count; i++) {
    for (const site of sites) trio.at(site).user.put(key('k'), bytes('x'), { metadata: { i: String(i) } })
    trio.clock.ms += 1000
  }
  return trio
}

async function numberAt(history: History, depth: number): Promise<string | null> {
  const kept = await history.at(depth)
  return kept === null ? null : ((await history.metaOf(kept))?.metadata['i'] ?? null)
}

function tooDeep(site: string, { historyPages, historyHeads }: Bounds): Failure {
  return new Failure(
    'denied',
    `${site}: the history of this key is longer than ${historyPages} pages or ${historyHeads} versions; nothing is deleted or overwritten by itself. Remove old versions, then replicate the key by hand`,
    { site: siteId(site), scope: 'key' },
  )
}

it.each(sites)('at %s the newest version comes first, whatever order the store lists in', async (site) => {
  const history = historyAt(versions(5), site)
  expect(await numberAt(history, 0)).toBe('4')
  expect(await numberAt(history, 3)).toBe('1')
  expect(await numberAt(history, 4)).toBe('0')
  expect(await numberAt(history, 1)).toBe('3')
})

it.each(sites)('below the oldest at %s there is nothing, and nothing is asked again', async (site) => {
  const trio = versions(5)
  const history = historyAt(trio, site)
  expect(await history.at(5)).toBeNull()
  expect(await history.at(9)).toBeNull()
  expect(await history.at(4)).not.toBeNull()
  expect(trio.requests()).toEqual({ [`${site} versions`]: 3 })
})

it.each(sites)('a key that never was at %s has no history, for one request', async (site) => {
  const trio = versions(0)
  const history = historyAt(trio, site)
  expect(await history.at(0)).toBeNull()
  expect(await history.at(0)).toBeNull()
  expect(trio.requests()).toEqual({ [`${site} versions`]: 1 })
})

it.each([
  ['aws', 1],
  ['azure', 3],
  ['gcp', 3],
])('the newest version at %s costs %i of three pages', async (site, pages) => {
  const trio = versions(5)
  await historyAt(trio, site).at(0)
  expect(trio.requests()).toEqual({ [`${site} versions`]: pages })
})

it.each([
  ['aws', 1],
  ['azure', 0],
  ['gcp', 0],
])('what a version says costs %2$i HEAD at %s, and none the second time', async (site, heads) => {
  const trio = versions(2)
  const history = historyAt(trio, site)
  const kept = await history.at(1)
  trio.requests()
  expect((await history.metaOf(kept!))?.metadata).toEqual({ i: '0' })
  expect((await history.metaOf(kept!))?.metadata).toEqual({ i: '0' })
  expect(trio.requests()).toEqual(heads === 0 ? {} : { [`${site} head`]: heads })
})

it('a delete marker says nothing and costs nothing', async () => {
  const trio = versions(1)
  trio.at('aws').user.delete(key('k'))
  const history = historyAt(trio, 'aws')
  const marker = await history.at(0)
  expect(marker!.deleteMarker).toBe(true)
  expect(await history.metaOf(marker!)).toBeNull()
  expect(trio.requests()).toEqual({ 'aws versions': 1 })
})

it('a version that is gone meanwhile says nothing, and is asked for once', async () => {
  const trio = versions(2)
  const history = historyAt(trio, 'aws')
  const kept = await history.at(1)
  trio.at('aws').user.removeVersion(key('k'), kept!.version)
  expect(await history.metaOf(kept!)).toBeNull()
  expect(await history.metaOf(kept!)).toBeNull()
  expect(trio.requests()).toEqual({ 'aws versions': 1, 'aws head': 1 })
})

it.each(sites)('at %s as many pages are read as are allowed, and not one more', async (site) => {
  const trio = versions(6)
  expect(await historyAt(trio, site, { historyPages: 3, historyHeads: 9 }).at(5)).not.toBeNull()
  trio.requests()
  const bounds = { historyPages: 2, historyHeads: 9 }
  await expect(historyAt(trio, site, bounds).at(5)).rejects.toThrow(tooDeep(site, bounds))
  expect(trio.requests()).toEqual({ [`${site} versions`]: 2 })
})

it('as many versions are looked at as are allowed, and not one more', async () => {
  const trio = versions(4)
  const bounds = { historyPages: 3, historyHeads: 2 }
  const history = historyAt(trio, 'aws', bounds)
  expect([await numberAt(history, 0), await numberAt(history, 1)]).toEqual(['3', '2'])
  await expect(numberAt(history, 2)).rejects.toThrow(tooDeep('aws', bounds))
  expect(await numberAt(history, 1)).toBe('2')
  expect(trio.requests()).toEqual({ 'aws versions': 2, 'aws head': 2 })
})

/** Each within one millisecond of the last: as dense as a history can be. */
function crowded(site: string, count: number): Trio {
  const trio = new Trio()
  const { user } = trio.at(site)
  for (let i = 0; i < count; i++) user.put(key('k'), bytes('x'))
  return trio
}

it.each(sites)('a key with 20,000 versions at %s stays within three pages and 64 HEADs', async (site) => {
  const trio = crowded(site, 20_000)
  const history = historyAt(trio, site)
  const walk = async () => {
    for (let depth = 0; ; depth++) {
      const kept = await history.at(depth)
      if (kept === null) return
      await history.metaOf(kept)
    }
  }
  await expect(walk()).rejects.toThrow(tooDeep(site, limits))
  const { [`${site} versions`]: pages, [`${site} head`]: heads } = trio.requests()
  expect({ pages, heads }).toEqual(site === 'aws' ? { pages: 1, heads: 64 } : { pages: 3, heads: undefined })
})

it('the bounds are three pages and 64 versions', () => {
  expect(limits).toMatchObject({ historyPages: 3, historyHeads: 64 })
})
