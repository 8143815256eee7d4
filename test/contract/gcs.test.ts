import { setTimeout as wait } from 'node:timers/promises'
import { afterAll } from 'vitest'
import { systemClock } from '#functions/runtime.ts'
import { gcsClient } from '#gcp/drivers/client.ts'
import { gcsStore } from '#gcp/drivers/object-store.ts'
import { gcsFace } from '#local/servers/gcs/face.ts'
import type { Clock } from '#shared/kernel/clock.ts'
import { loadHashing } from '#shared/kernel/hashing.ts'
import { siteId } from '#shared/kernel/ids.ts'
import { engineOnDisk } from '#test/local/on-disk.ts'
import { lossyAt } from './lossy.ts'
import { objectStoreContract } from './object-store.ts'
import type { Subject } from './subject.ts'

const token = 'the-token'
const [bucket, control] = ['contract', 'control']

const ends: (() => Promise<void>)[] = []
afterAll(async () => {
  for (const end of ends.toReversed()) await end()
})

/** The driver with the SDK's own transport, over a real connection, to the embedded Cloud Storage; each in a folder of its own. */
async function subjectOf(versioned: boolean, clock: Clock, paced: boolean): Promise<Subject> {
  const now = () => clock.now()
  const engine = await engineOnDisk(now)
  ends.push(() => engine.close())
  const face = await gcsFace({ engine, now, tokens: [token], paced })
  ends.push(() => face.close())
  await make(face.url, bucket, versioned)
  await make(face.url, control, false)
  const hashing = await loadHashing()
  const store = (said: string, name = bucket, endpoint = face.url) =>
    gcsStore({
      storage: gcsClient({ endpoint, token: said }),
      site: siteId('gcs'),
      bucket: name,
      control: { bucket: control },
      hashing,
      clock,
      versioned,
      pageMax: 10,
    })
  const lossy = await lossyAt(face.port, (url) => store(token, bucket, url))
  ends.push(async () => lossy.close())
  return {
    store: store(token),
    hashing,
    clock,
    forbidden: store('another'),
    nowhere: store(token, 'missing'),
    lossy,
    paced,
    equalBytesSatisfy: false,
    checksCommits: true,
    versionsBeyondPage: 12,
  }
}

async function make(endpoint: string, name: string, enabled: boolean): Promise<void> {
  const made = await fetch(`${endpoint}/storage/v1/b?project=isobar`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name, versioning: { enabled } }),
  })
  if (!made.ok) throw new Error(`bucket ${name} could not be made: ${await made.text()}`)
}

/** Ten seconds pass in one: whoever must let one pass between two writes waits for a tenth. */
const haste = 10
const startMs = Date.now()
const hasty: Clock = {
  now: () => Math.floor(startMs + (Date.now() - startMs) * haste),
  monotonic: () => performance.now() * haste,
  sleep: (ms, signal) => wait(ms / haste, undefined, signal === undefined ? {} : { signal }),
}

objectStoreContract('Cloud Storage, embedded', () => subjectOf(true, systemClock, false))
objectStoreContract('Cloud Storage, embedded, without versions', () => subjectOf(false, systemClock, false))
objectStoreContract('Cloud Storage, embedded, one write a second and name', () => subjectOf(true, hasty, true))
