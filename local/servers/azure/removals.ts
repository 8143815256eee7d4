import type { Entry, Transaction } from '#local/servers/engine/model.ts'
import type { Answer } from '#local/servers/http/answer.ts'
import { type Call, containerOf, said } from './calls.ts'
import { checkWrite, conditionsOf } from './conditions.ts'
import { headerRefused, parameterRefused, Refusal } from './errors.ts'
import { admit, checkProtected } from './guard.ts'
import { namesOne, blobOf, named } from './lookup.ts'
import { attributesOf, recordOf } from './record.ts'
import { discard, forgetBlocks, isGone, sweep, withdraw } from './succession.ts'

/** Delete Blob: what shows, one version or snapshot of it, or only blocks that wait. */
export function deleteBlob(call: Call): Answer {
  const bucket = containerOf(call)
  const snapshots = call.header('x-ms-delete-snapshots')?.toLowerCase()
  if (snapshots !== undefined && snapshots !== 'include' && snapshots !== 'only') {
    throw headerRefused('x-ms-delete-snapshots', snapshots)
  }
  const kept = bucket.transact((change) => {
    const key = call.address.blob
    if (call.account.softDeleteDays !== null) sweep(change, key, call.nowMs)
    if (namesOne(call)) return deleteOne(change, call, snapshots)
    const former = change.live(key)
    if (former === null) {
      if (!forgetBlocks(change, key)) throw new Refusal('BlobNotFound')
      return call.account.softDeleteDays !== null
    }
    admit(former, bucket, call, false)
    const taken = [...snapshotsOf(change, key)]
    if (taken.length > 0 && snapshots === undefined) throw new Refusal('SnapshotsPresent')
    if (!call.account.versioning) checkProtected(recordOf(former), call.nowMs)
    for (const snapshot of taken) discard(change, call, snapshot)
    if (snapshots !== 'only') {
      forgetBlocks(change, key)
      withdraw(change, call, former)
    }
    return call.account.softDeleteDays !== null
  })
  return said(202, { 'x-ms-delete-type-permanent': String(!kept) })
}

/** Whether it is kept for a while. */
function deleteOne(change: Transaction, call: Call, snapshots: string | undefined): boolean {
  const versionId = call.query.get('versionid')
  if (snapshots !== undefined) {
    const id = versionId ?? call.query.get('snapshot') ?? ''
    throw parameterRefused(
      versionId === undefined ? 'snapshot' : 'versionid',
      id,
      'Only the blob itself has snapshots.',
    )
  }
  if (call.query.get('deletetype')?.toLowerCase() === 'permanent') return eraseForGood(change, call)
  const { entry, record } = blobOf(change, call)
  if (entry.live) throw new Refusal('OperationNotAllowedOnRootBlob')
  checkWrite(conditionsOf(call.header), { etag: record.etag, modifiedMs: entry.dateMs }, false)
  checkProtected(record, call.nowMs)
  return discard(change, call, entry)
}

function eraseForGood(change: Transaction, call: Call): boolean {
  const entry = named(change, call)
  if (entry === null) throw new Refusal('BlobNotFound')
  if (recordOf(entry).deleted === null) throw new Refusal('BlobSnapshotNotSoftDeleted')
  change.erase(entry.key, entry.id)
  return false
}

function* snapshotsOf(change: Transaction, key: string): Generator<Entry, void, undefined> {
  for (const entry of change.versions(key)) {
    const { snapshot, deleted } = recordOf(entry)
    if (snapshot && deleted === null) yield entry
  }
}

/** Undelete Blob: everything soft-deleted under the name comes back; a version does not become the current one. */
export function undeleteBlob(call: Call): Answer {
  const key = call.address.blob
  containerOf(call).transact((change) => {
    const shows = change.live(key) !== null
    const buried = [...change.versions(key)].filter(
      (entry) => recordOf(entry).deleted !== null && !isGone(entry, call.nowMs),
    )
    if (!shows && buried.length === 0 && change.newest(key) === null) throw new Refusal('BlobNotFound')
    for (const entry of buried) {
      const record = recordOf(entry)
      const live = !shows && !record.versioned && !record.snapshot
      const attributes = attributesOf({ ...record, deleted: null })
      change.update(key, entry.id, live ? { live, leftMs: null, attributes } : { attributes })
    }
  })
  return said(200)
}
