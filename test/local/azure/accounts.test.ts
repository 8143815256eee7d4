import { readdir } from 'node:fs/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { collect, put, refusal, textOf } from './question.ts'
import { account, embedded, type Embedding, type Running, serviceOf, worldAt } from './world.ts'

let running: Running
afterEach(() => running.close())

async function worldOf(options: Embedding) {
  running = await embedded(options)
  return worldAt(running.site)
}

const plain = { name: account.name, key: account.key }

describe('an account without versions', () => {
  it('shows no version id and keeps nothing of what is covered or deleted', async () => {
    const { blob, container } = await worldOf({ accounts: [plain] })
    const one = blob()
    expect((await put(one, 'a')).versionId).toBeUndefined()
    await put(one, 'b')
    expect(await collect(container.listBlobsFlat({ includeVersions: true, includeDeleted: true }))).toHaveLength(1)
    expect((await one.getProperties()).isCurrentVersion).toBeUndefined()
    await one.delete()
    expect(await collect(container.listBlobsFlat({ includeVersions: true, includeDeleted: true }))).toHaveLength(0)
  })

  it('changes metadata in place, with another ETag', async () => {
    const { blob, container } = await worldOf({ accounts: [plain] })
    const one = blob()
    const { etag } = await put(one, 'a')
    expect((await one.setMetadata({ m: '1' })).etag).not.toBe(etag)
    expect(await collect(container.listBlobsFlat({ includeVersions: true }))).toHaveLength(1)
  })

  it('refuses to overwrite or delete what is under a legal hold', async () => {
    const { blob } = await worldOf({ accounts: [plain] })
    const one = blob()
    await put(one, 'held')
    await one.setLegalHold(true)
    expect(await refusal(() => put(one, 'x'))).toBe('409 BlobImmutableDueToPolicy')
    expect(await refusal(() => one.delete())).toBe('409 BlobImmutableDueToPolicy')
    expect(await refusal(() => one.setMetadata({ a: 'b' }))).toBe('409 BlobImmutableDueToPolicy')
    expect(await textOf(one)).toBe('held')
    await one.setLegalHold(false)
    await one.delete()
  })
})

describe('an account with soft delete alone', () => {
  const kept = { ...plain, softDeleteDays: 3 }

  it('lists a deleted blob as deleted, reads it no more, and brings it back with Undelete', async () => {
    const { blob, container } = await worldOf({ accounts: [kept] })
    const one = blob()
    await put(one, 'a')
    await one.delete()
    expect(await refusal(() => one.download())).toBe('404 BlobNotFound')
    expect(await collect(container.listBlobsFlat())).toHaveLength(0)
    const [found] = await collect(container.listBlobsFlat({ includeDeleted: true }))
    expect(found).toMatchObject({ name: one.name, deleted: true, properties: { remainingRetentionDays: 2 } })
    await one.undelete()
    expect(await textOf(one)).toBe('a')
  })

  it('keeps what is covered as a deleted snapshot', async () => {
    const { blob, container } = await worldOf({ accounts: [kept] })
    const one = blob()
    await put(one, 'a')
    await put(one, 'b')
    const found = await collect(container.listBlobsFlat({ includeDeleted: true, includeSnapshots: true }))
    expect(found.map(({ deleted, snapshot }) => [deleted, snapshot !== undefined])).toEqual([
      [true, true],
      [undefined, false],
    ])
    expect(await collect(container.listBlobsFlat({ includeDeleted: true }))).toHaveLength(1)
  })

  it('turns a deleted blob into a deleted snapshot of the one that takes its name', async () => {
    const { blob, container } = await worldOf({ accounts: [kept] })
    const one = blob()
    await put(one, 'a')
    await one.delete()
    await put(one, 'b')
    const found = await collect(container.listBlobsFlat({ includeDeleted: true, includeSnapshots: true }))
    expect(found.map(({ snapshot }) => snapshot !== undefined)).toEqual([true, false])
    await one.undelete()
    expect(await textOf(one)).toBe('b')
  })

  it('keeps nothing of an archived blob that is covered', async () => {
    const { blob, container } = await worldOf({ accounts: [kept] })
    const one = blob()
    await put(one, 'a', { tier: 'Archive' })
    await put(one, 'b')
    expect(await collect(container.listBlobsFlat({ includeDeleted: true, includeSnapshots: true }))).toHaveLength(1)
  })
})

describe('an account with versions and soft delete', () => {
  it('deletes for good only what is soft-deleted already', async () => {
    const { blob, container, raw } = await worldOf({})
    const one = blob()
    const { versionId } = await put(one, 'a')
    await put(one, 'b')
    const query = `versionid=${encodeURIComponent(versionId!)}&deletetype=permanent`
    expect((await raw('DELETE', `/${one.name}`, { query })).code).toBe('BlobSnapshotNotSoftDeleted')
    await one.withVersion(versionId!).delete()
    expect((await raw('DELETE', `/${one.name}`, { query })).status).toBe(202)
    expect(await collect(container.listBlobsFlat({ includeVersions: true, includeDeleted: true }))).toHaveLength(1)
  })

  it('lists no folder of which only versions are left, unless versions are asked for', async () => {
    const { container } = await worldOf({})
    const one = container.getBlockBlobClient('folder/x')
    await put(one, 'a')
    await one.delete()
    const folders = async (asked: object) => {
      const found = await collect(container.listBlobsByHierarchy('/', asked))
      return found.map(({ name }) => name)
    }
    expect(await folders({})).toEqual([])
    expect(await folders({ includeSnapshots: true })).toEqual([])
    expect(await folders({ includeVersions: true })).toEqual(['folder/'])
  })
})

describe('a refused write', () => {
  it('leaves no byte on the disk', async () => {
    const { blob } = await worldOf({ accounts: [plain] })
    const one = blob()
    await put(one, 'small')
    const files = async () => {
      const all = await readdir(running.folder, { recursive: true, withFileTypes: true })
      return all.filter((one) => one.isFile() && !one.name.startsWith('index')).length
    }
    const before = await files()
    const big = 'x'.repeat(1024 * 1024)
    expect(await refusal(() => put(one, big, { conditions: { ifNoneMatch: '*' } }))).toBe('409 BlobAlreadyExists')
    expect(
      await refusal(() => one.stageBlock('MQ==', big, big.length, { transactionalContentMD5: new Uint8Array(16) })),
    ).toBe('400 Md5Mismatch')
    expect(await files()).toBe(before)
  })
})

describe('an account with hierarchical namespace', () => {
  it('says so, keeps no versions, and sorts a slash before everything', async () => {
    const { blob, fresh, service } = await worldOf({ accounts: [{ ...plain, hierarchical: true }] })
    expect((await service.getAccountInfo()).isHierarchicalNamespaceEnabled).toBe(true)
    expect((await put(blob(), 'a')).versionId).toBeUndefined()
    const container = await fresh()
    const names = ['a!b', 'a/b', 'a-b', 'a']
    for (const name of names) await put(container.getBlockBlobClient(name), 'x')
    const sorted = ['a', 'a/b', 'a!b', 'a-b']
    expect((await collect(container.listBlobsFlat())).map(({ name }) => name)).toEqual(sorted)
    const paged: string[] = []
    for await (const { segment } of container.listBlobsFlat().byPage({ maxPageSize: 1 })) {
      paged.push(...segment.blobItems.map(({ name }) => name))
    }
    expect(paged).toEqual(sorted)
  })

  it('cannot be asked to keep versions as well', async () => {
    running = await embedded()
    const both = embedded({ accounts: [{ ...plain, hierarchical: true, versioning: true }] })
    await expect(both).rejects.toThrow(/hierarchical namespace keeps no versions/)
  })
})

describe('two accounts', () => {
  const accounts = [account, { name: 'other', key: Buffer.from('its own key').toString('base64') }]

  it('have containers of one name that know nothing of each other', async () => {
    running = await embedded({ accounts })
    const [one, two] = accounts.map(({ name, key }) => serviceOf({ ...running.site, account: name, key }))
    for (const [service, text] of [
      [one!, 'one'],
      [two!, 'two'],
    ] as const) {
      const container = service.getContainerClient('same')
      await container.create()
      await put(container.getBlockBlobClient('name'), text)
    }
    await one!.getContainerClient('same').delete()
    expect(await textOf(two!.getContainerClient('same').getBlockBlobClient('name'))).toBe('two')
    expect(await collect(one!.listContainers())).toHaveLength(0)
  })

  it('do not open to the key of each other', async () => {
    const { raw } = await worldOf({ accounts })
    const { key } = accounts[1]!
    expect((await raw('GET', '', { query: 'restype=container', key })).code).toBe('AuthenticationFailed')
  })
})

describe('a throttled account', () => {
  it('answers 503 ServerBusy beyond its pace, and goes on when time has passed', async () => {
    let nowMs = Date.now()
    running = await embedded({ accounts: [plain], now: () => nowMs, throttle: { perSecond: 5 } })
    const service = serviceOf(running.site)
    const told: string[] = []
    for (let i = 0; i < 8; i++) told.push(await refusal(() => service.getAccountInfo()))
    expect(told.filter((one) => one === '200')).toHaveLength(5)
    expect(told.at(-1)).toBe('503 ServerBusy')
    nowMs += 1000
    expect(await refusal(() => service.getAccountInfo())).toBe('200')
  })
})

describe('a container under a legal hold', () => {
  it('takes new blobs and lets none change or go', async () => {
    const { blob, container } = await worldOf({})
    const one = blob()
    await put(one, 'held')
    running.face.hold(account.name, container.containerName, true)
    await put(blob(), 'new')
    expect(await refusal(() => put(one, 'x'))).toBe('409 BlobImmutableDueToPolicy')
    expect(await refusal(() => one.delete())).toBe('409 BlobImmutableDueToPolicy')
    expect(await refusal(() => container.delete())).toBe('409 BlobImmutableDueToPolicy')
    running.face.hold(account.name, container.containerName, false)
    await one.delete()
  })
})
