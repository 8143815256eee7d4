import type { Answer } from '#local/servers/http/answer.ts'
import { type Call, containerOf } from './calls.ts'
import { checkRead, conditionsOf } from './conditions.ts'
import { checkKey } from './customer-key.ts'
import { Refusal } from './errors.ts'
import { checkReadLease } from './lease.ts'
import { metadataOf } from './metadata.ts'
import { written } from './put-blob.ts'
import { attributesOf, recordOf } from './record.ts'
import { ticksOfOrder, versionIdOf } from './ticks.ts'

/** Snapshot Blob: a copy that only its moment names, and by its conditions a read. Where versions are kept the blob becomes a new one too, with the ETag it had. */
export function snapshotBlob(call: Call): Answer {
  const given = metadataOf(call.request.rawHeaders)
  return containerOf(call).transact((change) => {
    const former = change.live(call.address.blob)
    if (former === null) throw new Refusal('BlobNotFound')
    const record = recordOf(former)
    checkRead(conditionsOf(call.header), { etag: record.etag, modifiedMs: former.dateMs })
    checkReadLease(record.lease, call.header('x-ms-lease-id'), call.nowMs)
    checkKey(record, call)
    if (record.tier === 'Archive') throw new Refusal('BlobArchived')
    const order = change.nextOrder()
    const id = versionIdOf(ticksOfOrder(order))
    const metadata = Object.keys(given).length === 0 ? record.metadata : given
    const attributes = attributesOf({ ...record, metadata, snapshot: true, versioned: false, lease: null })
    change.add({ ...former, id, order, live: false, leftMs: call.nowMs, attributes })
    const headers = { 'x-ms-snapshot': id, 'x-ms-request-server-encrypted': 'false' }
    if (!call.account.versioning) return written(call, former, headers)
    const next = change.nextOrder()
    const current = { ...former, id: versionIdOf(ticksOfOrder(next)), order: next, live: true }
    const aside = attributesOf({ ...record, lease: null, versioned: true })
    change.update(former.key, former.id, { live: false, leftMs: call.nowMs, attributes: aside })
    change.add({ ...current, attributes: attributesOf({ ...record, versioned: true }) })
    return written(call, { ...current, attributes: attributesOf({ ...record, versioned: true }) }, headers)
  })
}
