/** Bodies on their way out and in: a piece at a time, whatever their size. */
import { ClientRequest } from 'node:http'
import { Readable } from 'node:stream'
import { Failure } from '#shared/kernel/failure.ts'
import type { Body } from '#shared/ports/object-store.ts'
import type { Call } from './failure.ts'

/** A body that is being sent. */
export interface Outgoing {
  readonly stream: Readable
  /** What its source threw; its own failure passes on as it is. */
  trouble(): { readonly thrown: unknown } | null
}

/** `broken` is called at most once, when the source fails or is not what it said: then nothing of it may be taken for whole. */
export function outgoing(body: Body, call: Call, broken: () => void): Outgoing {
  let trouble: { readonly thrown: unknown } | null = null
  const stream = Readable.from(exactly(body, call), { objectMode: false })
  stream.on('error', (thrown) => {
    trouble ??= { thrown }
    broken()
  })
  beginOnceAsked(stream)
  return { stream, trouble: () => trouble }
}

/** A store that does not know how to ask gets the body after so long. */
const askMs = 3_000

/** Where its request asks first. The SDK waits for the answer only on connections of its own making, which nothing bounds or keeps. */
function beginOnceAsked(stream: Readable): void {
  const flow = stream.pipe.bind(stream)
  stream.pipe = (request) => {
    if (!(request instanceof ClientRequest) || !request.hasHeader('expect')) return flow(request)
    // It flows once, also where it is asked for after all.
    const begin = () => {
      clearTimeout(timer)
      request.off('continue', begin)
      flow(request)
    }
    const timer = setTimeout(begin, askMs)
    request.once('continue', begin)
    for (const end of ['response', 'close']) request.once(end, () => clearTimeout(timer))
    return request
  }
}

/** Keeps the last piece back until the source has ended: a body that goes on for longer was not yet sent whole. */
async function* exactly(body: Body, { site }: Call): AsyncGenerator<Uint8Array, void, undefined> {
  let size = 0
  let held: Uint8Array | null = null
  for await (const piece of body.open()) {
    if (piece.byteLength === 0) continue
    size += piece.byteLength
    if (size > body.size) break
    if (held !== null) yield held
    held = piece
  }
  if (size !== body.size) {
    const found = size > body.size ? `more than ${body.size}` : String(size)
    throw new Failure('corrupt', `body for ${site}: found ${found} bytes, expected ${body.size}; nothing was stored`, {
      site,
    })
  }
  if (held !== null) yield held
}

/** Up to here what arrived is taken at once, so that its connection serves the next request whether or not somebody reads it. */
const smallBytes = 64 * 1024

/** So long a connection waits for a reader; one that comes later opens the body again. */
const waitMs = 1000

export interface Incoming {
  readonly stream: Readable
  readonly bytes: number
  /** What the connection's trouble means. */
  readonly broken: (cause: unknown) => Failure
  /** The same bytes once more, until the signal says that nobody wants them. */
  readonly again: (left: AbortSignal) => Promise<AsyncIterable<Uint8Array>>
}

/** Read at most once, or never. */
export function incoming(body: Incoming): AsyncIterable<Uint8Array> {
  let begun = false
  const open = body.bytes <= smallBytes ? taken(body) : waiting(body)
  return {
    [Symbol.asyncIterator]() {
      if (begun) throw new TypeError('a body is read once')
      begun = true
      return open()
    },
  }
}

/** Where a connection is held, no generator: one that waits for the next piece would not hear that its reader has left. */
type Open = () => AsyncIterator<Uint8Array>

function taken({ stream, broken }: Incoming): Open {
  const pieces = stream.toArray() as Promise<Uint8Array[]>
  pieces.catch(() => undefined) // Its reader hears of it, if there is one.
  return async function* () {
    try {
      yield* await pieces
    } catch (cause) {
      throw broken(cause)
    }
  }
}

function waiting(body: Incoming): Open {
  const { stream } = body
  let left = false
  // Whoever reads already hears of it from the iterator; whoever comes later begins anew.
  stream.on('error', () => (left = true))
  const timer = setTimeout(() => {
    left = true
    stream.destroy()
  }, waitMs).unref()
  return () => {
    clearTimeout(timer)
    return left ? anew(body) : flowing(body)
  }
}

/** The same bytes, asked for again by the first who wants a piece. */
function anew({ again }: Incoming): AsyncIterator<Uint8Array> {
  const leaving = new AbortController()
  let pieces: Promise<AsyncIterator<Uint8Array>> | null = null
  return {
    async next() {
      pieces ??= again(leaving.signal).then((body) => body[Symbol.asyncIterator]())
      return (await pieces).next()
    },
    async return() {
      leaving.abort()
      return { done: true, value: undefined }
    },
  }
}

function flowing({ stream, broken }: Incoming): AsyncIterator<Uint8Array> {
  const pieces = stream[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>
  return {
    async next() {
      try {
        return await pieces.next()
      } catch (cause) {
        throw broken(cause)
      }
    },
    async return() {
      stream.destroy()
      return { done: true, value: undefined }
    },
  }
}
