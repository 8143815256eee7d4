import { createHash } from 'node:crypto'
import { BlobSASPermissions, type BlockBlobClient } from '@azure/storage-blob'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { blockId, put, refusal, textOf, type World } from './question.ts'
import { account, embedded, type Running, serviceOf, worldAt } from './world.ts'

const other = { name: 'other', key: Buffer.from('its own key').toString('base64') }

let running: Running
let world: World

beforeAll(async () => {
  running = await embedded({ accounts: [account, other] })
  world = await worldAt(running.site)
})
afterAll(() => running.close())

const toRead = (blob: BlockBlobClient, permissions = 'r') =>
  blob.generateSasUrl({ permissions: BlobSASPermissions.parse(permissions), expiresOn: new Date(Date.now() + 60_000) })

async function copy(to: BlockBlobClient, url: string): Promise<void> {
  await (await to.beginCopyFromURL(url)).pollUntilDone()
}

async function inOther(text: string): Promise<BlockBlobClient> {
  const container = serviceOf({ ...running.site, account: other.name, key: other.key }).getContainerClient('foreign')
  await container.createIfNotExists()
  const blob = container.getBlockBlobClient('x')
  await put(blob, text)
  return blob
}

describe('a copy', () => {
  it('from another container has the bytes, and its own blocks', async () => {
    const from = (await world.fresh()).getBlockBlobClient('from')
    const to = world.blob()
    await from.stageBlock(blockId(1), 'one', 3)
    await from.stageBlock(blockId(2), 'two', 3)
    await from.commitBlockList([1, 2].map(blockId))
    await copy(to, from.url)
    await from.delete()
    expect(await textOf(to)).toBe('onetwo')
  })

  it('within a container keeps the committed blocks, for the next list', async () => {
    const [from, to] = [world.blob(), world.blob()]
    await from.stageBlock(blockId(1), 'one', 3)
    await from.commitBlockList([blockId(1)])
    await copy(to, from.url)
    await from.delete()
    await to.stageBlock(blockId(2), 'two', 3)
    await to.commitBlockList([2, 1].map(blockId))
    expect(await textOf(to)).toBe('twoone')
  })

  it('of a blob over itself leaves its bytes', async () => {
    const one = world.blob()
    await put(one, 'self')
    await copy(one, one.url)
    expect(await textOf(one)).toBe('self')
  })

  it('from another account needs a SAS, and one that reads', async () => {
    const from = await inOther('foreign')
    const to = world.blob()
    expect(await refusal(() => copy(to, from.url))).toMatch(/^404 CannotVerifyCopySource/)
    expect(await refusal(async () => copy(to, await toRead(from, 'w')))).toMatch(/^404 CannotVerifyCopySource/)
    await copy(to, await toRead(from))
    expect(await textOf(to)).toBe('foreign')
  })

  it('in one answer (Copy Blob From URL, Put Blob From URL) needs a SAS even in its own account', async () => {
    const [from, to] = [world.blob(), world.blob()]
    await put(from, 'bytes', { metadata: { m: '1' } })
    expect(await refusal(() => to.syncCopyFromURL(from.url))).toMatch(/^404 CannotVerifyCopySource/)
    expect(await refusal(() => to.syncUploadFromURL(from.url))).toMatch(/^404 CannotVerifyCopySource/)
    await to.syncCopyFromURL(await toRead(from))
    await to.syncUploadFromURL(await toRead(from))
    expect([await textOf(to), (await to.getProperties()).metadata]).toEqual(['bytes', { m: '1' }])
  })

  it('is held against the hash that it names', async () => {
    const [from, to] = [world.blob(), world.blob()]
    await put(from, 'bytes')
    const md5 = (text: string) => createHash('md5').update(text).digest()
    const wrong = { sourceContentMD5: md5('other') }
    expect(await refusal(async () => to.syncUploadFromURL(await toRead(from), wrong))).toBe('400 Md5Mismatch')
    await to.syncUploadFromURL(await toRead(from), { sourceContentMD5: md5('bytes') })
    expect(await textOf(to)).toBe('bytes')
  })

  it('reads from no other server, whatever the address says', async () => {
    const [from, to] = [world.blob(), world.blob()]
    await put(from, 'x')
    const origin = running.face.url
    const elsewhere = from.url.replace(origin, 'http://127.0.0.1:9')
    for (const url of [
      elsewhere,
      'http://127.0.0.1:9/a/b/c',
      `${origin}@example.com/a/b/c`,
      'file:///etc/passwd',
      `${origin}.example.com/a/b`,
      'x',
    ]) {
      const headers = { 'x-ms-copy-source': url }
      expect((await world.raw('PUT', `/${to.name}`, { headers })).code).toBe('CannotVerifyCopySource')
    }
    expect(await to.exists()).toBe(false)
  })

  it('of what is not there is refused, and leaves what was', async () => {
    const to = world.blob()
    await put(to, 'stays')
    expect(await refusal(() => copy(to, world.blob().url))).toMatch(/^404/)
    expect(await textOf(to)).toBe('stays')
  })
})
