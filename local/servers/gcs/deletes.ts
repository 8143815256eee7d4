import type { Bucket } from '#local/servers/engine/model.ts'
import type { Answer } from '#local/servers/http/answer.ts'
import { change, type Cloud, entryNamed, eraseFor, putAside } from './cloud.ts'
import { done } from './json.ts'
import { check, type Preconditions } from './preconditions.ts'

/**
 * Without a generation the live one leaves the view, and stays as noncurrent where the bucket keeps versions.
 * With one, that generation is gone for good, live or not.
 */
export function deleteObject(
  cloud: Cloud,
  bucket: Bucket,
  key: string,
  generation: string | null,
  preconditions: Preconditions,
): Answer {
  change(cloud, bucket, key, (change) => {
    const entry = entryNamed(bucket, key, generation, change)
    check(preconditions, entry)
    const nowMs = Math.max(Math.floor(cloud.now()), entry.dateMs)
    if (generation === null) putAside(bucket, change, entry, nowMs)
    else eraseFor(bucket, change, entry, nowMs)
  })
  return done
}
