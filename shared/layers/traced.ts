/** Tells of every request that is sent, and of every body that is read. See retrying.ts for its place among the layers. */
import type { Clock } from '#shared/kernel/clock.ts'
import { asFailure, type FailureKind } from '#shared/kernel/failure.ts'
import type { ObjectStore } from '#shared/ports/object-store.ts'
import { around, type Call } from './around.ts'

export type Trace =
  | { readonly what: 'request'; readonly call: Call; readonly ms: number; readonly failure: FailureKind | null }
  /** At its end, wherever its reader or the network made one. */
  | { readonly what: 'body'; readonly call: Call; readonly bytes: number }

export function traced(store: ObjectStore, clock: Clock, emit: (trace: Trace) => void): ObjectStore {
  const outer = around(store, async (call, signal, act) => {
    const began = clock.monotonic()
    const end = (failure: FailureKind | null) => emit({ what: 'request', call, ms: clock.monotonic() - began, failure })
    try {
      const answer = await act(signal)
      end(null)
      return answer
    } catch (thrown) {
      end(asFailure(thrown).kind)
      throw thrown
    }
  })
  return {
    ...outer,
    get: async (key, signal, want) => {
      const found = await outer.get(key, signal, want)
      if (found === null) return null
      const call: Call = { site: store.site, verb: 'get', key, bytes: 0 }
      return { meta: found.meta, body: counted(found.body, (bytes) => emit({ what: 'body', call, bytes })) }
    },
  }
}

async function* counted(body: AsyncIterable<Uint8Array>, end: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  let bytes = 0
  try {
    for await (const chunk of body) {
      bytes += chunk.byteLength
      yield chunk
    }
  } finally {
    end(bytes)
  }
}
