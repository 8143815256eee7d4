import type { Verb } from './around.ts'
import type { Trace } from './traced.ts'

export interface Count {
  readonly requests: number
  readonly failed: number
  readonly sent: number
  readonly received: number
}

const nothing: Count = { requests: 0, failed: 0, sent: 0, received: 0 }

/** Adds up traces by verb: hand its `count` to `traced`. */
export class Tally {
  readonly #counts = new Map<Verb, Count>()

  readonly count = (trace: Trace): void => {
    const { verb, bytes } = trace.call
    const { requests, failed, sent, received } = this.of(verb)
    this.#counts.set(
      verb,
      trace.what === 'body'
        ? { requests, failed, sent, received: received + trace.bytes }
        : { requests: requests + 1, failed: failed + (trace.failure === null ? 0 : 1), sent: sent + bytes, received },
    )
  }

  of(verb: Verb): Count {
    return this.#counts.get(verb) ?? nothing
  }

  get requests(): number {
    return [...this.#counts.values()].reduce((sum, { requests }) => sum + requests, 0)
  }
}
