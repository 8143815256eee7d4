import * as z from 'zod'
import { instant, parse } from '#functions/notice.ts'
import { bucket, generation, name, type Told } from './told.ts'

/** What a bucket tells a topic, beside the object itself. https://cloud.google.com/storage/docs/pubsub-notifications#attributes */
const schema = z
  .object({
    eventType: z.enum(
      ['OBJECT_FINALIZE', 'OBJECT_METADATA_UPDATE', 'OBJECT_DELETE', 'OBJECT_ARCHIVE'],
      '"OBJECT_FINALIZE", "OBJECT_METADATA_UPDATE", "OBJECT_DELETE" or "OBJECT_ARCHIVE"',
    ),
    eventTime: instant,
    bucketId: bucket,
    objectId: name,
    objectGeneration: generation,
    overwrittenByGeneration: generation.optional(),
  })
  .transform((attributes): Told => ({
    bucket: attributes.bucketId,
    field: 'data.message.attributes.bucketId',
    key: attributes.objectId,
    what: whats[attributes.eventType],
    generation: attributes.objectGeneration,
    isOverwritten: attributes.overwrittenByGeneration !== undefined,
    timeMs: attributes.eventTime,
  }))

const whats = {
  OBJECT_FINALIZE: 'finalized',
  OBJECT_METADATA_UPDATE: 'metadataUpdated',
  OBJECT_DELETE: 'deleted',
  OBJECT_ARCHIVE: 'archived',
} as const

export function isNotification(attributes: Readonly<Record<string, string>>): boolean {
  return 'eventType' in attributes
}

export function fromNotification(attributes: Readonly<Record<string, string>>): Told {
  return parse(schema, attributes, ['data', 'message', 'attributes'])
}
