import type { Context, SQSEvent, SQSRecord } from 'aws-lambda'
import { objectChanged } from '#aws/triggers/object-changed.ts'
import { recorded } from '#test/functions/recorded.ts'
import type { Happening, StartHost } from './host.ts'

/** How S3's events reach the function. */
export type Path =
  | 'EventBridge through SQS'
  | 'EventBridge direct'
  | 'S3 notification through SQS'
  | 'S3 notification through SNS and SQS'
  | 'S3 notification through SNS'

export const context = { getRemainingTimeInMillis: () => 60_000 } as Context

type Told = 'created' | 'deleted' | 'removed by lifecycle'

/** Lambda, fed by its SQS poller, where only what the answer names comes back; or by whoever invokes it, an event at a time. */
export function aws(path: Path): StartHost {
  const isNotification = path.startsWith('S3 notification')
  const bySqs = path.endsWith('SQS')
  const told = (what: Told, happening: Happening, bucket?: string) => {
    const event = isNotification ? notification(what, happening, bucket) : fromEventBridge(what, happening, bucket)
    return path.includes('SNS') ? recorded('aws-sns-in-sqs', { Message: JSON.stringify(event) }) : event
  }
  return async (world) => {
    const handler = objectChanged(world.work)
    const invoked = async (event: unknown) => {
      const said = recorded('aws-sns-batch') as unknown as { readonly Records: readonly object[] }
      const [record] = said.Records
      const payload = path.includes('SNS') ? { Records: [{ ...record, Sns: event }] } : event
      return handler(payload, context).then(
        () => 'done' as const,
        () => 'back' as const,
      )
    }
    return {
      cloud: 'aws',
      created: (happening) => told('created', happening),
      deleted: (happening) => told('deleted', happening),
      own: (message) => message,
      garbled: () => (bySqs ? '{"version":"0","detail-type":' : { 'detail-type': 'Object' }),
      foreign: (happening) => told('created', happening, 'not-ours'),
      irrelevant: (happening) => told('removed by lifecycle', happening),
      async deliver(...events) {
        const isDirect = (event: unknown) => !bySqs && !isOwn(event)
        const queued = events.filter((event) => !isDirect(event))
        const sqs = batch(queued.map((event) => (typeof event === 'string' ? event : JSON.stringify(event))))
        const answer = queued.length > 0 ? await handler(sqs, context) : { batchItemFailures: [] }
        const failed = new Set(answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier))
        const ends = sqs.Records.map(({ messageId }) => (failed.has(messageId) ? ('back' as const) : ('done' as const)))
        return Promise.all(
          events.map(async (event) => (isDirect(event) ? invoked(event) : ends[queued.indexOf(event)]!)),
        )
      },
      fields: {
        garbled: bySqs ? 'body' : path.includes('SNS') ? 'Records\\[0\\].Sns.Message' : 'detail-type',
        bucket: isNotification ? 'Records\\[0\\].s3.bucket.name' : 'detail.bucket.name',
        key: isNotification ? 'Records\\[0\\].s3.object.key' : 'detail.object.key',
      },
      close: async () => undefined,
    }
  }
}

/** Our own messages come through the queue, whatever the way of the events. */
function isOwn(event: unknown): boolean {
  return typeof event === 'object' && event !== null && 'kind' in event
}

export function batch(bodies: readonly string[]): SQSEvent {
  const [sample] = (recorded('aws-sqs-batch') as unknown as SQSEvent).Records as [SQSRecord]
  return { Records: bodies.map((body, at) => ({ ...sample, messageId: `${sample.messageId}-${at}`, body })) }
}

function fromEventBridge(what: Told, { key, id, timeMs }: Happening, bucket = 'amzn-s3-demo-bucket1'): object {
  const time = second(timeMs)
  if (what === 'created') {
    return recorded('aws-object-created', { time, detail: { bucket: { name: bucket }, object: { key, etag: id } } })
  }
  if (what === 'deleted') return recorded('aws-object-deleted', { time, detail: { object: { key } } })
  const detail = { object: { key }, 'deletion-type': 'Permanently Deleted' }
  return recorded('aws-object-deleted-lifecycle', { time, detail })
}

const eventNames: Readonly<Record<Told, string>> = {
  created: 'ObjectCreated:Put',
  deleted: 'ObjectRemoved:DeleteMarkerCreated',
  'removed by lifecycle': 'LifecycleExpiration:Delete',
}

/** S3's own form, with the key as a form would encode it. */
export function notification(what: Told, { key, id, timeMs }: Happening, bucket = 'amzn-s3-demo-bucket1'): object {
  const sample = recorded('aws-s3-notification') as unknown as { readonly Records: readonly [{ readonly s3: object }] }
  const [record] = sample.Records
  // Half a character has no encoding: its bytes stand for it.
  const encoded = key.isWellFormed() ? encodeURIComponent(key).replaceAll('%20', '+') : '%ED%A0%80'
  const object = { key: encoded, versionId: 'v', ...(what === 'created' ? { eTag: id } : {}) }
  const s3 = { ...record.s3, bucket: { name: bucket }, object }
  return { Records: [{ ...record, eventTime: new Date(timeMs).toISOString(), eventName: eventNames[what], s3 }] }
}

/** S3 tells the time to the second. */
function second(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`
}
