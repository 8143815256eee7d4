/** Azure Storage Queues, for messages that Isobar leaves to itself. */
import { QueueClient } from '@azure/storage-queue'
import { notQueued, type Queue } from '#shared/ports/queue.ts'

export interface StorageQueueOptions {
  /** Its address: `https://ACCOUNT.queue.core.windows.net/NAME`. */
  readonly url: string
  readonly credential: QueueClient['credential']
  readonly timeoutMs?: number
}

/** Azure hides no message longer: seven days. */
const delaySecondsMax = 604_800

/** A message that is sent twice is done twice, which costs requests and nothing else: the SDK may try again. */
const attempts = 3

export function storageQueue({ url, credential, timeoutMs = 5_000 }: StorageQueueOptions): Queue<unknown> {
  const client = new QueueClient(url, credential, {
    retryOptions: { maxTries: attempts, tryTimeoutInMs: timeoutMs, retryDelayInMs: 200, maxRetryDelayInMs: 1_000 },
  })
  return {
    async send(message, delayMs) {
      const seconds = Math.min(Math.ceil(Math.max(0, delayMs) / 1000), delaySecondsMax)
      // The host takes the base64 off again. By default a message would be gone after seven days, done or not.
      const text = Buffer.from(JSON.stringify(message)).toString('base64')
      try {
        await client.sendMessage(text, { visibilityTimeout: seconds, messageTimeToLive: -1 })
      } catch (cause) {
        throw notQueued(url, statusOf(cause), cause)
      }
    },
  }
}

function statusOf(cause: unknown): number | null {
  const { statusCode } = cause as { readonly statusCode?: number }
  return statusCode ?? null
}
