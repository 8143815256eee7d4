import { type Queues, queuesFor } from '#functions/queues.ts'
import type { Environment } from '#functions/identity.ts'

export function queuesOf(environment: Environment): Queues {
  return queuesFor(environment, {
    address: 'the address of a Storage Queue, as "https://ACCOUNT.queue.core.windows.net/NAME"',
    isAddress: /^https:\/\/[^/]+\/.+$/,
    async open(url) {
      const [{ storageQueue }, { managedIdentity }] = await Promise.all([
        import('./drivers/queue.ts'),
        import('./drivers/identity.ts'),
      ])
      return storageQueue({ url, credential: managedIdentity(environment['AZURE_CLIENT_ID']) })
    },
  })
}
