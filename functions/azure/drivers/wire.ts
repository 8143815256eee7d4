/** One store's way to its container: every request goes through here, and comes back as an answer or as a `Failure`. */
import type { BlockBlobClient, ContainerClient } from '@azure/storage-blob'
import type { Clock } from '#shared/kernel/clock.ts'
import { Failure } from '#shared/kernel/failure.ts'
import type { RuleId, SiteId } from '#shared/kernel/ids.ts'
import type { Key } from '#shared/kernel/key.ts'
import type { Heard } from '#shared/ports/object-store.ts'
import { sendings, type Sending } from './client.ts'
import { type Asked, failureOf, nameOfCall } from './failure.ts'
import { nameOf } from './names.ts'

export interface WireOptions {
  readonly container: ContainerClient
  readonly site: SiteId
  readonly clock: Clock
  /** For whom this store writes, so that an event of its writes is known for an echo. */
  readonly rule: RuleId | null
}

/** Sends it with this signal, which ends it and names it until its answer is there; an open body is its reader's to end. */
export type Send<T> = (signal: AbortSignal) => Promise<T>

/** One reason for all: without one each would cost an error and its stack. */
const over = new Error('the request is answered')

export class Wire {
  readonly container: ContainerClient
  readonly site: SiteId
  readonly #clock: Clock
  readonly #rule: RuleId | null
  readonly #path: string
  #heard: Heard | null = null

  constructor({ container, site, clock, rule }: WireOptions) {
    this.container = container
    this.site = site
    this.#clock = clock
    this.#rule = rule
    this.#path = decodeURIComponent(new URL(container.url).pathname)
  }

  heard(): Heard | null {
    return this.#heard
  }

  blob(key: Key): BlockBlobClient {
    return this.container.getBlockBlobClient(nameOf(key, { site: this.site }))
  }

  asked(verb: string, key: Key | null, writes: boolean): Asked {
    return { site: this.site, verb, key, path: key === null ? 'container' : 'blob', writes }
  }

  /** Sends one request. An error that `isAbsence` recognises is an answer: there is no such thing. */
  async ask<T>(asked: Asked, signal: AbortSignal, send: Send<T>): Promise<T>
  async ask<T>(
    asked: Asked,
    signal: AbortSignal,
    send: Send<T>,
    isAbsence: (thrown: unknown) => boolean,
  ): Promise<T | null>
  async ask<T>(
    asked: Asked,
    signal: AbortSignal,
    send: Send<T>,
    isAbsence?: (thrown: unknown) => boolean,
  ): Promise<T | null> {
    if (signal.aborted) {
      const message = `${nameOfCall(asked)}: not sent, ended by the caller`
      throw new Failure('unreachable', message, { site: this.site, scope: 'key', cause: signal.reason })
    }
    let answered = false
    const sending: Sending = {
      site: this.site,
      path: asked.path === 'container' ? this.#path : `${this.#path}/${this.#name(asked.key)}`,
      requestId: this.#requestId(),
      sent: false,
      answered: (date) => {
        answered = true
        this.#hear(date)
      },
    }
    const own = new AbortController()
    sendings.set(own.signal, sending)
    const end = () => own.abort(signal.reason)
    signal.addEventListener('abort', end, { once: true })
    try {
      return await send(own.signal)
    } catch (thrown) {
      if (isAbsence?.(thrown) === true) return null
      throw failureOf(thrown, asked, {
        sent: sending.sent,
        answered,
        aborted: signal.aborted,
        aheadMs: this.#aheadMs(),
      })
    } finally {
      signal.removeEventListener('abort', end)
      // An answer that came before the end of the body: nobody wants the rest, and whoever holds its source would hold it for ever.
      if (asked.writes) own.abort(over)
    }
  }

  /** Within a body that an answer has opened. */
  failure(thrown: unknown, asked: Asked, { aborted }: AbortSignal): Failure {
    return failureOf(thrown, asked, { sent: true, answered: true, aborted, aheadMs: null })
  }

  #name(key: Key | null): string {
    return key === null ? '' : nameOf(key, { site: this.site })
  }

  /** Answers may overtake each other; the newest date stays. */
  #hear(date: string | undefined): void {
    const dateMs = Date.parse(date ?? '')
    if (Number.isNaN(dateMs) || (this.#heard !== null && dateMs < this.#heard.dateMs)) return
    this.#heard = { dateMs, atMonotonicMs: this.#clock.monotonic(), atWallMs: this.#clock.now() }
  }

  #aheadMs(): number | null {
    return this.#heard === null ? null : this.#heard.dateMs - this.#heard.atWallMs
  }

  /** Events tell it: `isobar-RULE-NONCE` is an echo for that rule, `isobar-NONCE` for none. */
  #requestId(): string {
    const nonce = crypto.randomUUID().replaceAll('-', '')
    return this.#rule === null ? `isobar-${nonce}` : `isobar-${this.#rule}-${nonce}`
  }
}
