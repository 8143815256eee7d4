import { describe, expect, it } from 'vitest'
import { bytes, key } from '#test/replication/trio.ts'
import { Yard, type YardOptions } from './yard.ts'

const sites = {
  aws: { kind: 's3', bucket: 'b-aws', region: 'eu-west-1', control: 'c-aws' },
  azure: { kind: 'azure-blob', account: 'isobar', container: 'b-azure', control: 'c-azure' },
  gcp: { kind: 'gcs', bucket: 'b-gcp', control: 'c-gcp' },
}

interface RouteFields {
  readonly from?: string
  readonly to?: readonly string[]
  readonly [field: string]: unknown
}

function along(fields: RouteFields = {}, options: YardOptions = {}): Yard {
  return new Yard({ sites, replicate: [{ id: 'vault', from: 'aws', to: ['azure', 'gcp'], ...fields }] }, options)
}

async function filled(yard: Yard, site = 'aws', names: readonly string[] = ['a', 'b', 'c']): Promise<Yard> {
  for (const name of names) yard.put(site, name, `text of ${name}`)
  await yard.pass(1_000)
  await yard.drain()
  await yard.age()
  return yard
}

describe('a pass over a route', () => {
  it('waits while no target answers, and does not end without having compared', async () => {
    const yard = await filled(along({ to: ['azure'] }))
    yard.cutOff('azure', 'list')
    let cursor: string | null = null
    for (let i = 0; i < 6; i++) {
      const pass = await yard.reconcile(cursor)
      expect(pass).toMatchObject({ keys: 0, delayMs: yard.core.limits.retryMs, next: expect.any(String) as string })
      cursor = pass.next
    }
  })
})

describe('a pass over a route in sync', () => {
  it('ends, though from a name that no target can hold it lists from a little earlier, keys that were compared before', async () => {
    const yard = along({ to: ['gcp'], rename: { from: '', to: 'longer/' } }, { limits: { reconcileKeys: 1 } })
    const [fits, tooLong] = ['a', 'é'].map((end) => 'b'.repeat(1_016) + end) as [string, string]
    await filled(yard, 'aws', [fits, tooLong, 'c'])
    expect((await yard.whole()).acts).toEqual(['parked aws'])
  })

  it('costs the listings alone where the targets show their marks', async () => {
    const yard = await filled(along())
    const { requests, control, receipts } = await yard.whole()
    expect(requests).toEqual({ 'aws list': 1, 'azure list': 1, 'gcp list': 1 })
    expect(control).toEqual({})
    expect(receipts).toEqual([])
  })

  it('looks once at copies in a target whose listing shows no marks', async () => {
    const yard = await filled(along({ from: 'gcp', to: ['aws'] }), 'gcp')
    expect((await yard.whole()).requests).toEqual({ 'aws list': 1, 'gcp list': 1, 'aws head': 3 })
    const second = await yard.whole()
    expect(second.requests).toEqual({ 'aws list': 1, 'gcp list': 1 })
    expect(second.control).toEqual({ 'gcp get': 1 })
  })

  it('takes the source by its keys only: filters and new names', async () => {
    const yard = along({ prefix: 'in/', exclude: ['in/tmp/**'], rename: { from: 'in/', to: 'out/of/' } })
    await filled(yard, 'aws', ['in/a', 'in/b/😀', 'in/b/ｱ', 'in/tmp/x', 'other'])
    yard.put('gcp', 'out/of/tmp/mine', 'a user of the target')
    yard.put('gcp', 'elsewhere', 'a user of the target')
    await yard.age()
    const { requests, receipts, keys } = await yard.whole()
    expect(receipts).toEqual([])
    expect(requests).toEqual({ 'aws list': 1, 'azure list': 1, 'gcp list': 1 })
    expect(keys).toBe(5)
  })
})

describe('what lost events left undone along a route', () => {
  it('is copied, new and overwritten, under the new name', async () => {
    const yard = await filled(along({ rename: { from: '', to: 'copies/' } }))
    yard.put('aws', 'new', 'new')
    yard.put('aws', 'a', 'newer')
    yard.loseEvents()
    await yard.age()
    await yard.whole()
    for (const [name, text] of [
      ['new', 'new'],
      ['a', 'newer'],
    ] as const) {
      expect(yard.shown(`copies/${name}`)).toEqual({ aws: null, azure: text, gcp: text })
    }
  })

  it('goes to the one target that lacks it', async () => {
    const yard = await filled(along())
    yard.at('gcp').user.delete(key('b'))
    await yard.age()
    expect((await yard.whole()).acts).toEqual(['copied gcp'])
  })

  it('a copy whose source is gone is removed where the route deletes, and the source is asked first', async () => {
    const yard = await filled(along())
    yard.at('aws').user.delete(key('a'))
    yard.loseEvents()
    await yard.age()
    const { acts, requests } = await yard.whole()
    expect(acts.toSorted()).toEqual(['deleted azure', 'deleted gcp'])
    expect(requests['aws head']).toBe(1)
  })

  it('nothing is removed because the source’s listing lacked it', async () => {
    const yard = await filled(along())
    yard.hidden.set('aws', new Set(['a', 'b', 'c']))
    const { acts } = await yard.whole()
    expect(new Set(acts)).toEqual(new Set(['agreed azure', 'agreed gcp']))
    expect(yard.shown('a')).toMatchObject({ azure: 'text of a', gcp: 'text of a' })
  })

  it('metadata that the source changed in place is copied', async () => {
    const yard = await filled(along({ from: 'gcp', to: ['azure'] }), 'gcp')
    yard.at('gcp').user.patch(key('a'), { metadata: { note: 'patched' } })
    yard.loseEvents()
    await yard.age()
    expect((await yard.whole()).acts).toEqual(['copied azure'])
  })

  it('an object written just now is left to its event, and its key comes back by a message', async () => {
    const yard = await filled(along())
    yard.put('aws', 'new', 'young')
    yard.loseEvents()
    expect((await yard.whole()).again).toMatchObject([
      { message: { kind: 'mirror', key: 'new', targets: ['azure', 'gcp'], seen: false }, delayMs: 10_000 },
    ])
  })
})

describe('what is no copy of the route', () => {
  it('a target’s own object without a source is not even looked at where the listing shows no mark on it', async () => {
    const yard = await filled(along())
    yard.put('azure', 'theirs', 'a user of the target')
    await yard.age()
    expect((await yard.whole()).requests).toEqual({ 'aws list': 1, 'azure list': 1, 'gcp list': 1 })
  })

  it('is looked at once where the listing cannot tell, left alone, and remembered', async () => {
    const yard = await filled(along({ from: 'gcp', to: ['aws'] }), 'gcp')
    yard.put('aws', 'theirs', 'a user of the target')
    await yard.age()
    expect((await yard.whole()).acts).toEqual([])
    expect((await yard.whole()).requests).toEqual({ 'aws list': 1, 'gcp list': 1 })
    expect(yard.shown('theirs')).toMatchObject({ aws: 'a user of the target' })
  })

  it('is reported by every pass where it stands in a copy’s place', async () => {
    const yard = await filled(along())
    yard.put('gcp', 'a', 'a user of the target')
    await yard.age()
    for (let i = 0; i < 2; i++) expect((await yard.whole()).acts).toEqual(['foreign gcp'])
    expect(yard.shown('a')).toMatchObject({ gcp: 'a user of the target' })
  })
})

describe('what a route keeps', () => {
  it('copies of what its source deleted are asked about once where it deletes nothing', async () => {
    const yard = await filled(along({ deletes: false }))
    yard.at('aws').user.delete(key('a'))
    yard.loseEvents()
    await yard.age()
    expect((await yard.whole()).acts.toSorted()).toEqual(['kept azure', 'kept gcp'])
    const second = await yard.whole()
    expect(second.acts).toEqual([])
    expect(second.requests).toEqual({ 'aws list': 1, 'azure list': 1, 'gcp list': 1 })
    yard.put('aws', 'a', 'back again')
    yard.loseEvents()
    await yard.age()
    expect((await yard.whole()).acts).toEqual(['copied azure', 'copied gcp'])
  })

  it('copies that only a user’s own deletion may remove are reported by every pass', async () => {
    const yard = await filled(along({ deletes: 'seen' }))
    yard.at('aws').user.delete(key('a'))
    yard.loseEvents()
    await yard.age()
    for (let i = 0; i < 2; i++) expect((await yard.whole()).acts.toSorted()).toEqual(['kept azure', 'kept gcp'])
  })
})

describe('what a route does not take', () => {
  it('is told from the listing where only its size counts', async () => {
    const yard = await filled(along({ size: { min: 0, max: 5 } }))
    expect((await yard.whole()).requests).toEqual({ 'aws list': 1, 'azure list': 1, 'gcp list': 1 })
    expect(yard.shown('a')).toMatchObject({ azure: null, gcp: null })
  })

  it('is asked about once where its tags count and the listing does not tell them', async () => {
    const yard = along({ tags: { keep: 'yes' } })
    yard.at('aws').user.put(key('a'), bytes('a'), { tags: { keep: 'yes' } })
    yard.at('aws').user.put(key('b'), bytes('b'), { tags: { keep: 'no' } })
    yard.loseEvents()
    await yard.age()
    expect((await yard.whole()).acts.toSorted()).toEqual(['agreed azure', 'agreed gcp', 'copied azure', 'copied gcp'])
    await yard.whole()
    expect((await yard.whole()).requests).toEqual({ 'aws list': 1, 'azure list': 1, 'gcp list': 1 })
    expect(yard.shown('b')).toMatchObject({ azure: null, gcp: null })
  })
})

describe('tags that change without a new version', () => {
  it('take a copy away where the route no longer takes its source', async () => {
    const yard = along({ tags: { keep: 'yes' } })
    yard.at('aws').user.put(key('a'), bytes('a'), { tags: { keep: 'yes' } })
    await yard.pass(1_000)
    await yard.drain()
    yard.at('aws').user.setTags(key('a'), { keep: 'no' })
    yard.loseEvents()
    await yard.age()
    expect((await yard.whole()).acts.toSorted()).toEqual(['deleted azure', 'deleted gcp'])
  })
})

describe('a route whose sites do not answer', () => {
  it('waits where it is while the source’s listing does not come', async () => {
    const yard = await filled(along())
    yard.cutOff('aws', 'list')
    const first = await yard.reconcile()
    expect(first).toMatchObject({ keys: 0, delayMs: 30_000 })
    let { next } = first
    for (let i = 0; i < 6; i++) {
      expect(next).not.toBeNull()
      ;({ next } = await yard.reconcile(next))
    }
    expect(yard.shown('a')).toMatchObject({ azure: 'text of a' })
  })

  it('goes on to the other targets once one has failed to list three times more', async () => {
    const yard = await filled(along())
    yard.put('aws', 'new', 'lost')
    yard.loseEvents()
    await yard.age()
    yard.cutOff('azure', 'list')
    const { invocations, troubles } = await yard.whole()
    expect(invocations).toBe(4)
    expect(troubles[0]).toContain('azure: its listing was cut short')
    expect(yard.shown('new')).toMatchObject({ gcp: 'lost' })
  })
})
