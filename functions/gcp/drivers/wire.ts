import type { Storage } from '@google-cloud/storage'
import type { Clock } from '#shared/kernel/clock.ts'
import type { SiteId } from '#shared/kernel/ids.ts'
import type { Heard } from '#shared/ports/object-store.ts'
import { type Answer, Exchange, type Line } from './exchange.ts'
import { type About, garbled, noBucket, noObject, refusalOf, refused, saysNoSuchObject } from './failure.ts'
import type { Request, Sent } from './request.ts'

/** A page of a thousand objects with all the metadata they may carry, each letter of it escaped, is smaller. */
const answerBytesMax = 64 * 1024 * 1024
const refusalBytesMax = 64 * 1024
/** Longer than any layer around a driver waits. */
const silenceMs = 60_000

/** An answer that said yes, its body not yet read. */
export interface Opened {
  readonly answer: Answer
  piece(): Promise<IteratorResult<Uint8Array, unknown>>
  end(): void
}

/** One site's way to its cloud: sends requests, takes refusals for failures, and remembers what the cloud's clock said. */
export class Wire {
  readonly site: SiteId
  readonly #line: Line
  #heard: Heard | null = null

  constructor(storage: Storage, site: SiteId, clock: Clock) {
    this.site = site
    this.#line = { storage, clock, silenceMs: storage.timeout ?? silenceMs }
  }

  get heard(): Heard | null {
    return this.#heard
  }

  /** Asks for an answer in JSON. A deletion is answered by its status: its body, if any, says nothing. */
  async ask(request: Request, about: About, signal: AbortSignal): Promise<unknown> {
    const exchange = new Exchange(this.#line, about, asJson(request), signal)
    try {
      const answer = await this.#accepted(exchange, about, signal, true)
      if (answer.status === 204) return null
      const text = await exchange.text(answer, answerBytesMax)
      if (request.method === 'DELETE') return null
      try {
        return JSON.parse(text) as unknown
      } catch (thrown) {
        throw garbled(about, 'an answer that is not JSON', thrown)
      }
    } finally {
      exchange.end()
    }
  }

  /** Asks for bytes as they are stored: nothing on the way may unpack them. */
  async open(request: Request, about: About, signal: AbortSignal): Promise<Opened> {
    const headers = { ...request.headers, 'accept-encoding': 'gzip' }
    const exchange = new Exchange(this.#line, about, { ...request, headers }, signal)
    try {
      const answer = await this.#accepted(exchange, about, signal, false)
      return { answer, piece: () => exchange.piece(answer), end: () => exchange.end() }
    } catch (thrown) {
      exchange.end()
      throw thrown
    }
  }

  async #accepted(exchange: Exchange, about: About, signal: AbortSignal, compress: boolean): Promise<Answer> {
    const answer = await exchange.send(compress)
    this.#hear(answer.header('date'))
    const { status } = answer
    if (status >= 200 && status < 300) return answer
    // What a refusal says beside its status may be lost; that it is one is not.
    const body = await exchange.text(answer, refusalBytesMax).catch(() => '')
    const refusal = refusalOf(status, body)
    if (status !== 404) throw refused(about, refusal, exchange.whole)
    if (!saysNoSuchObject(refusal)) await this.#findBuckets(about, signal)
    throw noObject(about)
  }

  /** Whether a 404 was the bucket's is asked of the bucket. A key there is never taken for absent on the word of a server in between. */
  async #findBuckets(act: About, signal: AbortSignal): Promise<void> {
    const about = { ...act, write: false }
    for (const bucket of about.buckets) {
      const exchange = new Exchange(this.#line, about, pageOfOne(bucket), signal)
      try {
        const answer = await exchange.send(true)
        this.#hear(answer.header('date'))
        const text = await exchange.text(answer, refusalBytesMax)
        if (answer.status === 404) throw noBucket(about, bucket)
        if (answer.status !== 200) throw refused(about, refusalOf(answer.status, text), false)
        if (!isListing(text)) throw garbled(about, 'a 404 from something that is not Cloud Storage')
      } finally {
        exchange.end()
      }
    }
  }

  /** Answers may overtake each other; the newest date stays. */
  #hear(date: string | null): void {
    const dateMs = Date.parse(date ?? '')
    if (Number.isNaN(dateMs) || (this.#heard !== null && dateMs < this.#heard.dateMs)) return
    const { clock } = this.#line
    this.#heard = { dateMs, atMonotonicMs: clock.monotonic(), atWallMs: clock.now() }
  }
}

export function bucketPath(bucket: string, ...rest: readonly string[]): readonly string[] {
  return ['storage', 'v1', 'b', bucket, 'o', ...rest]
}

export function sentJson(value: unknown): Sent {
  const bytes = Buffer.from(JSON.stringify(value))
  return {
    type: 'application/json; charset=utf-8',
    size: bytes.byteLength,
    async *open() {
      yield bytes
    },
  }
}

function asJson(request: Request): Request {
  return { ...request, query: { ...request.query, prettyPrint: 'false' } }
}

function pageOfOne(bucket: string): Request {
  return asJson({ method: 'GET', path: bucketPath(bucket), query: { maxResults: '1', fields: 'kind' } })
}

function isListing(text: string): boolean {
  try {
    return (JSON.parse(text) as { kind?: unknown }).kind === 'storage#objects'
  } catch {
    return false
  }
}
