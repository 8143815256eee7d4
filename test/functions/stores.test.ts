import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { coreFor } from '#functions/runtime.ts'
import { storesFor } from '#functions/stores.ts'
import { parseConfig } from '#shared/config/load.ts'
import { siteId } from '#shared/kernel/ids.ts'
import { type Key, parseKey } from '#shared/kernel/key.ts'
import type { ObjectStore, Write } from '#shared/ports/object-store.ts'
import { grouped, sitesAt, variables } from '#test/cli/isobar.ts'
import { type Proxy, tamperingProxy } from '#test/functions/drivers/tampering-proxy.ts'
import { deafProxy } from '#test/local/deaf-proxy.ts'
import { type Kind, kinds } from '#test/local/doors.ts'
import { type Clouds, startClouds } from '#test/wires/clouds.ts'

const { signal } = new AbortController()
const swallowed: Readonly<Record<Kind, RegExp>> = {
  s3: /^if-none-match$/,
  azure: /^if-none-match$/,
  gcs: /^ifGenerationMatch$/,
}

let clouds: Clouds
let proxies: Readonly<Record<Kind, Proxy>>
beforeAll(async () => {
  clouds = await startClouds()
  for (const kind of kinds) await clouds.store(kind, 'media', siteId(kind))
  const made = kinds.map(async (kind) => [kind, await tamperingProxy(portOf(kind))] as const)
  proxies = Object.fromEntries(await Promise.all(made)) as Record<Kind, Proxy>
})
afterAll(async () => {
  for (const proxy of Object.values(proxies)) proxy.close()
  await clouds.close()
})

function portOf(kind: Kind): number {
  return Number(new URL(clouds.url[kind]).port)
}

/** What a function has of a site after its cold start: its own driver, identity, proof and layers. */
async function coldStart(kind: Kind, url: string = proxies[kind].url): Promise<ObjectStore> {
  const config = parseConfig(grouped(sitesAt({ ...clouds.url, [kind]: url })))
  const surroundings = { platform: 'aws', environment: variables } as const
  return (await coreFor(config, await storesFor(config, surroundings))).store(siteId(kind))
}

function put(store: ObjectStore, key: Key): Promise<unknown> {
  const write: Write = {
    body: { size: 0, async *open() {} },
    digests: {},
    headers: {},
    metadata: {},
    tags: {},
    storageClass: null,
  }
  return store.put(key, write, { if: 'absent' }, signal)
}

describe.each(kinds)('a function at an embedded cloud: %s', (kind) => {
  it('has the store proved before it writes, and the next function reads that for one request', async () => {
    const [first, second] = [parseKey('first'), parseKey('second')]
    await put(await coldStart(kind), first)
    const { asked } = proxies[kind]
    expect(asked.filter((line) => line.includes('conformance')).length).toBeGreaterThan(10)
    const written = asked.findIndex((line) => line.includes('first'))
    expect(asked.slice(written).filter((line) => line.includes('conformance'))).toEqual([])

    asked.length = 0
    const store = await coldStart(kind)
    await put(store, second)
    const before = asked.findIndex((line) => line.includes('second'))
    expect(asked.slice(0, before).filter((line) => !line.includes('proofs'))).toEqual([])
    // Cloud Storage tells of an object and gives its bytes in two requests.
    expect(before).toBe(kind === 'gcs' ? 2 : 1)
    expect(await store.head(second, signal)).toMatchObject({ key: second })
  })

  it('writes nothing to a store that does not get to hear a condition', async () => {
    const proxy = await deafProxy(kind, portOf(kind), swallowed[kind])
    const key = parseKey('never')
    const store = await coldStart(kind, proxy.url)
    await expect(put(store, key)).rejects.toMatchObject({ kind: 'denied', scope: 'site', patience: 'later' })
    expect(await store.head(key, signal)).toBeNull()
    proxy.close()
  })
})
