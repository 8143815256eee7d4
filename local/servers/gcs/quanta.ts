import { ClientGone } from '#local/servers/http/body.ts'

/** Resumable uploads are kept in multiples of this. */
const quantum = 256 * 1024

export interface Quanta extends AsyncIterable<Uint8Array> {
  /** How many bytes came, kept or not. */
  readonly received: number
  /** Whether the client left before its body was whole. */
  readonly broke: boolean
}

/**
 * What is worth keeping of a body: all of it if it is the last and came whole, else what fills multiples of 256 KiB.
 * `skip`: so many bytes at its beginning are there already. Each step is read into the same memory.
 */
export function quantaOf(
  body: AsyncIterable<Uint8Array>,
  { skip, last }: { readonly skip: number; readonly last: boolean },
): Quanta {
  let received = 0
  let broke = false
  return {
    get received() {
      return received
    },
    get broke() {
      return broke
    },
    async *[Symbol.asyncIterator]() {
      const memory = Buffer.allocUnsafeSlow(quantum)
      const source = body[Symbol.asyncIterator]()
      let filled = 0
      try {
        // What has been copied is passed back, so that its memory is free at once.
        for (let step = await source.next(); step.done !== true; step = await source.next(step.value)) {
          let fresh = step.value.subarray(Math.min(Math.max(skip - received, 0), step.value.length))
          received += step.value.length
          while (fresh.length > 0) {
            const some = fresh.subarray(0, quantum - filled)
            memory.set(some, filled)
            filled += some.length
            fresh = fresh.subarray(some.length)
            if (filled < quantum) continue
            yield memory
            filled = 0
          }
        }
      } catch (error) {
        if (!(error instanceof ClientGone)) throw error
        broke = true
      } finally {
        await source.return?.()
      }
      if (last && !broke) yield memory.subarray(0, filled)
    },
  }
}
