import { Failure } from '#shared/kernel/failure.ts'
import type { Queue } from '#shared/ports/queue.ts'
import type { Again, Message } from '#shared/replication/model.ts'

/** Where replication's unfinished work waits: `short` comes back to this trigger, `long` to the one that moves objects in parts. */
export type Queues = Readonly<Record<Again['queue'], Queue<Message>>>

/** No driver is built yet, and work that must come back may not be lost: a function without queues does not start. */
export function queuesFor(cloud: 'aws' | 'azure' | 'gcp'): Queues {
  throw new Failure('invalid', `${cloud}: there is no queue driver yet, and what must come back would be lost`)
}
