import type { Content, Entry, Transaction } from '#local/servers/engine/model.ts'
import type { Call } from './calls.ts'
import { isHeld } from './lease.ts'
import { attributesOf, type BlobRecord, recordOf } from './record.ts'
import { etagOf, msOf, ticksOfOrder, versionIdOf } from './ticks.ts'

/** What a write says of the version it makes; the rest follows from what showed before. */
export type Draft = Pick<
  BlobRecord,
  'headers' | 'md5' | 'metadata' | 'tags' | 'tier' | 'blocks' | 'keySha256' | 'copied'
>

/** Puts a new current version in the place of what shows, which becomes what the account makes of it. */
export function succeed(change: Transaction, call: Call, draft: Draft, content: Content): Entry {
  const key = call.address.blob
  const order = change.nextOrder()
  const ticks = ticksOfOrder(order)
  const former = change.live(key)
  const lease = former === null ? null : recordOf(former).lease
  const entry: Entry = {
    key,
    id: versionIdOf(ticks),
    order,
    live: true,
    marker: false,
    dateMs: msOf(ticks),
    leftMs: null,
    content,
    attributes: attributesOf({
      ...draft,
      etag: etagOf(ticks),
      createdMs: former === null ? msOf(ticks) : recordOf(former).createdMs,
      versioned: call.account.versioning,
      snapshot: false,
      deleted: null,
      lease: leaseAfterWrite(lease, call.nowMs),
      legalHold: false,
      immutableUntilMs: null,
    }),
  }
  if (former !== null) setAside(change, call, former)
  else if (call.account.softDeleteDays !== null && !call.account.versioning) coverDeleted(change, key)
  change.add(entry)
  return entry
}

/** A write makes a lease that was broken, or has ended, as if it had never been. */
function leaseAfterWrite(lease: BlobRecord['lease'], nowMs: number): BlobRecord['lease'] {
  return isHeld(lease, nowMs) ? lease : null
}

/** A change of the version that shows, in its place: another ETag and date, the same version id. */
export function amend(change: Transaction, entry: Entry, amended: Partial<BlobRecord>, nowMs: number): Entry {
  const ticks = ticksOfOrder(change.nextOrder())
  const { lease, ...record } = recordOf(entry)
  const attributes = attributesOf({ ...record, lease: leaseAfterWrite(lease, nowMs), ...amended, etag: etagOf(ticks) })
  change.update(entry.key, entry.id, { dateMs: msOf(ticks), attributes })
  return { ...entry, dateMs: msOf(ticks), attributes }
}

/** A change that no ETag tells of: tags, tier, lease, holds. */
export function annotate(change: Transaction, entry: Entry, noted: Partial<BlobRecord>): Entry {
  const attributes = attributesOf({ ...recordOf(entry), ...noted })
  change.update(entry.key, entry.id, { attributes })
  return { ...entry, attributes }
}

/** Nothing shows any more. */
export function withdraw(change: Transaction, call: Call, former: Entry): void {
  if (call.account.versioning) setAside(change, call, former)
  else if (call.account.softDeleteDays !== null) bury(change, call, former, {})
  else change.erase(former.key, former.id)
}

/** Keeps it for the days that the account gives, or not at all. `true` where it is kept. */
export function discard(change: Transaction, call: Call, entry: Entry): boolean {
  if (call.account.softDeleteDays === null) {
    change.erase(entry.key, entry.id)
    return false
  }
  bury(change, call, entry, {})
  return true
}

/** Blocks that wait under a name are lost with a write to it, and with its deletion. */
export function forgetBlocks(change: Transaction, key: string): boolean {
  const waiting = change.upload(blocksName(key)) !== null
  if (waiting) change.endUpload(blocksName(key))
  return waiting
}

export function blocksName(key: string): string {
  return `blocks ${key}`
}

function setAside(change: Transaction, call: Call, former: Entry): void {
  const record = recordOf(former)
  if (call.account.versioning) {
    const attributes = attributesOf({ ...record, lease: null, versioned: true })
    change.update(former.key, former.id, { live: false, leftMs: call.nowMs, attributes })
  } else if (call.account.softDeleteDays !== null && record.tier !== 'Archive') {
    bury(change, call, former, { snapshot: true })
  } else {
    change.erase(former.key, former.id)
  }
}

function bury(change: Transaction, call: Call, entry: Entry, more: Partial<BlobRecord>): void {
  const days = call.account.softDeleteDays ?? 0
  const deleted = { atMs: call.nowMs, untilMs: call.nowMs + days * dayMs }
  const attributes = attributesOf({ ...recordOf(entry), ...more, lease: null, deleted })
  change.update(entry.key, entry.id, { live: false, leftMs: entry.leftMs ?? call.nowMs, attributes })
}

export const dayMs: number = 24 * 60 * 60 * 1000

/** A blob that was soft-deleted becomes a deleted snapshot of the one that now takes its name. */
function coverDeleted(change: Transaction, key: string): void {
  for (const entry of change.versions(key)) {
    const record = recordOf(entry)
    if (record.deleted === null || record.versioned || record.snapshot) continue
    change.update(key, entry.id, { attributes: attributesOf({ ...record, snapshot: true }) })
    return
  }
}

/** Whether its retention has ended: then it is nowhere, though it is erased only when somebody writes there. */
export function isGone(entry: Entry, nowMs: number): boolean {
  const { deleted } = recordOf(entry)
  return deleted !== null && deleted.untilMs <= nowMs
}

export function sweep(change: Transaction, key: string, nowMs: number): void {
  const gone = Array.from(change.versions(key)).filter((entry) => isGone(entry, nowMs))
  for (const { id } of gone) change.erase(key, id)
}
