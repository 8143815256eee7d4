import * as z from 'zod'
import type { Config, S3Site } from '#shared/config/model.ts'
import { stampId } from '#shared/kernel/version.ts'
import type { ObjectEvent } from '#shared/replication/model.ts'
import { ownMessage } from '#functions/message.ts'
import { instant, key, type Notice, parse, parseJson, refuse } from '#functions/notice.ts'
import { siteOfBucket } from './config.ts'

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

/** The body of one SQS message: an event that EventBridge put there, or a message of our own. */
export function noticeOf(body: string, config: Config): Notice {
  const value = parseJson(body, 'body')
  const own = ownMessage(value)
  if (own !== null) return { message: own }
  const told = parse(schema, value)
  const { bucket, object, reason } = told.detail
  const site = siteOfBucket(config, bucket.name) ?? refuse('detail.bucket.name', bucket.name, 'the bucket of a site')
  const kind = kindOf(told, site)
  if (kind === null) {
    const why = 'lifecycle removed a noncurrent version or an empty delete marker for good'
    return { passedOver: { site: site.id, key: object.key, why } }
  }
  const id = told['detail-type'] === 'Object Created' ? stampId(unquoted(told.detail.object.etag)) : null
  const byUser = reason !== lifecycle
  const event = { site: site.id, key: object.key, kind, id, timeMs: told.time, writtenFor: null, byUser }
  return { message: { kind: 'event', event } }
}

/** `null`: no event of the key's life. */
function kindOf(told: z.output<typeof schema>, site: S3Site): ObjectEvent['kind'] | null {
  if (told['detail-type'] === 'Object Created') return 'created'
  if (told.detail['deletion-type'] === 'Delete Marker Created' || !site.versioned) return 'deleted'
  // The event does not tell a delete marker from a version: what a user removed for good is settled like a deletion, never lifted.
  return told.detail.reason === lifecycle ? null : 'deleted'
}

function unquoted(etag: string): string {
  return etag.replace(/^"(.*)"$/, '$1')
}
