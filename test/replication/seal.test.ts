import { expect, it } from 'vitest'
import { digestText } from '#shared/kernel/digest.ts'
import { Failure } from '#shared/kernel/failure.ts'
import { siteId } from '#shared/kernel/ids.ts'
import { groupEntry, readMark, routeEntry } from '#shared/kernel/mark.ts'
import type { ObjectMeta, Write } from '#shared/ports/object-store.ts'
import { digestProperties } from '#shared/replication/properties.ts'
import { compareWithTarget, type Lane, seal } from '#shared/replication/seal.ts'
import { cheapHashing } from '#test/simulation/cheap-hashing.ts'
import { stampAt } from './plant.ts'
import { key, Trio } from './trio.ts'

const signal = new AbortController().signal
const stamp = stampAt('gcp', 1_000, '7')
const properties = {
  headers: { contentType: 'a/b' },
  metadata: { m: '1', isobar: 'of another', isobarfrom: 'of a third' },
}
const digests = { crc64nvme: 'N', crc32c: 'C', md5: 'M' }
const source = { properties, digests, tags: { t: '2' } }

function laneTo(trio: Trio, site: string, more: Partial<Lane> = {}): Lane {
  return {
    store: trio.at(site).store,
    key: key('there'),
    condition: { if: 'absent' },
    storageClass: null,
    mark: { entry: groupEntry, stamp, onto: 'over' },
    ...more,
  }
}

function sealed(trio: Trio, lane: Lane): Promise<Omit<Write, 'body'>> {
  return seal(trio.core, lane, source, signal)
}

it.each([
  ['aws', 'crc64nvme', 'N'],
  ['azure', 'md5', 'M'],
  ['gcp', 'crc32c', 'C'],
])('a write to %s carries the checksum that it reports, and the mark names it', async (site, algorithm, content) => {
  const trio = new Trio()
  const { metadata, ...write } = await sealed(trio, laneTo(trio, site, { storageClass: 'COLD' }))
  expect(write).toEqual({
    headers: properties.headers,
    tags: { t: '2' },
    storageClass: 'COLD',
    digests: { [algorithm]: content },
  })
  const { [groupEntry]: text, ...said } = metadata
  expect(said).toEqual({ m: '1' })
  expect(readMark(text!)).toEqual({
    stamp,
    key: digestText(cheapHashing, 'there'),
    algorithm,
    content,
    properties: digestProperties(cheapHashing, { headers: properties.headers, metadata: { m: '1' } }),
    writtenMs: trio.clock.ms,
    nonce: expect.stringMatching(/^[0-9a-z]{10}$/),
    onto: 'over',
  })
})

it('no two requests share a nonce', async () => {
  const trio = new Trio()
  const nonces = new Set<string>()
  for (let i = 0; i < 20; i++) {
    const { metadata } = await sealed(trio, laneTo(trio, 'azure'))
    const mark = readMark(metadata[groupEntry]!)
    if (mark !== null && mark !== 'newer') nonces.add(mark.nonce)
  }
  expect(nonces.size).toBe(20)
})

it('waits until the target’s clock has passed the stamp, and notes that moment', async () => {
  const trio = new Trio()
  await trio.pass(0)
  const startedMs = trio.clock.ms
  const lane = laneTo(trio, 'azure', {
    mark: { entry: groupEntry, stamp: stampAt('gcp', startedMs + 400), onto: 'absent' },
  })
  const { metadata } = await sealed(trio, lane)
  expect(trio.clock.ms).toBe(startedMs + 401)
  expect(readMark(metadata[groupEntry]!)).toMatchObject({ writtenMs: startedMs + 401, onto: 'absent' })
})

it('along a route no clock is asked and none waits', async () => {
  const trio = new Trio()
  const lane = laneTo(trio, 'azure', {
    mark: { entry: routeEntry, stamp: stampAt('gcp', trio.clock.ms + 99_000), onto: 'over' },
  })
  const { metadata } = await sealed(trio, lane)
  expect(Object.keys(metadata)).toEqual(['m', routeEntry])
  expect(readMark(metadata[routeEntry]!)).toMatchObject({ writtenMs: 0, stamp: { timeMs: trio.clock.ms + 99_000 } })
  expect(trio.requests()).toEqual({})
})

it('what is written again as the user’s own carries no mark', async () => {
  const trio = new Trio()
  expect(await sealed(trio, laneTo(trio, 'gcp', { mark: null }))).toEqual({
    headers: properties.headers,
    metadata: { m: '1' },
    tags: { t: '2' },
    storageClass: null,
    digests: { crc32c: 'C' },
  })
  expect(trio.requests()).toEqual({})
})

it('what the target stored is compared with what was sent', () => {
  const trio = new Trio()
  const stored = (md5: string | undefined) => ({ digests: md5 === undefined ? {} : { md5 } }) as unknown as ObjectMeta
  const lane = laneTo(trio, 'azure')
  const good = stored('M')
  expect(compareWithTarget(lane, digests, good)).toBe(good)
  const site = siteId('azure')
  expect(() => compareWithTarget(lane, digests, stored('X'))).toThrow(
    new Failure('corrupt', 'azure: stored md5 X, expected M', { site }),
  )
  expect(() => compareWithTarget(lane, digests, stored(undefined))).toThrow(
    new Failure('corrupt', 'azure: stored md5 undefined, expected M', { site }),
  )
})
