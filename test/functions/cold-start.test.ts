import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { loadConfig } from '#functions/config.ts'
import { handle } from '#functions/handle.ts'
import { coreFor, systemClock, systemRandom } from '#functions/runtime.ts'
import { storesFor } from '#functions/stores.ts'
import { parseConfig } from '#shared/config/load.ts'
import { show } from '#shared/config/show.ts'
import { Failure } from '#shared/kernel/failure.ts'
import { ruleId, siteId } from '#shared/kernel/ids.ts'
import { parseKey } from '#shared/kernel/key.ts'
import { version } from '#shared/kernel/version.ts'
import type { ObjectStore } from '#shared/ports/object-store.ts'
import type { Message } from '#shared/replication/model.ts'
import { clouds, document, World } from './world.ts'

const text = JSON.stringify(document)
const config = parseConfig(text)
const [aws, gcp, key] = [siteId('aws'), siteId('gcp'), parseKey('k')]
const { signal } = new AbortController()

/** A store each of whose verbs does this. */
function failing(verb: () => unknown): ObjectStore {
  return new Proxy({} as ObjectStore, { get: (_, name) => (name === 'site' ? aws : async () => verb()) })
}

afterEach(() => vi.unstubAllEnvs())

describe('the configuration', () => {
  it('is the variable itself, or the file that it names', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'isobar-'))
    const file = join(folder, 'isobar.config.json')
    await writeFile(file, text)
    expect(await loadConfig({ ISOBAR_CONFIG: `\n ${text}` })).toEqual(config)
    expect(await loadConfig({ ISOBAR_CONFIG: file })).toEqual(config)
    await rm(folder, { recursive: true })
  })

  it('that is nowhere, or refused, keeps the function from starting', async () => {
    await expect(loadConfig({})).rejects.toThrow('ISOBAR_CONFIG: found nothing')
    await expect(loadConfig({ ISOBAR_CONFIG: '  ' })).rejects.toThrow('ISOBAR_CONFIG: found nothing')
    await expect(loadConfig({ ISOBAR_CONFIG: '{"sites":{}}' })).rejects.toThrow('the configuration is refused')
  })

  it.each([
    ['a file that is not there', '/no/such.json', '"/no/such.json", the path of a file that cannot be read (ENOENT, '],
    ['a folder', tmpdir(), 'the path of a file that cannot be read (EISDIR, '],
    ['YAML', 'sites:\n  aws: {}', String.raw`"sites:\n  aws: {}", the path of a file that cannot be read (ENOENT, `],
    ['a text without end', `"${'x'.repeat(9_000)}`, /^ISOBAR_CONFIG: found "[^(]{79}… \(\d+ characters\), .{100,400}$/],
  ])('is a path where it does not begin as a document does, and the refusal names both: %s', async (_, value, said) => {
    const refused = loadConfig({ ISOBAR_CONFIG: value })
    await expect(refused).rejects.toThrow(said)
    await expect(refused).rejects.toThrow(
      /expected a path that can, or the configuration itself, which begins with "\{"$/,
    )
  })

  it('is a path that counts from a folder, which is named where it is not the path’s own', async () => {
    const said = (path: string) => loadConfig({ ISOBAR_CONFIG: path }).catch(({ message }: Error) => message)
    expect(await said('no/such.json')).toContain(`), looked for from ${show(process.cwd())}; expected`)
    expect(await said('/no/such.json')).toMatch(/\(ENOENT, [^()]*\); expected/)
  })

  it.each(['[1]', ' \n[{"sites":{}}]', '\t{'])(
    'is a document where it begins as one does, however wrong: %j',
    async (value) => {
      await expect(loadConfig({ ISOBAR_CONFIG: value })).rejects.toThrow('the configuration is refused')
    },
  )
})

/** What functions of every cloud need to reach the other two. */
const reachable = {
  ...document,
  sites: {
    aws: { ...document.sites.aws, role: 'arn:aws:iam::123456789012:role/isobar' },
    azure: { ...document.sites.azure, role: { tenant: uuid(1), client: uuid(2) } },
    gcp: { ...document.sites.gcp, providers: { aws: provider('aws'), azure: provider('azure') } },
  },
  federation: { azure: 'api://isobar' },
}

function uuid(digit: number): string {
  return `00000000-0000-4000-8000-00000000000${digit}`
}

function provider(name: string): string {
  return `projects/1/locations/global/workloadIdentityPools/isobar/providers/${name}-functions`
}

describe('a function', () => {
  it('that has no identity for a site does not start, and every such site is named with its remedy', async () => {
    await expect(storesFor(config, { platform: 'aws', environment: {} })).rejects.toMatchObject({
      kind: 'invalid',
      message:
        'sites.azure.role: found nothing, expected the "tenant" and the "client" of an application for functions in aws; ' +
        'sites.gcp.providers.aws: found nothing, expected a workload identity provider for functions in aws',
    })
  })

  it.each(clouds)('%s: has a store for each site, and none before it is asked for', async (platform) => {
    const stores = await storesFor(parseConfig(JSON.stringify(reachable)), { platform, environment: {} })
    for (const cloud of clouds) {
      const site = siteId(cloud)
      expect(stores.store(site)).toMatchObject({ site, traits: { history: expect.not.stringMatching('none') } })
      expect(stores.control(site)).toMatchObject({ site, traits: { history: 'none' } })
      expect(stores.store(site).heard()).toBeNull()
    }
  })

  it('is given no store for a site that is retired', async () => {
    const sites = { ...document.sites, gcp: { ...document.sites.gcp, retired: true } }
    const replicate = [{ id: 'all', from: 'aws', to: ['azure'] }]
    const retired = parseConfig(JSON.stringify({ sites, replicate }))
    const stores = await storesFor(retired, { platform: null, environment: {} })
    expect(() => stores.store(gcp)).toThrow('gcp: found no such site in use')
  })

  it.each([
    ['aws', () => import('#aws/main.ts')],
    ['azure', () => import('#azure/main.ts')],
    ['gcp', () => import('#gcp/main.ts')],
  ])('%s: main refuses at its cold start, before any event is taken', async (_, start: () => Promise<unknown>) => {
    vi.stubEnv('ISOBAR_CONFIG', JSON.stringify(reachable))
    await expect(start()).rejects.toThrow('found nothing, expected ')
  })

  it('loads no SDK of a store before it asks one, and then the one of that store’s kind', () => {
    const loaded = (site: string) => {
      const { stdout, stderr } = spawnSync(process.execPath, [new URL('loaded.ts', import.meta.url).pathname, site], {
        encoding: 'utf8',
        env: { ISOBAR_CONFIG: JSON.stringify(reachable) },
      })
      expect(stderr).toBe('')
      return JSON.parse(stdout) as string[]
    }
    expect(loaded('none')).toEqual([])
    expect(loaded('aws')).toEqual(['@aws-sdk/client-s3', '@aws-sdk/client-sts'])
    expect(loaded('azure')).toEqual(['@azure/identity', '@azure/storage-blob', '@aws-sdk/client-sts'].toSorted())
    expect(loaded('gcp')).toEqual(['@aws-sdk/client-sts', '@google-cloud/storage', 'google-auth-library'])
  })
})

describe('a warm process', () => {
  it('keeps each store, and with it what was heard of its clock', async () => {
    const { store, control } = (await World.of()).work.core
    expect(store(aws)).toBe(store(aws))
    expect(control(aws)).toBe(control(aws))
    expect(store(aws)).not.toBe(store(gcp))
  })

  it('keeps its notes in the bucket beside a site’s own, never in that', async () => {
    const { clock } = await World.of()
    const asked: string[] = []
    const named = (name: string) => (): ObjectStore => failing(() => void asked.push(name))
    const core = await coreFor(config, { store: named('own'), control: named('beside') }, clock)
    await core.control(aws).head(key, signal)
    await core.store(aws).head(key, signal)
    expect(asked).toEqual(['beside', 'own'])
  })

  it('asks a read that failed at once a second time, and a write never', async () => {
    const { clock } = await World.of()
    let asked = 0
    const store = () =>
      failing(() => {
        asked++
        throw new Failure('unreachable', 'reset', { site: aws })
      })
    const core = await coreFor(config, { store, control: store }, clock)
    await expect(core.store(aws).head(key, signal)).rejects.toThrow('reset')
    expect(asked).toBe(2)
    await expect(core.store(aws).remove(key, version('v'), signal)).rejects.toThrow('reset')
    expect(asked).toBe(3)
  })

  it('writes nothing while everything is paused, and says what it would have done', async () => {
    const world = await World.of({ ...document, paused: true })
    world.put('aws', 'x', 'y')
    const message: Message = { kind: 'settle', group: ruleId('all'), key: parseKey('x') }
    await handle(() => [{ message }], world.work, signal)
    expect(world.done).toEqual(['held azure', 'held gcp'])
    expect(world.shown('x')).toEqual({ aws: 'y', azure: null, gcp: null })
  })

  it('leaves a site alone that failed again and again, and asks it once more after a rest', async () => {
    const { clock, work } = await World.of()
    const { breakers } = work.core
    for (let failure = 0; failure < 3; failure++) breakers.failed(gcp)
    expect(breakers.mayAsk(gcp)).toBe(false)
    expect(breakers.mayAsk(aws)).toBe(true)
    await clock.pass(30_000)
    expect(breakers.mayAsk(gcp)).toBe(true)
  })

  it('moves nothing in parts: that is the work of a function with more time', async () => {
    expect((await World.of()).work.core.transfers).toBe(false)
  })

  it('gives one look at a store that does not answer two seconds, and a write 35', async () => {
    const { clock } = await World.of()
    clock.stop()
    const silent = () => failing(() => Promise.withResolvers().promise)
    const store = (await coreFor(config, { store: silent, control: silent }, clock)).store(aws)
    const ends: string[] = []
    const note = (what: string) => (error: Failure) => void ends.push(`${what} ${error.kind}`)
    void store.head(key, signal).catch(note('look'))
    void store.remove(key, version('v'), signal).catch(note('write'))
    await clock.pass(2_000)
    expect(ends).toEqual(['look unreachable'])
    await clock.pass(32_999)
    expect(ends).toHaveLength(1)
    await clock.pass(1)
    expect(ends).toEqual(['look unreachable', 'write unknown'])
  })
})

describe('the runtime', () => {
  it('sleeps until its time, or until its signal says why not', async () => {
    const before = systemClock.monotonic()
    await systemClock.sleep(10)
    expect(systemClock.monotonic() - before).toBeGreaterThanOrEqual(9)
    const reason = new Error('enough')
    const ending = new AbortController()
    const slept = systemClock.sleep(10_000, ending.signal)
    ending.abort(reason)
    await expect(slept).rejects.toBe(reason)
    await expect(systemClock.sleep(1, ending.signal)).rejects.toBe(reason)
  })

  it('draws evenly from nought up to, and not including, one', () => {
    const drawn = Array.from({ length: 4_000 }, () => systemRandom.next())
    expect(drawn.every((number) => number >= 0 && number < 1)).toBe(true)
    const tenths = new Set(drawn.map((number) => Math.floor(number * 10)))
    expect(tenths.size).toBe(10)
  })
})
