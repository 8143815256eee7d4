import { journal } from '#functions/journal.ts'
import type { Work } from '#functions/handle.ts'
import { coreFor } from '#functions/runtime.ts'
import { parseConfig } from '#shared/config/load.ts'
import type { Config } from '#shared/config/model.ts'
import { loadHashing } from '#shared/kernel/hashing.ts'
import { siteId } from '#shared/kernel/ids.ts'
import { parseKey } from '#shared/kernel/key.ts'
import { MemoryBucket } from '#shared/memory/bucket.ts'
import { azure, gcs, s3 } from '#shared/memory/profiles.ts'
import { MemoryQueue } from '#shared/memory/queue.ts'
import { memoryStore } from '#shared/memory/store.ts'
import { User } from '#shared/memory/user.ts'
import type { ObjectMeta } from '#shared/ports/object-store.ts'
import type { OwnMessage } from '#functions/message.ts'
import { TestClock } from '#test/layers/test-clock.ts'

export type Cloud = 'aws' | 'azure' | 'gcp'
export const clouds: readonly Cloud[] = ['aws', 'azure', 'gcp']

/** Buckets named as in the recorded events. */
export const document = {
  sites: {
    aws: { kind: 's3', bucket: 'amzn-s3-demo-bucket1', region: 'ca-central-1', control: 'isobar-notes' },
    azure: { kind: 'azure-blob', account: 'mystorageaccount', container: 'test-container', control: 'isobar-notes' },
    gcp: { kind: 'gcs', bucket: 'sample-bucket', control: 'isobar-notes' },
  },
  replicate: [{ id: 'all', among: ['aws', 'azure', 'gcp'] }],
} as const

/** Deliveries come back no sooner than this; longer than any request is under way. */
const visibilityMs = 360_000

/** What every line of the journal may have. */
interface Line {
  readonly line: 'receipt' | 'passed-over' | 'refused' | 'failed'
  readonly why: string
  readonly action?: string
  readonly key?: string
  readonly site?: string
}

/** Three memory stores, the wiring of the functions around them, and everything that the functions said. */
export class World {
  readonly config: Config
  readonly clock: TestClock
  readonly buckets: Readonly<Record<Cloud, MemoryBucket>>
  readonly queues: { readonly short: MemoryQueue<OwnMessage>; readonly long: MemoryQueue<OwnMessage> }
  readonly lines: string[]
  work: Work

  private constructor(parts: Pick<World, 'config' | 'clock' | 'buckets' | 'queues' | 'lines' | 'work'>) {
    const { config, clock, buckets, queues, lines, work } = parts
    this.config = config
    this.clock = clock
    this.buckets = buckets
    this.queues = queues
    this.lines = lines
    this.work = work
  }

  static async of(configuration: object = document): Promise<World> {
    const config = parseConfig(JSON.stringify(configuration))
    const clock = new TestClock()
    const hashing = await loadHashing()
    const bucket = (site: Cloud, profile: typeof s3) =>
      new MemoryBucket({ site: siteId(site), profile, hashing, now: () => clock.now() })
    const buckets = { aws: bucket('aws', s3), azure: bucket('azure', azure), gcp: bucket('gcp', gcs) }
    const store = (site: string) => memoryStore({ bucket: buckets[site as Cloud], clock, by: 'isobar' })
    const core = await coreFor(config, { store, control: store }, clock)
    const queue = () => new MemoryQueue<OwnMessage>({ clock, visibilityMs })
    const queues = { short: queue(), long: queue() }
    const lines: string[] = []
    const work: Work = { core, queues, journal: journal((line) => lines.push(line)) }
    return new World({ config, clock, buckets, queues, lines, work })
  }

  /** A user writes. */
  put(cloud: Cloud, key: string, text: string): ObjectMeta {
    return new User(this.buckets[cloud]).put(parseKey(key), new TextEncoder().encode(text))
  }

  delete(cloud: Cloud, key: string): void {
    new User(this.buckets[cloud]).delete(parseKey(key))
  }

  /** What each site shows of a key. */
  shown(key: string): Readonly<Record<Cloud, string | null>> {
    const read = (cloud: Cloud) => {
      const found = this.buckets[cloud].read(parseKey(key))
      return found === null ? null : new TextDecoder().decode(found.bytes)
    }
    return { aws: read('aws'), azure: read('azure'), gcp: read('gcp') }
  }

  /** The journal, parsed; what is not one line of JSON throws. */
  get said(): readonly Line[] {
    return this.lines.map((line) => JSON.parse(line) as Line)
  }

  /** What was done, where. */
  get done(): readonly string[] {
    return this.said.flatMap(({ line, action, site }) => (line === 'receipt' ? [`${action} ${site}`] : []))
  }

  /** Why deliveries were refused. */
  get refused(): readonly string[] {
    return this.said.flatMap(({ line, why }) => (line === 'refused' ? [why] : []))
  }
}
