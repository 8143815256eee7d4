import { request as httpRequest } from 'node:http'
import type { Response } from './operation.ts'

const patienceMs = 30_000

/** The target goes out byte for byte. One connection each, so that no side is judged by what the other left on one. */
export function sendPlain(
  origin: string,
  method: string,
  target: string,
  headers: Readonly<Record<string, string>>,
  body: string | Uint8Array,
): Promise<Response> {
  const { hostname, port } = new URL(origin)
  const bytes = Buffer.from(body)
  const length = method === 'PUT' || method === 'POST' || method === 'PATCH' || bytes.length > 0
  const sent = { ...(length ? { 'content-length': String(bytes.length) } : {}), ...headers }
  return new Promise((resolve, reject) => {
    const options = { hostname, port, method, path: target, headers: sent, agent: false, timeout: patienceMs }
    const outgoing = httpRequest(options, (incoming) => {
      const parts: Buffer[] = []
      incoming.on('data', (part: Buffer) => parts.push(part))
      incoming.on('error', reject)
      incoming.on('end', () => {
        const headers = incoming.headers as Record<string, string | undefined>
        resolve({ status: incoming.statusCode ?? 0, headers, body: Buffer.concat(parts) })
      })
    })
    outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer within ${patienceMs} ms`)))
    outgoing.on('error', reject)
    outgoing.end(bytes)
  })
}
