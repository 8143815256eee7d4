import type { Context, SQSEvent, SQSRecord } from 'aws-lambda'
import { objectChanged } from '#aws/triggers/object-changed.ts'
import { recorded } from '#test/functions/recorded.ts'
import type { Happening, StartHost } from './host.ts'

const context = { getRemainingTimeInMillis: () => 60_000 } as Context

/** Lambda, fed by its SQS poller: a batch at a time, and only what the answer names comes back. */
export const aws: StartHost = async (world) => {
  const handler = objectChanged(world.work)
  return {
    cloud: 'aws',
    created: ({ key, id, timeMs }) =>
      JSON.stringify(recorded('aws-object-created', { time: second(timeMs), detail: { object: { key, etag: id } } })),
    deleted: ({ key, timeMs }: Happening) =>
      JSON.stringify(recorded('aws-object-deleted', { time: second(timeMs), detail: { object: { key } } })),
    own: (message) => JSON.stringify(message),
    garbled: () => '{"version":"0","detail-type":',
    foreign: ({ key }) =>
      JSON.stringify(recorded('aws-object-created', { detail: { bucket: { name: 'not-ours' }, object: { key } } })),
    irrelevant: ({ key }) => {
      const detail = { object: { key }, 'deletion-type': 'Permanently Deleted' }
      return JSON.stringify(recorded('aws-object-deleted-lifecycle', { detail }))
    },
    async deliver(...bodies) {
      const event = batch(bodies.map(String))
      const { batchItemFailures } = await handler(event, context)
      const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier))
      return event.Records.map(({ messageId }) => (failed.has(messageId) ? 'back' : 'done'))
    },
    close: async () => undefined,
  }
}

export function batch(bodies: readonly string[]): SQSEvent {
  const [sample] = (recorded('aws-sqs-batch') as unknown as SQSEvent).Records as [SQSRecord]
  return { Records: bodies.map((body, at) => ({ ...sample, messageId: `${sample.messageId}-${at}`, body })) }
}

/** S3 tells the time to the second. */
function second(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`
}
