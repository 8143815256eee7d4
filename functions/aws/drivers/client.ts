/** How a client of S3, or of a store that speaks its protocol, is made: nothing is retried, and nothing is summed behind our back. */
import { Agent as PlainAgent } from 'node:http'
import { Agent as SecureAgent } from 'node:https'
import type { Duplex } from 'node:stream'
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3'
import { connectionLate } from './failure.ts'

export interface S3ClientOptions {
  readonly region: string
  /** Of a store elsewhere; its buckets are then named in the path. */
  readonly endpoint?: string
  /** By default what the function's surroundings give it. */
  readonly credentials?: NonNullable<S3ClientConfig['credentials']>
  readonly pathStyle?: boolean
  /** A host that does not take a connection within this time will not take the request: it was not sent. */
  readonly connectMs?: number
  /** A connection on which nothing moves for so long is given up. The layer `timed` bounds whole requests. */
  readonly silenceMs?: number
  /** Shorter than the time after which servers close what lies idle: a write that meets a closing connection would not know its fate. */
  readonly idleMs?: number
}

/** The SDK prints warnings of its own to the console, unless it has somewhere else to say them. What matters is thrown. */
const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {} }

export function s3Client(options: S3ClientOptions): S3Client {
  const { region, endpoint, credentials, silenceMs = 20_000 } = options
  return new S3Client({
    region,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
    forcePathStyle: options.pathStyle ?? endpoint !== undefined,
    // Only who knows stamps can tell whether a write whose answer was lost was done; reads are repeated by the layer `retrying`.
    maxAttempts: 1,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // The driver asks first where a refusal would cost a body.
    expectContinueHeader: false,
    requestHandler: {
      // Not the SDK's own bound on connecting: it says of a host that takes none what it says of one that fell silent.
      socketTimeout: silenceMs,
      httpAgent: keptAlive(false, options),
      httpsAgent: keptAlive(true, options),
    },
    logger: silent,
  })
}

/** Connections are kept and not counted: what bounds the calls lies above, and a body that waits for its reader holds one. */
function keptAlive(secure: boolean, { connectMs = 2_000, idleMs = 4_000 }: S3ClientOptions): PlainAgent {
  const options = { keepAlive: true, scheduling: 'lifo', timeout: idleMs } as const
  const agent = secure ? new SecureAgent(options) : new PlainAgent(options)
  const connect = agent.createConnection.bind(agent)
  agent.createConnection = (options, callback) => bounded(connect(options, callback), secure, connectMs)
  return agent
}

function bounded<Socket extends Duplex | null | undefined>(socket: Socket, secure: boolean, connectMs: number): Socket {
  if (!socket) return socket
  const late = Object.assign(new Error(`no connection within ${connectMs} ms`), { code: connectionLate })
  const timer = setTimeout(() => socket.destroy(late), connectMs)
  for (const event of [secure ? 'secureConnect' : 'connect', 'close']) socket.once(event, () => clearTimeout(timer))
  return socket
}
