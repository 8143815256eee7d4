import type { Bucket, Content } from '#local/servers/engine/model.ts'
import type { Answer } from '#local/servers/http/answer.ts'
import { bucketOf, type Call, emptyAnswer, taking } from './call.ts'
import { algorithms, type Checksum, headerOf, unstated, wholeChecksum } from './checksums.ts'
import { Refusal } from './errors.ts'
import { checkKms } from './outcomes.ts'
import { checkWrite, deletedSince, type Sight, type WriteCondition, writeConditionIn } from './preconditions.ts'
import { type Properties, propertiesIn } from './properties.ts'
import { attributesOf, type ObjectRecord, quoted } from './record.ts'
import { place, versionHeader, wholeSecond } from './versioning.ts'

export async function putObject(call: Call): Promise<Answer> {
  const bucket = bucketOf(call)
  checkKms(call.outcomes, { bucket: bucket.name, key: call.address.key }, 'kms:GenerateDataKey')
  const properties = propertiesIn(call.headers)
  const arrival = arrivalOf(call, bucket)
  // Told before the body is asked for: a client that waits for `100 Continue` need not send it.
  checkWrite(call.address.key, arrival.condition, arrival.before.live, false)
  const algorithm = call.payload.stated?.algorithm ?? unstated
  return taking(call, ['md5', algorithms[algorithm].sum], (content) => {
    const record = recordFor(properties, content, wholeChecksum(content, algorithm))
    const id = settle(call, bucket, arrival, content, record)
    return emptyAnswer(200, {
      etag: quoted(record.etag),
      ...checksumHeaders(record.checksum),
      ...versionHeader(bucket, id),
    })
  })
}

const keyBytesMax = 1024

export function checkKey(key: string): void {
  const size = Buffer.byteLength(key)
  if (size <= keyBytesMax) return
  const details = { Size: size, MaxSizeAllowed: keyBytesMax }
  throw new Refusal('KeyTooLongError', `key: found ${size} bytes, expected at most ${keyBytesMax}`, details)
}

/** What a write of one request met when it came. */
export interface Arrival {
  readonly condition: WriteCondition | null
  readonly before: Sight
}

export function arrivalOf(call: Call, bucket: Bucket): Arrival {
  const condition = writeConditionIn(call.headers)
  const { key } = call.address
  if (condition === null) return { condition, before: { live: null, newest: null } }
  const [newest = null] = bucket.versions(key)
  return { condition, before: { live: bucket.live(key), newest } }
}

/** Of an object that came, or was copied, in one request. */
export function recordFor(properties: Properties, content: Content, checksum: Checksum): ObjectRecord {
  return { ...properties, etag: content.sums.md5!, checksum, parts: null }
}

/** Shows what was staged, if the condition holds at this very moment. Answers with the version's id. */
export function settle(
  call: Call,
  bucket: Bucket,
  { condition, before }: Arrival,
  content: Content,
  record: ObjectRecord,
): string {
  const { key } = call.address
  return bucket.transact((change) => {
    const now = { live: change.live(key), newest: change.newest(key) }
    checkWrite(key, condition, now.live, deletedSince(before, now))
    const nowMs = call.now()
    const draft = { key, order: change.nextOrder(), dateMs: wholeSecond(nowMs), content }
    return place(change, bucket, { ...draft, attributes: attributesOf(record) }, nowMs)
  })
}

function checksumHeaders({ algorithm, type, value }: Checksum): Record<string, string> {
  return { [headerOf(algorithm)]: value, 'x-amz-checksum-type': type }
}
