/**
 * Virtual time. What is planned for one moment happens in the order in which it was planned; after each happening
 * everything that waits for promises goes as far as it can. Nothing here takes real time.
 */
export class Timeline {
  #nowMs = 0
  #order = 0
  readonly #heap: Planned[] = []

  get nowMs(): number {
    return this.#nowMs
  }

  get pending(): number {
    return this.#heap.length
  }

  at(ms: number, happen: Happening): void {
    push(this.#heap, { ms: Math.max(ms, this.#nowMs), order: this.#order++, happen })
  }

  after(ms: number, happen: Happening): void {
    this.at(this.#nowMs + ms, happen)
  }

  /** Until the moment is reached, or the world is at rest before. */
  run(untilMs: number, resting: () => boolean = () => false): void {
    drain()
    for (;;) {
      if (resting()) return
      const next = this.#heap[0]
      if (next === undefined || next.ms > untilMs) break
      pop(this.#heap)
      this.#nowMs = next.ms
      if (next.happen() !== nothing) drain()
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs)
  }
}

/** What answers `nothing` woke nobody. */
export type Happening = () => void | typeof nothing

export const nothing: unique symbol = Symbol('nothing')

interface Planned {
  readonly ms: number
  readonly order: number
  readonly happen: Happening
}

function before(a: Planned, b: Planned): boolean {
  return a.ms < b.ms || (a.ms === b.ms && a.order < b.order)
}

function push(heap: Planned[], item: Planned): void {
  let i = heap.length
  heap.push(item)
  while (i > 0) {
    const parent = (i - 1) >> 1
    if (before(heap[parent]!, item)) break
    heap[i] = heap[parent]!
    i = parent
  }
  heap[i] = item
}

function pop(heap: Planned[]): void {
  const last = heap.pop()!
  const size = heap.length
  if (size === 0) return
  let i = 0
  for (;;) {
    let child = 2 * i + 1
    if (child >= size) break
    if (child + 1 < size && before(heap[child + 1]!, heap[child]!)) child++
    if (before(last, heap[child]!)) break
    heap[i] = heap[child]!
    i = child
  }
  heap[i] = last
}

/**
 * Runs every microtask, now. Node calls this after each of its own callbacks; to wait for the event loop instead costs five times as much
 * as everything else here. Only outside microtasks does it do anything: `outsideMicrotasks` leads there.
 */
const { _tickCallback: drain } = process as unknown as { readonly _tickCallback: () => void }

/** Runs the work where microtasks can be drained, and hands back what it made. */
export function outsideMicrotasks<T>(work: () => T): Promise<T> {
  return new Promise((resolve, reject) => {
    setImmediate(() => {
      // Failures are outcomes here, made by the thousand: their stacks would cost a quarter of all time.
      const { stackTraceLimit } = Error
      Error.stackTraceLimit = 0
      try {
        resolve(work())
      } catch (thrown) {
        reject(thrown instanceof Error ? thrown : new Error(String(thrown)))
      } finally {
        Error.stackTraceLimit = stackTraceLimit
      }
    })
  })
}

/** Says so aloud where a runtime does not drain as we rely on. */
export function assertDrains(): void {
  let drained = false
  void Promise.resolve().then(() => (drained = true))
  drain()
  if (!drained)
    throw new Error(
      'this runtime does not run microtasks on request: the simulation needs Node 24, outside a microtask',
    )
}
