import { createHmac } from 'node:crypto'
import { request as httpRequest } from 'node:http'

export interface Site {
  /** Scheme, host and port. */
  readonly origin: string
  readonly account: string
  readonly key: string
}

export interface Said {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: Buffer
  /** Azure's own, from the header. */
  readonly code: string
}

export interface Sending {
  /** As it goes over the wire. */
  readonly query?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
  /** `null`: unsigned. */
  readonly key?: string | null
  readonly date?: Date
  /** What is signed, where it is not what is sent. */
  readonly signedPath?: string
  /** Sent and signed in the place of the account's own path. */
  readonly sentPath?: string
  /** The connection ends with these bytes, whatever was announced. */
  readonly cut?: boolean
}

/** A request signed by hand, for bytes on the wire that the SDK would not send. The path begins with the container's slash. */
export async function raw(site: Site, method: string, path: string, sending: Sending = {}): Promise<Said> {
  const { query = '', headers = {}, body = '', key = site.key, date = new Date() } = sending
  const bytes = Buffer.from(body)
  const all: Record<string, string> = { 'x-ms-date': date.toUTCString(), 'x-ms-version': '2025-11-05', ...headers }
  const chunked = all['transfer-encoding'] !== undefined
  if (!chunked && (method === 'PUT' || bytes.length > 0)) all['content-length'] ??= String(bytes.length)
  const sent = sending.sentPath ?? `/${site.account}${path}`
  const signed = { ...sending, query, headers: all }
  if (key !== null) all['authorization'] = authorization(site.account, key, method, sending.signedPath ?? sent, signed)
  return send(site.origin, method, query === '' ? sent : `${sent}?${query}`, all, bytes, sending.cut === true)
}

const signedHeaders = [
  'content-encoding',
  'content-language',
  'content-length',
  'content-md5',
  'content-type',
  'date',
  'if-modified-since',
  'if-match',
  'if-none-match',
  'if-unmodified-since',
  'range',
]

function authorization(
  account: string,
  key: string,
  method: string,
  path: string,
  { query = '', headers = {} }: Sending,
): string {
  const values = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value.trim()]))
  const value = (name: string) =>
    name === 'content-length' && values.get(name) === '0' ? '' : (values.get(name) ?? '')
  const own = [...values.keys()].filter((name) => name.startsWith('x-ms-')).toSorted()
  const parameters = new URLSearchParams(query)
  parameters.sort()
  const resource = `/${account}${path}${[...parameters].map(([name, text]) => `\n${name}:${text}`).join('')}`
  const canonical = own.map((name) => `${name}:${value(name)}\n`).join('')
  const text = `${[method, ...signedHeaders.map(value)].join('\n')}\n${canonical}${resource}`
  return `SharedKey ${account}:${createHmac('sha256', Buffer.from(key, 'base64')).update(text).digest('base64')}`
}

async function send(
  origin: string,
  method: string,
  path: string,
  headers: Record<string, string>,
  body: Buffer,
  cut: boolean,
): Promise<Said> {
  const [, hostname, port] = /^http:\/\/([^:/]+):(\d+)/.exec(origin)!
  return new Promise((resolve, reject) => {
    const request = httpRequest({ hostname, port, method, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const found = response.headers as Record<string, string | undefined>
        const code = found['x-ms-error-code'] ?? ''
        resolve({ status: response.statusCode ?? 0, headers: found, body: Buffer.concat(chunks), code })
      })
    })
    request.on('error', reject)
    if (cut) request.write(body, () => request.destroy(new Error('cut')))
    else request.end(body)
  })
}
