import type { Clock } from '#shared/kernel/clock.ts'
import type { Queue } from '#shared/ports/queue.ts'

export interface MemoryQueueOptions {
  readonly clock: Pick<Clock, 'monotonic'>
  /** A message that was handed out and not acknowledged is handed out again after this long. */
  readonly visibilityMs: number
}

export interface Delivery<M> {
  readonly message: M
  acknowledge(): void
}

interface Waiting {
  /** As it would lie in a queue: what it was made of may change afterwards, the message does not. */
  readonly text: string
  dueMs: number
}

/** A queue as a state machine: each verb happens at once and whole. It is the specification of the port. */
export class MemoryQueue<M> implements Queue<M> {
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #visibilityMs: number
  readonly #waiting = new Set<Waiting>()

  constructor({ clock, visibilityMs }: MemoryQueueOptions) {
    this.#clock = clock
    this.#visibilityMs = visibilityMs
  }

  async send(message: M, delayMs: number): Promise<void> {
    this.#waiting.add({ text: JSON.stringify(message), dueMs: this.#clock.monotonic() + delayMs })
  }

  /** The one that has been due for longest; `null` where none is due. */
  receive(): Delivery<M> | null {
    const nowMs = this.#clock.monotonic()
    let next: Waiting | null = null
    for (const one of this.#waiting) if (one.dueMs <= nowMs && (next === null || one.dueMs < next.dueMs)) next = one
    if (next === null) return null
    const taken = next
    taken.dueMs = nowMs + this.#visibilityMs
    return { message: JSON.parse(taken.text) as M, acknowledge: () => void this.#waiting.delete(taken) }
  }

  /** Handed out or not, as long as nobody has acknowledged it. */
  get size(): number {
    return this.#waiting.size
  }

  /** The moment at which the next one is due; `null` where nothing waits. */
  get dueMs(): number | null {
    return this.#waiting.size === 0 ? null : Math.min(...[...this.#waiting].map(({ dueMs }) => dueMs))
  }
}
