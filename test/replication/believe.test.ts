import { expect, it } from 'vitest'
import { parseConfig } from '#shared/config/load.ts'
import { siteId } from '#shared/kernel/ids.ts'
import { parseKey } from '#shared/kernel/key.ts'
import { groupEntry, type Mark, routeEntry, writeMark } from '#shared/kernel/mark.ts'
import { stampId, version } from '#shared/kernel/version.ts'
import type { ObjectMeta } from '#shared/ports/object-store.ts'
import { believe, circleOf, type Bearer, type Belief } from '#shared/replication/believe.ts'
import { routeSites } from './routes.ts'

const origins = new Set(['aws', 'gcp', 'left'].map(siteId))
const known = new Set([...origins, siteId('elsewhere')])
const limits = { promptMs: 3_000, landMs: 60_000, futureMsMax: 3_600_000, rolloutMsMax: 86_400_000 }
const writtenMs = 1_000_000

const mark: Mark = {
  stamp: { epoch: 0, timeMs: 900_000, origin: siteId('gcp'), id: stampId('7') },
  key: 'key-digest',
  algorithm: 'crc64nvme',
  content: 'sum',
  properties: 'said',
  writtenMs,
  nonce: 'abcdefghij',
  onto: 'absent',
}

const meta: ObjectMeta = {
  key: parseKey('k'),
  version: version('x'),
  id: stampId('x'),
  dateMs: writtenMs,
  size: 3,
  digests: { crc64nvme: 'sum' },
  inParts: false,
  tagCount: 0,
  headers: {},
  metadata: {},
}

interface Case {
  readonly mark?: Partial<Mark>
  readonly meta?: Partial<ObjectMeta>
  readonly bearer?: Partial<Bearer>
  readonly entry?: typeof groupEntry | typeof routeEntry
}

function believed({ entry = groupEntry, ...more }: Case = {}): Belief {
  const text = writeMark({ ...mark, ...more.mark })
  const bearer: Bearer = {
    meta: { ...meta, metadata: { [entry]: text }, ...more.meta },
    keyDigest: 'key-digest',
    propertiesDigest: 'said',
    algorithm: 'crc64nvme',
    ageMs: 0,
    ...more.bearer,
  }
  return believe({ entry, origins, known }, bearer, limits)
}

const native = { is: 'native' }
const ours = { is: 'replica', mark }

it('a version whose mark nothing contradicts is a replica', () => {
  expect(believed()).toEqual(ours)
})

it('a version without a mark is a user’s', () => {
  expect(believed({ meta: { metadata: {} } })).toEqual(native)
  expect(believed({ meta: { metadata: { other: writeMark(mark) } } })).toEqual(native)
})

it.each(['', 'hello', '0;1;2', '1;0;0;gcp;7'])('a mark that says nothing (%j) is no mark', (text) => {
  expect(believed({ meta: { metadata: { [groupEntry]: text } } })).toEqual(native)
})

it('a mark of a newer format is neither believed nor taken for a user’s', () => {
  expect(believed({ meta: { metadata: { [groupEntry]: '2;whatever' } } })).toEqual({ is: 'newer' })
})

// Rule 1: it names this very key and a site that is or was a member.

it('a mark that names another key was copied along by a user', () => {
  expect(believed({ bearer: { keyDigest: 'other' } })).toEqual(native)
})

it('the mark of a site that never was a member is not believed', () => {
  const stamp = { ...mark.stamp, origin: siteId('elsewhere') }
  expect(believed({ mark: { stamp } })).toEqual(native)
})

it('the mark of a member that left stays believed', () => {
  const stamp = { ...mark.stamp, origin: siteId('left') }
  expect(believed({ mark: { stamp } })).toEqual({ is: 'replica', mark: { ...mark, stamp } })
})

// A site that no configuration of ours names may have joined in a newer one: as long as a rollout lasts, its marks are not judged.

it.each<[string, number, Belief['is']]>([
  ['unheard', 0, 'newer'],
  ['unheard', 86_399_999, 'newer'],
  ['unheard', 86_400_000, 'native'],
  ['elsewhere', 0, 'native'],
])('the mark of the site %s on a version %i ms old is: %s', (site, ageMs, is) => {
  const stamp = { ...mark.stamp, origin: siteId(site) }
  expect(believed({ mark: { stamp }, bearer: { ageMs } })).toEqual({ is })
})

it('along a route nobody waits for a rollout', () => {
  const stamp = { ...mark.stamp, origin: siteId('unheard') }
  expect(believed({ mark: { stamp }, entry: routeEntry })).toEqual(native)
})

it('whatever site a mark names, one that names another key is a user’s', () => {
  const stamp = { ...mark.stamp, origin: siteId('unheard') }
  expect(believed({ mark: { stamp }, bearer: { keyDigest: 'other' } })).toEqual(native)
})

// Rule 2: content, headers and metadata are those that the mark speaks of.

it.each<[string, Case]>([
  ['the bytes are others', { meta: { digests: { crc64nvme: 'other' } } }],
  ['the store reports no checksum where it would for ours', { meta: { digests: {} } }],
  ['the store reports another algorithm alone', { meta: { digests: { md5: 'sum', crc32c: 'sum' } } }],
  ['the headers or the metadata are others', { bearer: { propertiesDigest: 'other' } }],
])('a user changed it and kept its metadata: %s', (_, change) => {
  expect(believed(change)).toEqual(native)
})

// Rule 3: no copy is much older than its original.

it.each([
  [3_600_000, ours.is],
  [3_600_001, 'native'],
])('a stamp %i ms later than its copy is %s', (ahead, is) => {
  const stamp = { ...mark.stamp, timeMs: writtenMs + ahead }
  expect(believed({ mark: { stamp } }).is).toBe(is)
})

// Rule 4: it is dated when it was written.

it.each<[number, Belief['is']]>([
  [-5_000, 'replica'],
  [0, 'replica'],
  [3_000, 'replica'],
  [3_001, 'doubtful'],
  [60_000, 'doubtful'],
  [60_001, 'native'],
])('dated %i ms after it was sent it is: %s', (late, is) => {
  const belief = believed({ meta: { dateMs: writtenMs + late } })
  expect(belief).toEqual(is === 'native' ? native : { is, mark })
})

it('what a user restores a day later is the user’s', () => {
  expect(believed({ meta: { dateMs: writtenMs + 86_400_000 } })).toEqual(native)
})

// Along a route only the first two rules count.

it.each<[string, Case]>([
  ['written long before it is dated', { meta: { dateMs: writtenMs + 86_400_000 } }],
  ['of a stamp far ahead', { mark: { stamp: { ...mark.stamp, timeMs: writtenMs + 9e9 } } }],
  ['that says no time at all', { mark: { writtenMs: 0 } }],
])('along a route a copy %s is believed', (_, more) => {
  expect(believed({ ...more, entry: routeEntry })).toEqual({ is: 'replica', mark: { ...mark, ...more.mark } })
})

it.each<[string, Case]>([
  ['another key', { bearer: { keyDigest: 'other' } }],
  ['another origin', { mark: { stamp: { ...mark.stamp, origin: siteId('elsewhere') } } }],
  ['other bytes', { meta: { digests: { crc64nvme: 'other' } } }],
  ['other properties', { bearer: { propertiesDigest: 'other' } }],
])('along a route a mark of %s is not believed', (_, more) => {
  expect(believed({ ...more, entry: routeEntry })).toEqual(native)
})

it('a group does not believe what a route wrote, nor a route what a group did', () => {
  expect(believed({ meta: { metadata: { [routeEntry]: writeMark(mark) } } })).toEqual(native)
  expect(believed({ entry: routeEntry, meta: { metadata: { [groupEntry]: writeMark(mark) } } })).toEqual(native)
})

it('the marks of a rule are those of its origins, and of sites that left', () => {
  const sites = { ...routeSites, left: { ...routeSites.vault, bucket: 'b-left', retired: true } }
  const replicate = [
    { id: 'pair', among: ['aws', 'gcp'] },
    { id: 'out', from: 'gcp', to: ['vault'] },
  ]
  const config = parseConfig(JSON.stringify({ sites, replicate }))
  const known = new Set(['aws', 'azure', 'gcp', 'vault', 'left'])
  const [pair, out] = [config.groups[0]!, config.routes[0]!]
  expect(circleOf(config, pair)).toEqual({ entry: 'isobar', origins: new Set(['aws', 'gcp', 'left']), known })
  expect(circleOf(config, out)).toEqual({ entry: 'isobarfrom', origins: new Set(['gcp', 'left']), known })
})
