import { describe, expect, it } from 'vitest'
import { Failure } from '#shared/kernel/failure.ts'
import { siteId } from '#shared/kernel/ids.ts'
import type { ObjectMeta, ObjectStore } from '#shared/ports/object-store.ts'
import { limits } from '#shared/replication/core.ts'
import type { Lane } from '#shared/replication/seal.ts'
import { type ReadPart, SharedRead } from '#shared/replication/shared-read.ts'
import { Stage } from './stage.ts'
import { bytes, key } from './trio.ts'

const signal = new AbortController().signal
const text = 'abcdefghijklmnopqrstuvwxyz'

interface Reading {
  readonly stage: Stage
  readonly meta: ObjectMeta
  readonly lanes: readonly Lane[]
  readonly shared: SharedRead
  /** How many times the source was read since last asked. */
  readonly reads: () => number
}

/** `text` in parts of four, six and a half of them; a lane may fall two parts behind. */
function reading(laneCount: number, store?: (real: ObjectStore) => ObjectStore): Reading {
  const stage = new Stage(undefined, { limits: { leadBytes: 11 } })
  const meta = stage.at('aws').user.put(key('k'), bytes(text))
  const real = stage.at('aws').store
  const lanes = ['azure', 'gcp', 'aws'].slice(0, laneCount).map((site): Lane => ({
    store: stage.at(site).store,
    key: key('k'),
    condition: { if: 'absent' },
    storageClass: null,
    mark: null,
  }))
  const plan = { partBytes: 4, count: 7 }
  const shared = new SharedRead(stage.core, { store: store?.(real) ?? real, meta }, plan, lanes, signal)
  return { stage, meta, lanes, shared, reads: () => stage.requests()['aws get'] ?? 0 }
}

async function textOf(part: ReadPart | Promise<ReadPart>): Promise<string> {
  const { body } = await part
  const chunks = await Array.fromAsync(body.open())
  expect(chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0)).toBe(body.size)
  return chunks.map((chunk) => new TextDecoder().decode(chunk)).join('')
}

it('each part is read once, however many lanes want it, and says what it is in every checksum they use', async () => {
  const { stage, lanes, shared, reads } = reading(2)
  const [a, b] = lanes as [Lane, Lane]
  for (let number = 1; number <= 7; number++) {
    const expected = text.slice((number - 1) * 4, number * 4)
    const parts = await Promise.all([shared.part(a, number), shared.part(b, number)])
    const content = stage.at('aws').bucket.content(bytes(expected))
    const digests = Object.fromEntries(
      (['crc64nvme', 'md5', 'crc32c'] as const).map((one) => [one, content.digest(one)]),
    )
    for (const part of parts) {
      expect(await textOf(part)).toBe(expected)
      expect(part.digests).toEqual(digests)
    }
  }
  expect(reads()).toBe(7)
})

it('all parts together are the source, in every checksum that the lanes use', async () => {
  const { stage, lanes, shared } = reading(2)
  for (let number = 1; number <= 7; number++) await shared.part(lanes[0]!, number)
  const content = stage.at('aws').bucket.content(bytes(text))
  expect(shared.whole()).toEqual(
    Object.fromEntries((['crc64nvme', 'md5', 'crc32c'] as const).map((one) => [one, content.digest(one)])),
  )
  expect(shared.whole()).toBe(shared.whole())
})

it('less than the whole is not the source', async () => {
  const { lanes, shared } = reading(1)
  for (let number = 1; number <= 6; number++) await shared.part(lanes[0]!, number)
  expect(() => shared.whole()).toThrow(
    new Failure('corrupt', 'aws: 24 bytes arrived, expected 26; nothing was written', { site: siteId('aws') }),
  )
})

it('what the source vouches for is compared with all that was read', async () => {
  const { stage, meta, lanes } = reading(1)
  const claimed = { ...meta, digests: { crc32c: 'another' } }
  const shared = new SharedRead(
    stage.core,
    { store: stage.at('aws').store, meta: claimed },
    { partBytes: 4, count: 7 },
    lanes,
    signal,
  )
  for (let number = 1; number <= 7; number++) await shared.part(lanes[0]!, number)
  expect(() => shared.whole()).toThrow(/^aws: crc32c \S+ arrived, expected another; nothing was written$/)
})

describe('a slow lane', () => {
  it('delays no other: the quick one reads on', async () => {
    const { lanes, shared, reads } = reading(2)
    const [slow, quick] = lanes as [Lane, Lane]
    await shared.part(slow, 1)
    for (let number = 1; number <= 7; number++) await shared.part(quick, number)
    expect(reads()).toBe(7)
  })

  it('is given what was kept for it as long as it is no further behind than the lead', async () => {
    const { lanes, shared, reads } = reading(2)
    const [slow, quick] = lanes as [Lane, Lane]
    await shared.part(slow, 1)
    for (let number = 1; number <= 3; number++) await shared.part(quick, number)
    expect(reads()).toBe(3)
    expect(await textOf(shared.part(slow, 1))).toBe('abcd')
    expect(await textOf(shared.part(slow, 2))).toBe('efgh')
    expect(await textOf(shared.part(slow, 3))).toBe('ijkl')
    expect(reads()).toBe(0)
  })

  it('further behind it leaves the shared read and gets its own', async () => {
    const { lanes, shared, reads } = reading(2)
    const [slow, quick] = lanes as [Lane, Lane]
    await shared.part(slow, 1)
    for (let number = 1; number <= 4; number++) await shared.part(quick, number)
    expect(reads()).toBe(4)
    expect(await textOf(shared.part(slow, 2))).toBe('efgh')
    expect(await textOf(shared.part(slow, 3))).toBe('ijkl')
    expect(reads()).toBe(2)
    for (let number = 5; number <= 7; number++) await shared.part(quick, number)
    for (let number = 4; number <= 7; number++) await shared.part(slow, number)
    expect(reads()).toBe(3 + 3) // The last part is still at hand.
    expect(() => shared.whole()).not.toThrow()
  })

  it('that left keeps nothing in memory', async () => {
    const { lanes, shared, reads } = reading(3)
    const [slow, quick, late] = lanes as [Lane, Lane, Lane]
    await shared.part(slow, 1)
    shared.leave(late)
    for (let number = 1; number <= 4; number++) await shared.part(quick, number)
    reads()
    await shared.part(late, 3)
    expect(reads()).toBe(1)
  })

  it('that catches up on its own is not counted among those who share', async () => {
    const { lanes, shared, reads } = reading(2)
    const [slow, quick] = lanes as [Lane, Lane]
    await shared.part(slow, 1)
    for (let number = 1; number <= 4; number++) await shared.part(quick, number)
    reads()
    await shared.part(slow, 2)
    await shared.part(quick, 5)
    await shared.part(quick, 5)
    expect(reads()).toBe(2)
  })

  it('does not come back among those who share, though it catches up', async () => {
    const { lanes, shared, reads } = reading(2)
    const [slow, quick] = lanes as [Lane, Lane]
    await shared.part(slow, 1)
    for (let number = 1; number <= 4; number++) await shared.part(quick, number)
    await shared.part(slow, 2)
    await shared.part(slow, 3)
    await shared.part(quick, 5)
    reads()
    await shared.part(slow, 4)
    expect(reads()).toBe(1)
  })

  it('is compared with what the others were given', async () => {
    let flip = false
    const flipping = (real: ObjectStore): ObjectStore => ({
      ...real,
      get: async (...args) => {
        const found = await real.get(...args)
        if (!flip || found === null) return found
        const changed = async function* () {
          for await (const chunk of found.body) yield chunk.map((byte) => byte ^ 1)
        }
        return { meta: found.meta, body: changed() }
      },
    })
    const { lanes, shared } = reading(2, flipping)
    const [slow, quick] = lanes as [Lane, Lane]
    await shared.part(slow, 1)
    for (let number = 1; number <= 4; number++) await shared.part(quick, number)
    flip = true
    await expect(shared.part(slow, 2)).rejects.toThrow(
      new Failure('corrupt', 'aws: part 2 arrived with other bytes than expected', { site: siteId('aws') }),
    )
    flip = false
    expect(await textOf(shared.part(slow, 2))).toBe('efgh')
  })
})

it.each([
  [3, 1],
  [4, 1],
  [7, 1],
  [8, 2],
  [11, 2],
  [12, 3],
])('with a lead of %i bytes a lane may be %i parts of four behind', async (leadBytes, parts) => {
  const { stage, meta, lanes } = reading(2)
  const core = { ...stage.core, limits: { ...stage.core.limits, leadBytes } }
  const shared = new SharedRead(core, { store: stage.at('aws').store, meta }, { partBytes: 4, count: 7 }, lanes, signal)
  const [slow, quick] = lanes as [Lane, Lane]
  for (let number = 1; number <= 1 + parts; number++) await shared.part(quick, number)
  stage.requests()
  await shared.part(slow, 1)
  expect(stage.requests()).toEqual({})
  await shared.part(quick, 2 + parts)
  stage.requests()
  await shared.part(slow, 2)
  expect(stage.requests()).toEqual({ 'aws get': 1 })
})

it('a lane that ended holds no part back', async () => {
  const { lanes, shared, reads } = reading(2)
  const [a, b] = lanes as [Lane, Lane]
  await shared.part(a, 1)
  await shared.part(b, 1)
  await shared.part(b, 2)
  shared.leave(a)
  reads()
  await shared.part(a, 1)
  expect(reads()).toBe(1)
})

it('a part that could not be read is read again by the next who asks, and counts once', async () => {
  const { stage, lanes, shared } = reading(1)
  stage.fault('aws', 'get', { fault: 'request-lost' }, { skip: 1 })
  await shared.part(lanes[0]!, 1)
  await expect(shared.part(lanes[0]!, 2)).rejects.toMatchObject({ kind: 'unreachable' })
  for (let number = 2; number <= 7; number++) await shared.part(lanes[0]!, number)
  expect(() => shared.whole()).not.toThrow()
})

it('a part that breaks off is not what was expected', async () => {
  const short = (real: ObjectStore): ObjectStore => ({
    ...real,
    get: (at, end, want) => real.get(at, end, { ...want, range: { start: 0, end: 3 } }),
  })
  const { lanes, shared } = reading(1, short)
  await expect(shared.part(lanes[0]!, 1)).rejects.toMatchObject({ kind: 'corrupt', site: 'aws' })
})

it('the version is pinned: another one on top changes nothing', async () => {
  const { stage, lanes, shared } = reading(1)
  await shared.part(lanes[0]!, 1)
  stage.at('aws').user.put(key('k'), bytes(text.toUpperCase()))
  expect(await textOf(shared.part(lanes[0]!, 2))).toBe('efgh')
})

it('a version that is gone midway is the source’s failure', async () => {
  const { stage, meta, lanes, shared } = reading(1)
  stage.at('aws').user.removeVersion(key('k'), meta.version)
  await expect(shared.part(lanes[0]!, 1)).rejects.toThrow(
    new Failure('absent', 'aws: the version to copy is gone', { site: siteId('aws') }),
  )
})

it('the lead is 16 MiB', () => {
  expect(limits.leadBytes).toBe(16 * 1024 * 1024)
})
