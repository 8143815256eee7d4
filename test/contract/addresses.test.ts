import { CreateBucketCommand, PutBucketVersioningCommand } from '@aws-sdk/client-s3'
import { ContainerClient, StorageSharedKeyCredential } from '@azure/storage-blob'
import { expect, it } from 'vitest'
import { s3Client } from '#aws/drivers/client.ts'
import { s3Store } from '#aws/drivers/object-store.ts'
import { azureContainer } from '#azure/drivers/client.ts'
import { azureStore } from '#azure/drivers/object-store.ts'
import { systemClock } from '#functions/runtime.ts'
import { gcsClient } from '#gcp/drivers/client.ts'
import { gcsStore } from '#gcp/drivers/object-store.ts'
import { loadHashing } from '#shared/kernel/hashing.ts'
import { siteId } from '#shared/kernel/ids.ts'
import type { ObjectStore } from '#shared/ports/object-store.ts'
import { type Cloud, clouds, elsewhere } from './elsewhere.ts'
import { objectStoreContract } from './object-store.ts'
import type { Subject } from './subject.ts'

/**
 * The same laws at any address: a third-party server, or the cloud itself. Each run makes buckets of its own names and leaves them there.
 * Credentials are those of all servers of one cloud.
 */
function said(cloud: Cloud, name: string, otherwise = ''): string {
  return process.env[`ISOBAR_CONTRACT_${cloud}_${name}`] ?? otherwise
}

const run = crypto.randomUUID().slice(0, 8)
const [bucket, control] = [`isobar-contract-${run}`, `isobar-control-${run}`]
const missing = `isobar-missing-${run}`
const site = siteId('there')

async function s3(endpoint: string, versioned: boolean): Promise<Partial<Subject> & { store: ObjectStore }> {
  const region = said('S3', 'REGION', 'us-east-1')
  const credentials = { accessKeyId: said('S3', 'KEY_ID'), secretAccessKey: said('S3', 'SECRET') }
  const client = s3Client({ region, endpoint, credentials })
  for (const Bucket of [bucket, control]) await client.send(new CreateBucketCommand({ Bucket }))
  const VersioningConfiguration = { Status: 'Enabled' } as const
  if (versioned) await client.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration }))
  const common = { site, bucket, control: { bucket: control }, clock: systemClock, versioned, pageMax: 10 }
  const others = s3Client({ region, endpoint, credentials: { ...credentials, secretAccessKey: 'another' } })
  return {
    store: s3Store({ ...common, client }),
    forbidden: s3Store({ ...common, client: others }),
    nowhere: s3Store({ ...common, client, bucket: missing }),
    equalBytesSatisfy: true,
    versionsBeyondPage: 12,
  }
}

async function azure(endpoint: string, versioned: boolean): Promise<Partial<Subject> & { store: ObjectStore }> {
  const account = said('AZURE', 'ACCOUNT')
  const credential = new StorageSharedKeyCredential(account, said('AZURE', 'KEY'))
  await new ContainerClient(`${endpoint}/${bucket}`, credential).create()
  const hashing = await loadHashing()
  const store = (name: string) => {
    const container = azureContainer({ account, endpoint, credential, container: name })
    return azureStore({ container, site, hashing, clock: systemClock, versioned })
  }
  return { store: store(bucket), nowhere: store(missing), checksCommits: false }
}

async function gcs(endpoint: string, versioned: boolean): Promise<Partial<Subject> & { store: ObjectStore }> {
  const token = said('GCS', 'TOKEN', 'token')
  for (const [name, enabled] of [
    [bucket, versioned],
    [control, false],
  ] as const) {
    const made = await fetch(`${endpoint}/storage/v1/b?project=${said('GCS', 'PROJECT', 'isobar')}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name, versioning: { enabled } }),
    })
    if (!made.ok) throw new Error(`${endpoint}: bucket ${name} could not be made: ${await made.text()}`)
  }
  const storage = gcsClient({ endpoint, token })
  const common = { site, hashing: await loadHashing(), clock: systemClock, versioned }
  const store = (name: string) => gcsStore({ ...common, storage, bucket: name, control: { bucket: control } })
  return { store: store(bucket), nowhere: store(missing), paced: said('GCS', 'PACED') === 'yes' }
}

const makers = { S3: s3, AZURE: azure, GCS: gcs }

for (const cloud of clouds) {
  const servers = elsewhere(cloud, process.env)

  it(`ISOBAR_CONTRACT_${cloud} says where else the laws are run`, ({ skip }) => {
    skip(servers.length === 0, 'no address was given')
    expect(servers.length).toBeGreaterThan(0)
  })
  for (const { name, address, versioned } of servers)
    objectStoreContract(`${cloud} ${name} at ${address}`, async () => ({
      hashing: await loadHashing(),
      clock: systemClock,
      forbidden: null,
      nowhere: null,
      lossy: null,
      paced: false,
      equalBytesSatisfy: false,
      checksCommits: true,
      versionsBeyondPage: null,
      ...(await makers[cloud](address, versioned)),
    }))
}
