import { randomUUID } from 'node:crypto'
import type { Engine } from '#local/servers/engine/model.ts'
import type { Answer } from '#local/servers/http/answer.ts'
import { ClientGone } from '#local/servers/http/body.ts'
import { pace } from '#local/servers/http/pace.ts'
import { type Request, serve } from '#local/servers/http/serve.ts'
import { TooLarge } from '#local/servers/http/small.ts'
import { target } from '#local/servers/http/target.ts'
import { type AccountOptions, accountsOf } from './accounts.ts'
import { authorized, skewMs } from './authorize.ts'
import { type Call, containerOf, type Service } from './calls.ts'
import { finishDeletion } from './containers.ts'
import { queryOf } from './copies.ts'
import { errorBody, Refusal } from './errors.ts'
import { addressOf, Malformed } from './names.ts'
import { verbOf } from './routes.ts'

export interface AzureFaceOptions {
  readonly engine: Engine
  readonly now: () => number
  /** Absent: any that is free. */
  readonly port?: number
  readonly accounts: readonly AccountOptions[]
  /** Beyond this many operations a second an account answers 503 ServerBusy. */
  readonly throttle?: { readonly perSecond: number }
  /** How far from `now` a signature may be dated: 15 minutes, as the service has it. `Infinity` where `now` is not this machine's time. */
  readonly skewMaxMs?: number
}

export interface AzureFace {
  readonly url: string
  readonly port: number
  /** A legal hold on a whole container, as its owner would set it through the resource manager: what is there can neither change nor go. */
  hold(account: string, container: string, held: boolean): void
  close(): Promise<void>
}

/** Azure Blob over an object engine, for development: addresses are `URL/ACCOUNT/CONTAINER/BLOB`. */
export async function azureFace(options: AzureFaceOptions): Promise<AzureFace> {
  const { engine, now } = options
  for (const bucket of engine.buckets()) if (bucket.attributes['deleting'] === true) finishDeletion(engine, bucket)
  const service: Service = { engine, accounts: accountsOf(options.accounts), now, origin: () => serving.url }
  const busy = throttleOf(options)
  const handle = async (request: Request) =>
    answer(await answerTo(service, request, busy, options.skewMaxMs ?? skewMs), request)
  const failed = (error: unknown, request: Request) => answer(refused(error, request, now()), request)
  const serving = await serve(handle, { now, failed, ...(options.port === undefined ? {} : { port: options.port }) })
  return {
    url: serving.url,
    port: serving.port,
    hold(account, container, held) {
      const bucket = containerOf({ service, address: { account, container, blob: '' } })
      bucket.setAttributes({ ...bucket.attributes, held })
    },
    close: () => serving.close(),
  }
}

type Busy = (account: string) => boolean

function throttleOf({ accounts, now, throttle }: AzureFaceOptions): Busy {
  if (throttle === undefined) return () => false
  const paces = new Map(accounts.map(({ name }) => [name, pace({ perSecond: throttle.perSecond, now })]))
  return (account) => paces.get(account)?.refuses('') === 'all'
}

async function answerTo(service: Service, request: Request, busy: Busy, skewMaxMs: number): Promise<Answer> {
  const asked = target(request.target)
  if (asked === null) throw new Malformed()
  const address = addressOf(asked.path)
  const nowMs = service.now()
  const account = authorized(service.accounts, { request, target: asked, address, nowMs }, skewMaxMs)
  if (busy(account.name)) throw new Refusal('ServerBusy', {}, { 'retry-after': '1' })
  const header = (name: string) => {
    const value = request.headers[name]
    return Array.isArray(value) ? value.join(',') : value
  }
  const call: Call = { service, account, address, request, header, query: queryOf(asked), nowMs }
  return verbOf(call)(call)
}

/** Every answer names the request, and the version of the protocol that it was asked in. */
function answer(said: Answer, { headers }: Request): Answer {
  const [version, client] = [headers['x-ms-version'], headers['x-ms-client-request-id']]
  const common = {
    'x-ms-request-id': randomUUID(),
    ...(version === undefined ? {} : { 'x-ms-version': version }),
    ...(client === undefined ? {} : { 'x-ms-client-request-id': client }),
  }
  return { ...said, headers: { ...common, ...said.headers } }
}

function refused(error: unknown, request: Request, nowMs: number): Answer {
  if (error instanceof Malformed)
    return { status: 400, headers: { 'content-type': 'text/html; charset=us-ascii' }, body: malformed }
  const refusal = refusalOf(error)
  const id = randomUUID()
  const bodiless = request.method === 'HEAD' || refusal.status === 304
  return {
    status: refusal.status,
    headers: {
      'x-ms-request-id': id,
      'x-ms-error-code': refusal.wireCode,
      'content-type': 'application/xml',
      ...refusal.headers,
    },
    body: bodiless ? null : errorBody(refusal, id, nowMs),
  }
}

/** As the front door of Windows says it. */
const malformed =
  '<html><head><title>Bad Request</title></head><body><h2>Bad Request - Invalid URL</h2></body></html>\r\n'

function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error
  if (error instanceof TooLarge) return new Refusal('RequestBodyTooLarge')
  if (error instanceof ClientGone) return new Refusal('InvalidInput')
  // A defect of ours: whoever develops against this server is told, and so is its log.
  console.error('isobar-local azure:', error)
  return new Refusal('InternalError', { ExceptionMessage: String(error) })
}
