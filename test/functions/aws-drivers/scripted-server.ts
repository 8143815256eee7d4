import { createServer, type Server, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'

/** One request as it came over the wire. */
export interface Heard {
  readonly method: string
  readonly target: string
  readonly headers: ReadonlyMap<string, string>
  /** Its body, as far as it came before the script took over. */
  readonly body: () => Promise<Buffer>
}

/** What to do about a request: write what one likes, and close or not. */
export type Script = (request: Heard, socket: Socket) => void | Promise<void>

/** A server that says exactly what a test wants said, byte for byte. */
export class ScriptedServer {
  readonly requests: Heard[] = []
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  script: Script

  constructor(script: Script) {
    this.script = script
    this.#server = createServer((socket) => this.#serve(socket))
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, '127.0.0.1', resolve)
    })
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  get connections(): number {
    return this.#sockets.size
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => {
      this.#server.close(resolve)
    })
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
    socket.on('error', () => undefined)
    let waiting = Buffer.alloc(0)
    let current: { want: number; body: Buffer[]; have: number; done: (whole: Buffer) => void } | null = null
    const take = () => {
      for (;;) {
        if (current !== null) {
          const rest = current.want - current.have
          const piece = waiting.subarray(0, rest)
          current.body.push(piece)
          current.have += piece.byteLength
          waiting = waiting.subarray(piece.byteLength)
          if (current.have < current.want) return
          current.done(Buffer.concat(current.body))
          current = null
        }
        const end = waiting.indexOf('\r\n\r\n')
        if (end < 0) return
        const { method, target, headers } = headOf(waiting.subarray(0, end).toString('latin1'))
        waiting = waiting.subarray(end + 4)
        const whole = Promise.withResolvers<Buffer>()
        current = { want: Number(headers.get('content-length') ?? 0), body: [], have: 0, done: whole.resolve }
        const request = { method, target, headers, body: () => whole.promise }
        this.requests.push(request)
        void this.script(request, socket)
      }
    }
    socket.on('data', (piece) => {
      waiting = Buffer.concat([waiting, piece])
      take()
    })
  }
}

function headOf(text: string): Pick<Heard, 'method' | 'target' | 'headers'> {
  const [first = '', ...lines] = text.split('\r\n')
  const [method = '', target = ''] = first.split(' ')
  const headers = new Map(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  )
  return { method, target, headers }
}

const date = 'Tue, 24 Nov 2026 10:00:00 GMT'

/** An answer in full. */
export function answer(status: number, headers: Record<string, string> = {}, body: string | Buffer = ''): Buffer {
  const content = Buffer.from(body)
  const all = { date, 'content-length': String(content.byteLength), ...headers }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`)
  return Buffer.concat([Buffer.from([`HTTP/1.1 ${status} Said`, ...lines, '', ''].join('\r\n'), 'latin1'), content])
}

/** A refusal in the words of S3; to HEAD it has none. */
export function refusal(method: string, status: number, code: string, more = ''): Buffer {
  const xml = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code>${more}<RequestId>1</RequestId></Error>`
  if (method === 'HEAD') return answer(status, { 'content-type': 'application/xml' })
  return answer(status, { 'content-type': 'application/xml' }, xml)
}

/** What S3 says of an object of nine digits. */
export const object = {
  etag: '"25f9e794323b453885f5181f1b624d0b"',
  'last-modified': 'Tue, 24 Nov 2026 09:00:00 GMT',
  'x-amz-version-id': 'v1',
  'x-amz-checksum-crc64nvme': 'rosUhgp5mIg=',
  'x-amz-checksum-type': 'FULL_OBJECT',
}
