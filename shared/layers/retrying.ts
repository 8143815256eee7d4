/**
 * Asks a read again that failed fast.
 *
 * The right order is `retrying(timed(limited(proven(traced(driver)))))`; `proven` is in shared/conformance.
 * Wrong: `timed(retrying(driver))`. One attempt that hangs eats the whole bound, and nothing is ever asked again.
 * Wrong: `limited(timed(driver))`. A write would wait for its turn outside its bound and land long after the moment its mark names.
 * Wrong: `traced(retrying(driver))`. It counts what was asked for, not what was sent and paid.
 *
 * Writes pass untouched: only who knows stamps can tell whether a write whose answer was lost was done.
 */
import type { Clock, Random } from '#shared/kernel/clock.ts'
import { asFailure, type Failure, type FailureKind } from '#shared/kernel/failure.ts'
import type { ObjectStore } from '#shared/ports/object-store.ts'
import { around, isWrite } from './around.ts'

export interface RetryOptions {
  readonly clock: Clock
  readonly random: Random
  /** The first one included. */
  readonly attempts: number
  /** Before the second attempt; doubled before each further one, and drawn between half and whole. */
  readonly pauseMs: number
  /** No attempt begins later than this after the first: the caller's one bounded look stays one. */
  readonly withinMs: number
}

/** What a second try of one read may mend. When a whole task is taken up again is the retry table's to say, not ours. */
const mendable: ReadonlySet<FailureKind> = new Set<FailureKind>(['unreachable', 'throttled', 'corrupt'])

export function retrying(store: ObjectStore, options: RetryOptions): ObjectStore {
  const { clock, random, attempts, withinMs } = options
  return around(store, async (call, signal, act) => {
    if (isWrite(call)) return act(signal)
    const began = clock.monotonic()
    for (let attempt = 1; ; attempt++) {
      try {
        return await act(signal)
      } catch (thrown) {
        const failure = asFailure(thrown)
        const pauseMs = options.pauseMs * 2 ** (attempt - 1) * (0.5 + random.next() / 2)
        const late = clock.monotonic() - began + pauseMs > withinMs
        if (attempt >= attempts || late || !mendable.has(failure.kind)) throw failure
        await pause(clock, pauseMs, signal, failure)
      }
    }
  })
}

/** Who gives up while we wait learns what we were waiting for. */
async function pause(clock: Clock, ms: number, signal: AbortSignal, failure: Failure): Promise<void> {
  try {
    await clock.sleep(ms, signal)
  } catch {
    throw failure
  }
}
