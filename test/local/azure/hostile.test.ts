import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { metadataOf } from '#local/servers/azure/metadata.ts'
import { collect, put, textOf, type World } from './question.ts'
import { raw } from './raw.ts'
import { account, embedded, type Running, worldAt } from './world.ts'

const other = { name: 'other', key: Buffer.from('its own key').toString('base64') }

let running: Running
let world: World

beforeAll(async () => {
  running = await embedded({ accounts: [account, other] })
  world = await worldAt(running.site)
})
afterAll(() => running.close())

const asBlob = { 'x-ms-blob-type': 'BlockBlob' }

describe('hostile requests to the Azure face', () => {
  it('never leave their account, however many folders they climb', async () => {
    const { site, container } = world
    await put(container.getBlockBlobClient('x'), 'own')
    for (const path of [
      '/../../other/c/x',
      '/../other/c/x',
      `/${container.containerName}/../../../other/c/x`,
      '/%2e%2e/%2e%2e/other/c/x',
    ]) {
      const { status } = await raw(site, 'PUT', path, { body: 'x', headers: asBlob })
      // `..` ends at the account: what remains names a container of this account, which is not there.
      expect(status).toBe(404)
    }
    const foreign = await raw({ ...site, account: other.name, key: other.key }, 'GET', '/', { query: 'comp=list' })
    expect(foreign.body.toString()).toContain('<Containers />')
  })

  it('signed for one account do not act in another, though both are here', async () => {
    const path = `/${account.name}/${world.container.containerName}`
    const signed = { ...world.site, account: other.name, key: other.key }
    const { status, code } = await raw(signed, 'GET', '', { query: 'restype=container', sentPath: path })
    expect([status, code]).toEqual([403, 'AuthorizationFailure'])
  })

  it('with documents that no list of blocks is, and no parser takes, are refused as such', async () => {
    const one = world.blob()
    await one.stageBlock('MQ==', 'x', 1)
    const nested = (depth: number) => `${'<Latest>'.repeat(depth)}MQ==${'</Latest>'.repeat(depth)}`
    for (const inner of [nested(150), nested(60_000), '<__proto__>MQ==</__proto__>', '<constructor />']) {
      const body = `<?xml version="1.0"?><BlockList>${inner}</BlockList>`
      const { status, code } = await world.raw('PUT', `/${one.name}`, { query: 'comp=blocklist', body })
      expect([inner.slice(0, 20), status, code]).toEqual([inner.slice(0, 20), 400, 'InvalidXmlDocument'])
    }
    expect(await one.exists()).toBe(false)
  })

  it('that climb within the account reach what the path names, as at Azure: a client must encode', async () => {
    const [one, two] = [await world.fresh(), await world.fresh()]
    const path = `/../${one.containerName}/x/../../${two.containerName}/secret`
    expect((await world.raw('PUT', path, { body: 'x', headers: asBlob })).status).toBe(201)
    expect(await collect(one.listBlobsFlat())).toHaveLength(0)
    expect((await collect(two.listBlobsFlat())).map(({ name }) => name)).toEqual(['secret'])
  })

  it('with escapes that are cut or no UTF-8, or with controls, are turned away before the service', async () => {
    for (const path of ['/a%', '/a%2', '/a%zz', '/a%ff', '/a%00b', '/a%0d%0aB']) {
      const { status, headers } = await world.raw('PUT', path, { body: 'x', headers: asBlob })
      expect([status, headers['content-type'], headers['x-ms-error-code']]).toEqual([
        400,
        'text/html; charset=us-ascii',
        undefined,
      ])
    }
  })

  it('whose names are taken from everything else that names something here keep to their blob', async () => {
    const container = await world.fresh()
    const names = [
      'blocks x',
      'x',
      '__proto__',
      'constructor',
      'deleting',
      'index.sqlite',
      'x\u2028y',
      "'; DROP TABLE entries; --",
    ]
    for (const name of names)
      await put(container.getBlockBlobClient(name), name, { metadata: { __proto__: 'm', constructor: 'c' } })
    await container.getBlockBlobClient('x').stageBlock('MQ==', 'waits', 5)
    for (const name of names) expect(await textOf(container.getBlockBlobClient(name))).toBe(name)
    await container.getBlockBlobClient('x').delete()
    expect((await collect(container.listBlobsFlat())).map(({ name }) => name)).toEqual(
      names.filter((name) => name !== 'x').toSorted(),
    )
  })

  it('keep metadata and tags named like parts of an object', async () => {
    const one = world.blob()
    const headers = {
      ...asBlob,
      'x-ms-meta-__proto__': 'p',
      'x-ms-meta-toString': 't',
      'x-ms-tags': '__proto__=v&constructor=c',
    }
    expect((await world.raw('PUT', `/${one.name}`, { body: 'x', headers })).status).toBe(201)
    const said = await world.raw('HEAD', `/${one.name}`)
    const found = ['x-ms-meta-__proto__', 'x-ms-meta-tostring', 'x-ms-tag-count'].map((name) => said.headers[name])
    expect(found).toEqual(['p', 't', '2'])
  })

  it('that ask for what this server does not do are told so, and never answered as something else', async () => {
    const one = world.blob()
    await put(one, 'x')
    const told = []
    for (const query of ['comp=appendblock', 'comp=page', 'comp=query', 'comp=seal', 'comp=expiry']) {
      told.push((await world.raw('PUT', `/${one.name}`, { query, body: 'y' })).status)
    }
    told.push(
      (await world.raw('PUT', `/${one.name}`, { body: 'y', headers: { 'x-ms-blob-type': 'AppendBlob' } })).status,
    )
    told.push((await world.raw('POST', '', { query: 'restype=container&comp=batch', body: 'y' })).status)
    expect(new Set(told)).toEqual(new Set([501]))
    expect(await textOf(one)).toBe('x')
  })

  it('with conditions that the server does not know are refused, not carried out without them', async () => {
    const one = world.blob()
    await put(one, 'x')
    const headers = { ...asBlob, 'x-ms-if-tags': '"a" = \'b\'' }
    expect((await world.raw('PUT', `/${one.name}`, { body: 'y', headers })).code).toBe('UnsupportedHeader')
    expect(await textOf(one)).toBe('x')
  })

  it('with dates, lengths, leases and versions that are none are refused', async () => {
    const one = world.blob()
    await put(one, 'x')
    const bad: Record<string, string>[] = [
      { 'if-modified-since': 'yesterday' },
      { 'x-ms-range': 'bytes=-5' },
      { 'x-ms-range': 'bytes=5-1' },
      { 'x-ms-range': 'lines=0-1' },
      { 'x-ms-range-get-content-md5': 'true' },
    ]
    for (const headers of bad) expect((await world.raw('GET', `/${one.name}`, { headers })).status).toBe(400)
    const lease = { 'x-ms-lease-action': 'acquire', 'x-ms-lease-duration': '15', 'x-ms-proposed-lease-id': 'mine' }
    expect((await world.raw('PUT', `/${one.name}`, { query: 'comp=lease', headers: lease })).status).toBe(400)
    const two = 'versionid=2020-01-01T00%3A00%3A00.0000000Z&snapshot=2020-01-01T00%3A00%3A00.0000000Z'
    expect((await world.raw('GET', `/${one.name}`, { query: two })).status).toBe(400)
  })

  it('with the same metadata name twice, in two cases, are refused', () => {
    const twice = ['x-ms-meta-Name', '1', 'X-MS-META-nAME', '2']
    expect(() => metadataOf(twice)).toThrow(expect.objectContaining({ code: 'InvalidMetadata' }))
    expect(metadataOf(twice.slice(2))).toEqual({ nAME: '2' })
  })
})
