import { createHash, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseConfig } from '#shared/config/load.ts'
import { coreFor } from '#functions/runtime.ts'
import { groupEntry, routeEntry } from '#shared/kernel/mark.ts'
import { type Key, parseKey } from '#shared/kernel/key.ts'
import { ruleId, siteId } from '#shared/kernel/ids.ts'
import type { ObjectMeta, ObjectStore } from '#shared/ports/object-store.ts'
import { type Core, limits } from '#shared/replication/core.ts'
import type { Message } from '#shared/replication/model.ts'
import { run } from '#shared/replication/run.ts'
import { absent, Desk, bytesOf, never, type Subject } from '#test/contract/subject.ts'
import { type Kind } from '#test/local/doors.ts'
import { numberOf } from '#test/number-of.ts'
import { type Clouds, startClouds } from './clouds.ts'
import { corpus, type Specimen } from './corpus.ts'

const count = numberOf('ISOBAR_CORPUS', 12)
/** Of the largest body. */
const largest = numberOf('ISOBAR_CORPUS_MB', 8) * 1024 * 1024
const seed = numberOf('ISOBAR_CORPUS_SEED', Date.now() % 1e9, 0)
const orders: readonly (readonly [Kind, Kind, Kind])[] = [
  ['s3', 'azure', 'gcs'],
  ['s3', 'gcs', 'azure'],
  ['azure', 's3', 'gcs'],
  ['azure', 'gcs', 's3'],
  ['gcs', 's3', 'azure'],
  ['gcs', 'azure', 's3'],
]

let clouds: Clouds
beforeAll(async () => {
  clouds = await startClouds()
})
afterAll(() => clouds.close())

/** Four sites in a row, each a copy of the one before: the last is in the cloud of the first. */
class Round {
  readonly #stores: ReadonlyMap<string, ObjectStore>
  readonly core: Core

  constructor(stores: ReadonlyMap<string, ObjectStore>, core: Core) {
    this.#stores = stores
    this.core = core
  }

  static async of(order: readonly [Kind, Kind, Kind]): Promise<Round> {
    const kinds: readonly Kind[] = [...order, order[0]]
    const name = order.join('-')
    const entries = await Promise.all(
      kinds.map(async (kind, i) => [`at${i}`, await clouds.store(kind, `${name}-${i}`, siteId(`at${i}`))] as const),
    )
    const stores = new Map<string, ObjectStore>(entries)
    const s3 = { kind: 's3', bucket: 'b', region: 'us-east-1', control: 'control' }
    const sites = Object.fromEntries(kinds.map((_, i) => [`at${i}`, { ...s3, bucket: `bucket-${i}` }]))
    const replicate = [0, 1, 2].map((i) => ({ id: `hop${i}`, from: `at${i}`, to: [`at${i + 1}`] }))
    const config = parseConfig(JSON.stringify({ sites, replicate }))
    const store = (site: string) => stores.get(site)!
    return new Round(stores, { ...(await coreFor(config, { store, control: store })), transfers: true })
  }

  at(hop: number): ObjectStore {
    return this.#stores.get(`at${hop}`)!
  }

  async write({ key, content, headers, metadata, tags }: Specimen): Promise<void> {
    const desk = new Desk({ store: this.at(0), hashing: this.core.hashing } as Subject)
    await this.at(0).put(parseKey(key), desk.write(content, { headers, metadata, tags }), absent, never)
  }

  /** What is not carried to the next site says why. */
  async hop(hop: number, key: Key): Promise<string | null> {
    const message: Message = {
      kind: 'mirror',
      route: ruleId(`hop${hop}`),
      key,
      targets: [siteId(`at${hop + 1}`)],
      seen: false,
    }
    const { receipts } = await run(message, this.core, never)
    return receipts.some(({ action }) => action === 'copied')
      ? null
      : receipts.map(({ action, why }) => `${action}: ${why}`).join('; ')
  }
}

interface Shown {
  readonly headers: ObjectMeta['headers']
  readonly metadata: Readonly<Record<string, string>>
  readonly tags: Readonly<Record<string, string>>
  readonly bytes: string
}

async function shown(store: ObjectStore, key: Key): Promise<Shown | null> {
  const found = await store.get(key, never)
  if (found === null) return null
  const { [groupEntry]: _, [routeEntry]: __, ...metadata } = found.meta.metadata
  const tags = found.meta.tagCount === 0 ? {} : await store.tags(key, found.meta.version, never)
  const bytes = Buffer.from(await bytesOf(found.body)).toString('base64')
  return { headers: found.meta.headers, metadata, tags, bytes }
}

describe(`a corpus of ${count} odd objects (seed ${seed}) comes round with nothing lost or altered`, () => {
  it.each(orders)(
    '%s, %s, %s, and back',
    async (...order) => {
      const round = await Round.of(order)
      const differences: string[] = []
      for (const specimen of corpus(count, seed)) {
        const key = parseKey(specimen.key)
        await round.write(specimen)
        const wanted = inOrder({ ...specimen, bytes: Buffer.from(specimen.content).toString('base64') })
        for (const hop of [0, 1, 2, 3]) {
          const why = hop === 0 ? null : await round.hop(hop - 1, key)
          const found = inOrder(await shown(round.at(hop), key))
          if (why === null && found === wanted) continue
          differences.push(
            `${JSON.stringify(key)} at ${[...order, order[0]][hop]}: ${why ?? `${wanted} became ${found}`}`,
          )
          break
        }
      }
      expect(differences).toEqual([])
    },
    600_000,
  )
})

/** Up to here a copy is one write; above, parts of this size. */
const part = limits.partBytes

describe(`bodies of every kind of size up to ${largest} bytes come round as they were`, () => {
  const sizes = [...new Set([0, 1, part - 1, part, part + 1, largest])]
  it.each(largest > part ? orders : orders.slice(0, 1))(
    '%s, %s, %s, and back',
    async (...order) => {
      const round = await Round.of(order)
      for (const size of sizes) {
        const key = parseKey(`body of ${size}`)
        const content = randomBytes(size)
        await round.write({ key, content, headers: {}, metadata: {}, tags: {} })
        for (const hop of [1, 2, 3]) {
          expect(await round.hop(hop - 1, key), `${size} bytes, hop ${hop}`).toBeNull()
          expect(await digestOf(round.at(hop), key), `${size} bytes, hop ${hop}`).toBe(sha256(content))
        }
      }
    },
    600_000,
  )
})

function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}

async function digestOf(store: ObjectStore, key: Key): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of (await store.get(key, never))!.body) hash.update(chunk)
  return hash.digest('hex')
}

/** As a text that does not depend on the order of names. */
function inOrder(object: Shown | null): string {
  if (object === null) return 'nothing'
  const sorted = (pairs: object) => Object.entries(pairs).toSorted(([a], [b]) => (a < b ? -1 : 1))
  const { headers, metadata, tags, bytes } = object
  return JSON.stringify([sorted(headers), sorted(metadata), sorted(tags), bytes])
}
