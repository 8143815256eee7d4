import { createHash } from 'node:crypto'
import type { Attributes, Bucket, Content, Entry, Transaction } from '#local/servers/engine/model.ts'
import { argumentRefused } from './errors.ts'

/** `off`: never switched on, so that versions have no names on the wire. */
export type Versioning = 'off' | 'enabled' | 'suspended'

export function versioningOf({ attributes }: Bucket): Versioning {
  return attributes['versioning'] as Versioning
}

/** The name of what was written while versioning was not on; of one key there is at most one. */
const nullId = 'null'

/** A version before it has its place. */
export interface Draft {
  readonly key: string
  readonly order: number
  readonly dateMs: number
  readonly content: Content
  readonly attributes: Attributes
}

const empty: Content = { size: 0, sums: {}, pieces: [] }

/**
 * Writes a version in the place that its order gives it, which is not on top where something newer came while an upload in parts went
 * on. Answers with its id.
 */
export function place(change: Transaction, bucket: Bucket, draft: Draft, nowMs: number): string {
  const id = idFor(bucket, draft)
  if (id === nullId && !makeRoom(change, draft)) return id
  add(change, { ...draft, id, marker: false }, nowMs)
  return id
}

export interface Deleted {
  /** Of the marker or of the version; `null` where the bucket knows no versions. */
  readonly id: string | null
  /** Whether a marker was made, or was what is gone. */
  readonly marker: boolean
}

/** A deletion by name: a marker on top, or nothing left. */
export function cover(change: Transaction, bucket: Bucket, key: string, nowMs: number): Deleted {
  if (versioningOf(bucket) === 'off') {
    change.erase(key, nullId)
    return { id: null, marker: false }
  }
  const draft = { key, order: change.nextOrder(), dateMs: wholeSecond(nowMs), content: empty, attributes: {} }
  const id = idFor(bucket, draft)
  if (id === nullId) makeRoom(change, draft)
  add(change, { ...draft, id, marker: true }, nowMs)
  return { id, marker: true }
}

/** A deletion by id, for good; what it lay on shows again. Absent is done. */
export function uncover(change: Transaction, key: string, id: string): Deleted {
  const entry = change.find(key, id)
  if (entry === null) return { id, marker: false }
  change.erase(key, id)
  const newest = change.newest(key)
  if (newest !== null && !newest.marker && !newest.live) change.update(key, newest.id, { live: true, leftMs: null })
  return { id, marker: entry.marker }
}

/** Every date of S3 is a whole second. */
export function wholeSecond(ms: number): number {
  return Math.floor(ms / 1000) * 1000
}

/** As a header tells it; no header where the bucket never had versions. */
export function versionHeader(bucket: Bucket, id: string): Record<string, string> {
  return versioningOf(bucket) === 'off' ? {} : { 'x-amz-version-id': id }
}

const orderLetters = 11

/** The order within an id, so that a listing goes on behind a version that is gone; `null`: no id of ours. */
export function orderIn(id: string): number | null {
  return /^[0-9a-z]{11}[\w-]{21}$/.test(id) ? parseInt(id.slice(0, orderLetters), 36) : null
}

/** Refuses what never was an id. */
export function checkId(id: string, parameter = 'versionId'): void {
  if (id !== nullId && orderIn(id) === null) throw argumentRefused(parameter, id, 'a version id of this server')
}

function idFor(bucket: Bucket, { key, order }: Draft): string {
  return versioningOf(bucket) === 'enabled' ? idOf(`${bucket.name}/${key}`, order) : nullId
}

/** 32 letters, the order first: no two versions or uploads share them, and the same history gives the same ids. */
export function idOf(name: string, order: number): string {
  const rest = createHash('sha256').update(`${order}/${name}`).digest('base64url')
  return order.toString(36).padStart(orderLetters, '0') + rest.slice(0, 32 - orderLetters)
}

/** One key has one version without a name: the newer wins, whichever is written first. */
function makeRoom(change: Transaction, { key, order }: Draft): boolean {
  const former = change.find(key, nullId)
  if (former === null) return true
  if (former.order > order) return false
  change.erase(key, nullId)
  return true
}

function add(change: Transaction, entry: Omit<Entry, 'live' | 'leftMs'>, nowMs: number): void {
  const newest = change.newest(entry.key)
  const onTop = newest === null || newest.order < entry.order
  const live = onTop && !entry.marker
  const former = change.live(entry.key)
  if (onTop && former !== null) change.update(entry.key, former.id, { live: false, leftMs: nowMs })
  change.add({ ...entry, live, leftMs: onTop ? null : nowMs })
}
