import { describe, expect, it } from 'vitest'
import { Failure } from '#shared/kernel/failure.ts'
import { siteId } from '#shared/kernel/ids.ts'
import { azure, gcs, type Profile, resized, s3 } from '#shared/memory/profiles.ts'
import type { ObjectMeta } from '#shared/ports/object-store.ts'
import { limits } from '#shared/replication/core.ts'
import { move, type Landed } from '#shared/replication/move.ts'
import type { Lane } from '#shared/replication/seal.ts'
import { stampOfMeta } from './plant.ts'
import { Stage } from './stage.ts'
import { bytes, key } from './trio.ts'

const signal = new AbortController().signal
const text = 'abcdefghijklmnopqrstuvwxyz'
const tiny = { partBytesMin: 1 }
const profiles = { aws: resized(s3, tiny), azure: resized(azure, tiny), gcp: resized(gcs, tiny) }

/** Seven parts of four bytes, from `from` to the others. */
class Crossing {
  readonly stage: Stage
  readonly meta: ObjectMeta
  readonly from: string
  readonly lanes: readonly Lane[]

  constructor(
    from = 'aws',
    more: { readonly profiles?: Readonly<Record<string, Profile>>; readonly body?: string } = {},
  ) {
    const sizes = { smallBytes: 10, partBytes: 4, leadBytes: 8 }
    this.stage = new Stage(undefined, { profiles: { ...profiles, ...more.profiles }, limits: sizes })
    this.from = from
    const said = { headers: { contentType: 'a/b' }, metadata: { m: '1' }, tags: { t: '2' } }
    this.meta = this.stage.at(from).user.put(key('k'), bytes(more.body ?? text), said)
    this.lanes = ['aws', 'azure', 'gcp'].filter((site) => site !== from).map((site) => this.laneTo(site))
  }

  laneTo(site: string, condition: Lane['condition'] = { if: 'absent' }): Lane {
    const mark = { entry: 'isobar', stamp: stampOfMeta(this.from, this.meta), onto: 'absent' } as const
    return { store: this.stage.at(site).store, key: key('k'), condition, storageClass: 'COLD', mark }
  }

  async go(lanes: readonly Lane[] = this.lanes, meta: ObjectMeta = this.meta): Promise<readonly Landed[]> {
    await this.stage.pass(20_000)
    this.stage.requests()
    return move(this.stage.core, { store: this.stage.at(this.from).store, meta }, lanes, signal)
  }

  failureOf(landed: Landed | undefined): Failure {
    if (landed === undefined || !('failure' in landed)) throw new Error('it landed')
    return landed.failure
  }
}

describe.each(['aws', 'azure', 'gcp'])('from %s', (from) => {
  it('a large object arrives whole, with all that was said of it', async () => {
    const crossing = new Crossing(from)
    const landed = await crossing.go()
    expect(landed).toMatchObject([
      { parts: 7, checksum: 'verified', meta: { size: 26 } },
      { parts: 7, checksum: 'verified', meta: { size: 26 } },
    ])
    expect(crossing.stage.shown('k')).toEqual({ aws: text, azure: text, gcp: text })
    for (const { store } of crossing.lanes) {
      const { digest } = store.traits
      const content = crossing.stage.at(store.site).bucket.content(bytes(text)).digest(digest)
      expect(crossing.stage.at(store.site).bucket.dump()).toMatchObject([
        {
          headers: { contentType: 'a/b' },
          metadata: { m: '1' },
          tags: { t: '2' },
          storageClass: 'COLD',
          digests: { [digest]: content },
        },
      ])
    }
  })

  it('its source is read once, and looked at again before each commit', async () => {
    const crossing = new Crossing(from)
    await crossing.go()
    const target = { parts: 1, putPart: 7, head: 1, commit: 1 }
    expect(crossing.stage.requests()).toEqual({
      [`${from} get`]: 7,
      [`${from} tags`]: 1,
      [`${from} head`]: 2,
      ...Object.fromEntries(
        crossing.lanes.flatMap(({ store }) => Object.entries(target).map(([verb, n]) => [`${store.site} ${verb}`, n])),
      ),
    })
  })

  it('the mark names the checksum of the whole, and the moment of the commit', async () => {
    const crossing = new Crossing(from)
    const [lane] = crossing.lanes
    const { site, traits } = lane!.store
    crossing.stage.meanwhile(site, 'putPart', () => (crossing.stage.clock.ms += 30_000))
    await crossing.go([lane!])
    const [{ mark, since }] = crossing.stage.sent as [(typeof crossing.stage.sent)[number]]
    const content = crossing.stage.at(site).bucket.content(bytes(text)).digest(traits.digest)
    expect({ mark, since }).toMatchObject({ since: null, mark: { content, algorithm: traits.digest, onto: 'absent' } })
    expect(Math.abs(mark!.writtenMs - crossing.stage.clock.ms)).toBeLessThan(1_000)
  })
})

describe('whoever comes after a death', () => {
  it('sends nothing twice', async () => {
    const crossing = new Crossing()
    crossing.stage.fault('azure', 'putPart', { fault: 'request-lost' }, { skip: 3 })
    const [dead] = await crossing.go([crossing.lanes[0]!])
    expect(crossing.failureOf(dead)).toMatchObject({ kind: 'unknown', site: 'azure' })
    const [landed] = await crossing.go([crossing.lanes[0]!])
    expect(landed).toMatchObject({ parts: 7, checksum: 'verified' })
    expect(crossing.stage.requests()).toMatchObject({ 'azure parts': 1, 'azure putPart': 4, 'azure commit': 1 })
    expect(crossing.stage.shown('k')['azure']).toBe(text)
  })

  it('between the last part and the commit only commits', async () => {
    const crossing = new Crossing()
    crossing.stage.fault('azure', 'commit', { fault: 'request-lost' })
    await crossing.go([crossing.lanes[0]!])
    await crossing.go([crossing.lanes[0]!])
    const { 'azure putPart': parts, 'azure commit': commits } = crossing.stage.requests()
    expect({ parts, commits }).toEqual({ parts: undefined, commits: 1 })
  })

  it('takes no part of another version for its own', async () => {
    const crossing = new Crossing()
    crossing.stage.fault('azure', 'commit', { fault: 'request-lost' })
    await crossing.go([crossing.lanes[0]!])
    crossing.stage.clock.ms += 1_000
    const meta = crossing.stage.at('aws').user.put(key('k'), bytes(`${text.slice(0, 25)}!`))
    await crossing.go([crossing.lanes[0]!], meta)
    expect(crossing.stage.requests()).toMatchObject({ 'azure putPart': 7 })
    expect(crossing.stage.shown('k')['azure']).toBe(`${text.slice(0, 25)}!`)
  })

  it.each([
    ['cut elsewhere', 'abcde', 0],
    ['with other bytes', 'abcX', 0],
    ['beyond our last one', text, 7],
  ])('sends again what lies there %s', async (_, found, index) => {
    const crossing = new Crossing()
    crossing.stage.fault('azure', 'commit', { fault: 'request-lost' })
    await crossing.go([crossing.lanes[0]!])
    await foreignPart(crossing, index + 1, found)
    await crossing.go([crossing.lanes[0]!])
    expect(crossing.stage.requests()['azure putPart']).toBe(index === 7 ? undefined : 1)
    expect(crossing.stage.shown('k')['azure']).toBe(text)
  })
})

/** Another plan’s part under the same transfer, whose name we learn by listening. */
async function foreignPart(crossing: Crossing, number: number, body: string): Promise<void> {
  const { store, bucket } = crossing.stage.at('azure')
  let name = ''
  const listening: Lane = {
    ...crossing.laneTo('azure'),
    store: {
      ...store,
      parts: async (_key, transfer) => {
        name = transfer
        throw new Failure('unreachable', 'only listening')
      },
    },
  }
  await crossing.go([listening])
  bucket.putPart(key('k'), name, number, bucket.content(bytes(body)), {})
}

it('a part of the right bytes whose store says nothing of them is sent again', async () => {
  const crossing = new Crossing()
  crossing.stage.fault('azure', 'commit', { fault: 'request-lost' })
  await crossing.go([crossing.lanes[0]!])
  const { store } = crossing.stage.at('azure')
  const silent: Lane = {
    ...crossing.laneTo('azure'),
    store: {
      ...store,
      parts: async (...args) => (await store.parts(...args)).map((part) => ({ ...part, digests: {} })),
    },
  }
  await crossing.go([silent])
  expect(crossing.stage.requests()).toMatchObject({ 'azure putPart': 7, 'azure commit': 1 })
})

describe('what changed while the parts were sent is not committed:', () => {
  it('another version at the source, whose parts nobody will ask for again', async () => {
    const crossing = new Crossing()
    const { stage } = crossing
    stage.meanwhile('gcp', 'putPart', () => stage.at('aws').user.put(key('k'), bytes('newer')), { skip: 6 })
    const [azure, gcp] = await crossing.go()
    const failure = new Failure('conflict', 'aws: the object changed while its parts were sent', {
      site: siteId('aws'),
    })
    expect([crossing.failureOf(azure), crossing.failureOf(gcp)]).toEqual([failure, failure])
    expect(stage.sent).toEqual([])
    expect(stage.requests()).toMatchObject({ 'azure discard': 1, 'gcp discard': 1 })
  })

  it('and says so, though their parts cannot be removed now', async () => {
    const crossing = new Crossing()
    const { stage } = crossing
    stage.meanwhile('gcp', 'putPart', () => stage.at('aws').user.put(key('k'), bytes('newer')), { skip: 6 })
    stage.fault('gcp', 'discard', { fault: 'refused', kind: 'unreachable' })
    stage.fault('azure', 'discard', { fault: 'answer-lost' })
    for (const landed of await crossing.go())
      expect(crossing.failureOf(landed)).toMatchObject({ kind: 'conflict', site: 'aws' })
  })

  it('a deletion at the source', async () => {
    const crossing = new Crossing()
    const { stage } = crossing
    stage.meanwhile('gcp', 'putPart', () => stage.at('aws').user.delete(key('k')))
    const [, gcp] = await crossing.go()
    expect(crossing.failureOf(gcp)).toMatchObject({ kind: 'conflict', site: 'aws' })
    expect(stage.shown('k')).toEqual({ aws: null, azure: null, gcp: null })
  })

  it('something new at a target, whose parts may serve the next round', async () => {
    const crossing = new Crossing()
    const { stage } = crossing
    stage.meanwhile('gcp', 'putPart', () => stage.at('gcp').user.put(key('k'), bytes('theirs')))
    const [azure, gcp] = await crossing.go()
    expect(azure).toMatchObject({ parts: 7 })
    expect(crossing.failureOf(gcp)).toEqual(
      new Failure('conflict', 'gcp: the object changed while its parts were sent', { site: siteId('gcp') }),
    )
    expect(stage.sent.map(({ site }) => site)).toEqual(['azure'])
    expect(stage.requests()).not.toHaveProperty('gcp discard')
  })

  it.each(['put', 'delete'] as const)('what was to be replaced, after a %s', async (act) => {
    const crossing = new Crossing()
    const { stage } = crossing
    const there = stage.at('gcp').user.put(key('k'), bytes('there'))
    stage.meanwhile('gcp', 'putPart', () => stage.at('gcp').user[act](key('k'), bytes('again')))
    const [gcp] = await crossing.go([crossing.laneTo('gcp', { if: 'unchanged', since: there.version })])
    expect(crossing.failureOf(gcp)).toMatchObject({ kind: 'conflict', site: 'gcp' })
    expect(stage.sent).toEqual([])
  })
})

it('what is still there as it was seen is replaced, under that condition', async () => {
  const crossing = new Crossing()
  const there = crossing.stage.at('gcp').user.put(key('k'), bytes('there'))
  const [gcp] = await crossing.go([crossing.laneTo('gcp', { if: 'unchanged', since: there.version })])
  expect(gcp).toMatchObject({ parts: 7 })
  expect(crossing.stage.sent).toMatchObject([{ site: 'gcp', verb: 'commit', since: there.version }])
})

it('a source that is not what it says is found before the commit, and its parts are forgotten', async () => {
  const crossing = new Crossing('azure')
  const { stage } = crossing
  const upload = stage.at('azure').user.begin(key('k'), { md5: 'something else' })
  upload.part(bytes(text))
  const [aws, gcp] = await crossing.go(crossing.lanes, upload.complete())
  for (const landed of [aws, gcp]) expect(crossing.failureOf(landed)).toMatchObject({ kind: 'corrupt', site: 'azure' })
  expect(stage.sent).toEqual([])
  expect(stage.requests()).toMatchObject({ 'aws discard': 1, 'gcp discard': 1 })
})

it('what nobody vouches for arrives unverified', async () => {
  const crossing = new Crossing('azure')
  const upload = crossing.stage.at('azure').user.begin(key('k'))
  upload.part(bytes(text))
  const landed = await crossing.go(crossing.lanes, upload.complete())
  expect(landed).toMatchObject([{ checksum: 'unverified' }, { checksum: 'unverified' }])
})

it('tags are asked for only where there are any', async () => {
  const crossing = new Crossing()
  const meta = crossing.stage.at('aws').user.put(key('k'), bytes(text))
  await crossing.go(crossing.lanes, meta)
  expect(crossing.stage.requests()).not.toHaveProperty('aws tags')
})

it('a bit that flips on its way to a target is refused with its part, and delays no other', async () => {
  const crossing = new Crossing()
  crossing.stage.fault('azure', 'putPart', { fault: 'bit-flipped', byte: 1 }, { skip: 2 })
  const [azure, gcp] = await crossing.go()
  expect(crossing.failureOf(azure).kind).toBe('corrupt')
  expect(gcp).toMatchObject({ parts: 7 })
})

it('a target that cannot hold it refuses before a byte is sent there; the other takes it', async () => {
  const crossing = new Crossing('aws', { profiles: { azure: resized(azure, { ...tiny, objectBytesMax: 25 }) } })
  const [refused, gcp] = await crossing.go()
  expect(crossing.failureOf(refused)).toMatchObject({
    kind: 'invalid',
    message: 'azure: the object has 26 bytes, this site holds at most 25',
  })
  expect(gcp).toMatchObject({ parts: 7 })
  expect(crossing.stage.calls.filter((call) => call.startsWith('azure') && call !== 'azure head')).toEqual([])
})

it('one size of parts suits all targets', async () => {
  const crossing = new Crossing('aws', { profiles: { azure: resized(azure, { partsMax: 3 }) } })
  expect(await crossing.go()).toMatchObject([{ parts: 3 }, { parts: 3 }])
})

it('a member that lags behind the lead does not delay the other, and is served in the end', async () => {
  const crossing = new Crossing()
  const { stage } = crossing
  const gcpDone = Promise.withResolvers<void>()
  const { store } = stage.at('azure')
  const slow: Lane = {
    ...crossing.laneTo('azure'),
    store: {
      ...store,
      putPart: async (...args) => {
        if (args[2] === 1) await gcpDone.promise
        return store.putPart(...args)
      },
    },
  }
  const quick = stage.at('gcp').store
  const gcp: Lane = {
    ...crossing.laneTo('gcp'),
    store: {
      ...quick,
      commit: async (...args) => {
        const stored = await quick.commit(...args)
        gcpDone.resolve()
        return stored
      },
    },
  }
  expect(await crossing.go([slow, gcp])).toMatchObject([{ parts: 7 }, { parts: 7 }])
  expect(stage.shown('k')).toEqual({ aws: text, azure: text, gcp: text })
})

it('parts are 8 MiB, and so is the most that moves in one write', () => {
  expect(limits).toMatchObject({ partBytes: 8 * 1024 * 1024, smallBytes: 8 * 1024 * 1024 })
})
