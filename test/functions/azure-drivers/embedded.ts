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
import type { ObjectStore } from '#shared/ports/object-store.ts'
import { type Proxy, tamperingProxy } from '#test/functions/drivers/tampering-proxy.ts'
import { engineOnDisk } from '#test/local/on-disk.ts'
import { hashing, site } from './scripted.ts'

export interface Embedded {
  /** What lies between the stores and the server. */
  readonly proxy: Proxy
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
  const engine = await engineOnDisk()
  const accounts = [{ name: account, key: Buffer.from('the key').toString('base64'), ...options }]
  const face = await azureFace({ engine, now: Date.now, accounts })
  const plain = newPipeline(credential, { retryOptions: { maxTries: 1 } })
  const client = (container = 'tenant-a') => new PlainContainer(`${face.url}/${account}/${container}`, plain)
  for (const container of ['tenant-a', 'tenant-b']) await client(container).create()
  const proxy = await tamperingProxy(face.port)
  const endpoint = `${proxy.url}/${account}`
  return {
    proxy,
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
      proxy.close()
      await face.close()
      await engine.close()
    },
  }
}
