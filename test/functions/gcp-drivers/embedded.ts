import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gcsClient, type GcsClientOptions } from '#gcp/drivers/client.ts'
import { gcsStore, type GcsStoreOptions } from '#gcp/drivers/object-store.ts'
import { systemClock } from '#functions/runtime.ts'
import { openEngine } from '#local/servers/engine/engine.ts'
import { gcsFace, type GcsFaceOptions } from '#local/servers/gcs/face.ts'
import type { ObjectStore } from '#shared/ports/object-store.ts'
import { hashing, site, token } from './scripted.ts'

/** What passes between a store and its server, and may be changed on its way. */
export interface Passing {
  sent: (chunk: Buffer, socket: Socket) => Buffer
  received: (chunk: Buffer, socket: Socket) => Buffer
}

export interface Raw {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

export interface Embedded {
  readonly passing: Passing
  /** Connections that are open now. */
  readonly open: ReadonlySet<Socket>
  /** The lines of every request that passed: `GET /storage/v1/b/things/o/a?...`. */
  readonly asked: string[]
  store(options?: Partial<GcsStoreOptions>, client?: Partial<GcsClientOptions>): ObjectStore
  /** Somebody else's request, straight to the server; it must be granted. */
  raw(method: string, target: string, said?: Raw): Promise<Response>
  close(): Promise<void>
}

/** The embedded server with the buckets `things`, which keeps versions, `plain`, which keeps none, and `yard`, for what is staged. */
export async function embedded(options: Partial<GcsFaceOptions> = {}): Promise<Embedded> {
  const folder = await mkdtemp(join(tmpdir(), 'isobar-gcs-driver-'))
  const engine = await openEngine({ folder, now: Date.now })
  const face = await gcsFace({ engine, now: Date.now, tokens: [token], ...options })
  const passing: Passing = { sent: (chunk) => chunk, received: (chunk) => chunk }
  const open = new Set<Socket>()
  const asked: string[] = []
  const proxy = createServer((near) => {
    open.add(near)
    const far = connect(face.port, '127.0.0.1')
    near.on('data', (chunk) => {
      const line = /^([A-Z]+ \S+) HTTP\/1\.1\r\n/.exec(chunk.toString('latin1'))?.[1]
      if (line !== undefined) asked.push(line)
      far.write(passing.sent(chunk, near))
    })
    far.on('data', (chunk) => {
      if (!near.write(passing.received(chunk, near))) far.pause()
    })
    near.on('drain', () => far.resume())
    near.on('error', () => far.destroy()).on('close', () => open.delete(near) && far.destroy())
    far.on('error', () => near.destroy()).on('close', () => near.destroy())
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const endpoint = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
  const raw = async (method: string, target: string, { headers = {}, body }: Raw = {}) => {
    const said = { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers }
    const answer = await fetch(face.url + target, { method, headers: said, ...(body === undefined ? {} : { body }) })
    if (!answer.ok) throw new Error(`${method} ${target}: ${answer.status} ${await answer.text()}`)
    return answer
  }
  for (const name of ['things', 'plain', 'yard']) {
    const versioning = { enabled: name === 'things' }
    await raw('POST', '/storage/v1/b?project=p', { body: JSON.stringify({ name, versioning }) })
  }
  return {
    passing,
    open,
    asked,
    raw,
    store: (own = {}, client = {}) =>
      gcsStore({
        storage: gcsClient({ endpoint, token, ...client }),
        site,
        bucket: 'things',
        control: { bucket: 'yard' },
        hashing,
        clock: systemClock,
        versioned: own.bucket !== 'plain',
        ...own,
      }),
    async close() {
      for (const socket of open) socket.destroy()
      proxy.close()
      await face.close()
      await engine.close()
      await rm(folder, { recursive: true })
    },
  }
}

/** Flips one bit of these bytes where they pass, once. */
export function flipping(marker: string): (chunk: Buffer) => Buffer {
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
