import { expect, it } from 'vitest'
import { bytes, key, Trio } from './trio.ts'

const sites = ['aws', 'azure', 'gcp'] as const

it.each(sites)('what a user writes at %s is soon at every member', async (site) => {
  const trio = new Trio()
  trio.at(site).user.put(key('a'), bytes('one'))
  await trio.drain()
  expect(trio.shown('a')).toEqual({ aws: 'one', azure: 'one', gcp: 'one' })
})

it.each(sites)('a deletion at %s is a deletion everywhere, whoever wrote', async (site) => {
  const trio = new Trio()
  trio.at('aws').user.put(key('a'), bytes('one'))
  await trio.drain()
  await trio.pass(20_000)
  trio.at(site).user.delete(key('a'))
  await trio.drain()
  expect(trio.shown('a')).toEqual({ aws: null, azure: null, gcp: null })
})

it.each(sites)('the later of two writes wins, and the loser at %s is kept and reported', async (site) => {
  const trio = new Trio()
  const other = site === 'aws' ? 'gcp' : 'aws'
  trio.at(site).user.put(key('a'), bytes('early'))
  trio.clock.ms += 2_500
  trio.at(other).user.put(key('a'), bytes('late'))
  await trio.drain()
  expect(trio.shown('a')).toEqual({ aws: 'late', azure: 'late', gcp: 'late' })
  expect(trio.receipts.filter(({ action }) => action === 'conflict')).toMatchObject([{ site, loser: { origin: site } }])
  expect(
    trio
      .at(site)
      .bucket.dump()
      .map(({ body }) => new TextDecoder().decode(body)),
  ).toContain('early')
})
