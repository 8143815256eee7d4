import { describe, expect, it } from 'vitest'
import { siteId } from '#shared/kernel/ids.ts'
import { outOf, readStandings, recordStandings, type Standing } from '#shared/reconcile/standing.ts'
import { bytes, key } from '#test/replication/trio.ts'
import { Yard, type YardOptions } from './yard.ts'

const dayMs = 86_400_000
const now = Date.UTC(2026, 10, 25, 12)
const { signal } = new AbortController()

function sites(more: Readonly<Record<string, object>> = {}): object {
  return {
    aws: { kind: 's3', bucket: 'b-aws', region: 'eu-west-1', control: 'c-aws', ...more['aws'] },
    azure: { kind: 'azure-blob', account: 'isobar', container: 'b-azure', control: 'c-azure', ...more['azure'] },
    gcp: { kind: 'gcs', bucket: 'b-gcp', control: 'c-gcp', ...more['gcp'] },
  }
}

function among(more: Readonly<Record<string, object>> = {}, options: YardOptions = {}): Yard {
  return new Yard({ sites: sites(more), replicate: [{ id: 'all', among: ['aws', 'azure', 'gcp'] }] }, options)
}

function standing(yard: Yard, site: string, daysAgo: number): Standing {
  return { group: yard.group.id, site: siteId(site), beganMs: now - daysAgo * dayMs }
}

function outs(yard: Yard, records: readonly Standing[]): readonly string[] {
  const out = outOf(yard.config, records, now)
  return yard.group.members.filter((site) => out(yard.group.id, site))
}

async function recorded(yard: Yard): Promise<readonly string[]> {
  return (await readStandings(yard.yard, yard.group, signal)).map(({ site }) => site).toSorted()
}

async function filled(yard: Yard): Promise<Yard> {
  for (const [i, site] of ['aws', 'azure', 'gcp'].entries()) yard.put(site, `key-${i}`, `text ${i}`)
  await yard.pass(1_000)
  await yard.drain()
  await yard.age()
  return yard
}

describe('a member is out', () => {
  it('once its last full pass began longer ago than the shortest memory of the group, less a day', () => {
    const yard = among({ azure: { retentionDays: 20 }, gcp: { retentionDays: 14 }, aws: { retentionDays: 30 } })
    expect(
      outs(
        yard,
        ['aws', 'azure', 'gcp'].map((site) => standing(yard, site, 12.9)),
      ),
    ).toEqual([])
    expect(outs(yard, [standing(yard, 'aws', 13.1), standing(yard, 'azure', 12.9), standing(yard, 'gcp', 1)])).toEqual([
      'aws',
    ])
  })

  it('by its last pass of several, and by those of its own group alone', () => {
    const yard = among()
    const last = [
      standing(yard, 'aws', 40),
      standing(yard, 'aws', 3),
      standing(yard, 'azure', 1),
      standing(yard, 'gcp', 1),
    ]
    expect(outs(yard, last)).toEqual([])
    const other = { ...standing(yard, 'aws', 20), group: 'another' as typeof yard.group.id }
    expect(
      outs(
        yard,
        [...last, other].filter(({ site }) => site !== 'gcp'),
      ),
    ).toEqual([])
    expect(outs(yard, [other])).toEqual([])
    const out = outOf(
      yard.config,
      last.map((one) => ({ ...one, beganMs: 0 })),
      now,
    )
    expect(out(yard.group.id, siteId('aws'))).toBe(true)
    expect(out('another' as typeof yard.group.id, siteId('aws'))).toBe(false)
  })

  it('by its joining date before its first pass, and never before that where it was there from the start', () => {
    expect(outs(among({ aws: { joined: '2026-11-20T00:00:00Z' } }), [])).toEqual([])
    expect(outs(among({ aws: { joined: '2026-11-01T00:00:00Z' } }), [])).toEqual(['aws'])
    expect(outs(among(), [])).toEqual([])
  })

  it('whatever a record from the future says', () => {
    const yard = among()
    expect(outs(yard, [standing(yard, 'aws', 20), standing(yard, 'aws', -400)])).toEqual(['aws'])
  })
})

describe('a full pass', () => {
  it('records when it began, not when it ended, in every member’s control bucket', async () => {
    const yard = await filled(among({}, { limits: { reconcileKeys: 1, listPage: 1 } }))
    const beganMs = yard.clock.ms
    const first = await yard.reconcile()
    yard.clock.ms += dayMs
    let { next } = first
    while (next !== null) ({ next } = await yard.reconcile(next))
    const all = ['aws', 'azure', 'gcp'].map((site) => ({ group: 'all', site, beganMs }))
    expect(await readStandings(yard.yard, yard.group, signal)).toEqual(all)
    for (const away of ['aws', 'azure'])
      yard.controlFaults.push({ site: away, verb: 'get', fault: { fault: 'refused', kind: 'denied' } })
    expect(await readStandings(yard.yard, yard.group, signal)).toEqual(all)
  })

  it('counts for none before its end', async () => {
    const yard = await filled(among({}, { limits: { reconcileKeys: 1, listPage: 1 } }))
    await yard.reconcile()
    expect(await recorded(yard)).toEqual([])
  })

  it('does not count for a member whose listing did not come', async () => {
    const yard = await filled(among())
    yard.cutOff('azure', 'list')
    const { invocations, acts } = await yard.whole()
    expect(invocations).toBe(4)
    expect(acts).toEqual([])
    expect(await recorded(yard)).toEqual(['aws', 'gcp'])
  })

  it('waits three times for a member whose listing does not come, and not again at every key', async () => {
    const yard = await filled(among({}, { limits: { reconcileKeys: 1 } }))
    const beganMs = yard.clock.ms
    yard.cutOff('azure', 'list')
    await yard.whole()
    expect((yard.clock.ms - beganMs) / yard.core.limits.retryMs).toBe(3)
    expect(await recorded(yard)).toEqual(['aws', 'gcp'])
  })

  it('counts the tries at one place: further on a listing has as many again', async () => {
    const yard = await filled(among({}, { limits: { listPage: 1 } }))
    yard.fault('azure', 'list', { fault: 'request-lost' }, { times: 2 })
    yard.fault('azure', 'list', { fault: 'request-lost' }, { skip: 1 })
    const tries: unknown[] = []
    for (let cursor: string | null = null; tries.length < 3;) {
      cursor = (await yard.reconcile(cursor)).next
      tries.push((JSON.parse(cursor!) as { tries: unknown }).tries)
    }
    expect(tries).toEqual([1, 2, 1])
  })

  it('counts for a member whose listing came at the second try', async () => {
    const yard = await filled(among())
    yard.fault('azure', 'list', { fault: 'request-lost' })
    await yard.whole()
    expect(await recorded(yard)).toEqual(['aws', 'azure', 'gcp'])
  })

  it('does not count for a member that did not answer for one key', async () => {
    const yard = await filled(among())
    yard.put('gcp', 'new', 'lost')
    yard.loseEvents()
    await yard.age()
    yard.cutOff('azure', 'head')
    expect((await yard.whole()).acts).toContain('deferred azure')
    expect(await recorded(yard)).toEqual(['aws', 'gcp'])
  })

  it('does not count for any of several that did not answer for one key', async () => {
    const yard = await filled(among())
    yard.put('aws', 'new', 'lost')
    yard.loseEvents()
    await yard.age()
    yard.cutOff('azure', 'head')
    yard.cutOff('gcp', 'head')
    await yard.whole()
    expect(await recorded(yard)).toEqual(['aws'])
  })

  it('does not count where a guard held back what it found', async () => {
    const yard = await filled(among({}, { forbidden: (_rule, site) => (site === 'azure' ? 'paused' : null) }))
    yard.put('gcp', 'new', 'lost')
    yard.loseEvents()
    await yard.age()
    await yard.whole()
    expect(await recorded(yard)).toEqual(['aws', 'gcp'])
  })

  it('counts where a key is still under way in the queue of its event', async () => {
    const yard = await filled(among())
    yard.put('gcp', 'new', 'young')
    expect((await yard.whole()).acts).toEqual(['deferred aws'])
    expect(await recorded(yard)).toEqual(['aws', 'azure', 'gcp'])
  })

  it('counts where a large object has only moved to the queue of those that take long', async () => {
    const yard = await filled(among({}, { transfers: false, limits: { smallBytes: 8 } }))
    yard.put('gcp', 'new', 'larger than one write')
    yard.loseEvents()
    await yard.age()
    expect((await yard.whole()).acts).toEqual(['deferred gcp'])
    expect(await recorded(yard)).toEqual(['aws', 'azure', 'gcp'])
  })

  it('counts where a version was only lifted: it is on its way', async () => {
    const yard = await filled(among())
    yard.at('gcp').user.patch(key('key-2'), { metadata: { note: 'patched' } })
    yard.loseEvents()
    await yard.age()
    expect((await yard.whole()).acts).toEqual(['lifted gcp', 'deferred gcp'])
    expect(await recorded(yard)).toEqual(['aws', 'azure', 'gcp'])
  })

  it('does not count for a member that did not answer where its version was to be lifted', async () => {
    const yard = await filled(among())
    yard.at('gcp').user.patch(key('key-2'), { metadata: { note: 'patched' } })
    yard.loseEvents()
    await yard.age()
    yard.fault('gcp', 'put', { fault: 'refused', kind: 'throttled' })
    expect((await yard.whole()).acts).toEqual(['deferred gcp'])
    expect(await recorded(yard)).toEqual(['aws', 'azure'])
  })

  it('counts where a key was written to all the while: nobody is behind by more than a copy', async () => {
    const yard = await filled(among())
    yard.put('gcp', 'new', 'lost')
    yard.loseEvents()
    await yard.age()
    yard.fault('azure', 'put', { fault: 'refused', kind: 'conflict' }, { times: Infinity })
    expect((await yard.whole()).acts).toContain('deferred aws')
    expect(await recorded(yard)).toEqual(['aws', 'azure', 'gcp'])
  })

  it('does not count for a member that shows to the end what is deleted', async () => {
    const yard = await filled(among())
    yard.at('gcp').user.delete(key('key-2'))
    yard.loseEvents()
    await yard.age()
    yard.fault('azure', 'remove', { fault: 'refused', kind: 'conflict' }, { times: Infinity })
    yard.fault('aws', 'remove', { fault: 'refused', kind: 'conflict' })
    expect((await yard.whole()).acts).toEqual(['deleted aws', 'deferred aws'])
    expect(await recorded(yard)).toEqual(['aws', 'gcp'])
  })

  it('counts for a member that was slow to believe a deletion', async () => {
    const yard = await filled(among())
    yard.at('gcp').user.delete(key('key-2'))
    yard.loseEvents()
    await yard.age()
    yard.fault('azure', 'remove', { fault: 'refused', kind: 'conflict' }, { times: 3 })
    expect((await yard.whole()).acts).toContain('deleted azure')
    expect(await recorded(yard)).toEqual(['aws', 'azure', 'gcp'])
  })

  it('over histories does not count for a member whose tags could not be read', async () => {
    const yard = among()
    yard.at('gcp').user.put(key('k'), bytes('x'), { tags: { team: 'blue' } })
    await yard.pass(1_000)
    await yard.drain()
    await yard.age()
    yard.cutOff('aws', 'tags')
    await yard.deep()
    expect(await recorded(yard)).toEqual(['azure', 'gcp'])
  })

  it('neither lists nor settles with a member that is out, and does not count for it', async () => {
    const out = (_group: string, site: string) => site === 'azure'
    const yard = await filled(among({}, { out }))
    yard.put('gcp', 'new', 'lost')
    yard.loseEvents()
    await yard.age()
    const { requests } = await yard.whole()
    expect(Object.keys(requests).filter((name) => name.startsWith('azure'))).toEqual([])
    expect(yard.shown('new')).toEqual({ aws: 'lost', azure: null, gcp: 'lost' })
    expect(await recorded(yard)).toEqual(['aws', 'gcp'])
  })

  it('does not count for a member that fell out while it was under way: only an operator lets it back in', async () => {
    const gone = new Set<string>()
    const yard = await filled(among({}, { limits: { reconcileKeys: 1 }, out: (_group, site) => gone.has(site) }))
    const { next } = await yard.reconcile()
    expect(next).not.toBeNull()
    gone.add('azure')
    let cursor = next
    while (cursor !== null) cursor = (await yard.reconcile(cursor)).next
    expect(await recorded(yard)).toEqual(['aws', 'gcp'])
  })

  it('does not count for a member that was out for a part of it', async () => {
    const gone = new Set<string>()
    const yard = await filled(among({}, { limits: { reconcileKeys: 1 }, out: (_group, site) => gone.has(site) }))
    let { next: cursor } = await yard.reconcile()
    gone.add('azure')
    cursor = (await yard.reconcile(cursor)).next
    gone.clear()
    while (cursor !== null) cursor = (await yard.reconcile(cursor)).next
    expect(await recorded(yard)).toEqual(['aws', 'gcp'])
  })

  it('ends at once, and counts for nobody, where all others are out', async () => {
    const yard = await filled(among({}, { out: (_group, site) => site !== 'gcp' }))
    const { invocations, keys, troubles, requests } = await yard.whole()
    expect({ invocations, keys, requests }).toEqual({ invocations: 1, keys: 0, requests: {} })
    expect(troubles).toEqual([expect.stringContaining('fewer than two members')])
    expect(await recorded(yard)).toEqual([])
  })

  it('waits, and goes on from where it is, while fewer than two members answer', async () => {
    const yard = await filled(among())
    yard.cutOff('azure', 'list')
    yard.cutOff('gcp', 'list')
    let pass = await yard.reconcile()
    for (let i = 0; i < 5; i++) {
      expect(pass.next).not.toBeNull()
      pass = await yard.reconcile(pass.next)
    }
    expect(pass).toMatchObject({ keys: 0, delayMs: 30_000 })
    expect(pass.next).not.toBeNull()
  })
})

describe('the record of standings', () => {
  it('keeps the latest of each member when two passes end at once', async () => {
    const yard = among()
    const write = (names: readonly string[], beganMs: number) =>
      recordStandings(yard.yard, yard.group, names.map(siteId), beganMs, signal)
    await Promise.all([write(['aws', 'gcp'], 2_000), write(['azure', 'gcp'], 1_000)])
    expect(
      Object.fromEntries(
        (await readStandings(yard.yard, yard.group, signal)).map(({ site, beganMs }) => [site, beganMs]),
      ),
    ).toEqual({ aws: 2_000, azure: 1_000, gcp: 2_000 })
  })

  it('says nothing where its text is not ours, and is written over under its condition', async () => {
    const yard = await filled(among())
    await yard.whole()
    for (const site of ['aws', 'azure', 'gcp']) {
      const { user, keys } = yard.userOfControl(site)
      for (const name of keys) user.put(key(name), bytes('[1,'))
    }
    expect(await recorded(yard)).toEqual([])
    await yard.whole()
    expect(await recorded(yard)).toEqual(['aws', 'azure', 'gcp'])
  })

  it('is no record where no control bucket answers', async () => {
    const yard = await filled(among())
    for (const site of ['aws', 'azure', 'gcp'])
      yard.controlFaults.push({ site, verb: 'get', fault: { fault: 'refused', kind: 'denied' } })
    await expect(readStandings(yard.yard, yard.group, signal)).rejects.toThrow('refused')
  })

  it('that cannot be written is told, and the pass has ended all the same', async () => {
    const yard = await filled(among())
    yard.controlFaults.push({ site: 'gcp', verb: 'put', fault: { fault: 'refused', kind: 'denied' } })
    expect((await yard.whole()).troubles).toEqual([expect.stringContaining('standing not recorded')])
    expect(await recorded(yard)).toEqual(['aws', 'azure', 'gcp'])
  })
})
