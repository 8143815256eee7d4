/** Bodies on their way from the store. */
import type { Readable } from 'node:stream'
import type { Hasher, Hashing } from '#shared/kernel/digest.ts'
import type { Failure } from '#shared/kernel/failure.ts'

/** One answer's part of a body. */
export interface Piece {
  readonly stream: Readable
  readonly size: number
  /** What the store says of these bytes, where nobody else compares them. */
  readonly md5: Uint8Array | null
}

export interface Incoming {
  readonly start: number
  readonly end: number
  readonly signal: AbortSignal
  readonly hashing: Hashing
  /** The bytes of this very version from here on, as far as one answer goes. */
  open(from: number, signal: AbortSignal): Promise<Piece>
  failure(thrown: unknown): Failure
  damaged(what: string): Failure
}

/** A body that lies unread for so long gives its connection back; whoever reads it after all opens it anew. */
const unreadMs = 3_000

/**
 * A body read once, piece by piece. Its iterator is no generator: a generator's `return` waits for its `next`, and whoever gives up on a
 * silent store would leave the connection open.
 */
export class Reading implements AsyncIterable<Uint8Array> {
  readonly #incoming: Incoming
  readonly #timer: NodeJS.Timeout
  readonly #ending = new AbortController()
  readonly #abort = (): void => {
    this.#isCut = true
    this.#stop()
  }
  #at: number
  #flow: Flow | null
  #opened = false
  #over = false
  /** Its caller gave up: what came until then never passes for the whole. */
  #isCut = false

  constructor(incoming: Incoming, first: Piece | null) {
    this.#incoming = incoming
    this.#at = incoming.start
    this.#flow = first === null ? null : new Flow(first, incoming)
    this.#timer = setTimeout(() => this.#setAside(), unreadMs).unref()
    this.#heed()
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    if (this.#opened) throw new TypeError('a body is read once')
    this.#opened = true
    clearTimeout(this.#timer)
    this.#heed()
    return {
      next: async () => {
        const value = await this.#next()
        return value === null ? { done: true, value: undefined } : { done: false, value }
      },
      return: async () => {
        this.#stop()
        return { done: true, value: undefined }
      },
    }
  }

  async #next(): Promise<Uint8Array | null> {
    try {
      while (!this.#over) {
        this.#flow ??= this.#at < this.#incoming.end ? await this.#open() : null
        const chunk = (await this.#flow?.next()) ?? null
        if (chunk !== null) {
          this.#at += chunk.byteLength
          return chunk
        }
        if (this.#flow === null) this.#stop()
        this.#flow = null
      }
      if (this.#isCut) throw new Error('ended by its caller')
      return null
    } catch (thrown) {
      this.#stop()
      throw this.#incoming.failure(thrown)
    }
  }

  async #open(): Promise<Flow> {
    const flow = new Flow(await this.#incoming.open(this.#at, this.#ending.signal), this.#incoming)
    if (this.#over) flow.end()
    return flow
  }

  #heed(): void {
    const { signal } = this.#incoming
    if (signal.aborted) this.#abort()
    else signal.addEventListener('abort', this.#abort, { once: true })
  }

  /** Nothing is open any more; its caller is heeded again once somebody reads. */
  #setAside(): void {
    this.#flow?.end()
    this.#flow = null
    this.#incoming.signal.removeEventListener('abort', this.#abort)
  }

  #stop(): void {
    this.#over = true
    this.#ending.abort()
    this.#flow?.end()
    this.#incoming.signal.removeEventListener('abort', this.#abort)
  }
}

/** One piece, pulled a chunk at a time and held against its length and its checksum. */
class Flow {
  readonly #piece: Piece
  readonly #incoming: Incoming
  readonly #hasher: Hasher | null
  #size = 0
  #wake = (): void => undefined
  #watching = false

  constructor(piece: Piece, incoming: Incoming) {
    this.#piece = piece
    this.#incoming = incoming
    this.#hasher = piece.md5 === null ? null : incoming.hashing.hasher('md5')
    // Even while nobody reads: an error that nobody listens to ends the process.
    piece.stream.on('error', () => this.#wake())
  }

  async next(): Promise<Uint8Array | null> {
    const chunk = await this.#pull()
    if (chunk === null) this.#check()
    else {
      this.#size += chunk.byteLength
      this.#hasher?.update(chunk)
    }
    return chunk
  }

  end(): void {
    this.#piece.stream.destroy(Object.assign(new Error('ended by its reader'), { name: 'AbortError' }))
  }

  async #pull(): Promise<Uint8Array | null> {
    const { stream } = this.#piece
    if (!this.#watching) for (const event of ['readable', 'end', 'close']) stream.on(event, () => this.#wake())
    this.#watching = true
    for (;;) {
      const chunk = stream.read() as Uint8Array | null
      if (chunk !== null) return chunk
      if (stream.errored !== null) throw stream.errored
      if (stream.readableEnded) return null
      if (stream.closed) throw new Error('the connection closed within the body')
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  #check(): void {
    const { size, md5 } = this.#piece
    if (this.#size !== size) throw new Error(`the body ended after ${this.#size} bytes of ${size}`)
    if (this.#hasher === null || md5 === null) return
    const [found, expected] = [this.#hasher.digest(), Buffer.from(md5).toString('base64')]
    if (found !== expected) throw this.#incoming.damaged(`found MD5 ${found}, expected ${expected}`)
  }
}
