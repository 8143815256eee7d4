import { StorageSharedKeyCredential } from '@azure/storage-blob'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { refuseHierarchical } from '#azure/drivers/account.ts'
import { azureContainer } from '#azure/drivers/client.ts'
import { noticeOf } from '#azure/event.ts'
import { systemClock } from '#functions/runtime.ts'
import { parseConfig } from '#shared/config/load.ts'
import { ruleId } from '#shared/kernel/ids.ts'
import { parseKey } from '#shared/kernel/key.ts'
import type { ListQuery, ObjectStore } from '#shared/ports/object-store.ts'
import { absent, failed, never, since, textOf } from '#test/contract/subject.ts'
import { topic } from '#test/functions/hosts/azure.ts'
import { recorded } from '#test/functions/recorded.ts'
import { document } from '#test/functions/world.ts'
import { embedded, type Embedded } from './embedded.ts'
import { Scripted } from '#test/functions/drivers/scripted.ts'
import { containerAt, refusing, site, storeAt, write } from './scripted.ts'

let server: Embedded
let store: ObjectStore
let names = 0
const key = (text = '') => parseKey(`store/${names++}/${text}`)
const query = (prefix: string, more: Partial<ListQuery> = {}): ListQuery => ({
  prefix,
  after: '',
  cursor: null,
  max: 1000,
  ...more,
})

beforeAll(async () => {
  server = await embedded({ versioning: true, softDeleteDays: 14 })
  store = server.store()
})
afterAll(() => server.close())

describe('what a person must end first', () => {
  it('parks the key and says so: a lease, snapshots, the archive', async () => {
    const meta = await store.put(key(), write('x'), absent, never)
    const blob = server.client().getBlockBlobClient(meta.key)
    await blob.createSnapshot()
    expect(await failed(store.remove(meta.key, meta.version, never))).toMatchObject({ kind: 'denied', scope: 'key' })
    await blob.getBlobLeaseClient().acquireLease(-1)
    const failure = await failed(store.put(meta.key, write('y'), since(meta.version), never))
    expect(failure).toMatchObject({ kind: 'denied', scope: 'key' })
    expect(failure.message).toContain('end the lease')
    const cold = await store.put(key(), { ...write('x'), storageClass: 'Archive' }, absent, never)
    expect(await failed(store.get(cold.key, never))).toMatchObject({ kind: 'denied', scope: 'key' })
    expect(await store.head(cold.key, never)).toEqual(cold)
  })

  it('is the whole site’s where the container is not there', async () => {
    const nowhere = server.store({}, 'tenant-z')
    expect(await failed(nowhere.head(key(), never))).toMatchObject({ kind: 'denied', scope: 'site' })
    expect(await failed(nowhere.list(query(''), never))).toMatchObject({ kind: 'denied', scope: 'site' })
    expect(await failed(nowhere.put(key(), write('x'), absent, never))).toMatchObject({ kind: 'denied', scope: 'site' })
  })
})

describe('creations', () => {
  /** Refuses to create as Azurite does where only uncommitted blocks are: a block list alone goes through. */
  const taken =
    (shows: number, log: string[]): Scripted['script'] =>
    (request, answer) => {
      const what = /comp=(block\w*)/.exec(request.url)?.[1] ?? request.method
      log.push(what)
      if (what === 'HEAD')
        return refusing(shows, shows === 404 ? 'BlobNotFound' : 'AuthorizationFailure')(request, answer, null!)
      if (what === 'PUT') return refusing(409, 'BlobAlreadyExists')(request, answer, null!)
      const headers = {
        etag: '"0x1"',
        'x-ms-version-id': '2026-11-25T04:31:00.1234567Z',
        'last-modified': new Date().toUTCString(),
      }
      answer.writeHead(201, what === 'blocklist' ? headers : {}).end()
    }

  it('go through where nothing shows and only the blocks of a transfer are in the way', async () => {
    const scripted = await new Scripted().listen()
    const own = storeAt(scripted.endpoint)
    for (const content of ['content', '']) {
      const log: string[] = []
      scripted.script = taken(404, log)
      const meta = await own.put(key(), { ...write(content), metadata: { a: 'b' } }, absent, never)
      expect(meta).toMatchObject({ size: content.length, metadata: { a: 'b' }, digests: write(content).digests })
      expect(log).toEqual(content === '' ? ['PUT', 'HEAD', 'blocklist'] : ['PUT', 'HEAD', 'block', 'blocklist'])
      expect(scripted.requests.at(-1)!.headers['if-none-match']).toBe('*')
    }
    await scripted.close()
  })

  it('stay refused where something shows, or nobody can tell', async () => {
    const scripted = await new Scripted().listen()
    const own = storeAt(scripted.endpoint)
    const log: string[] = []
    scripted.script = taken(403, log)
    expect(await failed(own.put(key(), write('x'), absent, never))).toMatchObject({ kind: 'conflict' })
    expect(log).toEqual(['PUT', 'HEAD'])
    await scripted.close()
    const meta = await store.put(key(), write('x'), absent, never)
    expect(await failed(store.put(meta.key, write('y'), absent, never))).toMatchObject({ kind: 'conflict' })
    expect(await textOf((await store.get(meta.key, never))!.body)).toBe('x')
  })

  it('hide no defect of ours behind the refusal', async () => {
    const scripted = await new Scripted().listen()
    onTestFinished(() => scripted.close())
    scripted.script = taken(404, [])
    const container = containerAt(scripted.endpoint)
    const blobs = [container.getBlockBlobClient('any')]
    container.getBlockBlobClient = () => blobs.pop() ?? expect.unreachable('a defect')
    await expect(storeAt('', { container }).put(parseKey('any'), write('x'), absent, never)).rejects.toThrow('a defect')
  })
})

describe('parts of a large object', () => {
  it('let another client upload in blocks under the same name, for theirs are named as long as the SDK’s own', async () => {
    const name = key('shared')
    const part = write('a part that waits')
    await store.putPart(name, 'transfer', 1, part.body, part.digests, never)
    const blob = server.client().getBlockBlobClient(name)
    await blob.uploadData(Buffer.alloc(20, 'x'), { blockSize: 10, maxSingleShotSize: 1 })
    expect(await store.head(name, never)).toMatchObject({ size: 20 })
  })
})

describe('requests', () => {
  it('name the rule for which they write, so that their events are echoes', async () => {
    const scripted = await new Scripted().listen()
    scripted.script = refusing(412, 'ConditionNotMet')
    for (const rule of [ruleId('all-media'), null]) {
      scripted.requests.length = 0
      const own = storeAt(scripted.endpoint, rule === null ? {} : { rule })
      for (let i = 0; i < 2; i++) await failed(own.put(key(), write('x'), absent, never))
      const ids = scripted.requests.map(({ headers }) => headers['x-ms-client-request-id'] as string)
      expect(new Set(ids).size).toBe(2)
      const event = recorded('azure-blob-created', { topic, data: { clientRequestId: ids[0] } })
      expect(noticeOf(event, parseConfig(JSON.stringify(document)))).toMatchObject({
        message: { event: { writtenFor: rule } },
      })
      expect(ids[0]).toMatch(/^isobar-/)
    }
    expect(scripted.requests[0]!.headers['user-agent']).toBe('isobar')
    await scripted.close()
  })

  it('that have no token are not sent, and say that it was the token', async () => {
    const credential = { getToken: () => Promise.reject(new Error('AADSTS700016: no such application')) }
    const container = azureContainer({
      account: 'a',
      endpoint: 'https://127.0.0.1:1/a',
      credential,
      container: 'things',
    })
    const failure = await failed(storeAt('http://127.0.0.1:1/a', { container }).put(key(), write('x'), absent, never))
    expect(failure).toMatchObject({ kind: 'denied', scope: 'site' })
    expect(failure.message).toContain('found no token')
    expect(failure.cause).toMatchObject({ message: 'AADSTS700016: no such application' })
    const plain = { account: 'a', endpoint: 'http://127.0.0.1:1/a', credential, container: 'things' }
    expect(() => azureContainer(plain)).toThrow(expect.objectContaining({ kind: 'invalid' }))
  })

  it('take an answer of longer headers than Node does by itself, and none of which it would keep back a part', async () => {
    const scripted = await new Scripted().listen()
    const names = { etag: '"0x8DA"', 'last-modified': 'Wed, 25 Nov 2026 04:31:00 GMT' }
    const answering = (count: number): Scripted['script'] => {
      const many = Object.fromEntries(Array.from({ length: count }, (_, i) => [`x-ms-meta-name${i}`, 'v']))
      return (_request, answer) => void answer.writeHead(200, { ...names, ...many }).end()
    }
    const own = storeAt(scripted.endpoint)
    scripted.script = answering(900)
    expect(Object.keys((await own.head(key(), never))!.metadata)).toHaveLength(900)
    scripted.script = answering(1500)
    expect(await failed(own.head(key(), never))).toMatchObject({ kind: 'invalid', scope: 'key' })
    await scripted.close()
  })

  it('share their connections', async () => {
    const scripted = await new Scripted().listen()
    scripted.script = refusing(404, 'BlobNotFound')
    const own = storeAt(scripted.endpoint)
    for (let i = 0; i < 10; i++) await own.head(key(), never)
    expect(await scripted.connections).toBe(1)
    await scripted.close()
  })
})

describe('accounts', () => {
  it('with a hierarchical namespace are refused, others are not', async () => {
    const at = async (hierarchical: boolean) => {
      const scripted = await new Scripted().listen()
      scripted.script = (_request, answer) =>
        void answer
          .writeHead(200, { 'x-ms-is-hns-enabled': String(hierarchical), 'x-ms-account-kind': 'StorageV2' })
          .end()
      const credential = new StorageSharedKeyCredential('a', 'a2V5')
      const container = azureContainer({ account: 'a', endpoint: scripted.endpoint, credential, container: 'things' })
      try {
        await refuseHierarchical({ container, site, clock: systemClock }, never)
      } finally {
        await scripted.close()
      }
    }
    await at(false)
    expect(await failed(at(true))).toMatchObject({ kind: 'invalid', scope: 'site', site })
  })
})
