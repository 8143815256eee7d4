import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BlobServiceClient, StorageSharedKeyCredential } from '@azure/storage-blob'
import type { AccountOptions } from '#local/servers/azure/accounts.ts'
import { type AzureFace, azureFace, type AzureFaceOptions } from '#local/servers/azure/face.ts'
import { openEngine } from '#local/servers/engine/engine.ts'
import type { Engine } from '#local/servers/engine/model.ts'
import { raw, type Site } from './raw.ts'
import { unique, type World } from './question.ts'

export const account: AccountOptions = {
  name: 'devaccount',
  key: Buffer.from('a key for tests').toString('base64'),
  versioning: true,
  softDeleteDays: 7,
}

export interface Running {
  readonly face: AzureFace
  readonly engine: Engine
  readonly site: Site
  readonly folder: string
  close(): Promise<void>
}

export interface Embedding extends Partial<Omit<AzureFaceOptions, 'engine'>> {
  /** Kept when it closes; absent: one of its own, which is not. */
  readonly folder?: string
}

/** The embedded face over an engine of its own. */
export async function embedded(options: Embedding = {}): Promise<Running> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'isobar-azure-')))
  const now = options.now ?? Date.now
  const engine = await openEngine({ folder, now })
  const accounts = options.accounts ?? [account]
  const leave = async () => {
    await engine.close()
    if (options.folder === undefined) await rm(folder, { recursive: true, force: true })
  }
  const face = await azureFace({ ...options, engine, now, accounts }).catch(async (refused: unknown) => {
    await leave()
    throw refused
  })
  const { name, key } = accounts[0]!
  return {
    face,
    engine,
    folder,
    site: { origin: face.url, account: name, key },
    async close() {
      await face.close()
      await leave()
    },
  }
}

/** The SDK, without its retries. */
export function serviceOf({ origin, account, key }: Site): BlobServiceClient {
  const credential = new StorageSharedKeyCredential(account, key)
  return new BlobServiceClient(`${origin}/${account}`, credential, { retryOptions: { maxTries: 1 } })
}

export async function worldAt(site: Site): Promise<World> {
  const service = serviceOf(site)
  const container = service.getContainerClient(unique('probe'))
  await container.create()
  return {
    site,
    service,
    container,
    blob: (name = 'blob') => container.getBlockBlobClient(unique(name)),
    async fresh() {
      const another = service.getContainerClient(unique('fresh'))
      await another.create()
      return another
    },
    raw: (method, path, sending) => {
      // `/../NAME` leaves the container; what is sent is a plain path.
      const at = path.startsWith('/../') ? path.slice(3) : `/${container.containerName}${path}`
      return raw(site, method, at, sending)
    },
  }
}
