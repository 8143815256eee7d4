import type { Core } from '#shared/replication/core.ts'
import { run } from '#shared/replication/run.ts'
import type { Journal } from './journal.ts'
import type { Notice } from './notice.ts'
import type { Queues } from './queues.ts'

/** What every trigger of every cloud is given. */
export interface Work {
  readonly core: Core
  readonly queues: Queues
  readonly journal: Journal
}

/** All three clouds end the function after 60 s. What is unfinished ten seconds before still finds its way into a queue. */
export function deadline({ core }: Work): AbortSignal {
  return AbortSignal.timeout(core.limits.invocationMs)
}

/**
 * One delivery, to its end. It may be acknowledged once this resolves: whatever must come back lies in a queue by then.
 * Where it throws, the delivery itself comes back, or is poison and ends among the dead letters.
 */
export async function handle(read: () => Notice, { core, queues, journal }: Work, signal: AbortSignal): Promise<void> {
  try {
    const notice = read()
    if ('passedOver' in notice) return journal.passedOver(notice.passedOver)
    const { receipts, again } = await run(notice.message, core, signal)
    // First of all: what was done was done, even if the queue cannot be reached now and all of it is done again.
    for (const receipt of receipts) journal.receipt(receipt)
    await Promise.all(again.map(({ message, delayMs, queue }) => queues[queue].send(message, delayMs)))
  } catch (thrown) {
    journal.thrown(thrown)
    throw thrown
  }
}
