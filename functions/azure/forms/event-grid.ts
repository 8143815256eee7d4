import * as z from 'zod'
import { instant, parse } from '#functions/notice.ts'
import { accountId, blobPath, type Told } from './told.ts'

const resource = z.string('a storage account').regex(accountId, 'the resource id of a storage account')
const subject = z.string('a blob').regex(blobPath, '/blobServices/default/containers/CONTAINER/blobs/NAME')
const type = z.enum(
  ['Microsoft.Storage.BlobCreated', 'Microsoft.Storage.BlobDeleted'],
  '"Microsoft.Storage.BlobCreated" or "Microsoft.Storage.BlobDeleted"',
)
const data = z.object({ clientRequestId: z.string('a text').optional() }, 'an object')

/** Event Grid's own schema. https://learn.microsoft.com/azure/event-grid/event-schema-blob-storage */
const own = z
  .object({ topic: resource, subject, eventType: type, eventTime: instant, data })
  .transform((event): Told => ({
    field: 'topic',
    resource: event.topic,
    subject: event.subject,
    type: event.eventType,
    timeMs: event.eventTime,
    requestId: event.data.clientRequestId ?? null,
  }))

/** The schema that a subscription may ask for instead. https://learn.microsoft.com/azure/event-grid/cloud-event-schema */
const cloudEvents = z.object({ source: resource, subject, type, time: instant, data }).transform((event): Told => ({
  field: 'source',
  resource: event.source,
  subject: event.subject,
  type: event.type,
  timeMs: event.time,
  requestId: event.data.clientRequestId ?? null,
}))

/** An event in either schema: only one of them says which version of itself it is. */
export function fromEventGrid(value: unknown): Told {
  const isCloudEvent = typeof value === 'object' && value !== null && 'specversion' in value
  return parse(isCloudEvent ? cloudEvents : own, value)
}
