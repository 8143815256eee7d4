import * as z from 'zod'
import type { Config } from '#shared/config/model.ts'
import { instant, key, type Notice, parse, refuse } from '#functions/notice.ts'
import { siteOfBucket } from '#aws/config.ts'
import { noticeOf } from './told.ts'

const lifecycle = 'Lifecycle Expiration'

const detail = {
  bucket: z.object({ name: z.string('the name of a bucket') }, 'an object'),
  reason: z.string('a reason such as "PutObject"'),
}

/** EventBridge's own form of S3's events, with the key as it is. https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html */
const schema = z.discriminatedUnion(
  'detail-type',
  [
    z.object({
      'detail-type': z.literal('Object Created'),
      source: z.literal('aws.s3', '"aws.s3"'),
      time: instant,
      detail: z.object({ ...detail, object: z.object({ key, etag: z.string('an ETag') }, 'an object') }, 'an object'),
    }),
    z.object({
      'detail-type': z.literal('Object Deleted'),
      source: z.literal('aws.s3', '"aws.s3"'),
      time: instant,
      detail: z.object(
        {
          ...detail,
          // The ETag and the version told here are the delete marker's own.
          object: z.object({ key }, 'an object'),
          'deletion-type': z.enum(
            ['Delete Marker Created', 'Permanently Deleted'],
            '"Delete Marker Created" or "Permanently Deleted"',
          ),
        },
        'an object',
      ),
    }),
  ],
  { error: '"Object Created" or "Object Deleted"' },
)

export function isFromEventBridge(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'detail-type' in value
}

export function fromEventBridge(value: unknown, config: Config): Notice {
  const told = parse(schema, value)
  const { bucket, object, reason } = told.detail
  const site = siteOfBucket(config, bucket.name) ?? refuse('detail.bucket.name', bucket.name, 'the bucket of a site')
  const common = { site, key: object.key, timeMs: told.time, byUser: reason !== lifecycle }
  if (told['detail-type'] === 'Object Created') {
    return noticeOf({ ...common, what: 'created', etag: told.detail.object.etag })
  }
  const isMarker = told.detail['deletion-type'] === 'Delete Marker Created'
  return noticeOf({ ...common, what: isMarker ? 'covered by a delete marker' : 'removed for good', etag: null })
}
