/** Pub/Sub, for messages that Isobar leaves to itself, and Cloud Tasks for those that wait: a topic knows no delay. */
import type { AuthClient, GoogleAuth } from 'google-auth-library'
import { notQueued, type Queue } from '#shared/ports/queue.ts'

export interface PubSubOptions {
  /** `projects/PROJECT/topics/TOPIC` */
  readonly topic: string
  readonly delays: Delays
  readonly identity: Pick<AuthClient | GoogleAuth, 'request'>
  readonly now: () => number
  readonly timeoutMs?: number
  /** Where the two answer, if not at Google's own addresses. */
  readonly endpoints?: Endpoints
}

/** What publishes a message once its time has come. */
export interface Delays {
  /** `projects/PROJECT/locations/LOCATION/queues/QUEUE` */
  readonly queue: string
  /** The service account as which it publishes. */
  readonly account: string
}

export interface Endpoints {
  readonly pubsub: string
  readonly tasks: string
}

const google: Endpoints = { pubsub: 'https://pubsub.googleapis.com', tasks: 'https://cloudtasks.googleapis.com' }

/** Cloud Tasks keeps no task longer: thirty days. */
const delayMsMax = 30 * 86_400_000

/** https://cloud.google.com/pubsub/docs/reference/rest/v1/projects.topics/publish, https://cloud.google.com/tasks/docs/reference/rest/v2/projects.locations.queues.tasks/create */
export function pubSubQueue(options: PubSubOptions): Queue<unknown> {
  const { topic, delays, identity, now, timeoutMs = 5_000, endpoints = google } = options
  const publish = `${endpoints.pubsub}/v1/${topic}:publish`
  const post = async (url: string, data: object): Promise<void> => {
    try {
      // A message that is sent twice is done twice, which costs requests and nothing else: it may be tried again.
      const retryConfig = {
        retry: 2,
        httpMethodsToRetry: ['POST'],
        statusCodesToRetry: [
          [429, 429],
          [500, 599],
        ],
      }
      await identity.request({ url, method: 'POST', data, timeout: timeoutMs, retryConfig })
    } catch (cause) {
      throw notQueued(topic, statusOf(cause), cause)
    }
  }
  return {
    async send(message, delayMs) {
      const body = { messages: [{ data: base64(message) }] }
      if (delayMs <= 0) return post(publish, body)
      const task = {
        scheduleTime: new Date(now() + Math.min(delayMs, delayMsMax)).toISOString(),
        httpRequest: {
          url: publish,
          httpMethod: 'POST',
          headers: { 'content-type': 'application/json' },
          body: base64(body),
          oauthToken: { serviceAccountEmail: delays.account },
        },
      }
      return post(`${endpoints.tasks}/v2/${delays.queue}/tasks`, { task })
    },
  }
}

function base64(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64')
}

function statusOf(cause: unknown): number | null {
  const { status } = (cause as { readonly response?: { readonly status?: number } }).response ?? {}
  return status ?? null
}
