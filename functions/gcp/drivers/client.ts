import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { IdempotencyStrategy, Storage, type StorageOptions } from '@google-cloud/storage'
import { OAuth2Client, PassThroughClient } from 'google-auth-library'

export interface GcsClientOptions {
  /** Where the store answers, if not at Google's own address. */
  readonly endpoint?: string
  /** Sent as it is with every request, for a store that is not Google's. Without it, and with an endpoint, nothing is sent. */
  readonly token?: string
  /** An identity from elsewhere; it brings its own connections. Default: that of the function. */
  readonly authClient?: StorageOptions['authClient']
  /** Connections at once, kept open between requests. */
  readonly socketsMax?: number
  /** After so long without a byte in either direction nobody is there. */
  readonly silenceMs?: number
}

/** Shorter than the time after which servers close what lies idle: a write on a connection that is just being closed has an unknown end. */
const idleMs = 30_000

/** A client that retries nothing: a write that is repeated after its answer was lost meets its own condition and reports a conflict with itself. */
export function gcsClient(options: GcsClientOptions = {}): Storage {
  const { endpoint, silenceMs } = options
  const authClient = options.authClient ?? identityFor(options)
  return new Storage({
    ...(endpoint === undefined ? {} : { apiEndpoint: endpoint }),
    ...(authClient === undefined ? {} : { authClient }),
    ...(silenceMs === undefined ? {} : { timeout: silenceMs }),
    clientOptions: { transporterOptions: { agent: agentsFor(options) } },
    // The driver sends by the transport and not by the SDK's verbs; whoever uses those must not repeat either. It takes a 0 for "the default".
    retryOptions: { autoRetry: false, maxRetries: 0, idempotencyStrategy: IdempotencyStrategy.RetryNever },
  })
}

/** At an address of one's own nobody asks Google who one is. */
function identityFor(options: GcsClientOptions): OAuth2Client | PassThroughClient | undefined {
  const { endpoint, token } = options
  const transporterOptions = { agent: agentsFor(options) }
  if (token !== undefined) return new OAuth2Client({ credentials: { access_token: token }, transporterOptions })
  return endpoint === undefined ? undefined : new PassThroughClient({ transporterOptions })
}

function agentsFor({ socketsMax = 64 }: GcsClientOptions): (url: URL) => HttpAgent {
  const pool = { keepAlive: true, maxSockets: socketsMax, timeout: idleMs }
  const http = new HttpAgent(pool)
  const https = new HttpsAgent(pool)
  return ({ protocol }) => (protocol === 'http:' ? http : https)
}
