import * as z from 'zod'
import { instant, parse } from '#functions/notice.ts'
import { bucket, generation, name, type Told } from './told.ts'

const object = 'google.cloud.storage.object.v1'
const whats = ['finalized', 'archived', 'deleted', 'metadataUpdated'] as const

/** A bucket's own CloudEvent. https://github.com/googleapis/google-cloudevents/blob/main/proto/google/events/cloud/storage/v1/data.proto */
const schema = z
  .object({
    type: z.enum(
      whats.map((what) => `${object}.${what}` as const),
      `"${object}." and one of "${whats.join('", "')}", or a message of a topic`,
    ),
    time: instant,
    data: z.object(
      {
        bucket,
        name,
        generation,
        // Pub/Sub notifications carry it as an attribute; that a CloudEvent has it is not documented.
        overwrittenByGeneration: generation.optional(),
      },
      'an object',
    ),
  })
  .transform(({ type, time, data }): Told => ({
    bucket: data.bucket,
    field: 'data.bucket',
    key: data.name,
    what: type.slice(object.length + 1) as Told['what'],
    generation: data.generation,
    isOverwritten: data.overwrittenByGeneration !== undefined,
    timeMs: time,
  }))

export function fromBucket(cloudEvent: unknown): Told {
  return parse(schema, cloudEvent)
}
