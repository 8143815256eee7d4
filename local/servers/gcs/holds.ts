import type { Bucket, Entry } from '#local/servers/engine/model.ts'
import { bucketFactsOf } from './bucket-facts.ts'
import { factsOf } from './facts.ts'
import { refuse } from './refusals.ts'

/** Until when the bucket's policy keeps a generation; `null` where there is no policy, or a hold has stopped the clock. */
export function retainedUntilMs(bucket: Bucket, entry: Entry): number | null {
  const { retentionPeriod } = bucketFactsOf(bucket)
  const { eventBasedHold, retainedFromMs } = factsOf(entry)
  return retentionPeriod === null || eventBasedHold === true ? null : retainedFromMs + retentionPeriod * 1000
}

/** A held object is neither deleted, overwritten nor made noncurrent. */
export function refuseHeld(bucket: Bucket, entry: Entry): void {
  const { temporaryHold, eventBasedHold } = factsOf(entry)
  if (temporaryHold !== true && eventBasedHold !== true) return
  const hold = temporaryHold === true ? 'Temporary' : 'Event-Based'
  refuse(
    'underHold',
    `Object '${bucket.name}/${entry.key}' is under active ${hold} hold and cannot be deleted, overwritten or archived until hold is removed.`,
  )
}

/** Retention forbids that a generation goes for good; that it becomes noncurrent it allows. */
export function refuseRetained(bucket: Bucket, entry: Entry, nowMs: number): void {
  const until = retainedUntilMs(bucket, entry)
  if (until === null || until <= nowMs) return
  refuse(
    'retained',
    `Object '${bucket.name}/${entry.key}' is subject to bucket's retention policy or object retention and cannot be deleted or overwritten until ${new Date(until).toISOString()}`,
  )
}
