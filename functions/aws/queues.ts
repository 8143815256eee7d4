import { type Queues, queuesFor } from '#functions/queues.ts'
import type { Environment } from '#functions/identity.ts'

export function queuesOf(environment: Environment): Queues {
  return queuesFor(environment, {
    address: 'the address of a queue of SQS, as "https://sqs.REGION.amazonaws.com/ACCOUNT/NAME"',
    isAddress: /^https?:\/\/[^/]+\/.+$/,
    async open(url) {
      const { sqsQueue } = await import('./drivers/queue.ts')
      return sqsQueue({ url, region: environment['AWS_REGION'] ?? 'us-east-1' })
    },
  })
}
