import { ContainerClient } from '@azure/storage-blob'
import { expect, it } from 'vitest'
import { s3Client } from '#aws/drivers/client.ts'
import { s3Store } from '#aws/drivers/object-store.ts'
import { azureStore } from '#azure/drivers/object-store.ts'
import { systemClock as clock } from '#functions/runtime.ts'
import { gcsClient } from '#gcp/drivers/client.ts'
import { gcsStore } from '#gcp/drivers/object-store.ts'
import { loadHashing } from '#shared/kernel/hashing.ts'
import { siteId } from '#shared/kernel/ids.ts'
import { azure, gcs, s3, withoutHistory } from '#shared/memory/profiles.ts'

const hashing = await loadHashing()
const common = { site: siteId('here'), bucket: 'bucket', control: { bucket: 'control' }, hashing, clock }
const container = new ContainerClient('http://127.0.0.1:1/account/container')
const client = s3Client({ region: 'us-east-1', endpoint: 'http://127.0.0.1:1' })
const storage = gcsClient({ endpoint: 'http://127.0.0.1:1' })

it.each([true, false])('memory is of the same traits as the drivers, where versions are kept: %s', (versioned) => {
  const inMemory = [s3, azure, gcs].map((profile) => (versioned ? profile : withoutHistory(profile)).traits)
  const stores = [
    s3Store({ ...common, client, versioned }),
    azureStore({ ...common, container, versioned }),
    gcsStore({ ...common, storage, versioned }),
  ]
  expect(inMemory).toEqual(stores.map(({ traits }) => traits))
})
