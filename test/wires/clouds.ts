import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ContainerClient, StorageSharedKeyCredential } from '@azure/storage-blob'
import { CreateBucketCommand, PutBucketVersioningCommand } from '@aws-sdk/client-s3'
import { s3Client } from '#aws/drivers/client.ts'
import { s3Store } from '#aws/drivers/object-store.ts'
import { azureContainer } from '#azure/drivers/client.ts'
import { azureStore } from '#azure/drivers/object-store.ts'
import { systemClock } from '#functions/runtime.ts'
import { gcsClient } from '#gcp/drivers/client.ts'
import { gcsStore } from '#gcp/drivers/object-store.ts'
import { azureFace } from '#local/servers/azure/face.ts'
import { openEngine } from '#local/servers/engine/engine.ts'
import { gcsFace } from '#local/servers/gcs/face.ts'
import { s3Face } from '#local/servers/s3/face.ts'
import { loadHashing } from '#shared/kernel/hashing.ts'
import type { SiteId } from '#shared/kernel/ids.ts'
import type { ObjectStore } from '#shared/ports/object-store.ts'
import { account, accountKey, credentials, type Kind, kinds, region, token } from '#test/local/doors.ts'

/** The three embedded clouds, an object engine under each, and the real drivers before them. */
export interface Clouds {
  readonly url: Readonly<Record<Kind, string>>
  /** A bucket of that name, made if need be, that keeps versions. */
  store(kind: Kind, bucket: string, site: SiteId): Promise<ObjectStore>
  close(): Promise<void>
}

const aside = 'control'

export async function startClouds(): Promise<Clouds> {
  const folder = await mkdtemp(join(tmpdir(), 'isobar-wires-'))
  const now = Date.now
  const engines = await Promise.all(kinds.map((kind) => openEngine({ folder: join(folder, kind), now })))
  const [s3Engine, azureEngine, gcsEngine] = engines as [(typeof engines)[0], (typeof engines)[0], (typeof engines)[0]]
  const s3 = await s3Face({ engine: s3Engine, now, credentials: [credentials], region })
  const accounts = [{ name: account, key: accountKey, versioning: true, softDeleteDays: 14 }]
  const azure = await azureFace({ engine: azureEngine, now, accounts })
  const gcs = await gcsFace({ engine: gcsEngine, now, tokens: [token] })

  const hashing = await loadHashing()
  const client = s3Client({ region, endpoint: s3.url, credentials })
  const storage = gcsClient({ endpoint: gcs.url, token })
  const credential = new StorageSharedKeyCredential(account, accountKey)
  const containerOf = (container: string) =>
    azureContainer({ account, endpoint: `${azure.url}/${account}`, credential, container })
  const create: Readonly<Record<Kind, (bucket: string) => Promise<unknown>>> = {
    s3: async (Bucket) => {
      await client.send(new CreateBucketCommand({ Bucket }))
      await client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }))
    },
    azure: (bucket) => new ContainerClient(`${azure.url}/${account}/${bucket}`, credential).create(),
    gcs: (name) =>
      fetch(`${gcs.url}/storage/v1/b?project=isobar`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ name, versioning: { enabled: true } }),
      }),
  }
  const made = new Map(kinds.map((kind) => [`${kind} ${aside}`, create[kind](aside)]))
  await Promise.all(made.values())
  return {
    url: { s3: s3.url, azure: azure.url, gcs: gcs.url },
    async store(kind, bucket, site) {
      const name = `${kind} ${bucket}`
      const making = made.get(name) ?? create[kind](bucket)
      made.set(name, making)
      await making
      const common = { site, clock: systemClock, versioned: true, hashing, control: { bucket: aside } }
      if (kind === 's3') return s3Store({ ...common, client, bucket })
      if (kind === 'azure') return azureStore({ ...common, container: containerOf(bucket) })
      return gcsStore({ ...common, storage, bucket })
    },
    async close() {
      await Promise.all([s3.close(), azure.close(), gcs.close()])
      await Promise.all(engines.map((engine) => engine.close()))
      await rm(folder, { recursive: true })
    },
  }
}
