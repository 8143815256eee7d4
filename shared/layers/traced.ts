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

/** No generator: its `return` would wait for its `next`, and a body given up while a piece is awaited would stay open below. */
function counted(body: AsyncIterable<Uint8Array>, end: (bytes: number) => void): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]() {
      const inner = body[Symbol.asyncIterator]()
      let bytes = 0
      let over = false
      const close = () => {
        if (!over) end(bytes)
        over = true
      }
      return {
        next: async () => {
          try {
            const piece = await inner.next()
            if (piece.done === true) close()
            else bytes += piece.value.byteLength
            return piece
          } catch (thrown) {
            close()
            throw thrown
          }
        },
        return: async () => {
          close()
          return (await inner.return?.()) ?? { done: true as const, value: undefined }
        },
      }
    },
  }
}
