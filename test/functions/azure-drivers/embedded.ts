import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type ContainerClient,
  ContainerClient as PlainContainer,
  newPipeline,
  StorageSharedKeyCredential,
} from '@azure/storage-blob'
import { azureContainer } from '#azure/drivers/client.ts'
import { azureStore, type AzureStoreOptions } from '#azure/drivers/object-store.ts'
import { systemClock } from '#functions/runtime.ts'
import { azureFace } from '#local/servers/azure/face.ts'
import { openEngine } from '#local/servers/engine/engine.ts'
import type { ObjectStore } from '#shared/ports/object-store.ts'
import { hashing, site } from './scripted.ts'

/** What passes between a store and its server, and may be changed on its way. */
export interface Passing {
  sent: (chunk: Buffer) => Buffer
  received: (chunk: Buffer) => Buffer
}

export interface Embedded {
  readonly passing: Passing
  /** Connections that are open now. */
  readonly open: ReadonlySet<Socket>
  /** The lines of every request that passed: `PUT /account/container/blob?...`. */
  readonly asked: string[]
  store(options?: Partial<AzureStoreOptions>, container?: string): ObjectStore
  /** Somebody else's client, straight to the server. */
  client(container?: string): ContainerClient
  close(): Promise<void>
}

const account = 'embedded'
const credential = new StorageSharedKeyCredential(account, Buffer.from('the key').toString('base64'))

/** An account of the embedded server with two containers, `tenant-a` and `tenant-b`. */
export async function embedded(
  options: { readonly versioning: boolean; readonly softDeleteDays?: number } = { versioning: true },
): Promise<Embedded> {
  const folder = await mkdtemp(join(tmpdir(), 'isobar-azure-driver-'))
  const engine = await openEngine({ folder, now: Date.now })
  const accounts = [{ name: account, key: Buffer.from('the key').toString('base64'), ...options }]
  const face = await azureFace({ engine, now: Date.now, accounts })
  const plain = newPipeline(credential, { retryOptions: { maxTries: 1 } })
  const client = (container = 'tenant-a') => new PlainContainer(`${face.url}/${account}/${container}`, plain)
  for (const container of ['tenant-a', 'tenant-b']) await client(container).create()
  const passing: Passing = { sent: (chunk) => chunk, received: (chunk) => chunk }
  const open = new Set<Socket>()
  const asked: string[] = []
  const proxy = createServer((near) => {
    open.add(near)
    const far = connect(face.port, '127.0.0.1')
    near.on('data', (chunk) => {
      const line = /^([A-Z]+ \S+) HTTP\/1\.1\r\n/.exec(chunk.toString('latin1'))?.[1]
      if (line !== undefined) asked.push(line)
      far.write(passing.sent(chunk))
    })
    far.on('data', (chunk) => {
      if (!near.write(passing.received(chunk))) far.pause()
    })
    near.on('drain', () => far.resume())
    near.on('error', () => far.destroy()).on('close', () => open.delete(near) && far.destroy())
    far.on('error', () => near.destroy()).on('close', () => near.destroy())
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const endpoint = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/${account}`
  return {
    passing,
    open,
    asked,
    client,
    store: (own = {}, container = 'tenant-a') =>
      azureStore({
        container: azureContainer({ account, endpoint, credential, container }),
        site,
        hashing,
        clock: systemClock,
        versioned: options.versioning,
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
