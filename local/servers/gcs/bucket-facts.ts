import type { Bucket } from '#local/servers/engine/model.ts'

/** What the cloud keeps of a bucket beside its objects. */
export type BucketFacts = {
  readonly metageneration: number
  readonly updatedMs: number
  readonly location: string
  readonly storageClass: string
  readonly versioning: boolean
  readonly requesterPays: boolean
  /** In seconds; `null` where objects may go at any time. */
  readonly retentionPeriod: number | null
  readonly retentionSinceMs: number
  /** For objects written without a key of their own. */
  readonly kmsKeyName: string | null
}

/** The one place where what the engine kept becomes facts again: nobody else writes it. */
export function bucketFactsOf(bucket: Bucket): BucketFacts {
  return bucket.attributes as BucketFacts
}
