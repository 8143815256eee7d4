import { createHash, randomUUID } from 'node:crypto'
import { answered, blockId, both, put, type Question, refused, same, textOf, type World } from './question.ts'

async function leased({ blob }: World, seconds = -1) {
  const one = blob()
  await put(one, 'leased')
  const lease = one.getBlobLeaseClient()
  await lease.acquireLease(seconds)
  return { one, lease, conditions: { leaseId: lease.leaseId } }
}

const customerKey = Buffer.alloc(32, 7)
const keyHeaders = {
  'x-ms-encryption-key': customerKey.toString('base64'),
  'x-ms-encryption-key-sha256': createHash('sha256').update(customerKey).digest('base64'),
  'x-ms-encryption-algorithm': 'AES256',
}

export const leases: readonly Question[] = [
  {
    ask: 'a leased blob is not overwritten without the lease id: 412 LeaseIdMissing',
    async look(world) {
      const { one } = await leased(world)
      return both(await refused(() => put(one, 'x'), '412 LeaseIdMissing'), same(await textOf(one), 'leased'))
    },
  },
  {
    ask: 'nor with a wrong one: 412 LeaseIdMismatchWithBlobOperation',
    async look(world) {
      const { one } = await leased(world)
      const conditions = { leaseId: randomUUID() }
      return refused(() => put(one, 'x', { conditions }), '412 LeaseIdMismatchWithBlobOperation')
    },
  },
  {
    ask: 'with the right one it is, and stays leased',
    async look(world) {
      const { one, conditions } = await leased(world)
      await put(one, 'x', { conditions })
      return same((await one.getProperties()).leaseState, 'leased')
    },
  },
  {
    ask: 'Delete, Set Metadata, Set Properties, Set Tags, Put Block and Put Block List of a leased blob: 412 each',
    async look(world) {
      const { one } = await leased(world)
      return both(
        await refused(() => one.delete(), '412 LeaseIdMissing'),
        await refused(() => one.setMetadata({ a: 'b' }), '412 LeaseIdMissing'),
        await refused(() => one.setHTTPHeaders({}), '412 LeaseIdMissing'),
        await refused(() => one.setTags({ a: 'b' }), '412 LeaseIdMissing'),
        await refused(() => one.stageBlock(blockId(1), 'x', 1), '412 LeaseIdMissing'),
        await refused(() => one.commitBlockList([]), '412 LeaseIdMissing'),
      )
    },
  },
  {
    ask: 'a leased blob is read by anybody, and with a wrong lease id by nobody',
    async look(world) {
      const { one } = await leased(world)
      const told = await refused(() => one.download(0, undefined, { conditions: { leaseId: randomUUID() } }), '412')
      return both(told, same(await textOf(one), 'leased'))
    },
  },
  {
    ask: 'a second lease: 409 LeaseAlreadyPresent',
    async look(world) {
      const { one } = await leased(world)
      return refused(() => one.getBlobLeaseClient().acquireLease(15), '409 LeaseAlreadyPresent')
    },
  },
  {
    ask: 'after release anybody writes; the old lease id is refused: 412',
    async look(world) {
      const { one, lease, conditions } = await leased(world)
      await lease.releaseLease()
      const told = await refused(() => put(one, 'x', { conditions }), '412')
      await put(one, 'y')
      return both(told, same(await textOf(one), 'y'))
    },
  },
  {
    ask: 'a lease without end is broken at once; then it can be acquired',
    async look(world) {
      const { one, lease } = await leased(world)
      await lease.breakLease(0)
      const broken = (await one.getProperties()).leaseState
      await one.getBlobLeaseClient().acquireLease(15)
      return same([broken, (await one.getProperties()).leaseState], ['broken', 'leased'])
    },
  },
  {
    ask: 'renew and change keep the blob leased; the id before a change holds no more',
    async look(world) {
      const { one, lease, conditions } = await leased(world, 15)
      await lease.renewLease()
      await lease.changeLease(randomUUID())
      const told = await refused(() => put(one, 'x', { conditions }), '412 LeaseIdMismatchWithBlobOperation')
      await put(one, 'y', { conditions: { leaseId: lease.leaseId } })
      return told
    },
  },
  {
    ask: 'a lease of 14 or 61 seconds: 400',
    async look({ blob }) {
      const one = blob()
      await put(one, 'x')
      const acquire = (seconds: number) => one.getBlobLeaseClient().acquireLease(seconds)
      return both(await refused(() => acquire(14), '400'), await refused(() => acquire(61), '400'))
    },
  },
  {
    ask: 'a blob under a customer key is not read without it: 409 BlobUsesCustomerSpecifiedEncryption',
    async look({ blob, raw }) {
      const one = blob()
      const made = await raw('PUT', `/${one.name}`, {
        body: 'secret',
        headers: { 'x-ms-blob-type': 'BlockBlob', ...keyHeaders },
      })
      const without = await raw('GET', `/${one.name}`)
      const head = await raw('HEAD', `/${one.name}`)
      const changed = await raw('PUT', `/${one.name}`, { query: 'comp=metadata', headers: { 'x-ms-meta-a': 'b' } })
      const withKey = await raw('GET', `/${one.name}`, { headers: keyHeaders })
      return both(
        answered(made, '201'),
        answered(without, '409 BlobUsesCustomerSpecifiedEncryption'),
        answered(head, '409'),
        answered(changed, '409 BlobUsesCustomerSpecifiedEncryption'),
        same(withKey.body.toString(), 'secret'),
      )
    },
  },
  {
    ask: 'a write to a blob whose lease is broken makes it available, and so does a change of its properties',
    async look(world) {
      const { one, lease } = await leased(world)
      await lease.breakLease(0)
      const broken = (await one.getProperties()).leaseState
      await one.setHTTPHeaders({ blobContentType: 'text/plain' })
      return both(same(broken, 'broken'), same((await one.getProperties()).leaseState, 'available'))
    },
  },
  {
    ask: 'a version under a legal hold is not deleted: 409 BlobImmutableDueToPolicy; after the hold it is',
    async look({ blob }) {
      const one = blob()
      const { versionId } = await put(one, 'held')
      await put(one, 'now')
      const old = one.withVersion(versionId!)
      await old.setLegalHold(true)
      const told = await refused(() => old.delete(), '409 BlobImmutableDueToPolicy')
      await old.setLegalHold(false)
      await old.delete()
      return told
    },
  },
]
