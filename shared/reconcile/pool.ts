/** Runs tasks a few at a time. */
export class Pool {
  readonly #width: number
  readonly #running = new Set<Promise<void>>()
  #defect: { readonly thrown: unknown } | null = null

  constructor(width: number) {
    this.#width = width
  }

  /** Resolves once the task has begun. */
  async add(task: () => Promise<void>): Promise<void> {
    while (this.#running.size >= this.#width) await Promise.race(this.#running)
    this.#complain()
    const running = this.#run(task)
    this.#running.add(running)
    void running.finally(() => this.#running.delete(running))
  }

  /** Resolves once none is running; throws what one of them threw. */
  async drain(): Promise<void> {
    await Promise.all(this.#running)
    this.#complain()
  }

  /** Never rejects: what it throws is kept for who waits. */
  async #run(task: () => Promise<void>): Promise<void> {
    try {
      await task()
    } catch (thrown) {
      this.#defect ??= { thrown }
    }
  }

  #complain(): void {
    if (this.#defect !== null) throw this.#defect.thrown
  }
}
