import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { gcsClient, type GcsClientOptions } from '#gcp/drivers/client.ts'
import { gcsStore, type GcsStoreOptions } from '#gcp/drivers/object-store.ts'
import { systemClock } from '#functions/runtime.ts'
import type { Digests, Hashing } from '#shared/kernel/digest.ts'
import { loadHashing } from '#shared/kernel/hashing.ts'
import { type SiteId, siteId } from '#shared/kernel/ids.ts'
import { type Key, parseKey } from '#shared/kernel/key.ts'
import type { ObjectStore, Write } from '#shared/ports/object-store.ts'
import { bodyOf, bytes } from '#test/contract/subject.ts'

export interface Request {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

/** Answers as a test says, byte for byte if it likes. */
export type Script = (request: Request, answer: ServerResponse, socket: Socket) => void

export class Scripted {
  readonly requests: Request[] = []
  readonly #server: Server
  script: Script = (_request, answer) => void answer.writeHead(500).end()
  /** Instead of the script, before any of the body is read. */
  onHead: ((socket: Socket) => void) | null = null

  constructor() {
    this.#server = createServer((message, answer) => {
      if (this.onHead !== null) return this.onHead(message.socket)
      const chunks: Buffer[] = []
      message.on('data', (chunk: Buffer) => chunks.push(chunk))
      message.on('end', () => {
        const { method = '', url = '', headers } = message
        const request = { method, url, headers, body: Buffer.concat(chunks) }
        this.requests.push(request)
        this.script(request, answer, message.socket)
      })
    })
  }

  async listen(): Promise<this> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return this
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  get connections(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)))
    })
  }

  /** Those that wait for a next request. */
  closeIdle(): void {
    this.#server.closeIdleConnections()
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

export const site: SiteId = siteId('gcs')
export const key: Key = parseKey('a/b.txt')
export const hashing: Hashing = await loadHashing()
export const token = 'the-secret-token'

export function storeAt(
  endpoint: string,
  client: Partial<GcsClientOptions> = {},
  options: Partial<GcsStoreOptions> = {},
): ObjectStore {
  const storage = gcsClient({ endpoint, token, ...client })
  const common = { site, hashing, clock: systemClock, versioned: true }
  return gcsStore({ ...common, storage, bucket: 'things', control: { bucket: 'yard' }, ...options })
}

/** As Cloud Storage says no. */
export function refusing(status: number, reason: string, message = 'No.'): Script {
  const error = { code: status, message, errors: [{ message, domain: 'global', reason }] }
  return saying({ error }, status)
}

export function saying(value: unknown, status = 200): Script {
  return (_request, answer) =>
    void answer.writeHead(status, { 'content-type': 'application/json; charset=UTF-8' }).end(JSON.stringify(value))
}

/** An object's resource as the JSON API gives it. */
export function resource(more: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  return {
    name: key,
    generation: '1764000000000001',
    metageneration: '1',
    timeCreated: '2026-11-25T04:31:00.123Z',
    size: '7',
    crc32c: crc32cOf(bytes('content')),
    ...more,
  }
}

export function crc32cOf(content: Uint8Array): string {
  const hasher = hashing.hasher('crc32c')
  hasher.update(content)
  return hasher.digest()
}

export function write(content: string | Uint8Array, said: Partial<Write> = {}): Write {
  const body = typeof content === 'string' ? bytes(content) : content
  const digests: Digests = { crc32c: crc32cOf(body) }
  return { headers: {}, metadata: {}, tags: {}, storageClass: null, body: bodyOf(body), digests, ...said }
}
