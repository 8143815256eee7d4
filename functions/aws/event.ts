import * as z from 'zod'
import type { Config } from '#shared/config/model.ts'
import { ownMessage } from '#functions/message.ts'
import { type Notice, parse, parseJson } from '#functions/notice.ts'
import { fromEventBridge, isFromEventBridge } from './forms/event-bridge.ts'
import { fromNotification, isNotification } from './forms/notification.ts'

/** What Lambda was handed, delivery by delivery. */
export interface Delivery {
  /** The message that SQS gives again if its id is answered; `null` where Lambda gives the whole of it again, or nothing. */
  readonly id: string | null
  readonly read: (config: Config) => readonly Notice[]
}

// https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
const sqs = z.object({
  Records: z.array(z.object({ messageId: z.string('a message id'), body: z.string('a text') }, 'an object'), 'a list'),
})

// https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
const sns = z.object({
  Records: z.array(z.object({ Sns: z.object({ Message: z.string('a text') }, 'an object') }, 'an object'), 'a list'),
})

/** What SNS puts around a message on its way into a queue. https://docs.aws.amazon.com/sns/latest/dg/SendMessageToSQS.html */
const envelope = z.object({ Type: z.literal('Notification', '"Notification"'), Message: z.string('a text') })

/** A batch of SQS or SNS, or one event of a bucket as it is. What is none of them is poison as a whole. */
export function deliveriesOf(payload: unknown): readonly Delivery[] {
  try {
    return split(payload)
  } catch (refused) {
    return [{ id: null, read: () => [{ refused }] }]
  }
}

/** What nobody knows is read as a batch of SQS, so that its first wrong field is named. */
function split(payload: unknown): readonly Delivery[] {
  if (isFromSns(payload)) {
    const { Records: records } = parse(sns, payload)
    return records.map(({ Sns: { Message: text } }, at) => ({
      id: null,
      read: (config) => noticesOf(parseJson(text, `Records[${at}].Sns.Message`), config),
    }))
  }
  if (isNotification(payload) || isFromEventBridge(payload)) {
    return [{ id: null, read: (config) => noticesOf(payload, config) }]
  }
  const { Records: records } = parse(sqs, payload)
  return records.map(({ messageId, body }) => ({
    id: messageId,
    read: (config) => noticesOf(parseJson(body, 'body'), config),
  }))
}

/** An event of a bucket in either of its forms, in an envelope or not, or a message of our own. */
function noticesOf(value: unknown, config: Config): readonly Notice[] {
  const own = ownMessage(value)
  if (own !== null) return [{ message: own }]
  if (isEnvelope(value)) return noticesOf(parseJson(parse(envelope, value).Message, 'Message'), config)
  if (isNotification(value)) return fromNotification(value, config)
  return [fromEventBridge(value, config)]
}

function isFromSns(value: unknown): boolean {
  return has(value, 'Records') && Array.isArray(value.Records) && has(value.Records[0], 'Sns')
}

function isEnvelope(value: unknown): boolean {
  return has(value, 'TopicArn')
}

function has<Name extends string>(value: unknown, name: Name): value is Readonly<Record<Name, unknown>> {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
}
