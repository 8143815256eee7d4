import { randomBytes } from 'node:crypto'
import { TooManyPieces } from '#local/servers/engine/contents.ts'
import type { Engine } from '#local/servers/engine/model.ts'
import { Gone } from '#local/servers/engine/pieces.ts'
import type { Answer } from '#local/servers/http/answer.ts'
import { ClientGone } from '#local/servers/http/body.ts'
import { type Pace, pace } from '#local/servers/http/pace.ts'
import { type Request, serve } from '#local/servers/http/serve.ts'
import { type Address, addressOf } from './address.ts'
import { authenticate, type Credentials, type Head, skewMs } from './authenticate.ts'
import { leastPart } from './complete.ts'
import { argumentRefused, Refusal } from './errors.ts'
import { checkAdmission, Outcomes, slowDown } from './outcomes.ts'
import { payloadOf } from './payload.ts'
import { checkHeaders, routeFor } from './routes.ts'
import { checkKey } from './writes.ts'
import { document, element, type Markup, node } from './xml.ts'

export interface S3FaceOptions {
  readonly engine: Engine
  /** The clock of this S3, in milliseconds since 1970: it dates objects and judges signatures. */
  readonly now: () => number
  /** Absent: any that is free. */
  readonly port?: number
  readonly credentials: readonly Credentials[]
  readonly region?: string
  /** Beyond so many requests a second, one of each kind is answered with SlowDown. */
  readonly throttle?: { readonly readsPerSecond?: number; readonly writesPerSecond?: number }
  /** How far from `now` a signature may be dated: 15 minutes, as S3 has it. `Infinity` where `now` is not this machine's time. */
  readonly skewMaxMs?: number
  /** The least that a part may have, except the last, and that one copies a range of: 5 MiB, as S3 has it; less, so that a test need not move so much to see a part. */
  readonly partBytesMin?: number
}

export interface S3Face {
  readonly url: string
  readonly port: number
  /** Troubles that a test asks for. */
  readonly outcomes: Outcomes
  close(): Promise<void>
}

/** S3's wire over the one engine. For development: it answers on this machine only, and guards nothing that matters. */
export async function s3Face(options: S3FaceOptions): Promise<S3Face> {
  const outcomes = new Outcomes()
  const now = () => options.now() + outcomes.skewMs
  const desk = new Desk({ ...options, now }, outcomes)
  const { engine, port } = options
  const failed = (error: unknown, request: Request) => refusalAnswer(asRefusal(error, engine, request), request)
  const serving = await serve((request) => desk.answer(request), {
    now,
    failed,
    ...(port === undefined ? {} : { port }),
  })
  return { url: serving.url, port: serving.port, outcomes, close: () => serving.close() }
}

/** Where each request is let in and handed to its verb. */
class Desk {
  readonly #options: S3FaceOptions
  readonly #outcomes: Outcomes
  readonly #reads: Pace
  readonly #writes: Pace

  constructor(options: S3FaceOptions, outcomes: Outcomes) {
    this.#options = options
    this.#outcomes = outcomes
    const { now, throttle: { readsPerSecond = Infinity, writesPerSecond = Infinity } = {} } = options
    this.#reads = pace({ perSecond: readsPerSecond, now })
    this.#writes = pace({ perSecond: writesPerSecond, now })
  }

  async answer(request: Request): Promise<Answer> {
    const {
      engine,
      now,
      credentials,
      region = 'us-east-1',
      skewMaxMs = skewMs,
      partBytesMin = leastPart,
    } = this.#options
    const sent = headersOf(request)
    const address = addressOf(request.target, sent.get('host') ?? '')
    const signed = authenticate(
      { method: request.method, address, headers: sent },
      { credentials, region, nowMs: now(), skewMaxMs },
    )
    const headers = withHoisted(sent, address)
    const head: Head = { method: request.method, address, headers }
    this.#slow(request.method)
    checkAdmission(this.#outcomes, { bucket: address.bucket, key: address.key }, headers)
    checkHeaders(request.method, headers)
    checkKey(address.key)
    const route = routeFor(request.method, address, headers.has('x-amz-copy-source'))
    const payload = payloadOf(route.statesObject === true ? withoutChecksums(headers) : headers, signed, request.body)
    const answer = await route.verb({ ...head, engine, outcomes: this.#outcomes, region, now, payload, partBytesMin })
    return { ...answer, headers: { ...answer.headers, 'x-amz-request-id': requestId() } }
  }

  #slow(method: string): void {
    const pace = method === 'GET' || method === 'HEAD' ? this.#reads : this.#writes
    if (pace.refuses('') !== null) throw slowDown()
  }
}

/** Several lines of one name become one, as signatures and S3 read them. */
function headersOf({ rawHeaders }: Request): ReadonlyMap<string, string> {
  const headers = new Map<string, string>()
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!.toLowerCase()
    const before = headers.get(name)
    headers.set(name, before === undefined ? rawHeaders[i + 1]! : `${before},${rawHeaders[i + 1]!}`)
  }
  return headers
}

/** Who presigns an address may put headers into its query, where they mean the same. What could be no header, no answer could show. */
function withHoisted(sent: ReadonlyMap<string, string>, { query }: Address): ReadonlyMap<string, string> {
  const hoisted = query.query
    .map(({ name, value }) => [name.toLowerCase(), value] as const)
    .filter(([name]) => /^x-amz-(?!algorithm$|credential$|date$|expires$|signedheaders$|signature$)/.test(name))
  for (const [name, value] of hoisted) {
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) throw argumentRefused(name, value, 'a name that a header can have')
  }
  return new Map([...hoisted, ...sent])
}

function withoutChecksums(headers: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map([...headers].filter(([name]) => !name.startsWith('x-amz-checksum-')))
}

/** Anything but a refusal is a defect of ours, or a client that has left. */
function asRefusal(error: unknown, engine: Engine, request: Request): Refusal {
  if (error instanceof Refusal) return error
  if (error instanceof ClientGone) return new Refusal('IncompleteBody', error.message)
  if (error instanceof TooManyPieces) return new Refusal('NotImplemented', error.message)
  if (error instanceof Gone) {
    const { bucket, key } = addressOf(request.target, request.headers.host ?? '')
    if (engine.bucket(bucket) === null) return new Refusal('NoSuchBucket', 'There is no bucket of this name any more.')
    return new Refusal('NoSuchKey', 'The object was deleted while it was asked for.', { Key: key })
  }
  console.error('isobar-local s3:', error)
  return new Refusal('InternalError', 'A defect of this server; its log says more.')
}

function refusalAnswer(refusal: Refusal, request: Request): Answer {
  const id = requestId()
  const { code, message, details } = refusal
  const more: Markup[] = Object.entries(details).map(([name, value]) => element(name, value))
  const content = node(
    'Error',
    element('Code', code),
    element('Message', message),
    ...more,
    element('RequestId', id),
    element('HostId', 'isobar-local'),
  )
  // What has not changed has the type that the client knows.
  const type = refusal.status === 304 ? {} : { 'content-type': 'application/xml' }
  const headers = { ...type, 'x-amz-request-id': id, ...refusal.headers }
  const silent = refusal.status === 304 || request.method === 'HEAD'
  return { status: refusal.status, headers, body: silent ? null : document(content) }
}

function requestId(): string {
  return randomBytes(8).toString('hex').toUpperCase()
}
