import { Duration, RemovalPolicy } from 'aws-cdk-lib'
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type CfnBucket,
  type IBucket,
  type LifecycleRule,
} from 'aws-cdk-lib/aws-s3'
import type { Construct } from 'constructs'
import type { S3Site } from '#shared/config/model.ts'

/** What the function needs to know of it. */
export type SourceBucket = Pick<IBucket, 'bucketArn' | 'arnForObjects'>

/** A bucket that tells EventBridge of every change. A new one outlives its stack. */
export function sourceBucket(scope: Construct, site: S3Site, existing: boolean): SourceBucket {
  if (existing) {
    const bucket = Bucket.fromBucketName(scope, 'Bucket', site.bucket)
    bucket.enableEventBridgeNotification()
    return bucket
  }
  const bucket = new Bucket(scope, 'Bucket', {
    bucketName: site.bucket,
    versioned: site.versioned,
    encryption: BucketEncryption.S3_MANAGED,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
    removalPolicy: RemovalPolicy.RETAIN,
    lifecycleRules: lifecycleOf(site),
  })
  // Said in the template's own words: CDK's would bring a function that may change the notifications of any bucket.
  const template = bucket.node.defaultChild as CfnBucket
  template.notificationConfiguration = { eventBridgeConfiguration: { eventBridgeEnabled: true } }
  return bucket
}

/** The memory of deletions is what is noncurrent: it is kept by days, never by count. */
function lifecycleOf({ versioned, retentionDays }: S3Site): LifecycleRule[] {
  const abandoned = { id: 'abandoned-uploads', abortIncompleteMultipartUploadAfter: Duration.days(7) }
  if (!versioned) return [abandoned]
  return [{ id: 'memory-of-deletions', noncurrentVersionExpiration: Duration.days(retentionDays) }, abandoned]
}
