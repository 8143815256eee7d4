import { afterAll } from 'vitest'
import { StorageSharedKeyCredential } from '@azure/storage-blob'
import { azureContainer } from '#azure/drivers/client.ts'
import { azureStore } from '#azure/drivers/object-store.ts'
import { systemClock } from '#functions/runtime.ts'
import { azureFace } from '#local/servers/azure/face.ts'
import { loadHashing } from '#shared/kernel/hashing.ts'
import { siteId } from '#shared/kernel/ids.ts'
import { bucketName } from '#local/servers/azure/names.ts'
import { engineOnDisk } from '#test/local/on-disk.ts'
import { lossyAt } from './lossy.ts'
import { objectStoreContract } from './object-store.ts'
import type { Subject } from './subject.ts'

const account = 'isobar'
const key = Buffer.from('the key of the account').toString('base64')
const others = Buffer.from('another key').toString('base64')

const ends: (() => Promise<void>)[] = []
afterAll(async () => {
  for (const end of ends.toReversed()) await end()
})

/** The embedded face over the engine, each in a folder of its own. */
async function subjectOf(versioned: boolean): Promise<Subject> {
  const engine = await engineOnDisk()
  ends.push(() => engine.close())
  const accounts = [{ name: account, key, versioning: versioned, ...(versioned ? { softDeleteDays: 14 } : {}) }]
  const face = await azureFace({ engine, now: Date.now, accounts })
  ends.push(() => face.close())
  const hashing = await loadHashing()
  const store = (accountKey: string, name = 'contract', url = face.url) => {
    const credential = new StorageSharedKeyCredential(account, accountKey)
    const container = azureContainer({ account, endpoint: `${url}/${account}`, credential, container: name })
    return azureStore({ container, site: siteId('blob'), hashing, clock: systemClock, versioned })
  }
  engine.createBucket(bucketName(account, 'contract'), {})
  const lossy = await lossyAt(face.port, (url) => store(key, 'contract', url))
  ends.push(async () => lossy.close())
  return {
    store: store(key),
    hashing,
    clock: systemClock,
    forbidden: store(others),
    nowhere: store(key, 'missing'),
    lossy,
    paced: false,
    equalBytesSatisfy: false,
    checksCommits: false,
    versionsBeyondPage: 120,
  }
}

objectStoreContract('Azure Blob, embedded', () => subjectOf(true))
objectStoreContract('Azure Blob, embedded, without versions', () => subjectOf(false))
