import { describe, expect, it } from 'vitest'
import { Failure } from '#shared/kernel/failure.ts'
import { siteId } from '#shared/kernel/ids.ts'
import type { Algorithm } from '#shared/kernel/digest.ts'
import type { ObjectMeta } from '#shared/ports/object-store.ts'
import { bodyOf, compareWithSource, digestAll, hashersFor, load, type Loaded } from '#shared/replication/load.ts'
import { Stage } from './stage.ts'
import { bytes, key, Trio } from './trio.ts'

const sites = ['aws', 'azure', 'gcp'] as const
const signal = new AbortController().signal

async function loaded(trio: Trio, site: string, algorithms: readonly Algorithm[] = []): Promise<Loaded> {
  const { store } = trio.at(site)
  const found = await store.get(key('k'), signal)
  return load(trio.core, store, found!, algorithms, signal)
}

async function textOf({ body }: Loaded): Promise<string> {
  let text = ''
  for await (const chunk of body.open()) text += new TextDecoder().decode(chunk)
  return text
}

describe.each(sites)('from %s', (site) => {
  it('a whole object comes with every checksum that its targets use', async () => {
    const trio = new Trio()
    const meta = trio.at(site).user.put(key('k'), bytes('hello'))
    const content = trio.at(site).bucket.content(bytes('hello'))
    const one = await loaded(trio, site, ['crc32c', 'crc64nvme', 'crc32c', 'md5'])
    const digests = Object.fromEntries((['crc64nvme', 'crc32c', 'md5'] as const).map((a) => [a, content.digest(a)]))
    expect(one).toMatchObject({ meta, digests, tags: {}, checksum: 'verified', body: { size: 5 } })
    expect(trio.requests()).toEqual({ [`${site} get`]: 1 })
  })

  it('a bit that flips on the way is found', async () => {
    const stage = new Stage()
    stage.at(site).user.put(key('k'), bytes('hello'))
    stage.fault(site, 'get', { fault: 'bit-flipped', byte: 4 })
    const { digest } = stage.at(site).bucket.profile.traits
    const content = (text: string) => stage.at(site).bucket.content(bytes(text)).digest(digest)
    await expect(loaded(stage, site)).rejects.toMatchObject({ kind: 'corrupt', site, scope: 'key' })
    expect(content('hello')).not.toBe(content('helln'))
  })

  it('a body that breaks off is the network’s failure', async () => {
    const stage = new Stage()
    stage.at(site).user.put(key('k'), bytes('hello'))
    stage.fault(site, 'get', { fault: 'cut', byte: 4 })
    await expect(loaded(stage, site)).rejects.toMatchObject({ kind: 'unreachable' })
  })

  it('tags are one request more, and only where there are any', async () => {
    const trio = new Trio()
    trio.at(site).user.put(key('k'), bytes('hello'), { tags: { team: 'blue' } })
    expect(await loaded(trio, site)).toMatchObject({ tags: { team: 'blue' } })
    expect(trio.requests()).toEqual({ [`${site} get`]: 1, [`${site} tags`]: 1 })
  })

  it('what was loaded opens as often as there are targets', async () => {
    const trio = new Trio()
    trio.at(site).user.put(key('k'), bytes('hello'))
    const one = await loaded(trio, site)
    expect([await textOf(one), await textOf(one)]).toEqual(['hello', 'hello'])
  })

  it('an empty object is an object', async () => {
    const trio = new Trio()
    trio.at(site).user.put(key('k'), bytes(''))
    const one = await loaded(trio, site)
    expect([one.body.size, await textOf(one), one.checksum]).toEqual([0, '', 'verified'])
  })
})

it('a bit that flips is told by what arrived and what was expected', async () => {
  const stage = new Stage()
  stage.at('azure').user.put(key('k'), bytes('a'))
  stage.fault('azure', 'get', { fault: 'bit-flipped', byte: 0 })
  const md5 = (text: string) => stage.at('azure').bucket.content(bytes(text)).digest('md5')
  await expect(loaded(stage, 'azure')).rejects.toThrow(
    new Failure('corrupt', `azure: md5 ${md5('`')} arrived, expected ${md5('a')}; nothing was written`, {
      site: siteId('azure'),
    }),
  )
})

it('what no store vouches for is unverified, and says so', async () => {
  const trio = new Trio()
  const upload = trio.at('azure').user.begin(key('k'))
  upload.part(bytes('one'))
  expect(upload.complete().digests).toEqual({})
  expect(await loaded(trio, 'azure', ['crc32c'])).toMatchObject({
    checksum: 'unverified',
    digests: { crc32c: expect.any(String) },
  })
})

const meta = { size: 5, digests: { md5: 'sum', crc32c: 'crc' } } as const as unknown as ObjectMeta

it.each([
  ['all that it vouches for', 5, { md5: 'sum', crc32c: 'crc', crc64nvme: 'more' }, null],
  ['a size too small', 4, { md5: 'sum', crc32c: 'crc' }, 'aws: 4 bytes arrived, expected 5; nothing was written'],
  ['a size too great', 6, { md5: 'sum', crc32c: 'crc' }, 'aws: 6 bytes arrived, expected 5; nothing was written'],
  ['one checksum of two', 5, { md5: 'sum', crc32c: 'no' }, 'aws: crc32c no arrived, expected crc; nothing was written'],
  [
    'a checksum that nobody made',
    5,
    { md5: 'sum' },
    'aws: crc32c undefined arrived, expected crc; nothing was written',
  ],
])('a source is compared by %s', (_, size, digests, message) => {
  const compared = () => compareWithSource(new Trio().at('aws').store, meta, size, digests)
  if (message === null) expect(compared).not.toThrow()
  else expect(compared).toThrow(new Failure('corrupt', message, { site: siteId('aws') }))
})

it('a checksum that is asked for twice is made once', () => {
  const { core } = new Trio()
  const hashers = hashersFor(core, ['md5', 'crc32c', 'md5'])
  expect([...hashers.keys()]).toEqual(['md5', 'crc32c'])
  for (const hasher of hashers.values()) hasher.update(bytes('abc'))
  const content = new Trio().at('aws').bucket.content(bytes('abc'))
  expect(digestAll(hashers)).toEqual({ md5: content.digest('md5'), crc32c: content.digest('crc32c') })
})

it('a body is its chunks in their order, as often as it is opened', async () => {
  const chunks = [bytes('ab'), bytes('c')]
  const body = bodyOf(chunks, 3)
  expect(body.size).toBe(3)
  for (const _ of [1, 2]) expect(await Array.fromAsync(body.open())).toEqual(chunks)
})
