/** SQS, for messages that Isobar leaves to itself. */
import { SendMessageCommand, SQSClient, type SQSClientConfig } from '@aws-sdk/client-sqs'
import { notQueued, type Queue } from '#shared/ports/queue.ts'

export interface SqsOptions {
  /** Its address: `https://sqs.REGION.amazonaws.com/ACCOUNT/NAME`. */
  readonly url: string
  /** Where its address does not say it. */
  readonly region: string
  /** By default what the function's surroundings give it. */
  readonly credentials?: NonNullable<SQSClientConfig['credentials']>
  readonly timeoutMs?: number
}

/** SQS delays no message longer. */
const delaySecondsMax = 900

/** A message that is sent twice is done twice, which costs requests and nothing else: the SDK may try again. */
const attempts = 3

export function sqsQueue({ url, region, credentials, timeoutMs = 5_000 }: SqsOptions): Queue<unknown> {
  const client = new SQSClient({
    region: regionOf(url) ?? region,
    endpoint: new URL(url).origin,
    ...(credentials === undefined ? {} : { credentials }),
    maxAttempts: attempts,
    requestHandler: { connectionTimeout: 2_000, requestTimeout: timeoutMs, throwOnRequestTimeout: true },
  })
  return {
    async send(message, delayMs) {
      const seconds = Math.min(Math.ceil(Math.max(0, delayMs) / 1000), delaySecondsMax)
      const command = new SendMessageCommand({
        QueueUrl: url,
        MessageBody: JSON.stringify(message),
        DelaySeconds: seconds,
      })
      try {
        await client.send(command)
      } catch (cause) {
        throw notQueued(url, statusOf(cause), cause)
      }
    },
  }
}

function regionOf(url: string): string | null {
  return /^sqs\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$/.exec(new URL(url).hostname)?.[1] ?? null
}

function statusOf(cause: unknown): number | null {
  const { $metadata } = cause as { readonly $metadata?: { readonly httpStatusCode?: number } }
  return $metadata?.httpStatusCode ?? null
}
