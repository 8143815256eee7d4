/**
 * Bounds every call, whether or not what lies below listens to its signal. See retrying.ts for its place among the layers.
 * A read is bounded until its body is open, and then for each piece of the body that it waits for; what its reader does between is not counted.
 */
import type { Clock } from '#shared/kernel/clock.ts'
import { Failure } from '#shared/kernel/failure.ts'
import type { ObjectStore } from '#shared/ports/object-store.ts'
import { around, type Call, givenUp, isWrite, leftAlone, notSent } from './around.ts'

export interface Bounds {
  readonly lookMs: number
  readonly writeMs: number
}

/** One reason for all: without one each request would cost an error and its stack. */
const answered = new Failure('unreachable', 'answered in time')

export function timed(store: ObjectStore, clock: Clock, bounds: Bounds): ObjectStore {
  const bounded = around(store, (call, signal, act) =>
    within(clock, isWrite(call) ? bounds.writeMs : bounds.lookMs, call, signal, act),
  )
  return {
    ...bounded,
    get: async (key, signal, want) => {
      const found = await bounded.get(key, signal, want)
      if (found === null) return null
      const call: Call = { site: store.site, verb: 'get', key, bytes: 0 }
      return { meta: found.meta, body: flowing(found.body, clock, bounds.lookMs, call, signal) }
    },
  }
}

async function within<T>(
  clock: Clock,
  ms: number,
  call: Call,
  signal: AbortSignal,
  act: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (signal.aborted) throw notSent(call, 'ended by the caller')
  const ending = new AbortController()
  const resting = new AbortController()
  return new Promise<T>((resolve, reject) => {
    const left = () => give(leftAlone(call, signal.reason))
    const end = () => {
      signal.removeEventListener('abort', left)
      resting.abort(answered)
    }
    /** Whoever does not listen may never settle: nothing of ours waits for that. */
    const give = (failure: Failure) => {
      reject(failure)
      ending.abort(failure)
      end()
    }
    signal.addEventListener('abort', left)
    clock.sleep(ms, resting.signal).then(
      () => give(givenUp(call, `no answer within ${ms} ms`)),
      () => undefined,
    )
    // Settled already where time was up: then this changes nothing, and a late answer falls silently.
    act(ending.signal).then(resolve, reject).finally(end)
  })
}

/** Each piece within the bound. */
function flowing(
  body: AsyncIterable<Uint8Array>,
  clock: Clock,
  ms: number,
  call: Call,
  signal: AbortSignal,
): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]() {
      const inner = body[Symbol.asyncIterator]()
      return {
        next: async () => {
          try {
            return await within(clock, ms, call, signal, () => inner.next())
          } catch (thrown) {
            void inner.return?.() // Nobody reads on: what is open below must not stay open.
            throw thrown
          }
        },
        return: async () => (await inner.return?.()) ?? { done: true as const, value: undefined },
      }
    },
  }
}
