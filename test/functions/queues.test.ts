import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { StorageSharedKeyCredential } from '@azure/storage-queue'
import { OAuth2Client } from 'google-auth-library'
import { sqsQueue } from '#aws/drivers/queue.ts'
import { queuesOf as awsQueues } from '#aws/queues.ts'
import { storageQueue } from '#azure/drivers/queue.ts'
import { queuesOf as azureQueues } from '#azure/queues.ts'
import { queuesFor } from '#functions/queues.ts'
import { pubSubQueue } from '#gcp/drivers/queue.ts'
import { queuesOf as gcpQueues } from '#gcp/queues.ts'
import { ruleId } from '#shared/kernel/ids.ts'
import { parseKey } from '#shared/kernel/key.ts'
import type { Queue } from '#shared/ports/queue.ts'
import type { Message } from '#shared/replication/model.ts'
import { type Request, Scripted } from './drivers/scripted.ts'

interface Answer {
  readonly status: number
  readonly type: string
  readonly body: string
}

const message: Message = { kind: 'settle', group: ruleId('all'), key: parseKey('é/a b') }
const now = () => Date.UTC(2026, 10, 25, 12)

let server: Scripted
/** One for each request; the last for all that follow. */
let answers: ((request: Request) => Answer)[]

beforeEach(async () => {
  server = await new Scripted().listen()
  server.script = (request, response) => {
    const { status, type, body } = (answers.length > 1 ? answers.shift()! : answers[0]!)(request)
    response.writeHead(status, { 'content-type': type }).end(body)
  }
})

afterEach(async () => server.close())

const refused = (status: number) => (): Answer => ({ status, type: 'application/json', body: '{}' })

function asked(): { readonly url: URL; readonly headers: Request['headers']; readonly body: string } {
  const { url, headers, body } = server.requests.at(-1)!
  return { url: new URL(url, server.endpoint), headers, body: body.toString() }
}

interface Kind {
  readonly name: string
  queue(): Queue<unknown>
  readonly took: (request: Request) => Answer
  /** What lies in the queue, and how long it stays unseen, by the last request. */
  sent(): { readonly message: unknown; readonly delayMs: number }
  readonly longestMs: number
}

const kinds: readonly Kind[] = [
  {
    name: 'SQS',
    queue: () =>
      sqsQueue({
        url: `${server.endpoint}/111122223333/isobar`,
        region: 'eu-west-1',
        credentials: { accessKeyId: 'id', secretAccessKey: 'secret' },
      }),
    took({ body }) {
      // The SDK compares what the queue says that it took.
      const { MessageBody } = JSON.parse(body.toString()) as { readonly MessageBody: string }
      const MD5OfMessageBody = createHash('md5').update(MessageBody).digest('hex')
      const answer = JSON.stringify({ MessageId: 'm', MD5OfMessageBody })
      return { status: 200, type: 'application/x-amz-json-1.0', body: answer }
    },
    sent() {
      const { headers, body } = asked()
      expect(headers['x-amz-target']).toBe('AmazonSQS.SendMessage')
      const { QueueUrl, MessageBody, DelaySeconds } = JSON.parse(body) as Record<string, string>
      expect(QueueUrl).toBe(`${server.endpoint}/111122223333/isobar`)
      return { message: JSON.parse(MessageBody!), delayMs: Number(DelaySeconds) * 1000 }
    },
    longestMs: 900_000,
  },
  {
    name: 'Storage Queue',
    queue: () =>
      storageQueue({
        url: `${server.endpoint}/account/isobar`,
        credential: new StorageSharedKeyCredential('account', Buffer.from('key').toString('base64')),
      }),
    took: () => ({
      status: 201,
      type: 'application/xml',
      body: '<?xml version="1.0"?><QueueMessagesList><QueueMessage><MessageId>m</MessageId></QueueMessage></QueueMessagesList>',
    }),
    sent() {
      const { url, body } = asked()
      expect(url.pathname).toBe('/account/isobar/messages')
      // It would be gone after seven days otherwise, done or not.
      expect(url.searchParams.get('messagettl')).toBe('-1')
      const [, base64 = ''] = /<MessageText>(.*)<\/MessageText>/s.exec(body) ?? []
      return {
        message: JSON.parse(Buffer.from(base64, 'base64').toString()),
        delayMs: Number(url.searchParams.get('visibilitytimeout')) * 1000,
      }
    },
    longestMs: 604_800_000,
  },
  {
    name: 'Pub/Sub and Cloud Tasks',
    queue: () =>
      pubSubQueue({
        topic: 'projects/p/topics/isobar',
        delays: { queue: 'projects/p/locations/l/queues/delays', account: 'isobar@p.iam.gserviceaccount.com' },
        identity: new OAuth2Client({ credentials: { access_token: 'token' } }),
        now,
        endpoints: { pubsub: server.endpoint, tasks: server.endpoint },
      }),
    took: () => ({ status: 200, type: 'application/json', body: '{}' }),
    sent() {
      const { url, headers, body } = asked()
      expect(headers.authorization).toBe('Bearer token')
      const published = (publish: string): unknown => {
        const { messages } = JSON.parse(publish) as { readonly messages: readonly [{ readonly data: string }] }
        expect(messages).toHaveLength(1)
        return JSON.parse(Buffer.from(messages[0].data, 'base64').toString())
      }
      const publishPath = '/v1/projects/p/topics/isobar:publish'
      if (url.pathname === publishPath) return { message: published(body), delayMs: 0 }
      expect(url.pathname).toBe('/v2/projects/p/locations/l/queues/delays/tasks')
      const { task } = JSON.parse(body) as {
        readonly task: { readonly scheduleTime: string; readonly httpRequest: Readonly<Record<string, unknown>> }
      }
      expect(task.httpRequest).toMatchObject({
        url: `${server.endpoint}${publishPath}`,
        httpMethod: 'POST',
        oauthToken: { serviceAccountEmail: 'isobar@p.iam.gserviceaccount.com' },
      })
      const publish = Buffer.from(String(task.httpRequest['body']), 'base64').toString()
      return { message: published(publish), delayMs: Date.parse(task.scheduleTime) - now() }
    },
    longestMs: 30 * 86_400_000,
  },
]

describe.each(kinds)('$name', (kind) => {
  it.each([
    ['at once', 0, 0],
    ['after a while', 30_000, 30_000],
  ])('takes a message that is to come back %s', async (_, delayMs, seenMs) => {
    answers = [kind.took]
    await kind.queue().send(message, delayMs)
    expect(kind.sent()).toEqual({ message, delayMs: seenMs })
    expect(server.requests).toHaveLength(1)
  })

  it('never gives a message out before its delay is over', async () => {
    answers = [kind.took]
    await kind.queue().send(message, 1)
    expect(kind.sent().delayMs).toBeGreaterThanOrEqual(1)
  })

  it('is asked for no longer a delay than it knows', async () => {
    answers = [kind.took]
    await kind.queue().send(message, 1e12)
    expect(kind.sent().delayMs).toBe(kind.longestMs)
  })

  it('may be asked again where it was down for a moment: a message that lies there twice is done twice', async () => {
    answers = [refused(503), kind.took]
    await kind.queue().send(message, 0)
    expect(server.requests).toHaveLength(2)
    expect(kind.sent().message).toEqual(message)
  })

  it.each([
    [403, 'denied'],
    [404, 'denied'],
    [429, 'throttled'],
    [500, 'unreachable'],
  ])('that answers %i throws, and what could not be sent comes back with its delivery', async (status, is) => {
    answers = [refused(status)]
    await expect(kind.queue().send(message, 0)).rejects.toMatchObject({
      name: 'Failure',
      kind: is,
      patience: 'later',
      message: expect.stringMatching(/^queue .*isobar: not sent, /),
    })
  })

  it('that is not there throws, within a bounded time', async () => {
    answers = [kind.took]
    const queue = kind.queue()
    await server.close()
    await expect(queue.send(message, 0)).rejects.toMatchObject({ kind: 'unreachable', patience: 'later' })
  })
})

describe('a function’s queues', () => {
  const environments = {
    aws: {
      ISOBAR_QUEUE_OBJECT_CHANGED: 'https://sqs.eu-west-1.amazonaws.com/111122223333/short',
      ISOBAR_QUEUE_TRANSFER_PART: 'https://sqs.eu-west-1.amazonaws.com/111122223333/long',
    },
    azure: {
      ISOBAR_QUEUE_OBJECT_CHANGED: 'https://account.queue.core.windows.net/short',
      ISOBAR_QUEUE_TRANSFER_PART: 'https://account.queue.core.windows.net/long',
    },
    gcp: {
      ISOBAR_QUEUE_OBJECT_CHANGED: 'projects/p/topics/short',
      ISOBAR_QUEUE_TRANSFER_PART: 'projects/p/topics/long',
      ISOBAR_DELAYS: 'projects/p/locations/l/queues/q',
      ISOBAR_DELAYS_ACCOUNT: 'isobar@p.iam.gserviceaccount.com',
    },
  }
  const made = { aws: awsQueues, azure: azureQueues, gcp: gcpQueues }
  const told = (Object.keys(environments) as (keyof typeof environments)[]).flatMap((cloud) =>
    Object.keys(environments[cloud]).map((name) => ({ cloud, name })),
  )

  it.each(told)(
    '$cloud: without $name, or with something else there, the function does not start',
    ({ cloud, name }) => {
      const environment = environments[cloud]
      expect(() => made[cloud](environment)).not.toThrow()
      expect(() => made[cloud]({ ...environment, [name]: undefined })).toThrow(`${name}: found nothing, expected `)
      expect(() => made[cloud]({ ...environment, [name]: 'somewhere' })).toThrow(
        `${name}: found "somewhere", expected `,
      )
    },
  )

  it('are opened at their first message, once, each by its own address', async () => {
    const opened: string[] = []
    const sent: [string, unknown, number][] = []
    const kind = {
      address: 'an address',
      isAddress: /./,
      open: async (at: string): Promise<Queue<unknown>> => {
        opened.push(at)
        return { send: async (one, delayMs) => void sent.push([at, one, delayMs]) }
      },
    }
    const queues = queuesFor({ ISOBAR_QUEUE_OBJECT_CHANGED: 'a', ISOBAR_QUEUE_TRANSFER_PART: 'b' }, kind)
    expect(opened).toEqual([])
    await queues.short.send(message, 1)
    await queues.short.send(message, 2)
    await queues.long.send(message, 3)
    expect(opened).toEqual(['a', 'b'])
    expect(sent).toEqual([
      ['a', message, 1],
      ['a', message, 2],
      ['b', message, 3],
    ])
  })

  it('are opened anew where they could not be', async () => {
    let tries = 0
    const kind = {
      address: 'an address',
      isAddress: /./,
      open: async (): Promise<Queue<unknown>> => {
        if (++tries === 1) throw new Error('out of reach')
        return { send: async () => undefined }
      },
    }
    const { short } = queuesFor({ ISOBAR_QUEUE_OBJECT_CHANGED: 'a', ISOBAR_QUEUE_TRANSFER_PART: 'b' }, kind)
    await expect(short.send(message, 0)).rejects.toThrow('out of reach')
    await short.send(message, 0)
  })
})
