import { Failure } from '#shared/kernel/failure.ts'
import type { Queue } from '#shared/ports/queue.ts'
import type { Again } from '#shared/replication/model.ts'
import type { Environment } from './identity.ts'
import type { OwnMessage } from './message.ts'

/** Where replication's unfinished work waits: `short` comes back to this trigger, `long` to the one that moves objects in parts. */
export type Queues = Readonly<Record<Again['queue'], Queue<OwnMessage>>>

/** Environment variables that hold each queue's address, as its cloud writes it. */
const queueVariables: Readonly<Record<keyof Queues, string>> = {
  short: 'ISOBAR_QUEUE_OBJECT_CHANGED',
  long: 'ISOBAR_QUEUE_TRANSFER_PART',
}

/** How one cloud's queue is told and opened. */
export interface QueueKind {
  /** The form of its address, as a reader of an error needs it. */
  readonly address: string
  readonly isAddress: RegExp
  /** Its SDK is loaded here, at the first message. */
  open(address: string): Promise<Queue<unknown>>
}

/** Work that must come back may not be lost: a function that was not told where its queues are does not start. */
export function queuesFor(environment: Environment, kind: QueueKind): Queues {
  const queue = (name: keyof Queues): Queue<OwnMessage> =>
    opened(variable(environment, queueVariables[name], kind.address, kind.isAddress), kind)
  return { short: queue('short'), long: queue('long') }
}

/** What a variable of the environment says, in the form that is expected of it. */
export function variable(environment: Environment, name: string, expected: string, form: RegExp): string {
  const value = environment[name]
  if (value !== undefined && form.test(value)) return value
  throw new Failure('invalid', `${name}: found ${value ? JSON.stringify(value) : 'nothing'}, expected ${expected}`)
}

function opened(address: string, kind: QueueKind): Queue<OwnMessage> {
  let opening: Promise<Queue<unknown>> | null = null
  return {
    async send(message, delayMs) {
      opening ??= kind.open(address).catch((thrown: unknown) => {
        opening = null
        throw thrown
      })
      await (await opening).send(message, delayMs)
    },
  }
}
