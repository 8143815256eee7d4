import { describe, expect, it } from 'vitest'
import { deepPass } from '#shared/reconcile/deep.ts'
import { plant, stampAt } from '#test/replication/plant.ts'
import { bytes, key } from '#test/replication/trio.ts'
import { Yard, type YardOptions } from './yard.ts'

const sites = {
  aws: { kind: 's3', bucket: 'b-aws', region: 'eu-west-1', control: 'c-aws' },
  azure: { kind: 'azure-blob', account: 'isobar', container: 'b-azure', control: 'c-azure' },
  gcp: { kind: 'gcs', bucket: 'b-gcp', control: 'c-gcp' },
}

function among(members: readonly string[], options: YardOptions = {}): Yard {
  return new Yard({ sites, replicate: [{ id: 'all', among: members }] }, options)
}

async function filled(yard: Yard, site: string, names: readonly string[] = ['a', 'b', 'c']): Promise<Yard> {
  for (const name of names) yard.put(site, name, `text of ${name}`)
  await yard.pass(1_000)
  await yard.drain()
  await yard.age()
  return yard
}

/** A copy of what gcp shows lands at a member that has deleted it: every listing then shows one and the same version. */
async function slippedIn(yard: Yard, site: string): Promise<void> {
  await filled(yard, 'gcp')
  const { id, dateMs } = yard.at('gcp').bucket.head(key('a'))!
  yard.at(site).user.delete(key('a'))
  await yard.pass(2_000)
  plant(yard, site, stampAt('gcp', dateMs, id), { key: 'a', text: 'text of a', mark: { onto: 'absent' } })
  yard.loseEvents()
  await yard.age()
}

describe('a deep pass', () => {
  it.each(['azure', 'aws'])(
    'finds a copy that slipped in over a deletion at %s, where listings cannot',
    async (site) => {
      const yard = among(['gcp', site])
      await slippedIn(yard, site)
      expect((await yard.whole()).acts).toEqual([])
      expect((await yard.deep()).acts.toSorted()).toEqual(['conflict gcp', `deleted ${site}`, 'deleted gcp'].toSorted())
      expect(yard.shown('a')).toMatchObject({ gcp: null, [site]: null })
    },
  )

  it('lists every version, and looks below nothing that was overtaken', async () => {
    const yard = await filled(among(['azure', 'gcp']), 'gcp')
    for (let i = 0; i < 3; i++) await filled(yard, 'gcp')
    const { requests, acts } = await yard.deep()
    expect(requests).toEqual({ 'azure listVersions': 1, 'gcp listVersions': 1 })
    expect(acts).toEqual([])
  })

  it('looks at every copy in a store whose listing shows no marks, remembered or not', async () => {
    const yard = await filled(among(['aws', 'gcp']), 'gcp')
    await yard.whole()
    expect((await yard.deep()).requests).toEqual({ 'aws listVersions': 1, 'gcp listVersions': 1, 'aws head': 3 })
  })

  it('passes by what is deleted everywhere', async () => {
    const yard = await filled(among(['aws', 'gcp']), 'gcp')
    yard.at('gcp').user.delete(key('a'))
    await yard.pass(10_000)
    await yard.drain()
    await yard.age()
    const { acts, keys } = await yard.deep()
    expect(acts).toEqual([])
    expect(keys).toBe(3)
  })

  it('finds what a lost event left undone, too', async () => {
    const yard = await filled(among(['aws', 'gcp']), 'gcp')
    yard.put('aws', 'new', 'lost')
    yard.at('gcp').user.delete(key('a'))
    yard.loseEvents()
    await yard.age()
    await yard.deep()
    expect(yard.shown('new')).toMatchObject({ aws: 'lost', gcp: 'lost' })
    expect(yard.shown('a')).toMatchObject({ aws: null, gcp: null })
  })

  it('takes on trust that adopted objects agree, and reads nothing again', async () => {
    const joined = '2026-11-25T12:00:10Z'
    const yard = new Yard({
      sites: { aws: { ...sites.aws, joined }, gcp: { ...sites.gcp, joined } },
      replicate: [{ id: 'all', among: ['aws', 'gcp'] }],
    })
    for (const site of ['gcp', 'aws']) yard.put(site, 'a', 'the same')
    yard.loseEvents()
    await yard.age()
    await yard.whole()
    const { acts, requests } = await yard.deep()
    expect(acts).toEqual([])
    expect(requests).toEqual({ 'aws listVersions': 1, 'gcp listVersions': 1, 'aws head': 1 })
  })

  it('leaves the memory of ordinary passes as it is', async () => {
    const yard = await filled(among(['aws', 'gcp']), 'gcp')
    await yard.whole()
    await yard.deep()
    expect((await yard.whole()).requests).toEqual({ 'aws list': 1, 'gcp list': 1 })
  })

  it('leaves it as it is for tagged objects, too', async () => {
    const yard = among(['aws', 'gcp'])
    yard.at('gcp').user.put(key('a'), bytes('x'), { tags: { team: 'blue' } })
    await yard.pass(1_000)
    await yard.drain()
    await yard.age()
    await yard.whole()
    await yard.deep()
    expect((await yard.whole()).requests).toEqual({ 'aws list': 1, 'gcp list': 1 })
  })

  it('goes on from a cursor in the middle, where keys have many versions', async () => {
    const yard = among(['azure', 'gcp'], { limits: { reconcileKeys: 8, listPage: 3 } })
    for (let i = 0; i < 4; i++) await filled(yard, 'gcp', ['a', 'b', 'c', 'd', 'e'])
    const { acts, keys, invocations } = await yard.deep()
    expect(acts).toEqual([])
    expect(keys).toBe(5)
    expect(invocations).toBe(3)
  })

  it.each(['aws', 'azure'])(
    'finds a copy over a deletion at %s below more versions than it reads, remembered or not',
    async (site) => {
      const yard = among(['gcp', site], { limits: { listPage: 5, historyPages: 2 } })
      await slippedIn(yard, site)
      await yard.whole()
      const { id, dateMs } = yard.at('gcp').bucket.head(key('a'))!
      for (let i = 0; i < 30; i++) yard.put(site, 'a', `again ${i}`)
      yard.at(site).user.delete(key('a'))
      await yard.pass(2_000)
      plant(yard, site, stampAt('gcp', dateMs, id), { key: 'a', text: 'text of a', mark: { onto: 'absent' } })
      yard.loseEvents()
      await yard.age()
      expect((await yard.whole()).acts).toEqual([])
      await yard.deep()
      expect(yard.shown('a')).toMatchObject({ gcp: null, [site]: null })
    },
  )

  it('passes over the rest of a history without end, and settles its key', async () => {
    const yard = among(['azure', 'gcp'], { limits: { listPage: 5, historyPages: 2 } })
    await filled(yard, 'gcp')
    for (let i = 0; i < 100; i++) yard.put('gcp', 'b', `again ${i}`)
    yard.loseEvents()
    await yard.age()
    const { requests } = await yard.deep()
    expect(requests['gcp listVersions']).toBeLessThan(6)
    expect(yard.shown('b')).toMatchObject({ azure: 'again 99', gcp: 'again 99' })
  })
})

describe('what changed without becoming another version', () => {
  it('tags that differ are written anew at their origin, and an ordinary pass does not compare them', async () => {
    const yard = await filled(among(['azure', 'aws', 'gcp']), 'gcp')
    yard.at('gcp').user.setTags(key('a'), { team: 'blue' })
    yard.loseEvents()
    await yard.age()
    expect((await yard.whole()).acts).toEqual([])
    expect((await yard.deep()).acts).toEqual(['lifted gcp', 'deferred gcp'])
    await yard.drain()
    for (const { bucket } of yard.places.values())
      expect(bucket.tags(key('a'), bucket.head(key('a'))!.version)).toEqual({ team: 'blue' })
    await yard.age()
    expect((await yard.deep()).acts).toEqual([])
  })

  it.each(['azure', 'gcp'])('tags are not taken for equal while %s does not answer: it comes back', async (site) => {
    const yard = await filled(among(['azure', 'gcp']), 'gcp', ['a'])
    yard.at('gcp').user.setTags(key('a'), { team: 'blue' })
    yard.cutOff(site, 'head')
    expect((await yard.deep()).acts).toContain(`deferred ${site}`)
  })

  it('tags that differ are left while their origin does not answer: what was written there last only it has', async () => {
    const yard = await filled(among(['azure', 'gcp', 'aws']), 'gcp', ['a'])
    yard.at('aws').user.setTags(key('a'), { team: 'blue' })
    yard.put('gcp', 'a', 'newer')
    yard.loseEvents()
    await yard.age()
    yard.cutOff('gcp', 'listVersions', 'head', 'get')
    expect((await yard.deep()).acts).not.toContain('lifted azure')
    yard.heal()
    await yard.age()
    await yard.deep()
    await yard.drain()
    expect(yard.shown('a')).toEqual({ aws: 'newer', azure: 'newer', gcp: 'newer' })
  })

  it('tags that differ are made equal where the site of their original is no member any more', async () => {
    const yard = await filled(among(['azure', 'gcp', 'aws']), 'gcp', ['a'])
    yard.at('aws').user.setTags(key('a'), { team: 'blue' })
    yard.loseEvents()
    await yard.age()
    const left = { ...yard.yard, out: (_group: string, site: string) => site === 'gcp' }
    const { receipts } = await deepPass(yard.group.id, null, left, new AbortController().signal)
    expect(receipts.map(({ action }) => action)).toContain('lifted')
  })

  it('tags of an older version are not made the newest while a user’s newer one comes to a third member', async () => {
    const yard = await filled(among(['azure', 'gcp', 'aws']), 'gcp', ['a'])
    yard.at('gcp').user.setTags(key('a'), { team: 'blue' })
    yard.loseEvents()
    await yard.age()
    yard.meanwhile('aws', 'head', () => yard.put('aws', 'a', 'newer'), { skip: 1 })
    await yard.deep()
    await yard.drain()
    expect(yard.shown('a')).toEqual({ aws: 'newer', azure: 'newer', gcp: 'newer' })
  })

  it('tags in another order are the same, and are asked for only where there are any', async () => {
    const yard = among(['azure', 'gcp'])
    yard.at('gcp').user.put(key('a'), bytes('x'), { tags: { team: 'blue', area: 'sea' } })
    yard.put('gcp', 'b', 'x')
    await yard.pass(1_000)
    await yard.drain()
    yard.at('azure').user.setTags(key('a'), { area: 'sea', team: 'blue' })
    yard.at('azure').user.setTags(key('b'), { team: 'blue' })
    yard.loseEvents()
    await yard.age()
    const { acts, requests } = await yard.deep()
    expect(acts).toEqual(['lifted gcp', 'deferred gcp'])
    expect([requests['azure tags'], requests['gcp tags']]).toEqual([2, 1])
  })

  it('tags that another was faster to write are settled and compared once more, not parked', async () => {
    const yard = await filled(among(['azure', 'gcp']), 'gcp', ['a'])
    yard.at('gcp').user.setTags(key('a'), { team: 'blue' })
    yard.fault('gcp', 'put', { fault: 'refused', kind: 'conflict' }, { times: 2 })
    expect((await yard.deep()).acts).toEqual(['agreed azure'])
    yard.fault('gcp', 'put', { fault: 'refused', kind: 'conflict' })
    expect((await yard.deep()).acts).toEqual(['lifted gcp', 'deferred gcp'])
  })

  it('tags whose lift had no answer are settled at once, and looked at once more when it must have landed', async () => {
    const yard = await filled(among(['azure', 'gcp']), 'gcp', ['a'])
    yard.at('gcp').user.setTags(key('a'), { team: 'blue' })
    yard.fault('gcp', 'put', { fault: 'answer-lost' })
    const { acts, again } = await yard.deep()
    expect(acts).toEqual(['deferred gcp', 'copied azure'])
    expect(again).toMatchObject([{ message: { kind: 'settle', key: 'a' }, delayMs: 60_000, queue: 'short' }])
  })

  it('tags that no retry can write are parked', async () => {
    const yard = await filled(among(['azure', 'gcp']), 'gcp', ['a'])
    yard.at('gcp').user.setTags(key('a'), { team: 'blue' })
    yard.fault('gcp', 'put', { fault: 'refused', kind: 'invalid' })
    expect((await yard.deep()).acts).toEqual(['parked gcp'])
  })

  it('metadata changed where nobody answers comes back', async () => {
    const yard = await filled(among(['azure', 'gcp']), 'gcp', ['a'])
    yard.at('gcp').user.patch(key('a'), { metadata: { note: 'patched' } })
    yard.cutOff('gcp', 'head')
    expect((await yard.deep()).acts).toContain('deferred gcp')
  })

  it('other tags of the same number are seen as well', async () => {
    const yard = among(['azure', 'gcp'])
    yard.at('gcp').user.put(key('a'), bytes('x'), { tags: { team: 'blue' } })
    await yard.pass(1_000)
    await yard.drain()
    yard.at('gcp').user.setTags(key('a'), { team: 'red' })
    yard.loseEvents()
    await yard.age()
    expect((await yard.deep()).acts).toEqual(['lifted gcp', 'deferred gcp'])
  })

  describe('of a copy that lies over an older one, and does not say that it was looked below,', () => {
    /** Settled by every deep pass, and each time found to agree. */
    async function over(tags: Readonly<Record<string, string>> = {}): Promise<Yard> {
      const yard = await filled(among(['azure', 'gcp']), 'gcp', [])
      const { id, dateMs } = yard.at('gcp').user.put(key('a'), bytes('text of a'), { tags })
      await yard.pass(2_000)
      plant(yard, 'azure', stampAt('gcp', dateMs - 1), { key: 'a', text: 'older', mark: { onto: 'absent' } })
      await yard.pass(2_000)
      plant(yard, 'azure', stampAt('gcp', dateMs, id), { key: 'a', text: 'text of a', mark: { onto: 'absent' } })
      yard.loseEvents()
      await yard.age()
      return yard
    }

    it.each([
      ['at the site of its original', 'gcp', { team: 'blue' }],
      ['at the site of the copy', 'azure', {}],
    ])('tags that differ are found and made equal, changed %s', async (_where, site, tags) => {
      const yard = await over()
      yard.at(site).user.setTags(key('a'), { team: 'blue' })
      expect((await yard.deep()).acts).toEqual(['lifted gcp', 'deferred gcp'])
      await yard.drain()
      for (const { bucket } of [yard.at('azure'), yard.at('gcp')])
        expect(bucket.tags(key('a'), bucket.head(key('a'))!.version)).toEqual(tags)
    })

    it('nothing more is asked where nobody shows a tag', async () => {
      const yard = await over()
      const { requests, acts } = await yard.deep()
      expect(acts).toEqual(['agreed azure'])
      expect([requests['azure head'], requests['gcp head']]).toEqual([1, 1])
    })
  })

  it('tags are not compared with those of a version that came meanwhile: a user’s newer one is never written over', async () => {
    const yard = await filled(among(['azure', 'gcp']), 'gcp')
    yard.at('gcp').user.setTags(key('a'), { team: 'blue' })
    yard.loseEvents()
    await yard.age()
    yard.meanwhile('azure', 'head', () => yard.put('azure', 'a', 'newer'))
    await yard.deep()
    await yard.drain()
    expect(yard.shown('a')).toMatchObject({ azure: 'newer', gcp: 'newer' })
  })

  it('two stores that vouch for different bytes of one version are reported, and nothing is written', async () => {
    const yard = await filled(among(['azure', 'gcp']), 'gcp')
    const entry = yard.at('gcp').bucket.vault.current(key('a'))!
    Object.assign(entry, { digests: { ...entry.digests, md5: 'rotten' }, meta: null })
    const { acts, receipts } = await yard.deep()
    expect(acts).toEqual(['parked azure', 'parked gcp'])
    expect(receipts[0]!.why).toContain('azure and gcp')
  })

  it('nothing is written anew where a guard forbids it, and the member is not in full agreement', async () => {
    const forbidden = () => 'everything is paused'
    const yard = await filled(among(['azure', 'gcp'], { forbidden }), 'gcp')
    yard.at('gcp').user.patch(key('a'), { metadata: { note: 'patched' } })
    yard.loseEvents()
    await yard.age()
    expect((await yard.deep()).acts).toEqual(['held gcp'])
    expect(yard.at('gcp').bucket.vault.current(key('a'))!.metageneration).toBe(2)
  })

  it('a listing that is old news about headers is not acted on', async () => {
    const yard = await filled(among(['azure', 'gcp']), 'gcp')
    const entry = yard.at('gcp').bucket.vault.current(key('a'))!
    const { metadata } = entry
    yard.at('gcp').user.patch(key('a'), { metadata: { note: 'for a moment' } })
    yard.loseEvents()
    await yard.age()
    yard.meanwhile('gcp', 'head', () => yard.at('gcp').user.patch(key('a'), { metadata }))
    expect((await yard.whole()).acts).toEqual(['agreed azure'])
  })
})

describe('a deep pass over a route', () => {
  it('remembers nothing of it', async () => {
    const yard = new Yard({ sites, replicate: [{ id: 'vault', from: 'gcp', to: ['aws'] }] })
    await filled(yard, 'gcp')
    await yard.whole()
    expect((await yard.whole()).requests['aws head']).toBeUndefined()
    expect((await yard.deep()).requests).toEqual({ 'aws list': 1, 'gcp list': 1, 'aws head': 3 })
  })
})
