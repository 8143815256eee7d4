import { CreateBucketCommand, PutBucketVersioningCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll } from 'vitest'
import { s3Client } from '#aws/drivers/client.ts'
import { s3Store } from '#aws/drivers/object-store.ts'
import { systemClock } from '#functions/runtime.ts'
import type { Engine } from '#local/servers/engine/model.ts'
import { s3Face, type S3Face } from '#local/servers/s3/face.ts'
import { loadHashing } from '#shared/kernel/hashing.ts'
import { siteId } from '#shared/kernel/ids.ts'
import type { ObjectStore } from '#shared/ports/object-store.ts'
import { engineOnDisk } from '#test/local/on-disk.ts'
import { lossyAt } from './lossy.ts'
import { objectStoreContract } from './object-store.ts'
import type { Subject } from './subject.ts'

const credentials = { accessKeyId: 'AKIACONTRACT', secretAccessKey: 'contract' }
const region = 'us-east-1'
const control = { bucket: 'control' }

let engine: Engine
let face: S3Face
const ways: { close(): void }[] = []

/** The driver with the real SDK, over a real connection, to the embedded S3. */
function storeOf(bucket: string, secretAccessKey = credentials.secretAccessKey, endpoint = face.url): ObjectStore {
  const client = s3Client({ region, endpoint, credentials: { ...credentials, secretAccessKey } })
  const versioned = bucket === 'versioned'
  return s3Store({ client, site: siteId('here'), bucket, control, clock: systemClock, versioned, pageMax: 10 })
}

async function subjectOf(bucket: 'versioned' | 'plain'): Promise<Subject> {
  const lossy = await lossyAt(face.port, (url) => storeOf(bucket, credentials.secretAccessKey, url))
  ways.push(lossy)
  return {
    store: storeOf(bucket),
    hashing: await loadHashing(),
    clock: systemClock,
    forbidden: storeOf(bucket, 'another'),
    nowhere: storeOf('missing'),
    lossy,
    paced: false,
    equalBytesSatisfy: true,
    checksCommits: true,
    versionsBeyondPage: 12,
  }
}

beforeAll(async () => {
  engine = await engineOnDisk()
  face = await s3Face({ engine, now: Date.now, credentials: [credentials], region })
  const client = s3Client({ region, endpoint: face.url, credentials })
  for (const Bucket of ['versioned', 'plain', control.bucket]) await client.send(new CreateBucketCommand({ Bucket }))
  const VersioningConfiguration = { Status: 'Enabled' } as const
  await client.send(new PutBucketVersioningCommand({ Bucket: 'versioned', VersioningConfiguration }))
})

afterAll(async () => {
  for (const way of ways) way.close()
  await face.close()
  await engine.close()
})

objectStoreContract('s3 driver at the embedded s3', () => subjectOf('versioned'))
objectStoreContract('s3 driver at the embedded s3 without versions', () => subjectOf('plain'))
