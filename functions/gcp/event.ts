import * as z from 'zod'
import type { Config, GcsSite } from '#shared/config/model.ts'
import type { Key } from '#shared/kernel/key.ts'
import { stampId } from '#shared/kernel/version.ts'
import type { ObjectEvent } from '#shared/replication/model.ts'
import { ownMessage } from '#functions/message.ts'
import { instant, key, type Notice, parse, parseJson, refuse } from '#functions/notice.ts'
import { siteOfBucket } from './config.ts'

const object = 'google.cloud.storage.object.v1'
const published = 'google.cloud.pubsub.topic.v1.messagePublished'

/** Numbers of 64 bits travel as text. */
const generation = z.string('a generation, as text').regex(/^[0-9]{1,20}$/, 'a generation, as text')
const bucket = z.string('the name of a bucket')

/** A Cloud Storage CloudEvent. https://github.com/googleapis/google-cloudevents/blob/main/proto/google/events/cloud/storage/v1/data.proto */
const objectEvent = z.object({
  type: z.enum([`${object}.finalized`, `${object}.archived`, `${object}.deleted`, `${object}.metadataUpdated`]),
  time: instant,
  data: z.object(
    {
      bucket,
      name: key,
      generation,
      // Pub/Sub notifications carry it as an attribute; that a CloudEvent has it is not documented.
      overwrittenByGeneration: generation.optional(),
    },
    'an object',
  ),
})

const message = z.object(
  { attributes: z.record(z.string(), z.string('a text')).optional(), data: z.base64('base64').optional() },
  'an object',
)

/** A message of a topic, as Eventarc hands it over, and as the framework does what a subscription pushes. https://cloud.google.com/eventarc/docs/cloudevents#pubsub */
const publishedEvent = z.object({ type: z.literal(published), data: z.object({ message }, 'an object') })

/** What Cloud Storage tells a topic, beside the object itself. https://cloud.google.com/storage/docs/pubsub-notifications#attributes */
const notification = z.object({
  eventType: z.enum(
    ['OBJECT_FINALIZE', 'OBJECT_METADATA_UPDATE', 'OBJECT_DELETE', 'OBJECT_ARCHIVE'],
    '"OBJECT_FINALIZE", "OBJECT_METADATA_UPDATE", "OBJECT_DELETE" or "OBJECT_ARCHIVE"',
  ),
  eventTime: instant,
  bucketId: bucket,
  objectId: key,
  objectGeneration: generation,
  overwrittenByGeneration: generation.optional(),
})

const schema = z.discriminatedUnion('type', [objectEvent, publishedEvent], {
  error: `"${object}.finalized", ".archived", ".deleted" or ".metadataUpdated", or "${published}"`,
})

/** What every form tells, and by which name it calls the bucket. */
interface Told {
  readonly field: string
  readonly bucket: string
  readonly what: 'finalized' | 'metadataUpdated' | 'archived' | 'deleted'
  readonly key: Key
  readonly timeMs: number
  readonly generation: string
  readonly overwritten: boolean
}

/** A CloudEvent as the functions framework hands it over, whichever of the two forms it came in. */
export function noticeOf(cloudEvent: unknown, config: Config): Notice {
  const told = parse(schema, cloudEvent)
  if (told.type === published) return fromTopic(told.data.message, config)
  const { bucket: name, name: key, generation, overwrittenByGeneration } = told.data
  const what = told.type.slice(object.length + 1) as Told['what']
  const overwritten = overwrittenByGeneration !== undefined
  return noticeOfObject(
    { field: 'data.bucket', bucket: name, what, key, timeMs: told.time, generation, overwritten },
    config,
  )
}

const told = {
  OBJECT_FINALIZE: 'finalized',
  OBJECT_METADATA_UPDATE: 'metadataUpdated',
  OBJECT_DELETE: 'deleted',
  OBJECT_ARCHIVE: 'archived',
} as const

/** Cloud Storage speaks in attributes; a message of our own has none. */
function fromTopic({ attributes, data = '' }: z.output<typeof message>, config: Config): Notice {
  if (attributes !== undefined && 'eventType' in attributes) {
    const read = parse(notification, attributes, ['data', 'message', 'attributes'])
    return noticeOfObject(
      {
        field: 'data.message.attributes.bucketId',
        bucket: read.bucketId,
        what: told[read.eventType],
        key: read.objectId,
        timeMs: read.eventTime,
        generation: read.objectGeneration,
        overwritten: read.overwrittenByGeneration !== undefined,
      },
      config,
    )
  }
  const value = parseJson(Buffer.from(data, 'base64').toString(), 'data.message.data')
  return { message: ownMessage(value) ?? refuse('data.message.data', value, 'a message of Isobar') }
}

function noticeOfObject(
  { field, bucket: name, what, key, timeMs, generation, overwritten }: Told,
  config: Config,
): Notice {
  const site = siteOfBucket(config, name) ?? refuse(field, name, 'the bucket of a site')
  const kind = kindOf(what, overwritten, site)
  if (kind === null) {
    return { passedOver: { site: site.id, key, why: 'it is about a generation that was no longer live' } }
  }
  const id = kind === 'deleted' ? null : stampId(generation)
  const event: ObjectEvent = { site: site.id, key, kind, id, timeMs, writtenFor: null, byUser: null }
  return { message: { kind: 'event', event } }
}

/** `null`: no event of the key's life. Where versions are kept, a deletion archives; what is deleted there was archived before. */
function kindOf(what: Told['what'], overwritten: boolean, { versioned }: GcsSite): ObjectEvent['kind'] | null {
  switch (what) {
    case 'finalized':
      return 'created'
    case 'metadataUpdated':
      return 'updated'
    case 'archived':
      return overwritten ? null : 'deleted'
    case 'deleted':
      return versioned || overwritten ? null : 'deleted'
  }
}
