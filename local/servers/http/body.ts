import type { IncomingMessage } from 'node:http'

/** The client left before its request, or the answer to it, was whole. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone'
}

/** Each step is its reader's to keep, unless it is passed back with `next`: that gives its memory back. */
export interface RequestBody extends AsyncIterable<Uint8Array> {
  /** Whether somebody has begun to read it. */
  readonly asked: boolean
  /** Takes it from whoever began to read it, and need not have said that he stopped: what is left is nobody's. */
  takeBack(): Promise<void>
}

/** `invite` tells a client that waits for it to send; it is called when the body is asked for. */
export function bodyOf(incoming: IncomingMessage, invite: (() => void) | null): RequestBody {
  let asked = false
  let source: AsyncIterator<Buffer<ArrayBuffer>> | null = null
  return {
    get asked() {
      return asked
    },
    async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, Uint8Array | undefined> {
      if (asked) throw new Error('this body has been read: keep what you need of it')
      asked = true
      invite?.()
      try {
        // Who stops half-way refuses the rest, and still wants to answer: the connection stays.
        const all = incoming.iterator({ destroyOnReturn: false }) as AsyncIterableIterator<Buffer<ArrayBuffer>>
        source = all
        for await (const bytes of all) {
          const spent: Uint8Array | undefined = yield bytes
          if (spent === bytes) free(bytes)
        }
      } catch (error) {
        throw new ClientGone('the client left before its request was whole', { cause: error })
      }
      if (!incoming.complete) throw new ClientGone('the client left before its request was whole')
    },
    async takeBack() {
      await source?.return?.()
    },
  }
}

/** Of a large body the memory of spent steps would pile up, tens of megabytes until it is collected. */
function free({ buffer, byteLength }: Buffer<ArrayBuffer>): void {
  if (byteLength === buffer.byteLength) buffer.transfer(0)
}
