import { type Queues, queuesFor, variable } from '#functions/queues.ts'
import type { Environment } from '#functions/identity.ts'
import { systemClock } from '#functions/runtime.ts'

export function queuesOf(environment: Environment): Queues {
  const queue = variable(
    environment,
    'ISOBAR_DELAYS',
    'a queue of Cloud Tasks, as "projects/PROJECT/locations/LOCATION/queues/QUEUE"',
    /^projects\/[^/]+\/locations\/[^/]+\/queues\/[^/]+$/,
  )
  const account = variable(
    environment,
    'ISOBAR_DELAYS_ACCOUNT',
    'the service account as which Cloud Tasks publishes what was delayed',
    /^[^@\s]+@[^@\s]+$/,
  )
  return queuesFor(environment, {
    address: 'a topic, as "projects/PROJECT/topics/TOPIC"',
    isAddress: /^projects\/[^/]+\/topics\/[^/]+$/,
    async open(topic) {
      const [{ pubSubQueue }, { publisher }] = await Promise.all([
        import('./drivers/queue.ts'),
        import('./drivers/identity.ts'),
      ])
      return pubSubQueue({ topic, delays: { queue, account }, identity: publisher(), now: () => systemClock.now() })
    },
  })
}
