/** How a client of S3, or of a store that speaks its protocol, is made: nothing is retried, and nothing is summed behind our back. */
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3'

export interface S3ClientOptions {
  readonly region: string
  /** Of a store elsewhere; its buckets are then named in the path. */
  readonly endpoint?: string
  /** By default what the function's surroundings give it. */
  readonly credentials?: NonNullable<S3ClientConfig['credentials']>
  readonly pathStyle?: boolean
  /** Connections kept open and used again; further requests wait for one. */
  readonly connectionsMax?: number
  /** Until a connection stands. */
  readonly connectMs?: number
  /** A connection on which nothing moves for so long is given up. The layer `timed` bounds whole requests. */
  readonly silenceMs?: number
}

/** The SDK prints warnings of its own to the console, unless it has somewhere else to say them. What matters is thrown. */
const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {} }

export function s3Client(options: S3ClientOptions): S3Client {
  const { region, endpoint, credentials, connectionsMax = 96, connectMs = 2_000, silenceMs = 20_000 } = options
  const agent = { keepAlive: true, maxSockets: connectionsMax }
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
      connectionTimeout: connectMs,
      socketTimeout: silenceMs,
      httpAgent: agent,
      httpsAgent: agent,
    },
    logger: silent,
  })
}
