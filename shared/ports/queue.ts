import { Failure, type FailureKind } from '#shared/kernel/failure.ts'

/** A cloud's own queue. What is sent is delivered at least once, no sooner than the delay, or than the longest delay that the queue knows. */
export interface Queue<M> {
  /** Resolves once the queue holds the message durably. Where it throws, the queue may hold it all the same. */
  send(message: M, delayMs: number): Promise<void>
}

/** Whatever keeps a message out of a queue: the delivery that it comes from is not acknowledged, and brings it back. */
export function notQueued(queue: string, status: number | null, cause: unknown): Failure {
  const said = status === null ? '' : `${status}, `
  const why = cause instanceof Error ? cause.message : String(cause)
  return new Failure(kindOf(status), `queue ${queue}: not sent, ${said}${why}`, { scope: 'site', cause })
}

function kindOf(status: number | null): FailureKind {
  if (status === 429 || status === 503) return 'throttled'
  return status !== null && status >= 400 && status < 500 ? 'denied' : 'unreachable'
}
