import { Readable } from 'node:stream'
import type { Storage } from '@google-cloud/storage'
import type { Clock } from '#shared/kernel/clock.ts'
import { Failure } from '#shared/kernel/failure.ts'
import { type About, type Fate, failure, garbled, lost, shown } from './failure.ts'
import { addressOf, isAddressOf, type Request, type Sent } from './request.ts'

/** The head of an answer, whatever it says. */
export interface Answer {
  readonly status: number
  header(name: string): string | null
  readonly pieces: AsyncIterator<Uint8Array>
}

export interface Line {
  readonly storage: Storage
  readonly clock: Clock
  /** Where nothing moves for so long, nobody is there. An answer that is a text has so long for all of it: one that drips would never end. */
  readonly silenceMs: number
}

/**
 * One request and its answer, sent by the SDK's own authorised transport. Its verbs for objects are unfit here: they hear no signal and know no
 * timeout, put the project in place of a text such as `{{projectId}}` in metadata and prefixes, drop the headers of answers, and answer a checksum
 * that failed with a deletion.
 */
export class Exchange {
  readonly #line: Line
  readonly #about: About
  readonly #request: Request
  readonly #signal: AbortSignal
  readonly #ending = new AbortController()
  readonly #upload: Readable | null
  /** Given to the network, in part or whole. */
  #handed = false
  /** All of the body was asked for, so all of it may be gone. */
  #drained: boolean
  /** What the body's own source threw: its failure, not the store's. */
  #broke: { readonly thrown: unknown } | null = null
  #silent = false
  #movedMs: number

  constructor(line: Line, about: About, request: Request, signal: AbortSignal) {
    this.#line = line
    this.#about = about
    this.#request = request
    this.#signal = signal
    this.#movedMs = line.clock.monotonic()
    this.#drained = request.body === undefined
    // A body may come in pieces of any size: none is taken before the one before it is gone.
    const one = { objectMode: true, highWaterMark: 1 }
    this.#upload = request.body === undefined ? null : Readable.from(this.#pieces(request.body), one)
  }

  get whole(): boolean {
    return this.#handed && this.#drained
  }

  async send(compress: boolean): Promise<Answer> {
    if (this.#signal.aborted) throw this.#causeOf(this.#signal.reason)
    const { method, headers = {}, body } = this.#request
    const url = addressOf(this.#line.storage, this.#request)
    const sent = body === undefined ? {} : { 'content-type': body.type, 'content-length': String(body.size) }
    return this.#listening(async () => {
      const response = await this.#line.storage.authClient.request<Readable | ''>({
        url,
        method,
        headers: { ...headers, ...sent },
        ...(this.#upload === null ? {} : { data: this.#upload }),
        // Not among the types of the SDK's transport; those of the one below it.
        ...({ compress } as object),
        responseType: 'stream',
        redirect: 'manual',
        retryConfig: { retry: 0 },
        validateStatus: () => true,
        signal: AbortSignal.any([this.#signal, this.#ending.signal]),
        adapter: (prepared, send) => {
          this.#refuseDetour(prepared.url)
          this.#handed = true
          return send(prepared)
        },
      })
      const { status, data } = response
      const pieces: AsyncIterator<Uint8Array> = (data === '' ? Readable.from([]) : data)[Symbol.asyncIterator]()
      return { status, header: (name) => response.headers.get(name), pieces }
    })
  }

  /** The next piece of the answer's body; the time that its reader takes between pieces is not counted. */
  piece({ pieces }: Answer): Promise<IteratorResult<Uint8Array, unknown>> {
    return this.#listening(() => pieces.next())
  }

  /** All of the answer's body, within one silence however it drips. */
  async text({ pieces }: Answer, bytesMax: number): Promise<string> {
    const found: Uint8Array[] = []
    await this.#listening(async () => {
      let bytes = 0
      for (;;) {
        const piece: IteratorResult<Uint8Array, unknown> = await pieces.next()
        if (piece.done === true) return
        found.push(piece.value)
        bytes += piece.value.byteLength
        if (bytes > bytesMax) throw garbled(this.#about, `an answer of more than ${bytesMax} bytes`)
      }
    })
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(found))
    } catch (thrown) {
      throw garbled(this.#about, 'an answer that is not UTF-8', thrown)
    }
  }

  /** Nothing more is sent or read; a connection in the middle of something is closed, one at its end goes back to its pool. */
  end(): void {
    this.#ending.abort(ended)
    this.#upload?.destroy()
  }

  async *#pieces(body: Sent): AsyncGenerator<Uint8Array, void, undefined> {
    let bytes = 0
    for await (const piece of this.#sourceOf(body)) {
      bytes += piece.byteLength
      this.#drained = bytes >= body.size
      if (piece.byteLength > 0) yield piece
      this.#movedMs = this.#line.clock.monotonic()
    }
  }

  /** Takes note of what the source itself throws: a connection that breaks is thrown into whoever feeds it, and is not the source's failure. */
  #sourceOf(body: Sent): AsyncIterable<Uint8Array> {
    const noting = async <T>(act: () => Promise<T>): Promise<T> => {
      try {
        return await act()
      } catch (thrown) {
        this.#broke = { thrown }
        throw thrown
      }
    }
    return {
      [Symbol.asyncIterator]() {
        let source: AsyncIterator<Uint8Array> | null = null
        return {
          next: () => noting(() => (source ??= body.open()[Symbol.asyncIterator]()).next()),
          return: async () => (await source?.return?.()) ?? { done: true, value: undefined },
        }
      },
    }
  }

  /** Ends the exchange where nothing moves, and says how it was lost. */
  async #listening<T>(act: () => Promise<T>): Promise<T> {
    const heard = new AbortController()
    this.#movedMs = this.#line.clock.monotonic()
    void this.#endWhenSilent(heard.signal)
    try {
      return await act()
    } catch (thrown) {
      const cause = this.#causeOf(thrown)
      this.end()
      throw cause
    } finally {
      heard.abort(ended)
    }
  }

  async #endWhenSilent(heard: AbortSignal): Promise<void> {
    const { clock, silenceMs } = this.#line
    for (;;) {
      const leftMs = this.#movedMs + silenceMs - clock.monotonic()
      if (leftMs <= 0) break
      await clock.sleep(leftMs, heard).catch(() => undefined)
      if (heard.aborted) return
    }
    this.#silent = true
    this.end()
  }

  /** What to throw: the failure of the body's source as it is, one of our own, or that the answer was lost. */
  #causeOf(thrown: unknown): unknown {
    if (this.#broke !== null) return this.#broke.thrown
    for (let cause = thrown, depth = 0; depth < 8 && cause instanceof Error; cause = cause.cause, depth++) {
      if (cause instanceof Failure && !this.#signal.aborted) return cause
    }
    const { silenceMs } = this.#line
    return lost(this.#about, { whole: this.whole, handed: this.#handed, ended: this.#endedBy(), silenceMs }, thrown)
  }

  #endedBy(): Fate['ended'] {
    if (this.#signal.aborted) return 'by the caller'
    return this.#silent ? 'by silence' : null
  }

  /** The last look before sending: `..` in a URL has been seen to name the bucket instead of an object in it. */
  #refuseDetour(url: URL): void {
    if (isAddressOf(url, this.#line.storage, this.#request)) return
    const what = `its address would be that of something else, ${shown(url.pathname)}: nothing was sent`
    throw failure(this.#about, 'invalid', 'key', what)
  }
}

/** One reason for all: without one each would cost an error and its stack. */
const ended = new Error('the exchange has ended')
