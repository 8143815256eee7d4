import { createHash, createHmac } from 'node:crypto'
import { type Agent, type IncomingHttpHeaders, request as httpRequest } from 'node:http'

/** What goes over the wire where the SDK would send something else. */
export interface Raw {
  readonly method?: string
  /** As it stands in the request line. */
  readonly path: string
  /** Sent in place of the path that is signed. */
  readonly sentPath?: string
  /** Names and values already encoded, as they stand in the request line. */
  readonly query?: readonly (readonly [string, string])[]
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array | string
  /** What `x-amz-content-sha256` says; absent: the body's own. */
  readonly payload?: string
  /** Added after signing. */
  readonly unsigned?: Readonly<Record<string, string>>
  /** Makes the body from what signs it. */
  readonly chunks?: (signer: ChunkSigner) => string
  /** Whose connections it goes over; absent: one of its own. */
  readonly agent?: Agent
}

export interface RawAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

export interface ChunkSigner {
  readonly seed: string
  chunk(previous: string, bytes: string): string
  trailer(previous: string, text: string): string
}

interface Surroundings {
  /** Absent: this machine. */
  readonly host?: string
  readonly port: number
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
  readonly region: string
  readonly nowMs: number
}

const sha = (data: Uint8Array | string) => createHash('sha256').update(data).digest('hex')
const hmac = (secret: Uint8Array | string, data: string) => createHmac('sha256', secret).update(data).digest()

/** Signs by a reading of the documentation of its own, so that it shares no mistake with the server. */
export async function sendRaw(raw: Raw & Surroundings): Promise<RawAnswer> {
  const { method = 'GET', path, sentPath = path, query = [], body = '', credentials, region, nowMs, port } = raw
  const { host = '127.0.0.1', agent } = raw
  const time = timeText(nowMs)
  const payload = raw.payload ?? sha(body)
  const headers = { host: `${host}:${port}`, 'x-amz-date': time, 'x-amz-content-sha256': payload, ...raw.headers }
  const scope = `${time.slice(0, 8)}/${region}/s3/aws4_request`
  const key = keyFor(credentials.secretAccessKey, scope)
  const lines = Object.entries(headers).toSorted(([a], [b]) => (a < b ? -1 : 1))
  const names = lines.map(([name]) => name).join(';')
  const canonical = [
    method,
    path,
    queryText(query.toSorted(([a], [b]) => (a < b ? -1 : 1))),
    ...lines.map(([name, value]) => `${name}:${value}`),
    '',
    names,
    payload,
  ].join('\n')
  const seed = hmac(key, ['AWS4-HMAC-SHA256', time, scope, sha(canonical)].join('\n')).toString('hex')
  const authorization = `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${seed}`
  const sent = raw.chunks?.(chunkSigner(key, time, scope, seed)) ?? body
  const target = query.length === 0 ? sentPath : `${sentPath}?${queryText(query)}`
  const signed = { ...headers, ...raw.unsigned, authorization }
  return send({ host, port, method, target, headers: signed, body: sent, ...(agent === undefined ? {} : { agent }) })
}

/** A link that anyone may use for `seconds`. */
export function presign(raw: Raw & Surroundings & { readonly seconds: number }): string {
  const { method = 'GET', path, query = [], credentials, region, nowMs, port, seconds } = raw
  const time = timeText(nowMs)
  const scope = `${time.slice(0, 8)}/${region}/s3/aws4_request`
  const all = [
    ...query,
    ['X-Amz-Algorithm', 'AWS4-HMAC-SHA256'] as const,
    ['X-Amz-Credential', encodeURIComponent(`${credentials.accessKeyId}/${scope}`)] as const,
    ['X-Amz-Date', time] as const,
    ['X-Amz-Expires', String(seconds)] as const,
    ['X-Amz-SignedHeaders', 'host'] as const,
  ]
  const sorted = queryText(all.toSorted(([a], [b]) => (a < b ? -1 : 1)))
  const canonical = [method, path, sorted, `host:127.0.0.1:${port}`, '', 'host', 'UNSIGNED-PAYLOAD'].join('\n')
  const text = ['AWS4-HMAC-SHA256', time, scope, sha(canonical)].join('\n')
  const signature = hmac(keyFor(credentials.secretAccessKey, scope), text).toString('hex')
  return `${path}?${sorted}&X-Amz-Signature=${signature}`
}

export async function send(request: {
  readonly host?: string
  readonly port: number
  readonly method?: string
  readonly target: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array | string
  readonly agent?: Agent
}): Promise<RawAnswer> {
  const { host = '127.0.0.1', port, method = 'GET', target, headers = {}, body = '', agent = false } = request
  const bytes = Buffer.from(body)
  // Node writes headers as Latin-1: what is UTF-8 here is so on the wire.
  const wire = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Buffer.from(value, 'utf8').toString('latin1')]),
  )
  const length = method === 'PUT' || method === 'POST' ? { 'content-length': String(bytes.length) } : {}
  return new Promise((resolve, reject) => {
    const options = { host, port, method, path: target, headers: { ...length, ...wire }, agent }
    const outgoing = httpRequest(options, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('error', reject)
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) })
      })
    })
    outgoing.on('error', reject)
    outgoing.end(bytes)
  })
}

function chunkSigner(key: Buffer, time: string, scope: string, seed: string): ChunkSigner {
  const sign = (...lines: string[]) => hmac(key, [...lines].join('\n')).toString('hex')
  return {
    seed,
    chunk: (previous, bytes) =>
      sign('AWS4-HMAC-SHA256-PAYLOAD', time, scope, previous, sha(''), sha(Buffer.from(bytes, 'utf8'))),
    trailer: (previous, text) => sign('AWS4-HMAC-SHA256-TRAILER', time, scope, previous, sha(text)),
  }
}

function keyFor(secret: string, scope: string): Buffer {
  return scope.split('/').reduce<Buffer>((key, part) => hmac(key, part), Buffer.from(`AWS4${secret}`))
}

function timeText(ms: number): string {
  return new Date(ms).toISOString().replace(/[-:]|\.\d{3}/g, '')
}

function queryText(query: readonly (readonly [string, string])[]): string {
  return query.map(([name, value]) => `${name}=${value}`).join('&')
}
