import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { siteId } from '#shared/kernel/ids.ts'
import { reconcile } from '#shared/reconcile/run.ts'
import { numberOf } from '#test/number-of.ts'
import { bytes, key } from '#test/replication/trio.ts'
import { synthetic } from './synthetic.ts'
import { Yard } from './yard.ts'

const sites = {
  aws: { kind: 's3', bucket: 'b-aws', region: 'eu-west-1', control: 'c-aws' },
  azure: { kind: 'azure-blob', account: 'isobar', container: 'b-azure', control: 'c-azure' },
  gcp: { kind: 'gcs', bucket: 'b-gcp', control: 'c-gcp' },
}
const two = { sites, replicate: [{ id: 'all', among: ['aws', 'gcp'] }] }

/** `ISOBAR_RECONCILE_KEYS=1000000` walks over as many. */
const many = numberOf('ISOBAR_RECONCILE_KEYS', 50_000)

async function agreed(yard: Yard, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    yard.put(i % 2 === 0 ? 'aws' : 'gcp', `key-${1000 + i}`, `text ${i}`)
    if (i % 20 < 19 && i < count - 1) continue
    await yard.pass(1_000)
    await yard.drain()
  }
  await yard.age()
}

describe('a pass over very many keys', () => {
  it(
    'lists each page once, takes no other request, and needs no more memory at its end than at its beginning',
    { timeout: 600_000 },
    async () => {
      setFlagsFromString('--expose-gc')
      const collect = runInNewContext('gc') as () => void
      const yard = new Yard(two)
      const nowMs = Date.UTC(2060, 0, 1)
      yard.clock.ms = nowMs
      const stores = new Map(
        [siteId('aws'), siteId('gcp')].map((site) => [site, synthetic(site as 'aws' | 'gcp', many, nowMs)]),
      )
      const core = { ...yard.yard, store: (site: ReturnType<typeof siteId>) => stores.get(site)!.store }
      const heap = () => {
        collect()
        return process.memoryUsage().heapUsed
      }
      let cursor: string | null = null
      let keys = 0
      let early = Infinity
      do {
        const pass = await reconcile(yard.group.id, cursor, core, new AbortController().signal)
        expect(pass.receipts).toEqual([])
        keys += pass.keys
        cursor = pass.next
        if (early === Infinity) early = heap()
      } while (cursor !== null)
      expect(keys).toBe(many)
      for (const { lists } of stores.values()) expect(lists()).toBe(many / 1_000)
      expect(yard.tallied().control).toEqual({ 'aws get': 1, 'aws put': 1, 'gcp get': 1, 'gcp put': 1 })
      expect(heap() - early).toBeLessThan(4 * 1024 * 1024)
    },
  )
})

describe('one invocation', () => {
  it('compares no more keys than its limit, and its cursor goes on where it stopped', async () => {
    const yard = new Yard(two, { limits: { reconcileKeys: 10, listPage: 4 } })
    await agreed(yard, 25)
    await yard.whole()
    const first = await yard.reconcile()
    expect(first.keys).toBe(10)
    expect((await yard.whole()).keys).toBe(25)
  })

  it('a key that needs requests of its own counts for ten, so that a storm of them stays bounded', async () => {
    const yard = new Yard(two, { limits: { reconcileKeys: 100 } })
    for (let i = 0; i < 50; i++) yard.put('gcp', `key-${1000 + i}`, 'lost')
    yard.loseEvents()
    await yard.age()
    const { keys, receipts, next } = await yard.reconcile()
    expect(keys).toBe(10)
    expect(receipts).toHaveLength(10)
    expect(next).not.toBeNull()
  })

  it('settles a few keys at a time, never more', async () => {
    const yard = new Yard(two)
    for (let i = 0; i < 40; i++) yard.put('gcp', `key-${1000 + i}`, 'lost')
    yard.loseEvents()
    await yard.age()
    let running = 0
    let most = 0
    const { store } = yard.at('gcp')
    const slow = {
      ...store,
      heard: () => store.heard(),
      get: async (...args: Parameters<typeof store.get>) => {
        most = Math.max(most, ++running)
        await new Promise((resolve) => {
          setTimeout(resolve, 1)
        })
        running--
        return store.get(...args)
      },
    }
    await reconcile(
      yard.group.id,
      null,
      { ...yard.yard, store: (site) => (site === 'gcp' ? slow : yard.at(site).store) },
      new AbortController().signal,
    )
    expect(most).toBe(8)
  })

  it('ends early when it is told to, and loses nothing', async () => {
    const yard = new Yard(two)
    await agreed(yard, 5)
    const ending = new AbortController()
    ending.abort()
    const { keys, next } = await yard.reconcile(null, undefined, ending.signal)
    expect(keys).toBe(0)
    expect((await yard.reconcile(next)).keys).toBe(5)
  })
})

describe('an invocation that is told to end', () => {
  it('in the midst of a listing says nothing of whose it was: nobody waits for it, and no try is counted', async () => {
    const yard = new Yard(two)
    await agreed(yard, 5)
    const ending = new AbortController()
    yard.meanwhile('gcp', 'list', () => ending.abort())
    const { keys, next, delayMs, troubles } = await yard.reconcile(null, undefined, ending.signal)
    expect({ keys, delayMs, troubles }).toEqual({ keys: 0, delayMs: 0, troubles: [] })
    expect(JSON.parse(next!)).toMatchObject({ tries: 0, full: ['aws', 'gcp'] })
  })

  it('begins no further key', async () => {
    const yard = new Yard(two)
    for (let i = 0; i < 40; i++) yard.put('gcp', `key-${1000 + i}`, 'lost')
    yard.loseEvents()
    await yard.age()
    const ending = new AbortController()
    yard.meanwhile('gcp', 'get', () => ending.abort())
    const { keys, next } = await yard.reconcile(null, undefined, ending.signal)
    expect(keys).toBeLessThan(20)
    expect(next).not.toBeNull()
  })
})

describe('a pass that dies', () => {
  it('goes on from its last cursor, and the same cursor twice does no harm', async () => {
    const yard = new Yard(two, { limits: { reconcileKeys: 10, listPage: 3 } })
    await agreed(yard, 30)
    yard.put('gcp', 'key-1003', 'lost early')
    yard.put('gcp', 'key-1027', 'lost late')
    yard.loseEvents()
    await yard.age()
    const first = await yard.reconcile()
    const dying = yard.reconcile(first.next)
    yard.fault('gcp', 'get', { fault: 'silent' }) // It never comes back from here.
    void dying
    await yard.reconcile(first.next)
    await yard.reconcile(first.next)
    let { next } = first
    while (next !== null) ({ next } = await yard.reconcile(next))
    expect(Object.values(yard.shown('key-1003')).filter((text) => text === 'lost early')).toHaveLength(2)
    expect(Object.values(yard.shown('key-1027')).filter((text) => text === 'lost late')).toHaveLength(2)
  })

  it('finds its memory again from any cursor, whatever came and went in other ranges', async () => {
    const yard = new Yard(two, { limits: { reconcileKeys: 16, listPage: 5 } })
    await agreed(yard, 200)
    await yard.whole()
    for (let i = 0; i < 7; i++) yard.put('gcp', `a-new-${i}`, 'x')
    yard.at('aws').user.delete(key('key-1004'))
    await yard.pass(5_000)
    await yard.drain()
    await yard.age()
    const { requests } = await yard.whole()
    // The seven new copies, and no more of the hundred old ones than share a range with what changed.
    expect(requests['aws head'] ?? 0).toBeLessThan(30)
    expect((await yard.whole()).requests['aws head']).toBeUndefined()
  })

  it('begins anew where the rule has changed since', async () => {
    const yard = new Yard(two, { limits: { reconcileKeys: 10, listPage: 3 } })
    await agreed(yard, 30)
    const first = await yard.reconcile()
    const { next } = await yard.reconcile(first.next)
    expect(JSON.parse(next!)).toMatchObject({ at: 'key-1003' })
    const other = new Yard(
      { sites, replicate: [{ id: 'all', among: ['aws', 'gcp'], exclude: ['nothing'] }] },
      { limits: { reconcileKeys: 10, listPage: 3 } },
    )
    await agreed(other, 30)
    const { next: again } = await other.reconcile(next)
    expect(JSON.parse(again!)).toMatchObject({ at: 'key-1001' })
  })

  it('refuses a cursor that is none, and names its field', async () => {
    const yard = new Yard(two)
    await expect(yard.reconcile('hello')).rejects.toThrow('no JSON object')
    await expect(yard.reconcile('{"format":1,"rule":"other"}')).rejects.toThrow(
      'cursor: rule: found "other", expected "all"',
    )
    await expect(yard.reconcile('{"format":1,"rule":"all","deep":true}')).rejects.toThrow('cursor: deep')
    await expect(yard.reconcile('{"format":1,"rule":"all","deep":false,"terms":"x","at":7}')).rejects.toThrow(
      'cursor: beganMs',
    )
    await expect(yard.reconcile(null, 'no-such-rule')).rejects.toThrow('not in the configuration')
  })
})

describe('two passes at once', () => {
  it('the one that comes second loses its memory of a range, and nothing else', async () => {
    const yard = new Yard(two)
    await agreed(yard, 8)
    const [a, b] = await Promise.all([yard.reconcile(), yard.reconcile()])
    expect([...a.troubles, ...b.troubles].length).toBeLessThan(2)
    const { control } = yard.tallied()
    expect(control['aws put']).toBeGreaterThan(0)
    expect((await yard.whole()).requests['aws head']).toBeUndefined()
  })

  it('a memory written meanwhile is never written over unseen', async () => {
    const yard = new Yard(two)
    await agreed(yard, 8)
    await yard.whole()
    yard.put('gcp', 'key-1001', 'newer')
    await yard.pass(5_000)
    await yard.drain()
    await yard.age()
    const { user, keys } = yard.userOfControl('aws')
    const file = keys.find((name) => name.includes('/seen/'))!
    yard.meanwhile('aws', 'head', () => user.put(key(file), bytes('from another pass')))
    const { troubles } = await yard.whole()
    expect(troubles).toEqual([expect.stringContaining('was not read or not kept')])
    expect(new TextDecoder().decode(yard.controls.get(siteId('aws'))!.bucket.read(key(file))!.bytes)).toBe(
      'from another pass',
    )
  })
})
