import { expect, it } from 'vitest'
import { byVerb, requestsOnPage, type Sizes } from './page-of-requests.ts'
import { bytes, key, Trio } from './trio.ts'

const sites = ['aws', 'azure', 'gcp'] as const
const small = bytes('x'.repeat(1000))
const wide = bytes('x'.repeat(100_000))

/** Calm weather: every member was heard of within the last minute. */
async function calm(...acts: ((trio: Trio) => void)[]): Promise<Trio> {
  const trio = new Trio()
  for (const act of acts) {
    act(trio)
    await trio.drain()
    await trio.pass(20_000)
  }
  trio.requests()
  return trio
}

/** Counted at the stores, since the last look at them; and just that is on the page. */
function expectCost(trio: Trio, act: string, expected: object, sizes: Sizes = {}): void {
  const requests = trio.requests()
  expect(requests).toEqual(expected)
  expect(byVerb(requests)).toEqual(requestsOnPage(act, sizes))
}

function others(site: string): readonly string[] {
  return sites.filter((one) => one !== site)
}

function per(site: string, verbs: Readonly<Record<string, number>>, home: Readonly<Record<string, number>>): object {
  const at = (where: string, counts: Readonly<Record<string, number>>) =>
    Object.entries(counts).map(([verb, n]) => [`${where} ${verb}`, n] as const)
  return Object.fromEntries([...at(site, home), ...others(site).flatMap((other) => at(other, verbs))])
}

it.each(sites)('a new small object at %s costs one GET and one PUT per other member', async (site) => {
  const trio = await calm()
  await trio.pass(1000)
  trio.requests()
  trio.at(site).user.put(key('a'), small)
  const [event] = trio.events.splice(0)
  await trio.deliver(event!)
  expectCost(trio, 'new object up to 64 KiB', per(site, { put: 1 }, { get: 1 }))
})

it.each(sites)('a new object above 64 KiB at %s costs one GET, and a HEAD and a PUT per other member', async (site) => {
  const trio = await calm()
  await trio.pass(1000)
  trio.requests()
  trio.at(site).user.put(key('a'), wide)
  const [event] = trio.events.splice(0)
  await trio.deliver(event!)
  expectCost(trio, 'new object above 64 KiB', per(site, { head: 1, put: 1 }, { get: 1 }))
})

it.each(sites)(
  'an overwrite at %s costs one GET, and a refused PUT, a HEAD and a PUT per other member, whoever wrote before',
  async (site) => {
    const trio = await calm((t) => t.at('gcp').user.put(key('a'), bytes('before')))
    trio.at(site).user.put(key('a'), small)
    const [event] = trio.events.splice(0)
    await trio.deliver(event!)
    expectCost(trio, 'overwrite up to 64 KiB, whoever wrote before', per(site, { put: 2, head: 1 }, { get: 1 }))
  },
)

it.each(sites)('an overwrite above 64 KiB at %s costs one GET, and a HEAD and a PUT per other member', async (site) => {
  const trio = await calm((t) => t.at('gcp').user.put(key('a'), bytes('before')))
  trio.at(site).user.put(key('a'), wide)
  const [event] = trio.events.splice(0)
  await trio.deliver(event!)
  const cost = per(site, { head: 1, put: 1 }, { get: 1 })
  expectCost(trio, 'overwrite above 64 KiB, whoever wrote before', cost)
})

it.each(sites)(
  'a deletion at %s costs a HEAD per member, one listing there (on S3 one HEAD more) and a DELETE per other member',
  async (site) => {
    const trio = await calm((t) => t.at('gcp').user.put(key('a'), small))
    trio.at(site).user.delete(key('a'))
    const [event] = trio.events.splice(0)
    await trio.pass(10_000)
    trio.requests()
    await trio.deliver(event!)
    expectCost(
      trio,
      site === 'aws' ? 'delete at S3' : 'delete at Azure or Cloud Storage',
      per(site, { head: 1, remove: 1 }, { head: site === 'aws' ? 2 : 1, versions: 1 }),
    )
  },
)

it.each(sites)('the echo of a put at %s costs one GET whose body is not read', async (site) => {
  const home = site === 'aws' ? 'gcp' : 'aws'
  const trio = await calm()
  trio.at(home).user.put(key('a'), small)
  await trio.deliver(trio.events.splice(0)[0]!)
  const echo = trio.events.splice(0).find((event) => event.site === site)!
  await trio.pass(1000)
  trio.requests()
  const read = trio.at(site).tally.of('get').received
  await trio.deliver(echo)
  expectCost(trio, 'echo of a put, elsewhere', { [`${site} get`]: 1 })
  expect(trio.at(site).tally.of('get').received).toBe(read)
})

it('the echo of a deletion costs a HEAD per member', async () => {
  const trio = await calm((t) => t.at('gcp').user.put(key('a'), small))
  trio.at('gcp').user.delete(key('a'))
  const [event] = trio.events.splice(0)
  await trio.pass(10_000)
  await trio.deliver(event!)
  const [echo] = trio.events.splice(0)
  await trio.pass(10_000)
  trio.requests()
  await trio.deliver(echo!)
  expectCost(trio, 'echo of a delete', { 'aws head': 1, 'azure head': 1, 'gcp head': 1 })
})

it('where the event itself tells that Isobar wrote, its echo costs nothing', async () => {
  const trio = await calm()
  trio.at('aws').user.put(key('a'), small)
  await trio.deliver(trio.events.splice(0)[0]!)
  const echo = trio.events.splice(0).find((event) => event.site === 'azure')!
  trio.requests()
  await trio.deliver({ ...echo, writtenFor: trio.group.id })
  expectCost(trio, 'echo of a put, where the event tells who wrote', {})
})

it.each(sites)('a superseded event at %s costs one GET and a HEAD per other member', async (site) => {
  const trio = await calm((t) => t.at(site).user.put(key('a'), bytes('first')))
  trio.at(site).user.put(key('a'), bytes('second'))
  const [event] = trio.events.splice(0)
  trio.clock.ms += 1500
  trio.at(site).user.put(key('a'), bytes('third'))
  await trio.pass(0)
  trio.requests()
  await trio.deliver(event!)
  expectCost(trio, 'superseded event', per(site, { head: 1 }, { get: 1 }))
})

it('a settle that finds agreement costs a HEAD per member, and one listing per replica written where nothing was', async () => {
  const trio = await calm((t) => t.at('azure').user.put(key('a'), small))
  await trio.deliver({ kind: 'settle', group: trio.group.id, key: key('a') })
  expectCost(
    trio,
    'settle that finds agreement, R of it replicas written where nothing was',
    {
      'aws head': 1,
      'aws versions': 1,
      'azure head': 1,
      'gcp head': 1,
      'gcp versions': 1,
    },
    { R: 2 },
  )
})

it('a member not heard of for a minute costs one HEAD more', async () => {
  const trio = await calm()
  await trio.pass(0)
  trio.clock.ms += 61_000
  trio.requests()
  trio.at('aws').user.put(key('a'), small)
  await trio.deliver(trio.events.splice(0)[0]!)
  expectCost(
    trio,
    'first event after M members were not heard of for 60 s',
    { 'aws get': 1, 'azure head': 1, 'azure put': 1, 'gcp head': 1, 'gcp put': 1 },
    { M: 2 },
  )
})

it('a large object costs a look at every member, a listing where nothing shows, its parts, a look at both ends and one commit per target', async () => {
  const trio = new Trio(undefined, { limits: { smallBytes: 1000, partBytes: 5 * 1024 * 1024 } })
  await trio.pass(1000)
  trio.requests()
  trio.at('azure').user.put(key('a'), new Uint8Array(11 * 1024 * 1024))
  await trio.deliver(trio.events.splice(0)[0]!)
  const target = { head: 2, versions: 1, parts: 1, putPart: 3, commit: 1 }
  expectCost(
    trio,
    'large object in P parts, to M members that show nothing',
    per('azure', target, { get: 4, head: 3 }),
    { M: 2, P: 3 },
  )
})
