/** A cloud's own queue. What is sent is delivered at least once, no sooner than the delay. */
export interface Queue<M> {
  /** Resolves once the queue holds the message durably. */
  send(message: M, delayMs: number): Promise<void>
}
