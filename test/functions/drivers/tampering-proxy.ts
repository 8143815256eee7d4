import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** What passes by: changed, kept back (empty), or `null` to break off there. */
export type Tamper = (chunk: Buffer, near: Socket) => Buffer | null

export interface Passing {
  sent: Tamper
  received: Tamper
}

export interface Proxy {
  readonly url: string
  readonly passing: Passing
  /** Connections that are open now. */
  readonly open: ReadonlySet<Socket>
  /** The lines of every request that passed: `PUT /bucket/key?...`. */
  readonly asked: string[]
  /** From here on all passes unharmed, and what was asked is forgotten. */
  reset(): void
  close(): void
}

const unharmed: Tamper = (chunk) => chunk

/** Between a client and a server, where it may change what passes. */
export async function tamperingProxy(port: number): Promise<Proxy> {
  const passing: Passing = { sent: unharmed, received: unharmed }
  const open = new Set<Socket>()
  const asked: string[] = []
  const server = createServer((near) => {
    open.add(near)
    const far = connect(port, '127.0.0.1')
    near.on('data', (chunk) => {
      const line = /^([A-Z]+ \S+) HTTP\/1\.1\r\n/.exec(chunk.toString('latin1'))?.[1]
      if (line !== undefined) asked.push(line)
      const passed = passing.sent(chunk, near)
      if (passed === null) near.destroy()
      else far.write(passed)
    })
    far.on('data', (chunk) => {
      const passed = passing.received(chunk, near)
      if (passed === null) near.destroy()
      else if (!near.write(passed)) far.pause()
    })
    near.on('drain', () => far.resume())
    near.on('error', () => far.destroy()).on('close', () => open.delete(near) && far.destroy())
    far.on('error', () => near.destroy()).on('close', () => near.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    passing,
    open,
    asked,
    reset() {
      Object.assign(passing, { sent: unharmed, received: unharmed })
      asked.length = 0
    },
    close() {
      for (const socket of open) socket.destroy()
      server.close()
    },
  }
}

/** Flips one bit of these bytes where they pass, once. */
export function flipping(marker: string): Tamper {
  let done = false
  return (chunk) => {
    const at = done ? -1 : chunk.indexOf(marker)
    if (at < 0) return chunk
    done = true
    const copy = Buffer.from(chunk)
    copy[at]! ^= 1
    return copy
  }
}
