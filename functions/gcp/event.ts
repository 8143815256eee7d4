import * as z from 'zod'
import type { Config } from '#shared/config/model.ts'
import { ownMessage } from '#functions/message.ts'
import { type Notice, parse, parseJson, refuse } from '#functions/notice.ts'
import { fromNotification, isNotification } from './forms/notification.ts'
import { fromBucket } from './forms/storage-event.ts'
import { noticeOf as noticeOfTold } from './forms/told.ts'

const published = z.object({ type: z.literal('google.cloud.pubsub.topic.v1.messagePublished') })

/** A message of a topic, as Eventarc hands it over, and as the framework does what a subscription pushes. https://cloud.google.com/eventarc/docs/cloudevents#pubsub */
const topicEvent = z.object({
  data: z.object(
    {
      message: z.object(
        {
          attributes: z.record(z.string(), z.string('a text'), 'an object of texts').default({}),
          data: z.base64('base64').default(''),
        },
        'an object',
      ),
    },
    'an object',
  ),
})

/** A CloudEvent as the functions framework hands it over, whichever of the two forms it came in. */
export function noticeOf(cloudEvent: unknown, config: Config): Notice {
  if (!published.safeParse(cloudEvent).success) return noticeOfTold(fromBucket(cloudEvent), config)
  const { attributes, data } = parse(topicEvent, cloudEvent).data.message
  if (isNotification(attributes)) return noticeOfTold(fromNotification(attributes), config)
  const field = 'data.message.data'
  const value = parseJson(Buffer.from(data, 'base64').toString(), field)
  return { message: ownMessage(value) ?? refuse(field, value, 'a message of Isobar') }
}
