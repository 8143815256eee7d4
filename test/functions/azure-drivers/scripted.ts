import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { StorageSharedKeyCredential } from '@azure/storage-blob'
import { azureContainer } from '#azure/drivers/client.ts'
import { azureStore, type AzureStoreOptions } from '#azure/drivers/object-store.ts'
import { systemClock } from '#functions/runtime.ts'
import type { Hashing } from '#shared/kernel/digest.ts'
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

  constructor() {
    this.#server = createServer((message, answer) => {
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
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/account`
  }

  get connections(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)))
    })
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

export const site: SiteId = siteId('blob')
export const key: Key = parseKey('a/b.txt')
export const hashing: Hashing = await loadHashing()

export function storeAt(endpoint: string, options: Partial<AzureStoreOptions> = {}): ObjectStore {
  const credential = new StorageSharedKeyCredential('account', Buffer.from('key').toString('base64'))
  const container = azureContainer({ account: 'account', endpoint, credential, container: 'things' })
  return azureStore({ container, site, hashing, clock: systemClock, versioned: true, ...options })
}

/** As Azure says no. */
export function refusing(status: number, code: string, headers: Record<string, string> = {}): Script {
  return (request, answer) => {
    const body =
      request.method === 'HEAD'
        ? ''
        : `\uFEFF<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>No.\nRequestId:1</Message></Error>`
    answer.writeHead(status, { 'x-ms-error-code': code, 'content-type': 'application/xml', ...headers }).end(body)
  }
}

export function write(content: string): Write {
  const hasher = hashing.hasher('md5')
  hasher.update(bytes(content))
  const plain = { headers: {}, metadata: {}, tags: {}, storageClass: null }
  return { ...plain, body: bodyOf(bytes(content)), digests: { md5: hasher.digest() } }
}
