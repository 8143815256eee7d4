import { describe, expect, it } from 'vitest'
import { Failure } from '#shared/kernel/failure.ts'
import { siteId } from '#shared/kernel/ids.ts'
import { limits } from '#shared/replication/core.ts'
import type { Buried } from '#shared/replication/model.ts'
import { dig, scopeOf } from '#shared/replication/observe.ts'
import { circleAmong, plant, stampAt, stampOfMeta } from './plant.ts'
import { nothing, replica } from './sights.ts'
import { Stage } from './stage.ts'
import { bytes, key, oneGroup, Trio } from './trio.ts'

const sites = ['aws', 'azure', 'gcp'] as const
const signal = new AbortController().signal
const empty: Buried = { greatest: [], unseen: [], older: null }

async function dug(trio: Trio, site: string): Promise<Buried> {
  const { store } = trio.at(site)
  const meta = trio.at(site).bucket.head(key('k'))
  await trio.pass(0)
  trio.requests()
  const scope = scopeOf(trio.core, circleAmong(trio.core, 'aws', 'azure', 'gcp'), key('k'), signal)
  return dig(scope, store, meta === null ? nothing(site) : { ...replica(site, stampAt(site, 0)), meta })
}

/** Seconds pass between acts, so that S3 has a date for each. */
function acts(trio: Trio, site: string, ...list: readonly ('put' | 'delete')[]): ReturnType<typeof stampAt>[] {
  const { user } = trio.at(site)
  return list.flatMap((act) => {
    trio.clock.ms += 2_000
    if (act === 'put') return [stampOfMeta(site, user.put(key('k'), bytes(`at ${trio.clock.ms}`)))]
    user.delete(key('k'))
    return []
  })
}

describe.each(sites)('at %s', (site) => {
  const other = site === 'aws' ? 'gcp' : 'aws'

  it('where nothing ever was, nothing was deleted, for one listing', async () => {
    const trio = new Trio()
    expect(await dug(trio, site)).toEqual(empty)
    expect(trio.requests()).toEqual({ [`${site} versions`]: 1 })
  })

  it('a deletion is worth what it deleted', async () => {
    const trio = new Trio()
    const [stamp] = acts(trio, site, 'put', 'delete')
    expect(await dug(trio, site)).toEqual({ ...empty, greatest: [stamp] })
    expect(trio.requests()).toEqual({ [`${site} versions`]: 1, ...(site === 'aws' ? { 'aws head': 1 } : {}) })
  })

  it('a deleted copy is worth the stamp of its mark', async () => {
    const trio = new Trio()
    const stamp = stampAt(other, trio.clock.ms - 5_000)
    plant(trio, site, stamp)
    trio.at(site).user.delete(key('k'))
    expect(await dug(trio, site)).toEqual({ ...empty, greatest: [stamp] })
  })

  it('of many the greatest counts, whenever it was written', async () => {
    const trio = new Trio()
    const early = stampAt(other, trio.clock.ms - 50_000)
    const late = stampAt(other, trio.clock.ms + 90_000)
    plant(trio, site, late)
    trio.clock.ms += 1_000
    plant(trio, site, early)
    trio.at(site).user.delete(key('k'))
    expect(await dug(trio, site)).toEqual({ ...empty, greatest: [late] })
  })

  it('of many the greatest counts, where it was written last, too', async () => {
    const trio = new Trio()
    const early = stampAt(other, trio.clock.ms - 50_000)
    const late = stampAt(other, trio.clock.ms - 40_000)
    plant(trio, site, early)
    trio.clock.ms += 1_000
    plant(trio, site, late)
    trio.at(site).user.delete(key('k'))
    expect(await dug(trio, site)).toEqual({ ...empty, greatest: [late] })
  })

  it('a slow copy that was deleted is worth the stamp of its mark: it does not lie below itself', async () => {
    const trio = new Trio()
    const stamp = stampAt(other, trio.clock.ms)
    trio.clock.ms += 10_000
    plant(trio, site, stamp, { mark: { writtenMs: trio.clock.ms - 10_000, nonce: 'once' } })
    trio.clock.ms += 2_000
    trio.at(site).user.delete(key('k'))
    expect(await dug(trio, site)).toEqual({ ...empty, greatest: [stamp] })
  })

  it('what a user restored within a minute counts with its own date', async () => {
    const trio = new Trio()
    const copy = plant(trio, site, stampAt(other, trio.clock.ms - 50_000))
    trio.clock.ms += 5_000
    const restored = trio.at(site).user.restore(key('k'), copy.version)!
    trio.at(site).user.delete(key('k'))
    expect(await dug(trio, site)).toEqual({ ...empty, greatest: [stampOfMeta(site, restored)] })
  })

  it('what shows is not deleted, and below it a deletion still counts', async () => {
    const trio = new Trio()
    const [stamp] = acts(trio, site, 'put', 'delete', 'put')
    expect(await dug(trio, site)).toEqual({ ...empty, greatest: [stamp] })
  })

  it('a history too long is told as such, and not guessed from its beginning', async () => {
    const trio = new Trio(undefined, { limits: { historyPages: 0 } })
    await expect(dug(trio, site)).rejects.toMatchObject({ kind: 'denied', scope: 'key', site })
  })
})

// Between the look and the listing somebody may have written: then what lies below was overwritten, not deleted.

describe.each(sites)('what moved on at %s between two looks is looked at again', (site) => {
  const movedOn = new Failure('conflict', `${site}: the key moved on between two looks`, { site: siteId(site) })

  async function between(trio: Trio, sight: Parameters<typeof dig>[2]): Promise<Buried> {
    await trio.pass(0)
    trio.at(site).user.put(key('k'), bytes('meanwhile'))
    return dig(scopeOf(trio.core, circleAmong(trio.core), key('k'), signal), trio.at(site).store, sight)
  }

  it('where nothing was seen', async () => {
    await expect(between(new Trio(), nothing(site))).rejects.toThrow(movedOn)
  })

  it('where another version was seen', async () => {
    const trio = new Trio()
    const meta = trio.at(site).user.put(key('k'), bytes('seen'))
    await expect(between(trio, { ...replica(site, stampAt(site, 0)), meta })).rejects.toThrow(movedOn)
  })

  it('and what was deleted meanwhile counts', async () => {
    const trio = new Trio()
    const meta = plant(trio, site, stampAt('gcp', trio.clock.ms))
    await trio.pass(0)
    trio.at(site).user.delete(key('k'))
    const sight = { ...replica(site, stampAt(site, 0)), meta }
    const { greatest } = await dig(
      scopeOf(trio.core, circleAmong(trio.core, 'gcp'), key('k'), signal),
      trio.at(site).store,
      sight,
    )
    expect(greatest).toEqual([stampAt('gcp', trio.clock.ms)])
  })
})

// Where deletions leave markers, only what lies below one was deleted.

it('on S3 what was overtaken was not deleted', async () => {
  const trio = new Trio()
  acts(trio, 'aws', 'put', 'put', 'put')
  expect(await dug(trio, 'aws')).toEqual(empty)
  expect(trio.requests()).toEqual({ 'aws versions': 1 })
})

it('on S3 what was overtaken below a marker counts only where it is not before what was deleted', async () => {
  const trio = new Trio()
  const [, second] = acts(trio, 'aws', 'put', 'put', 'delete', 'put')
  expect(await dug(trio, 'aws')).toEqual({ ...empty, greatest: [second] })
  expect(trio.requests()).toEqual({ 'aws versions': 1, 'aws head': 1 })
})

it('on S3 every version dated no earlier than the greatest stamp so far is looked at, and not one more', async () => {
  const trio = new Trio()
  acts(trio, 'aws', 'put', 'put')
  const stamp = stampAt('gcp', trio.clock.ms - 2_000)
  trio.clock.ms += 4_000
  plant(trio, 'aws', stamp)
  trio.at('aws').user.delete(key('k'))
  const second = trio
    .at('aws')
    .bucket.dump()
    .find(({ body }) => new TextDecoder().decode(body) === `at ${trio.clock.ms - 4_000}`)!
  expect(await dug(trio, 'aws')).toEqual({ ...empty, greatest: [stampAt('aws', second.dateMs, second.id)] })
  expect(trio.requests()).toEqual({ 'aws versions': 1, 'aws head': 2 })
})

it('on S3 two versions of one second are both told: only who deleted knows which', async () => {
  const trio = new Trio()
  const { user } = trio.at('aws')
  const [first, second] = ['one', 'two'].map((text) => stampOfMeta('aws', user.put(key('k'), bytes(text))))
  user.delete(key('k'))
  expect(await dug(trio, 'aws')).toEqual({ ...empty, greatest: [second, first] })
})

it('on S3 the same version, seen twice, is told once', async () => {
  const trio = new Trio()
  const stamp = stampAt('gcp', trio.clock.ms)
  plant(trio, 'aws', stamp, { mark: { nonce: 'one' } })
  plant(trio, 'aws', stamp, { mark: { nonce: 'two' } })
  trio.at('aws').user.delete(key('k'))
  expect(await dug(trio, 'aws')).toEqual({ ...empty, greatest: [stamp] })
})

it.each(['azure', 'gcp'])('at %s all that shows no more may have been deleted', async (site) => {
  const trio = new Trio()
  const [, second] = acts(trio, site, 'put', 'put', 'put')
  expect(await dug(trio, site)).toEqual({ ...empty, greatest: [second] })
  expect(trio.requests()).toEqual({ [`${site} versions`]: 1 })
})

it('on Azure a version removed for good is remembered as long as it is listed', async () => {
  const trio = new Trio()
  const meta = trio.at('azure').user.put(key('k'), bytes('x'))
  trio.at('azure').user.delete(key('k'))
  trio.at('azure').user.removeVersion(key('k'), meta.version)
  expect(await dug(trio, 'azure')).toEqual({ ...empty, greatest: [stampOfMeta('azure', meta)] })
})

// Uploads in parts.

function uploaded(trio: Trio, site: string): ReturnType<typeof stampAt> {
  const upload = trio.at(site).user.begin(key('k'))
  upload.part(bytes('one'))
  upload.part(bytes('two'))
  return stampOfMeta(site, upload.complete())
}

it('on S3 an upload in parts below a marker may never have been seen: it is told apart', async () => {
  const trio = new Trio()
  const [stamp] = acts(trio, 'aws', 'put')
  trio.clock.ms += 2_000
  const unseen = uploaded(trio, 'aws')
  trio.at('aws').user.delete(key('k'))
  expect(await dug(trio, 'aws')).toEqual({ ...empty, greatest: [stamp], unseen: [unseen] })
})

it.each(['azure', 'gcp'])('at %s an upload in parts is dated by its end, and counts', async (site) => {
  const trio = new Trio()
  const stamp = uploaded(trio, site)
  trio.at(site).user.delete(key('k'))
  expect(await dug(trio, site)).toEqual({ ...empty, greatest: [stamp] })
})

it('on Cloud Storage an object that tells of its parts counts, too', async () => {
  const trio = new Trio()
  const { store, user } = trio.at('gcp')
  const part = await store.putPart(
    key('k'),
    't',
    1,
    {
      size: 1,
      async *open() {
        yield bytes('x')
      },
    },
    {},
    signal,
  )
  const write = { headers: {}, metadata: {}, digests: {}, tags: {}, storageClass: null }
  const meta = await store.commit(key('k'), 't', [part], write, { if: 'absent' }, signal)
  expect(meta.inParts).toBe(true)
  user.delete(key('k'))
  expect(await dug(trio, 'gcp')).toEqual({ ...empty, greatest: [stampOfMeta('gcp', meta)] })
})

it('on S3 a copy in parts of ours is worth its stamp', async () => {
  const trio = new Trio()
  const stamp = stampAt('gcp', trio.clock.ms)
  const copy = plant(trio, 'aws', stamp)
  const upload = trio.at('aws').user.begin(key('k'), { metadata: copy.metadata })
  upload.part(bytes('x'))
  upload.complete()
  trio.at('aws').user.delete(key('k'))
  expect(await dug(trio, 'aws')).toEqual({ ...empty, greatest: [stamp] })
})

// What lay there before its site joined.

const joinedMs = Date.UTC(2026, 10, 25, 13)
const late = new Date(joinedMs).toISOString()
const joining = Object.fromEntries(Object.entries(oneGroup.sites).map(([id, site]) => [id, { ...site, joined: late }]))

it.each(sites)(
  'at %s the content of what was deleted is told, where it is from before the site joined',
  async (site) => {
    const trio = new Trio({ ...oneGroup, sites: joining })
    const meta = trio.at(site).user.put(key('k'), bytes('old'))
    trio.clock.ms = joinedMs
    trio.at(site).user.delete(key('k'))
    const { older, greatest } = await dug(trio, site)
    expect(greatest).toEqual([stampOfMeta(site, meta)])
    expect(older).toMatchObject({
      meta: { version: meta.version },
      content: { size: 3, digests: meta.digests, joinedMs },
    })
  },
)

it.each([
  ['aws', false],
  ['azure', true], // It does not tell when a version left.
  ['gcp', false],
] as const)('at %s what was deleted before its site joined may be a copy: %s', async (site, may) => {
  const trio = new Trio({ ...oneGroup, sites: joining })
  trio.at(site).user.put(key('k'), bytes('old'))
  trio.clock.ms = joinedMs - 1
  trio.at(site).user.delete(key('k'))
  expect((await dug(trio, site)).older !== null).toBe(may)
})

it.each(sites)('at %s what came after it joined tells no content, whatever lies below', async (site) => {
  const trio = new Trio({ ...oneGroup, sites: joining })
  trio.at(site).user.put(key('k'), bytes('old'))
  trio.clock.ms = joinedMs
  const [stamp] = acts(trio, site, 'put', 'delete')
  expect(await dug(trio, site)).toEqual({ ...empty, greatest: [stamp] })
})

it.each(sites)('at %s a copy tells no content, however old it is', async (site) => {
  const trio = new Trio({ ...oneGroup, sites: joining })
  const stamp = stampAt('gcp', trio.clock.ms)
  plant(trio, site, stamp)
  trio.at(site).user.delete(key('k'))
  expect(await dug(trio, site)).toEqual({ ...empty, greatest: [stamp] })
})

it.each(sites)('at %s what was deleted last tells its content, not the same version below it', async (site) => {
  const trio = new Trio({ ...oneGroup, sites: joining })
  const stamp = stampOfMeta(site, trio.at(site).user.put(key('k'), bytes('old')))
  plant(trio, site, stamp, { text: 'old' })
  trio.at(site).user.delete(key('k'))
  expect(await dug(trio, site)).toEqual({ ...empty, greatest: [stamp] })
})

it('on S3 a version that goes while it is looked at says nothing', async () => {
  const stage = new Stage()
  const [stamp] = acts(stage, 'aws', 'put')
  stage.clock.ms += 2_000
  const meta = stage.at('aws').user.put(key('k'), bytes('goes'))
  stage.at('aws').user.delete(key('k'))
  stage.meanwhile('aws', 'head', () => stage.at('aws').user.removeVersion(key('k'), meta.version))
  expect(await dug(stage, 'aws')).toEqual({ ...empty, greatest: [stamp] })
})

// However long a history is.

it.each([
  ['aws', { 'aws versions': 1, 'aws head': 1 }],
  ['azure', { 'azure versions': 3 }],
  ['gcp', { 'gcp versions': 3 }],
])('a deleted key with 20,000 versions at %s costs %o', async (site, requests) => {
  const trio = new Trio()
  for (let i = 0; i < 20_000; i++) {
    trio.clock.ms += 1_000
    trio.at(site).user.put(key('k'), bytes('x'))
  }
  trio.at(site).user.delete(key('k'))
  const end = await dug(trio, site).then(
    () => 'told',
    () => 'too deep',
  )
  expect(end).toBe(site === 'aws' ? 'told' : 'too deep')
  expect(trio.requests()).toEqual(requests)
})

it('on S3 20,000 versions within one second cost a page and the HEADs that are allowed', async () => {
  const trio = new Trio()
  for (let i = 0; i < 20_000; i++) trio.at('aws').user.put(key('k'), bytes('x'))
  trio.at('aws').user.delete(key('k'))
  await expect(dug(trio, 'aws')).rejects.toMatchObject({ kind: 'denied', scope: 'key' })
  expect(trio.requests()).toEqual({ 'aws versions': 1, 'aws head': limits.historyHeads })
})
