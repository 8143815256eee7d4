import type { Clock } from '#shared/kernel/clock.ts'

interface Sleeper {
  readonly at: number
  wake(): void
}

/** Time that passes only when the test says so, or when everyone sleeps and nobody can wait for anything else. */
export class TestClock implements Clock {
  #ms = 1_800_000_000_000
  readonly #sleepers = new Set<Sleeper>()

  now(): number {
    return this.#ms
  }

  monotonic(): number {
    return this.#ms - 1_700_000_000_000
  }

  /** A look at the time that makes it pass: no two are alike. */
  tick(): number {
    return (this.#ms += 1)
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    await new Promise<void>((resolve, reject) => {
      const sleeper: Sleeper = { at: this.#ms + ms, wake: resolve }
      this.#sleepers.add(sleeper)
      signal?.addEventListener('abort', () => {
        this.#sleepers.delete(sleeper)
        reject(signal.reason as Error)
      })
      if (this.#idle) this.#passSoon()
    })
  }

  /** Whether sleeping makes the time pass by itself. */
  #idle = true

  stop(): this {
    this.#idle = false
    return this
  }

  get sleeping(): number {
    return this.#sleepers.size
  }

  /** Wakes in order whoever's time comes, and lets what they do run before the next. */
  async pass(ms: number): Promise<void> {
    const end = this.#ms + ms
    for (;;) {
      await settled()
      const next = [...this.#sleepers].toSorted((a, b) => a.at - b.at)[0]
      if (next === undefined || next.at > end) break
      this.#ms = Math.max(this.#ms, next.at)
      this.#sleepers.delete(next)
      next.wake()
    }
    this.#ms = end
    await settled()
  }

  #passSoon(): void {
    setImmediate(() => {
      const next = [...this.#sleepers].toSorted((a, b) => a.at - b.at)[0]
      if (next === undefined) return
      this.#ms = Math.max(this.#ms, next.at)
      this.#sleepers.delete(next)
      next.wake()
    })
  }
}

/** Everything that can go on without the time passing has gone on. */
async function settled(): Promise<void> {
  await new Promise<void>((resolve) => {
    setImmediate(resolve)
  })
}
