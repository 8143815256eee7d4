import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, request as send } from 'node:http'
import type { AddressInfo } from 'node:net'
import { sign } from '#local/servers/azure/shared-key.ts'
import { addressOf } from '#local/servers/s3/address.ts'
import { signatureOf, signerOf } from '#local/servers/s3/signature.ts'
import { account, accountKey, credentials, type Kind } from './doors.ts'

export interface DeafProxy {
  readonly url: string
  close(): void
}

interface Heard {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
}

/** Before an embedded cloud, which does not get to hear this header or parameter; so it looks like a store that takes a condition and ignores it. */
export async function deafProxy(kind: Kind, port: number, swallowed: RegExp): Promise<DeafProxy> {
  const server = createServer((request, response) => {
    const heard = without(swallowed, {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
    })
    const { method, path, headers } = signedAnew(kind, heard)
    const far = send({ host: '127.0.0.1', port, method, path, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers)
      answer.pipe(response)
    })
    far.on('error', () => response.destroy())
    request.pipe(far)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

function without(swallowed: RegExp, { method, path, headers }: Heard): Heard {
  const [name = '', query = ''] = path.split('?', 2)
  const kept = query.split('&').filter((pair) => !swallowed.test(pair.split('=')[0] ?? ''))
  const shown = Object.entries(headers).filter(([header]) => !swallowed.test(header))
  return { method, path: query === '' ? name : `${name}?${kept.join('&')}`, headers: Object.fromEntries(shown) }
}

/** A signature covers conditions too, so whoever takes one out on the way must sign again. */
function signedAnew(kind: Kind, heard: Heard): Heard {
  if (kind === 'gcs') return heard
  const authorization = kind === 's3' ? s3Signature(heard) : azureSignature(heard)
  return { ...heard, headers: { ...heard.headers, authorization } }
}

function s3Signature({ method, path, headers }: Heard): string {
  const [, scope = '', names = ''] =
    /Credential=[^/]+\/(\S+?), ?SignedHeaders=(\S+?),/.exec(headers.authorization ?? '') ?? []
  const [day = '', region = '', service = ''] = scope.split('/')
  const kept = names.split(';').filter((name) => headers[name] !== undefined)
  const signer = signerOf(credentials.secretAccessKey, String(headers['x-amz-date']), { day, region, service })
  const signature = signatureOf(signer, {
    method,
    address: addressOf(path, headers.host ?? ''),
    headers: kept.map((name) => [name, String(headers[name])]),
    payload: String(headers['x-amz-content-sha256']),
  })
  return `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${kept.join(';')}, Signature=${signature}`
}

/** https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key */
function azureSignature({ method, path, headers }: Heard): string {
  const told = (name: string) => String(headers[name] ?? '')
  const length = told('content-length') === '0' ? '' : told('content-length')
  const lines = ['content-encoding', 'content-language'].map(told)
  const rest = ['content-md5', 'content-type', 'none', 'if-modified-since', 'if-match', 'if-none-match'].map(told)
  const own = Object.keys(headers)
    .filter((name) => name.startsWith('x-ms-'))
    .toSorted()
    .map((name) => `${name}:${told(name)}\n`)
  const [name = '', query = ''] = path.split('?', 2)
  const parameters = [...new URLSearchParams(query)].map(([key, value]) => `\n${key.toLowerCase()}:${value}`).toSorted()
  const text = [method, ...lines, length, ...rest, told('if-unmodified-since'), told('range')].join('\n')
  const resource = `/${account}${name}${parameters.join('')}`
  return `SharedKey ${account}:${sign(Buffer.from(accountKey, 'base64'), `${text}\n${own.join('')}${resource}`)}`
}
