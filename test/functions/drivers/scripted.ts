import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

export interface Request {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

/** Answers as a test says, byte for byte if it likes. */
export type Script = (request: Request, answer: ServerResponse, socket: Socket) => void

/** A server that says what a test wants said. */
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
