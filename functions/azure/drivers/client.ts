/** How a client is made, and what each of its requests is told and watched for beside what the SDK knows of it. */
import { Agent as PlainAgent } from 'node:http'
import { Agent as SecureAgent } from 'node:https'
import type { Duplex, Readable } from 'node:stream'
import {
  ContainerClient,
  newPipeline,
  type RequestPolicyFactory,
  StorageSharedKeyCredential,
} from '@azure/storage-blob'
import { Failure } from '#shared/kernel/failure.ts'
import type { SiteId } from '#shared/kernel/ids.ts'
import { shown } from './shown.ts'

export type AzureCredential = ContainerClient['credential']

export interface ContainerOptions {
  readonly account: string
  /** Where the account answers, if not at Azure's own address: all of the address that stands before the container's name. */
  readonly endpoint?: string | null
  readonly credential: AzureCredential
  readonly container: string
  /** A host that does not take a connection within this time will not take the request: it was not sent. */
  readonly connectMs?: number
}

/** One request under way. */
export interface Sending {
  readonly site: SiteId
  /** What its address must name once decoded, whatever became of it on its way through the SDK. */
  readonly path: string
  readonly requestId: string
  /** Handed to the transport; from now on it may have arrived. */
  sent: boolean
  /** The `Date` of any answer, a refusal included. */
  answered(date: string | undefined): void
}

/** By the signal that goes along with it, which the SDK hands on as it is. */
export const sendings: WeakMap<object, Sending> = new WeakMap()

/** Thrown where the credential yields no token: the request was not sent. */
export class NoToken extends Error {
  override readonly name = 'NoToken'
}

/** Azure closes what lies idle for longer; a write that meets a closing connection would not know its fate. */
const idleMs = 4_000

/** Eight KiB of metadata in the smallest entries, each with its header's own letters; Node alone would give up at sixteen KiB. */
const headerBytesMax = 128 * 1024
const headersMax = 990

export function azureContainer(options: ContainerOptions): ContainerClient {
  const { account, endpoint, credential, container, connectMs = 5_000 } = options
  const address = endpoint ?? `https://${account}.blob.core.windows.net`
  const secure = address.startsWith('https:')
  if ('getToken' in credential && !secure) {
    throw new Failure(
      'invalid',
      `endpoint: found ${JSON.stringify(address)}, expected https:// where a token goes along`,
    )
  }
  const pipeline = newPipeline(guarded(credential), { retryOptions: { maxTries: 1 } })
  pipeline.factories.push(watched(keptAlive(secure, connectMs)))
  return new ContainerClient(`${address}/${encodeURIComponent(container)}`, pipeline)
}

/** By the account's own key: for a store that knows no tokens. */
export function accountKey(account: string, key: string): AzureCredential {
  return new StorageSharedKeyCredential(account, key)
}

/** Connections are kept and not counted: what bounds the calls lies above, and a body that waits for its reader holds one. */
function keptAlive(secure: boolean, connectMs: number): PlainAgent {
  const options = { keepAlive: true, scheduling: 'lifo', timeout: idleMs } as const
  const agent = secure ? new SecureAgent(options) : new PlainAgent(options)
  const connect = agent.createConnection.bind(agent)
  agent.createConnection = (options, callback) => bounded(connect(options, callback), secure, connectMs)
  return agent
}

function bounded<Socket extends Duplex | null | undefined>(socket: Socket, secure: boolean, connectMs: number): Socket {
  if (!socket) return socket
  const late = Object.assign(new Error(`no connection within ${connectMs} ms`), { code: 'ECONNECTIONLATE' })
  const timer = setTimeout(() => socket.destroy(late), connectMs)
  for (const event of [secure ? 'secureConnect' : 'connect', 'close']) socket.once(event, () => clearTimeout(timer))
  return socket
}

function watched(agent: PlainAgent): RequestPolicyFactory {
  return {
    create: (next) => ({
      async sendRequest(request) {
        const sending = sendings.get(request.abortSignal ?? {})
        if (sending === undefined) throw new TypeError('a request that no store sends')
        refuseOtherPath(sending, request.url)
        request.agent ??= agent // A proxy of the environment has set its own.
        request.requestOverrides = { ...request.requestOverrides, maxHeaderSize: headerBytesMax }
        request.headers.set('x-ms-client-request-id', sending.requestId)
        request.headers.set('user-agent', 'isobar')
        sending.sent = true
        try {
          const response = await next.sendRequest(request)
          sending.answered(response.headers.get('date'))
          const cut = cutHeaders(sending, response.headers.headerNames().length)
          if (cut === null) return response
          ;(response.readableStreamBody as Readable | undefined)?.destroy()
          throw cut
        } catch (thrown) {
          const headers = answerOf(thrown)
          if (headers !== null) sending.answered(headers.get('date'))
          throw thrown
        }
      },
    }),
  }
}

/** The last look before it is sent: `..`, a backslash or a client's own tidying must not lead to another key or container. */
function refuseOtherPath({ site, path }: Sending, url: string): void {
  const found = decodeURIComponent(new URL(url).pathname)
  if (found === path) return
  const what = `the address names ${shown(found)}, expected ${shown(path)}`
  throw new Failure('invalid', `${site}: not sent, ${what}; report this as a defect of Isobar`, { site, scope: 'key' })
}

/** Node hands out a thousand headers and says nothing of those behind them: better refused than metadata that is quietly less. */
function cutHeaders({ site, path }: Sending, count: number): Failure | null {
  if (count < headersMax) return null
  const what = `${shown(path)}: found ${count} headers or more, expected fewer than ${headersMax}`
  return new Failure('invalid', `${site}: ${what}; join entries of its metadata`, { site, scope: 'key' })
}

interface AnswerHeaders {
  get(name: string): string | undefined
}

/** The headers of the answer that an error of the SDK is about; `null` where none came. */
export function answerOf(thrown: unknown): AnswerHeaders | null {
  if (typeof thrown !== 'object' || thrown === null || !('response' in thrown)) return null
  const { response } = thrown as { readonly response?: { readonly headers?: AnswerHeaders } }
  return response?.headers ?? null
}

/** Tells a token that could not be had from a request that was refused. */
function guarded(credential: AzureCredential): AzureCredential {
  if (!('getToken' in credential)) return credential
  return {
    async getToken(scopes, options) {
      try {
        return await credential.getToken(scopes, options)
      } catch (cause) {
        throw new NoToken(cause instanceof Error ? cause.message : String(cause), { cause })
      }
    },
  }
}
