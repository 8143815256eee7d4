import type { Bucket, Content, Engine, Entry, Transaction } from '#local/servers/engine/model.ts'
import type { KmsKeys } from './encryption.ts'
import { type Facts, msOfGeneration, type Said } from './facts.ts'
import { bucketFactsOf } from './bucket-facts.ts'
import { refuseHeld, refuseRetained } from './holds.ts'
import type { Pace } from './pace.ts'
import { check, type Preconditions } from './preconditions.ts'
import { refuse } from './refusals.ts'

/** What every verb works with. */
export interface Cloud {
  readonly engine: Engine
  readonly now: () => number
  readonly kmsKeys: KmsKeys
  readonly pace: Pace
}

/** What a new generation is made of. */
export interface Birth extends Pick<Facts, 'md5' | 'componentCount' | 'keySha256' | 'kmsKeyName'> {
  readonly key: string
  readonly content: Content
  readonly said: Said
}

export function bucketNamed(cloud: Cloud, name: string): Bucket {
  return cloud.engine.bucket(name) ?? refuse('noBucket')
}

/** The live generation, or the one that is named. By the sentence alone a client tells an object that is not there from a bucket. */
export function entryNamed(
  bucket: Bucket,
  key: string,
  generation: string | null,
  from: Bucket | Transaction = bucket,
): Entry {
  const entry = generation === null ? from.live(key) : from.find(key, generation)
  return entry ?? refuse('noObject', `No such object: ${bucket.name}/${key}`)
}

/** One change of one name, at the pace that the cloud allows. */
export function change<T>(cloud: Cloud, bucket: Bucket, key: string, act: (change: Transaction) => T): T {
  cloud.pace.admit(bucket.name, key)
  const answer = bucket.transact(act)
  cloud.pace.written(bucket.name, key)
  return answer
}

/** As `change`; bytes that were staged for it do not outlive a refusal. */
export async function changeWith<T>(
  cloud: Cloud,
  bucket: Bucket,
  birth: Pick<Birth, 'key' | 'content'>,
  act: (change: Transaction) => T,
): Promise<T> {
  try {
    return change(cloud, bucket, birth.key, act)
  } catch (thrown) {
    await cloud.engine.release(birth.content)
    throw thrown
  }
}

/** Makes a new generation the live one, if the conditions hold and the former may go. */
export function store(bucket: Bucket, change: Transaction, birth: Birth, preconditions: Preconditions): Entry {
  const former = change.live(birth.key)
  check(preconditions, former)
  const order = change.nextOrder()
  const id = String(order)
  const dateMs = msOfGeneration(id)
  if (former !== null) putAside(bucket, change, former, dateMs)
  const { key, content, said, md5, componentCount, keySha256, kmsKeyName } = birth
  const facts: Facts = {
    ...said,
    metageneration: 1,
    updatedMs: dateMs,
    classSinceMs: dateMs,
    retainedFromMs: dateMs,
    md5,
    componentCount,
    keySha256,
    kmsKeyName,
  }
  const entry = { key, id, order, live: true, marker: false, dateMs, leftMs: null, content, attributes: facts }
  change.add(entry)
  return entry
}

/** The live generation leaves the view: kept as noncurrent where the bucket keeps versions, else gone. */
export function putAside(bucket: Bucket, change: Transaction, live: Entry, nowMs: number): void {
  refuseHeld(bucket, live)
  if (bucketFactsOf(bucket).versioning) change.update(live.key, live.id, { live: false, leftMs: nowMs })
  else eraseFor(bucket, change, live, nowMs)
}

/** Gone for good, if nothing keeps it. */
export function eraseFor(bucket: Bucket, change: Transaction, entry: Entry, nowMs: number): void {
  refuseHeld(bucket, entry)
  refuseRetained(bucket, entry, nowMs)
  change.erase(entry.key, entry.id)
}
