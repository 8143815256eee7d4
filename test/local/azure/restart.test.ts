import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { bucketName } from '#local/servers/azure/names.ts'
import { openEngine } from '#local/servers/engine/engine.ts'
import { blockId, collect, put, refusal, textOf } from './question.ts'
import { account, embedded, serviceOf, worldAt } from './world.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'isobar-azure-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('the Azure face, begun again', () => {
  it('has every blob, version, block, tag and lease that it had', async () => {
    const before = await embedded({ folder })
    const { blob, container } = await worldAt(before.site)
    const one = blob()
    const { versionId } = await put(one, 'a', { metadata: { m: '1' }, tags: { t: '1' } })
    await put(one, 'b')
    await one.stageBlock(blockId(1), 'waits', 5)
    const { leaseId } = await one.getBlobLeaseClient().acquireLease(-1)
    await before.close()

    const after = await embedded({ folder })
    const again = serviceOf(after.site).getContainerClient(container.containerName).getBlockBlobClient(one.name)
    const old = again.withVersion(versionId!)
    expect([await textOf(again), await textOf(old)]).toEqual(['b', 'a'])
    expect([(await old.getProperties()).metadata, (await old.getTags()).tags]).toEqual([{ m: '1' }, { t: '1' }])
    expect(await refusal(() => put(again, 'c'))).toBe('412 LeaseIdMissing')
    await again.commitBlockList([blockId(1)], { conditions: { leaseId: leaseId! } })
    expect(await textOf(again)).toBe('waits')
    await after.close()
  })

  it('gives no ETag twice, though its clock stood still and the blob was gone', async () => {
    const nowMs = Date.now()
    const options = { folder, now: () => nowMs, accounts: [{ name: account.name, key: account.key }] }
    const before = await embedded(options)
    const { blob, container } = await worldAt(before.site)
    const one = blob()
    const { etag } = await put(one, 'same')
    await one.delete()
    await before.close()

    const after = await embedded(options)
    const again = serviceOf(after.site).getContainerClient(container.containerName).getBlockBlobClient(one.name)
    expect((await put(again, 'same')).etag).not.toBe(etag)
    await after.close()
  })

  it('finishes the deletion of a container that the end of the process cut short', async () => {
    const before = await embedded({ folder })
    const { container, blob } = await worldAt(before.site)
    for (let i = 0; i < 3; i++) await put(blob(), 'x')
    await before.close()
    // As the face leaves it between saying that the container goes and having emptied it.
    const engine = await openEngine({ folder, now: Date.now })
    const bucket = engine.bucket(bucketName(account.name, container.containerName))!
    bucket.setAttributes({ ...bucket.attributes, deleting: true })
    await engine.close()

    const after = await embedded({ folder })
    const again = serviceOf(after.site).getContainerClient(container.containerName)
    expect(await again.exists()).toBe(false)
    await again.create()
    expect(await collect(again.listBlobsFlat({ includeVersions: true }))).toHaveLength(0)
    await after.close()
  })

  it('hides a container that is being deleted, and does not make it again meanwhile', async () => {
    const running = await embedded({ folder })
    const { container, blob } = await worldAt(running.site)
    await put(blob(), 'x')
    const bucket = running.engine.bucket(bucketName(account.name, container.containerName))!
    bucket.setAttributes({ ...bucket.attributes, deleting: true })
    expect(await container.exists()).toBe(false)
    expect(await collect(serviceOf(running.site).listContainers())).toHaveLength(0)
    expect(await refusal(() => container.create())).toBe('409 ContainerBeingDeleted')
    await running.close()
  })
})
