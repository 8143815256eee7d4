import * as z from 'zod'
import type { Config, GcsSite } from '#shared/config/model.ts'
import { stampId } from '#shared/kernel/version.ts'
import type { ObjectEvent } from '#shared/replication/model.ts'
import { ownMessage } from '#functions/message.ts'
import { instant, key, type Notice, parse, parseJson, refuse } from '#functions/notice.ts'
import { siteOfBucket } from './config.ts'

const object = 'google.cloud.storage.object.v1'
const published = 'google.cloud.pubsub.topic.v1.messagePublished'

/** Numbers of 64 bits travel as text. */
const generation = z.string('a generation, as text').regex(/^[0-9]{1,20}$/, 'a generation, as text')

/** A Cloud Storage CloudEvent. https://github.com/googleapis/google-cloudevents/blob/main/proto/google/events/cloud/storage/v1/data.proto */
const objectEvent = z.object({
  type: z.enum([`${object}.finalized`, `${object}.archived`, `${object}.deleted`, `${object}.metadataUpdated`]),
  time: instant,
  data: z.object(
    {
      bucket: z.string('the name of a bucket'),
      name: key,
      generation,
      // Pub/Sub notifications carry it as an attribute; that a CloudEvent has it is not documented.
      overwrittenByGeneration: generation.optional(),
    },
    'an object',
  ),
})

/** A message of our own, from our topic. https://cloud.google.com/eventarc/docs/cloudevents#pubsub */
const publishedEvent = z.object({
  type: z.literal(published),
  data: z.object({ message: z.object({ data: z.base64('base64') }, 'an object') }, 'an object'),
})

const schema = z.discriminatedUnion('type', [objectEvent, publishedEvent], {
  error: `"${object}.finalized", ".archived", ".deleted" or ".metadataUpdated", or "${published}"`,
})

/** A CloudEvent as the functions framework hands it over, whichever of the two forms it came in. */
export function noticeOf(cloudEvent: unknown, config: Config): Notice {
  const told = parse(schema, cloudEvent)
  if (told.type === published) return fromOurTopic(told.data.message.data)
  const { bucket, name, generation } = told.data
  const site = siteOfBucket(config, bucket) ?? refuse('data.bucket', bucket, 'the bucket of a site')
  const kind = kindOf(told, site)
  if (kind === null) {
    return { passedOver: { site: site.id, key: name, why: 'it is about a generation that was no longer live' } }
  }
  const id = kind === 'deleted' ? null : stampId(generation)
  const event = { site: site.id, key: name, kind, id, timeMs: told.time, writtenFor: null, byUser: null }
  return { message: { kind: 'event', event } }
}

/** `null`: no event of the key's life. Where versions are kept, a deletion archives; what is deleted there was archived before. */
function kindOf({ type, data }: z.output<typeof objectEvent>, site: GcsSite): ObjectEvent['kind'] | null {
  switch (type) {
    case `${object}.finalized`:
      return 'created'
    case `${object}.metadataUpdated`:
      return 'updated'
    case `${object}.archived`:
      return data.overwrittenByGeneration === undefined ? 'deleted' : null
    case `${object}.deleted`:
      return site.versioned || data.overwrittenByGeneration !== undefined ? null : 'deleted'
  }
}

function fromOurTopic(base64: string): Notice {
  const value = parseJson(Buffer.from(base64, 'base64').toString(), 'data.message.data')
  return { message: ownMessage(value) ?? refuse('data.message.data', value, 'a message of Isobar') }
}
