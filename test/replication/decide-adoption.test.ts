import { expect, it } from 'vitest'
import { siteId } from '#shared/kernel/ids.ts'
import { decide, sameContent, type Verdict } from '#shared/replication/decide.ts'
import type { Content, Sight } from '#shared/replication/model.ts'
import { buried, native, nothing, older, plainContent, replica, stampOf } from './sights.ts'

function decided(...sights: readonly Sight[]): Verdict {
  return decide({ sights, deeper: true, silent: new Set(), again: new Set() })
}

/** Who does what, and who lost: all that adoption changes. */
function acts(...sights: readonly Sight[]): unknown {
  const verdict = decided(...sights)
  if (verdict.verdict !== 'move') return verdict
  return verdict.steps.map(({ act, site, loser }) => `${act} ${site}${loser === null ? '' : ` over ${loser.timeMs}`}`)
}

const agreed: Verdict = { verdict: 'agreed' }
const filled = { content: { joinedMs: 20 } }
const winner = native('aws', 10)

it('what lay in a bucket before it joined and equals the winner stays where it is', () => {
  expect(decided(winner, native('azure', 4, filled))).toEqual(agreed)
  expect(decided(native('azure', 4, filled), winner)).toEqual(agreed)
})

it.each([
  [11, agreed],
  [10, ['write azure over 4']],
  [9, ['write azure over 4']],
])('a site that joined at %i can hold a copy of a winner of 10 from before: %o', (joinedMs, expected) => {
  expect(acts(winner, native('azure', 4, { content: { joinedMs } }))).toEqual(expected)
})

it('what is written anew after an adopted object was deleted stays', () => {
  expect(acts(native('aws', 30), nothing('azure', older('azure', 4)))).toEqual(['write azure'])
})

it('what equals the winner but came after its site joined is replaced', () => {
  expect(acts(winner, native('azure', 4))).toEqual(['write azure over 4'])
})

it.each<[string, Partial<Content>]>([
  ['another size', { size: 4 }],
  ['other headers or metadata', { properties: 'other' }],
  ['other bytes', { digests: { md5: 'other' } }],
])('what lay there with %s is replaced', (_, content) => {
  expect(acts(winner, native('azure', 4, { content: { ...content, joinedMs: 20 } }))).toEqual(['write azure over 4'])
})

it('the adopted one can be read in the winner’s place', () => {
  const adopted = native('azure', 4, filled)
  const verdict = decided(winner, adopted, nothing('gcp', buried()))
  expect(verdict).toMatchObject({ verdict: 'move', sources: [winner, adopted], steps: [{ act: 'write', site: 'gcp' }] })
})

it('what shows the winner counts, be it a copy', () => {
  const copy = replica('gcp', stampOf(10, 'vault'))
  expect(decided(native('azure', 4, filled), copy)).toEqual(agreed)
  expect(acts(native('azure', 4, filled), { ...copy, content: { ...plainContent, size: 9 } })).toEqual([
    'write azure over 4',
  ])
})

it('two filled buckets with the same bytes are one object: nothing moves', () => {
  expect(decided(native('aws', 4, filled), native('azure', 10, filled))).toEqual(agreed)
})

it('a replica is never adopted, whatever it holds', () => {
  const copy = replica('azure', stampOf(4))
  expect(acts(winner, { ...copy, content: { ...plainContent, joinedMs: 20 } })).toEqual(['write azure'])
})

it('nor is a replica for what lies below it, deleted before its site joined', () => {
  const below = { ...older('azure', 3), greatest: [] }
  expect(acts(winner, replica('azure', stampOf(4, 'gcp'), 'absent', below))).toEqual(['write azure'])
})

it('an adopted object that was deleted since is deleted everywhere', () => {
  expect(acts(winner, nothing('azure', older('azure', 4)))).toEqual(['remove aws over 10'])
  expect(acts(nothing('azure', older('azure', 4)), replica('gcp', stampOf(10)), winner)).toEqual([
    'remove gcp',
    'remove aws over 10',
  ])
})

it('its deletion takes along what others adopted', () => {
  const gcp = native('gcp', 5, filled)
  expect(acts(winner, nothing('azure', older('azure', 4)), gcp)).toEqual(['remove aws over 10', 'remove gcp over 5'])
})

it.each<[string, Partial<Content>]>([
  ['had another size', { size: 4 }],
  ['had other bytes', { digests: { md5: 'other' } }],
  ['had other headers or metadata', { properties: 'other' }],
])('what was deleted and %s than the winner deletes nothing', (_, content) => {
  expect(acts(winner, nothing('azure', older('azure', 4, content)))).toEqual(['write azure'])
})

it('a deletion of what came after its site joined says nothing of the winner', () => {
  expect(acts(winner, nothing('azure', buried([stampOf(4, 'azure')])))).toEqual(['write azure'])
})

it('a winner that is dead adopts nobody', () => {
  expect(acts(nothing('aws', buried([stampOf(10)])), native('azure', 4, filled))).toEqual(['remove azure over 4'])
})

it.each<[string, Partial<Content>, Verdict]>([
  ['share no checksum', { digests: { crc32c: 'c' } }, { verdict: 'read', sites: ['aws', 'azure'].map(siteId) }],
  ['have none at all', { digests: {} }, { verdict: 'read', sites: ['aws', 'azure'].map(siteId) }],
  ['share one of several', { digests: { crc32c: 'c', md5: 'sum' } }, agreed],
])('two contents that %s are compared as far as it takes', (_, content, verdict) => {
  expect(decided(winner, native('azure', 4, { content: { ...content, joinedMs: 20 } }))).toEqual(verdict)
})

it('what differs in size or headers is not read to be told apart', () => {
  const other = native('azure', 4, { content: { digests: {}, size: 4, joinedMs: 20 } })
  expect(acts(winner, other)).toEqual(['write azure over 4'])
})

it('the winner is read first, then each that may be its copy, deleted or not', () => {
  const unknown = { digests: {}, joinedMs: 20 }
  const sights = [
    native('gcp', 5, { content: unknown }),
    nothing('azure', older('azure', 4, { digests: {} })),
    native('vault', 6),
    winner,
  ]
  expect(decided(...sights)).toEqual({ verdict: 'read', sites: ['aws', 'gcp', 'azure'] })
})

it('a copy of the winner itself is not read', () => {
  expect(decided(native('aws', 10, { content: { digests: {}, joinedMs: 20 } }), replica('azure', stampOf(10)))).toEqual(
    agreed,
  )
})

it.each<[string, Partial<Content>, ReturnType<typeof sameContent>]>([
  ['nothing else', {}, 'same'],
  ['another size', { size: 4 }, 'different'],
  ['other properties', { properties: 'other' }, 'different'],
  ['another checksum', { digests: { md5: 'other' } }, 'different'],
  ['no shared checksum', { digests: { crc64nvme: 'n' } }, 'unknown'],
])('contents with %s are %s', (_, change, sameness) => {
  expect(sameContent(plainContent, { ...plainContent, ...change })).toBe(sameness)
})
