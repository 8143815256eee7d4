import * as z from 'zod'
import type { Config } from '#shared/config/model.ts'
import { instant, key, type Notice, orRefused, parse, refuse } from '#functions/notice.ts'
import { siteOfBucket } from '#aws/config.ts'
import { noticeOf, type Told } from './told.ts'

/** A space as `+`, and all but letters, digits and a few signs percent-encoded, as in a form. */
const formEncoded: z.ZodType<z.output<typeof key>, string> = z
  .string('a key')
  .transform((text, context) => {
    try {
      return decodeURIComponent(text.replaceAll('+', ' '))
    } catch {
      context.addIssue({ code: 'custom', message: 'a key in the encoding of a form' })
      return z.NEVER
    }
  })
  .pipe(key)

/** S3's own form of its events. https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html */
const record = z.object({
  eventSource: z.literal('aws:s3', '"aws:s3"'),
  eventTime: instant,
  eventName: z
    .string('the name of an event')
    .regex(
      /^(?:ObjectCreated:\w+|(?:ObjectRemoved|LifecycleExpiration):(?:Delete|DeleteMarkerCreated))$/,
      '"ObjectCreated:...", or "ObjectRemoved" or "LifecycleExpiration" with ":Delete" or ":DeleteMarkerCreated"',
    ),
  s3: z.object(
    {
      bucket: z.object({ name: z.string('the name of a bucket') }, 'an object'),
      object: z.object({ key: formEncoded, eTag: z.string('an ETag').optional() }, 'an object'),
    },
    'an object',
  ),
})

const notification = z.object({ Records: z.array(z.unknown()).min(1) })

/** What S3 sends once, when a bucket is told where its events go. */
const test = z.object({ Event: z.literal('s3:TestEvent'), Bucket: z.string('the name of a bucket') })

export function isNotification(value: unknown): boolean {
  const records = notification.safeParse(value).data?.Records ?? []
  return isTest(value) || records.some((one) => z.object({ eventSource: z.literal('aws:s3') }).safeParse(one).success)
}

function isTest(value: unknown): value is z.output<typeof test> {
  return test.safeParse(value).success
}

/** Its records are independent: one that is refused delays no other. */
export function fromNotification(value: unknown, config: Config): readonly Notice[] {
  if (isTest(value)) {
    const site = siteOfBucket(config, value.Bucket) ?? refuse('Bucket', value.Bucket, 'the bucket of a site')
    return [{ passedOver: { site: site.id, key: '', why: 'S3 tried the way of its events' } }]
  }
  return parse(notification, value).Records.map((one, at) => orRefused(() => fromRecord(one, at, config)))
}

function fromRecord(value: unknown, at: number, config: Config): Notice {
  const { eventName, eventTime: timeMs, s3 } = parse(record, value, ['Records', at])
  const field = `Records[${at}]`
  const { bucket, object } = s3
  const site =
    siteOfBucket(config, bucket.name) ?? refuse(`${field}.s3.bucket.name`, bucket.name, 'the bucket of a site')
  const byUser = !eventName.startsWith('LifecycleExpiration:')
  const what = whatOf(eventName)
  if (what !== 'created') return noticeOf({ site, key: object.key, what, etag: null, timeMs, byUser })
  const etag = object.eTag ?? refuse(`${field}.s3.object.eTag`, undefined, 'an ETag')
  return noticeOf({ site, key: object.key, what, etag, timeMs, byUser })
}

function whatOf(eventName: string): Told['what'] {
  if (eventName.startsWith('ObjectCreated:')) return 'created'
  return eventName.endsWith(':DeleteMarkerCreated') ? 'covered by a delete marker' : 'removed for good'
}
