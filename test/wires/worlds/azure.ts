import { ContainerClient, StorageSharedKeyCredential } from '@azure/storage-blob'
import { azureContainer } from '#azure/drivers/client.ts'
import { azureStore } from '#azure/drivers/object-store.ts'
import { azureFace } from '#local/servers/azure/face.ts'
import { recordOf } from '#local/servers/azure/record.ts'
import { siteId } from '#shared/kernel/ids.ts'
import { azureUser } from './azure-user.ts'
import { controlBucket, type Embedded, type EmbeddedCloud, type EmbeddedOptions, ownBucket } from './embedded.ts'
import type { Read } from './happenings.ts'

const account = 'worlds'
const key = Buffer.from('of these worlds alone').toString('base64')

export const azure: EmbeddedCloud = { watch: `${account}/${ownBucket}`, read: reading, open }

async function open({ plan, engine, now, hashing }: EmbeddedOptions): Promise<Embedded> {
  const keeps = plan.versioned ? { versioning: true, softDeleteDays: 14 } : {}
  const face = await azureFace({ engine, now, accounts: [{ name: account, key, ...keeps }], skewMaxMs: Infinity })
  const endpoint = `${face.url}/${account}`
  const credential = new StorageSharedKeyCredential(account, key)
  const own = new ContainerClient(`${endpoint}/${ownBucket}`, credential, { retryOptions: { maxTries: 1 } })
  await own.create()
  await new ContainerClient(`${endpoint}/${controlBucket}`, credential).create()
  const containers = {
    own: azureContainer({ account, endpoint, credential, container: ownBucket }),
    control: azureContainer({ account, endpoint, credential, container: controlBucket }),
  }
  const site = siteId(plan.id)
  return {
    user: azureUser(own),
    drivers(clock) {
      const common = { site, hashing, clock, versioned: plan.versioned }
      return {
        own: azureStore({ ...common, container: containers.own }),
        control: azureStore({ ...common, container: containers.control }),
      }
    },
    close: () => face.close(),
  }
}

/** A version is named and dated by its id; what has none, by its ETag and in whole seconds. */
function reading(keepsVersions: boolean): Read {
  return (entry) => {
    const { etag, headers, metadata, tags, deleted } = recordOf(entry)
    return {
      id: keepsVersions ? entry.id : etag,
      dateMs: keepsVersions ? entry.dateMs : Math.floor(entry.dateMs / 1000) * 1000,
      inParts: false,
      softDeleted: deleted !== null,
      headers: { contentType: headers.type ?? '' },
      metadata,
      tags,
    }
  }
}
