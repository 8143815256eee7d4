/**
 * Lets only so many calls go at once; the others wait in the order in which they came. See retrying.ts for its place among the layers.
 * A read gives its place back once its body is open: a copy that held it while writing to the same store would wait for itself.
 */
import type { ObjectStore } from '#shared/ports/object-store.ts'
import { around, notSent } from './around.ts'

export function limited(store: ObjectStore, calls: number): ObjectStore {
  const gate = new Gate(calls)
  return around(store, async (call, signal, act) => {
    if (!(await gate.enter(signal))) throw notSent(call, 'ended by the caller while it waited for its turn')
    try {
      return await act(signal)
    } finally {
      gate.leave()
    }
  })
}

class Gate {
  readonly #waiting = new Set<() => void>()
  #free: number

  constructor(places: number) {
    this.#free = places
  }

  /** False where the caller gave up first; then there is no place to give back. */
  async enter(signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return false
    if (this.#free > 0) {
      this.#free--
      return true
    }
    return new Promise((resolve) => {
      const called = () => {
        signal.removeEventListener('abort', left)
        resolve(true)
      }
      const left = () => {
        this.#waiting.delete(called)
        resolve(false)
      }
      this.#waiting.add(called)
      signal.addEventListener('abort', left, { once: true })
    })
  }

  /** The place goes straight to who waits longest, so that nobody who comes later takes it. */
  leave(): void {
    const [next] = this.#waiting
    if (next === undefined) {
      this.#free++
      return
    }
    this.#waiting.delete(next)
    next()
  }
}
