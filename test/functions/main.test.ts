import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { getTestServer } from '@google-cloud/functions-framework/testing'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { siteId, type SiteId } from '#shared/kernel/ids.ts'
import { loadHashing } from '#shared/kernel/hashing.ts'
import { parseKey } from '#shared/kernel/key.ts'
import { MemoryBucket } from '#shared/memory/bucket.ts'
import { azure, gcs, s3 } from '#shared/memory/profiles.ts'
import { MemoryQueue } from '#shared/memory/queue.ts'
import { memoryStore } from '#shared/memory/store.ts'
import { User } from '#shared/memory/user.ts'
import type { Message } from '#shared/replication/model.ts'
import type * as AwsMain from '#aws/main.ts'
import { systemClock } from '#functions/runtime.ts'
import { batch, context } from './hosts/aws.ts'
import { core, invoke, topic } from './hosts/azure.ts'
import { mainWith } from './hosts/stand-in.ts'
import { recorded } from './recorded.ts'
import { clouds, document, type Cloud } from './world.ts'

const profiles = { aws: s3, azure, gcp: gcs }
const key = parseKey('folder/x')

let buckets: Readonly<Record<Cloud, MemoryBucket>>
let lines: string[]
let start: (cloud: Cloud) => Promise<unknown>

/** In place of the drivers that are not built: everything else is what the cloud would run. */
beforeEach(async () => {
  const hashing = await loadHashing()
  // A target whose clock is ahead is not waited for.
  const now = () => Date.now() + 5_000
  const bucket = (cloud: Cloud) => new MemoryBucket({ site: siteId(cloud), profile: profiles[cloud], hashing, now })
  buckets = { aws: bucket('aws'), azure: bucket('azure'), gcp: bucket('gcp') }
  const store = (site: SiteId) => memoryStore({ bucket: buckets[site as unknown as Cloud], clock: systemClock })
  const queue = new MemoryQueue<Message>({ clock: systemClock, visibilityMs: 60_000 })
  start = (cloud) => mainWith(cloud, { stores: { store, control: store }, queues: { short: queue, long: queue } })
  vi.stubEnv('ISOBAR_CONFIG', JSON.stringify(document))
  lines = []
  vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line))
})

afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

function written(cloud: Cloud): string {
  const past = vi.spyOn(buckets[cloud].vault, 'now').mockReturnValue(Date.now() - 1_000)
  const { id } = new User(buckets[cloud]).put(key, new TextEncoder().encode('hello'))
  past.mockRestore()
  return id
}

function copies(): readonly (string | null)[] {
  return clouds.map((cloud) => new TextDecoder().decode(buckets[cloud].read(key)?.bytes))
}

/** One JSON line for each copy, and nothing else is printed. */
function expectReceipts(): void {
  expect(lines.map((line) => (JSON.parse(line) as { action: string }).action)).toEqual(['copied', 'copied'])
}

it('aws: the handler that main exports takes what SQS hands over', async () => {
  const { handler } = (await start('aws')) as typeof AwsMain
  const printed = vi.spyOn(process.stdout, 'write').mockImplementation((line) => lines.push(String(line)) > 0)
  const event = recorded('aws-object-created', {
    time: new Date().toISOString(),
    detail: { object: { key, etag: written('aws') } },
  })
  const answer = await handler(batch([JSON.stringify(event)]), context)
  printed.mockRestore()
  expect(answer).toEqual({ batchItemFailures: [] })
  expect(copies()).toEqual(['hello', 'hello', 'hello'])
  expectReceipts()
  expect(lines.every((line) => line.endsWith('}\n'))).toBe(true)
})

it('azure: main registers a function for one queue, and that function takes its entries', async () => {
  await start('azure')
  const [binding] = Object.values(core.registered.get('object-changed')!.metadata.bindings)
  expect(binding).toMatchObject({
    type: 'queueTrigger',
    queueName: 'isobar-object-changed',
    connection: 'ISOBAR_QUEUES',
  })
  written('azure')
  await invoke('object-changed', JSON.stringify(azureEvent()))
  expect(copies()).toEqual(['hello', 'hello', 'hello'])
  expectReceipts()
})

it('azure: main registers a function for Event Grid without a queue, and that function takes its events', async () => {
  await start('azure')
  const [binding] = Object.values(core.registered.get('object-changed-direct')!.metadata.bindings)
  expect(binding).toMatchObject({ type: 'eventGridTrigger' })
  written('azure')
  await invoke('object-changed-direct', JSON.stringify(azureEvent()))
  expect(copies()).toEqual(['hello', 'hello', 'hello'])
})

function azureEvent(): object {
  const subject = `/blobServices/default/containers/test-container/blobs/${key}`
  return recorded('azure-blob-created', { topic, subject, eventTime: new Date().toISOString() })
}

it('gcp: main registers a function that takes CloudEvents', async () => {
  await start('gcp')
  const server = getTestServer('object-changed').listen(0, '127.0.0.1')
  await once(server, 'listening')
  const event = recorded('gcp-object-finalized', {
    time: new Date().toISOString(),
    data: { name: key, generation: written('gcp') },
  })
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, {
    method: 'POST',
    headers: { 'content-type': 'application/cloudevents+json' },
    body: JSON.stringify(event),
  })
  expect(response.status).toBe(204)
  expect(copies()).toEqual(['hello', 'hello', 'hello'])
  expectReceipts()
  server.close()
})
