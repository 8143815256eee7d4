/** One request, sent once: its address checked before, its date heard after, its trouble made a `Failure`. */
import type { Readable } from 'node:stream'
import type {
  $Command,
  S3Client,
  S3ClientResolvedConfig,
  ServiceInputTypes,
  ServiceOutputTypes,
} from '@aws-sdk/client-s3'
import type { Clock } from '#shared/kernel/clock.ts'
import { Failure } from '#shared/kernel/failure.ts'
import type { Body, Heard } from '#shared/ports/object-store.ts'
import { outgoing } from './bodies.ts'
import { type Call, failureOf, notSent, unreadable } from './failure.ts'
import type { Told } from './properties.ts'
import { isFor } from './names.ts'

type Command<I extends ServiceInputTypes, O extends ServiceOutputTypes> = $Command<I, O, S3ClientResolvedConfig>

export interface Answer<O> {
  readonly output: O
  readonly told: Told
  /** What it said in XML; empty where the body is an object's. */
  readonly text: string
}

/** What a request says that the SDK has no word for, or would say otherwise. */
export interface Aside {
  readonly headers?: Readonly<Record<string, string>>
  /** The answer's body is an object's, not S3's own words. */
  readonly streams?: boolean
  /** What the answer is called in XML; by default it says nothing. The SDK takes a stranger's page for an answer in which nothing is said. */
  readonly root?: string
}

/** The way from one store to its server. */
export class Wire {
  readonly #client: S3Client
  readonly #clock: Clock
  readonly #proven = new Map<string, number>()
  #heard: Heard | null = null

  constructor(client: S3Client, clock: Clock) {
    this.#client = client
    this.#clock = clock
  }

  heard(): Heard | null {
    return this.#heard
  }

  /** Whether the bucket has done something for us within so long: then it is there. */
  isProven(bucket: string, withinMs: number): boolean {
    const at = this.#proven.get(bucket)
    return at !== undefined && this.#clock.monotonic() - at <= withinMs
  }

  async send<I extends ServiceInputTypes, O extends ServiceOutputTypes>(
    call: Call,
    command: Command<I, O>,
    signal: AbortSignal,
    aside: Aside = {},
  ): Promise<Answer<O>> {
    if (signal.aborted) throw notSent(call, 'ended by the caller', signal.reason)
    const passage: Passage = { sent: false, status: null, told: {}, text: '' }
    this.#prepare(call, command, aside)
    this.#listen(call, command, aside, passage)
    try {
      const output = await this.#client.send(command, { abortSignal: signal })
      refuseStranger(passage.text, aside.root ?? null)
      this.#proven.set(call.bucket, this.#clock.monotonic())
      return { output, told: passage.told, text: passage.text }
    } catch (cause) {
      throw this.#troubled(call, cause, passage, signal)
    }
  }

  /** The same with a body, which is given up when the answer comes before its end, and gives the request up when it breaks off. */
  async upload<I extends ServiceInputTypes, O extends ServiceOutputTypes>(
    call: Call,
    body: Body,
    command: (stream: Readable) => Command<I, O>,
    signal: AbortSignal,
    aside: Aside = {},
  ): Promise<Answer<O>> {
    if (signal.aborted) throw notSent(call, 'ended by the caller', signal.reason)
    const ending = new AbortController()
    const leave = () => ending.abort(signal.reason)
    signal.addEventListener('abort', leave, { once: true })
    const { stream, ...source } = outgoing(body, call, () => ending.abort())
    try {
      return await this.send(call, command(stream), ending.signal, aside)
    } catch (thrown) {
      throw source.trouble()?.thrown ?? thrown
    } finally {
      signal.removeEventListener('abort', leave)
      const whole = stream.readableEnded
      stream.destroy()
      if (!whole) ending.abort()
    }
  }

  #troubled(call: Call, cause: unknown, { sent, status }: Passage, signal: AbortSignal): unknown {
    if (cause instanceof Failure) return cause
    if (cause instanceof Stranger) return unreadable(call, cause.message)
    if (status !== null && status < 300 && !isRefusal(cause)) return unreadable(call, 'not in the words of S3', cause)
    const left = signal.aborted && status === null
    // A mistake of ours is no failure of the store's.
    return !sent && !left && cause instanceof TypeError ? cause : failureOf(call, { sent, status, left, cause })
  }

  #prepare<I extends ServiceInputTypes, O extends ServiceOutputTypes>(
    call: Call,
    command: Command<I, O>,
    { headers = {} }: Aside,
  ): void {
    command.middlewareStack.add(
      (next) => (args) => {
        const request = args.request as Outward
        if (!isFor(request, call.bucket, call.asksBucket === true ? null : call.key))
          throw notSent(call, 'its address would mean another key')
        Object.assign(request.headers, headers)
        return next(args)
      },
      { step: 'build', priority: 'low', name: 'isobarAddress' },
    )
  }

  /** Nearest to the network, so that every answer is heard, whatever the SDK makes of it. */
  #listen<I extends ServiceInputTypes, O extends ServiceOutputTypes>(
    call: Call,
    command: Command<I, O>,
    { streams = false }: Aside,
    passage: Passage,
  ): void {
    command.middlewareStack.add(
      (next) => async (args) => {
        passage.sent = true
        const result = await next(args)
        const response = result.response as Inward
        passage.told = { ...response.headers }
        this.#hear(passage.told)
        if (!streams || response.statusCode >= 300) {
          const bytes = await collected(response.body)
          passage.text = new TextDecoder().decode(bytes)
          response.body = bytes
        }
        passage.status = response.statusCode
        return result
      },
      { step: 'deserialize', priority: 'low', name: 'isobarListens' },
    )
  }

  /** Answers may overtake each other; the newest date stays. */
  #hear(told: Told): void {
    const dateMs = Date.parse(told['date'] ?? '')
    if (Number.isNaN(dateMs) || (this.#heard !== null && dateMs < this.#heard.dateMs)) return
    this.#heard = { dateMs, atMonotonicMs: this.#clock.monotonic(), atWallMs: this.#clock.now() }
  }
}

interface Passage {
  sent: boolean
  /** Once the whole answer is here. */
  status: number | null
  told: Told
  text: string
}

interface Outward {
  readonly hostname: string
  readonly path: string
  readonly headers: Record<string, string>
}

interface Inward {
  readonly statusCode: number
  readonly headers: Record<string, string>
  body: AsyncIterable<Uint8Array> | Uint8Array
}

/** A page of a thousand long names is not half as long. */
const answerBytesMax = 16 * 1024 * 1024

/** An answer that is not in the words of S3. */
class Stranger extends Error {}

/** S3's own words are short: an answer that goes on for ever is none. */
async function collected(body: AsyncIterable<Uint8Array> | Uint8Array): Promise<Uint8Array> {
  if (body instanceof Uint8Array) return body
  const pieces: Uint8Array[] = []
  let size = 0
  for await (const piece of body) {
    pieces.push(piece)
    size += piece.byteLength
    if (size > answerBytesMax) throw new Stranger(`with more than ${answerBytesMax} bytes`)
  }
  return Buffer.concat(pieces)
}

function refuseStranger(text: string, root: string | null): void {
  const [, name = null] = /^(?:\s|\uFEFF|<\?[^>]*>)*<([A-Za-z]+)[\s/>]/.exec(text) ?? []
  if (name === root && (root !== null || text.trim() === '')) return
  throw new Stranger(`with ${name ?? (text === '' ? 'nothing' : 'words')} instead of ${root ?? 'nothing'}`)
}

/** S3 may send its refusal after a status of success: it had begun to answer before it knew. */
function isRefusal(cause: unknown): boolean {
  return cause instanceof Error && '$fault' in cause
}
