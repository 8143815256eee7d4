import type { Bucket, Entry, Transaction } from '#local/servers/engine/model.ts'
import type { Call } from './calls.ts'
import { checkWrite, conditionsOf } from './conditions.ts'
import { Refusal } from './errors.ts'
import { checkKey } from './customer-key.ts'
import { checkLease } from './lease.ts'
import { type BlobRecord, recordOf } from './record.ts'

/** Asks everything that can refuse a write of the whole blob. */
export function admitNew(change: Transaction, bucket: Bucket, call: Call): Entry | null {
  const former = change.live(call.address.blob)
  admit(former, bucket, call, true)
  // Where versions are kept, what is protected stays as one: only what would be lost is refused.
  if (former !== null && !call.account.versioning) checkProtected(recordOf(former), call.nowMs)
  return former
}

/** Asks what can refuse a change of the blob that shows, and of nothing else. */
export function admitChange(change: Transaction, bucket: Bucket, call: Call): Entry {
  const former = change.live(call.address.blob)
  if (former === null) throw new Refusal('BlobNotFound')
  admit(former, bucket, call, false)
  checkKey(recordOf(former), call)
  if (recordOf(former).tier === 'Archive') throw new Refusal('BlobArchived')
  return former
}

/** Conditions, then lease, then the container's hold. */
export function admit(former: Entry | null, bucket: Bucket, call: Call, creates: boolean): void {
  const record = former === null ? null : recordOf(former)
  const state = former === null || record === null ? null : { etag: record.etag, modifiedMs: former.dateMs }
  checkWrite(conditionsOf(call.header), state, creates)
  checkLease(record?.lease ?? null, call.header('x-ms-lease-id'), call.nowMs)
  if (former !== null && bucket.attributes['held'] === true) throw new Refusal('BlobImmutableDueToPolicy')
}

/** A hold or a policy of this one version. */
export function checkProtected({ legalHold, immutableUntilMs }: BlobRecord, nowMs: number): void {
  if (legalHold || (immutableUntilMs !== null && immutableUntilMs > nowMs)) {
    throw new Refusal('BlobImmutableDueToPolicy')
  }
}
