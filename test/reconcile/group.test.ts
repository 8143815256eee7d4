import { byVerb, requestsOnPage } from '#test/replication/page-of-requests.ts'
import { describe, expect, it } from 'vitest'
import { bytes, key } from '#test/replication/trio.ts'
import { plant, stampAt, stampOfMeta } from '#test/replication/plant.ts'
import { Yard } from './yard.ts'

const sites = {
  aws: { kind: 's3', bucket: 'b-aws', region: 'eu-west-1', control: 'c-aws' },
  azure: { kind: 'azure-blob', account: 'isobar', container: 'b-azure', control: 'c-azure' },
  gcp: { kind: 'gcs', bucket: 'b-gcp', control: 'c-gcp' },
}

async function filled(yard: Yard): Promise<Yard> {
  for (const [i, site] of ['aws', 'azure', 'gcp', 'aws', 'azure', 'gcp'].entries())
    yard.put(site, `key-${i}`, `text ${i}`)
  await yard.pass(1_000)
  await yard.drain()
  await yard.age()
  return yard
}

describe('a pass over a group in sync', () => {
  it('lists, and looks only at copies in a store whose listing shows no marks', async () => {
    const yard = await filled(new Yard())
    const { requests, receipts, keys } = await yard.whole()
    expect(requests).toEqual({ 'aws list': 1, 'azure list': 1, 'gcp list': 1, 'aws head': 4 })
    expect(receipts).toEqual([])
    expect(keys).toBe(6)
  })

  it('costs the listings alone from the second pass on, and one read of a control bucket', async () => {
    const yard = await filled(new Yard())
    await yard.whole()
    await yard.age()
    const { requests, control, receipts } = await yard.whole()
    expect(requests).toEqual({ 'aws list': 1, 'azure list': 1, 'gcp list': 1 })
    expect(byVerb(requests)).toEqual(requestsOnPage('reconcile of a group in sync, each listing of one page'))
    expect(byVerb(control)).toEqual(requestsOnPage('the same, at the control buckets'))
    // The memory of the range, then every member's copy of the standing, noted anew.
    expect(control).toEqual({ 'aws get': 2, 'azure get': 1, 'gcp get': 1, 'aws put': 1, 'azure put': 1, 'gcp put': 1 })
    expect(receipts).toEqual([])
  })

  it('costs the listings alone where every listing shows the marks', async () => {
    const yard = await filled(new Yard({ sites, replicate: [{ id: 'all', among: ['azure', 'gcp'] }] }))
    expect((await yard.whole()).requests).toEqual({ 'azure list': 1, 'gcp list': 1 })
  })

  it('looks again, and does nothing else, where its memory is lost', async () => {
    const yard = await filled(new Yard())
    await yard.whole()
    const { user, keys } = yard.userOfControl('aws')
    for (const name of keys) user.put(key(name), bytes('{"not":"ours"}\n"at all"'))
    const { requests, receipts, troubles } = await yard.whole()
    expect(requests).toEqual({ 'aws list': 1, 'azure list': 1, 'gcp list': 1, 'aws head': 4 })
    expect(receipts).toEqual([])
    expect(troubles).toEqual([expect.stringContaining('looked at again')])
    expect((await yard.whole()).requests).toEqual({ 'aws list': 1, 'azure list': 1, 'gcp list': 1 })
  })

  it('looks again at what its control bucket does not tell, and goes on', async () => {
    const yard = await filled(new Yard())
    await yard.whole()
    yard.controlFaults.push({ site: 'aws', verb: 'get', fault: { fault: 'refused', kind: 'denied' } })
    const { requests, troubles, control } = await yard.whole()
    expect(requests['aws head']).toBe(4)
    expect(troubles).toEqual([expect.stringContaining('was not read or not kept')])
    expect(control['aws put']).toBeUndefined() // Without a condition there is no write; the standing is a moment old.
  })
})

describe('what lost events left undone', () => {
  it('a new object whose event was lost is copied', async () => {
    const yard = await filled(new Yard())
    yard.put('gcp', 'new', 'lost')
    yard.loseEvents()
    await yard.age()
    expect((await yard.whole()).acts).toEqual(['copied aws', 'copied azure'])
    expect(yard.shown('new')).toEqual({ aws: 'lost', azure: 'lost', gcp: 'lost' })
  })

  it('an overwrite whose event was lost is copied, remembered or not', async () => {
    const yard = await filled(new Yard())
    await yard.whole()
    for (const [i, site] of ['azure', 'gcp', 'aws'].entries()) yard.put(site, `key-${i}`, `newer ${i}`)
    yard.loseEvents()
    await yard.age()
    await yard.whole()
    for (const i of [0, 1, 2]) expect(Object.values(yard.shown(`key-${i}`))).toEqual(Array(3).fill(`newer ${i}`))
  })

  it('a deletion whose event was lost is followed', async () => {
    const yard = await filled(new Yard())
    yard.at('azure').user.delete(key('key-0'))
    yard.at('aws').user.delete(key('key-1'))
    yard.loseEvents()
    await yard.age()
    await yard.whole()
    expect(yard.shown('key-0')).toEqual({ aws: null, azure: null, gcp: null })
    expect(yard.shown('key-1')).toEqual({ aws: null, azure: null, gcp: null })
  })

  it('metadata changed in place is written anew where it was changed', async () => {
    const yard = await filled(new Yard())
    await yard.whole()
    yard.at('gcp').user.patch(key('key-2'), { metadata: { note: 'patched' } })
    yard.loseEvents()
    await yard.age()
    expect((await yard.whole()).acts).toEqual(['lifted gcp', 'deferred gcp'])
    await yard.drain()
    for (const { bucket } of yard.places.values()) expect(bucket.head(key('key-2'))!.metadata['note']).toBe('patched')
  })

  it('metadata changed in place is seen although these versions were found to agree', async () => {
    const yard = await filled(new Yard({ sites, replicate: [{ id: 'all', among: ['aws', 'gcp'] }] }))
    await yard.whole()
    yard.at('gcp').user.patch(key('key-2'), { metadata: { note: 'patched' } })
    yard.loseEvents()
    await yard.age()
    expect((await yard.whole()).acts).toEqual(['lifted gcp', 'deferred gcp'])
  })

  it('a copy that came after the listing is not lifted over what was written elsewhere before it', async () => {
    const yard = await filled(new Yard({ sites, replicate: [{ id: 'all', among: ['aws', 'gcp'] }] }))
    await yard.whole()
    yard.at('gcp').user.patch(key('key-2'), { metadata: { note: 'patched' } })
    yard.loseEvents()
    await yard.age()
    // While the key is looked at: another version is written in aws and copied, and a third follows it there.
    yard.meanwhile('gcp', 'head', () => {
      const metadata = { note: 'of the second' }
      const second = yard.at('aws').user.put(key('key-2'), bytes('second'), { metadata })
      plant(yard, 'gcp', stampOfMeta('aws', second), { key: 'key-2', text: 'second', metadata })
      yard.clock.ms += 1_000
      yard.put('aws', 'key-2', 'third')
    })
    expect((await yard.whole()).acts).toEqual(['copied gcp'])
    expect(yard.shown('key-2')).toMatchObject({ aws: 'third', gcp: 'third' })
  })

  it('what a guard holds back is found again by every pass', async () => {
    const yard = await filled(new Yard(undefined, { forbidden: () => 'a dry run' }))
    yard.put('gcp', 'key-2', 'newer')
    yard.loseEvents()
    await yard.age()
    for (let i = 0; i < 2; i++) expect((await yard.whole()).acts).toEqual(['held aws', 'held azure'])
  })

  it('an object written just now is left to its event, and its key comes back by a message', async () => {
    const yard = await filled(new Yard())
    yard.put('gcp', 'new', 'young')
    yard.loseEvents()
    const { acts, again, requests } = await yard.whole()
    expect(acts).toEqual(['deferred aws'])
    expect(requests['gcp head']).toBeUndefined()
    expect(again).toMatchObject([{ message: { kind: 'settle', key: 'new' }, delayMs: 10_000 }])
  })

  it('an object that was too young is found by the next pass', async () => {
    const yard = await filled(new Yard())
    yard.put('gcp', 'new', 'young')
    yard.loseEvents()
    await yard.whole()
    await yard.age()
    await yard.whole()
    expect(yard.shown('new')).toEqual({ aws: 'young', azure: 'young', gcp: 'young' })
  })
})

describe('a listing that does not tell the truth', () => {
  it('nothing is deleted, and nothing written, because a listing lacked it', async () => {
    const yard = await filled(new Yard())
    for (const site of ['aws', 'azure', 'gcp']) {
      yard.hidden.set(site, new Set(['key-0', 'key-1', 'key-2']))
      const { receipts } = await yard.whole()
      expect(new Set(receipts.map(({ action }) => action))).toEqual(new Set(['agreed']))
      yard.hidden.delete(site)
    }
    for (const i of [0, 1, 2]) expect(Object.values(yard.shown(`key-${i}`))).toEqual(Array(3).fill(`text ${i}`))
  })
})

describe('buckets that were full before they joined', () => {
  const joined = '2026-11-25T12:00:10Z'
  const adopting = {
    sites: { aws: { ...sites.aws, joined }, azure: { ...sites.azure, joined }, gcp: { ...sites.gcp, joined } },
    replicate: [{ id: 'all', among: ['aws', 'azure', 'gcp'] }],
  }

  it('are adopted without a byte moved, and cost the listings alone from then on', async () => {
    const yard = new Yard(adopting)
    for (const [i, site] of ['gcp', 'aws', 'azure'].entries()) {
      for (const name of ['a', 'b', 'c']) yard.put(site, name, `the same ${name}`)
      yard.clock.ms += i
    }
    yard.loseEvents()
    await yard.age()
    const first = await yard.whole()
    expect(first.acts).toEqual(['agreed aws', 'agreed aws', 'agreed aws'])
    expect(Object.keys(first.requests).filter((name) => name.endsWith('put'))).toEqual([])
    const second = await yard.whole()
    expect(second.requests).toEqual({ 'aws list': 1, 'azure list': 1, 'gcp list': 1 })
    expect(second.acts).toEqual([])
  })

  it('an adopted object that is deleted in one of them is deleted in all', async () => {
    const yard = new Yard(adopting)
    for (const site of ['gcp', 'aws', 'azure']) yard.put(site, 'a', 'the same')
    await yard.age()
    await yard.whole()
    yard.at('azure').user.delete(key('a'))
    yard.loseEvents()
    await yard.age()
    await yard.whole()
    expect(yard.shown('a')).toEqual({ aws: null, azure: null, gcp: null })
  })
})

describe('emoji among the keys', () => {
  it('keys that the clouds list in different orders are compared at the price of the listings', async () => {
    const yard = new Yard(
      { sites, replicate: [{ id: 'all', among: ['azure', 'gcp'] }] },
      { limits: { listPage: 2, reconcileKeys: 3 } },
    )
    const names = ['a', 'p/😀', 'p/😀/ｱ', 'p/😀/😀', 'p/ｱ', 'p/ｱ/😀', 'p/\uE000', 'z']
    for (const name of names) yard.put('gcp', name, 'x')
    await yard.pass(1_000)
    await yard.drain()
    await yard.age()
    const { requests, receipts, keys } = await yard.whole()
    expect(receipts).toEqual([])
    expect(keys).toBe(names.length)
    expect(Object.keys(requests).toSorted()).toEqual(['azure list', 'gcp list'])
  })
})

describe('emoji that one member lacks', () => {
  it.each(['p/ｱ', 'p/😀', 'p/a'])('%s is found among the others, once', async (missing) => {
    const yard = new Yard({ sites, replicate: [{ id: 'all', among: ['azure', 'gcp'] }] })
    for (const name of ['p/a', 'p/ｱ', 'p/😀', 'z']) yard.put('gcp', name, 'x')
    await yard.pass(1_000)
    await yard.drain()
    yard.at('azure').user.delete(key(missing))
    yard.put('gcp', missing, 'again')
    yard.loseEvents()
    await yard.age()
    expect((await yard.whole()).acts).toEqual(['copied azure'])
  })
})

describe('a mark that only history can judge', () => {
  const slowCopy = async (): Promise<Yard> => {
    const yard = new Yard({ sites, replicate: [{ id: 'all', among: ['azure', 'gcp'] }] })
    yard.put('gcp', 'k', 'x')
    const { id, dateMs } = yard.at('gcp').bucket.head(key('k'))!
    plant(yard, 'azure', stampAt('gcp', dateMs, id), { mark: { writtenMs: yard.clock.ms - 20_000 } })
    yard.loseEvents()
    await yard.age()
    return yard
  }

  it('is not believed by a listing: it is looked at once and remembered', async () => {
    const yard = await slowCopy()
    const first = await yard.whole()
    expect(first.acts).toEqual([])
    expect(first.requests).toMatchObject({ 'azure head': 1, 'azure versions': 1 })
    const second = await yard.whole()
    expect(second.requests).toEqual({ 'azure list': 1, 'gcp list': 1 })
  })

  it('does not hide that the metadata of its original was changed in place', async () => {
    const yard = await slowCopy()
    yard.at('gcp').user.patch(key('k'), { metadata: { note: 'patched' } })
    yard.loseEvents()
    await yard.age()
    expect((await yard.whole()).acts).toContain('lifted gcp')
  })
})
