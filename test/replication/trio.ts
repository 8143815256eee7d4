import { parseConfig } from '#shared/config/load.ts'
import type { Config, Group } from '#shared/config/model.ts'
import type { Clock } from '#shared/kernel/clock.ts'
import { type RuleId, siteId, type SiteId } from '#shared/kernel/ids.ts'
import { type Key, parseKey } from '#shared/kernel/key.ts'
import { Tally } from '#shared/layers/tally.ts'
import { traced } from '#shared/layers/traced.ts'
import { MemoryBucket } from '#shared/memory/bucket.ts'
import type { Change } from '#shared/memory/change.ts'
import { azure, gcs, type Profile, s3 } from '#shared/memory/profiles.ts'
import { memoryStore } from '#shared/memory/store.ts'
import { User } from '#shared/memory/user.ts'
import type { ObjectStore } from '#shared/ports/object-store.ts'
import { type Core, limits, type Limits } from '#shared/replication/core.ts'
import { Habits } from '#shared/replication/habits.ts'
import type { Again, Message, ObjectEvent, Outcome, Receipt } from '#shared/replication/model.ts'
import { run } from '#shared/replication/run.ts'
import { cheapHashing } from '#test/simulation/cheap-hashing.ts'

/** A clock that nobody waits for: sleeping is what makes it pass. */
export class HandClock implements Clock {
  ms: number = Date.UTC(2026, 10, 25, 12)
  now(): number {
    return this.ms
  }
  monotonic(): number {
    return this.ms
  }
  async sleep(ms: number): Promise<void> {
    this.ms += ms
  }
}

export interface Place {
  readonly bucket: MemoryBucket
  readonly user: User
  readonly store: ObjectStore
  readonly tally: Tally
}

const profiles: Readonly<Record<string, Profile>> = { aws: s3, azure, gcp: gcs }

const everySite = {
  aws: { kind: 's3', bucket: 'b-aws', region: 'eu-west-1', control: 'c-aws' },
  azure: { kind: 'azure-blob', account: 'isobar', container: 'b-azure', control: 'c-azure' },
  gcp: { kind: 'gcs', bucket: 'b-gcp', control: 'c-gcp' },
}

export const oneGroup: {
  readonly sites: Readonly<Record<'aws' | 'azure' | 'gcp', object>>
  readonly replicate: readonly object[]
} = {
  sites: everySite,
  replicate: [{ id: 'all', among: ['aws', 'azure', 'gcp'] }],
}

export interface TrioOptions {
  readonly limits?: Partial<Limits>
  readonly wrap?: (store: ObjectStore) => ObjectStore
  /** By site, where its store is not the usual one of its name. */
  readonly profiles?: Readonly<Record<string, Profile>>
  /** By site, how far its own clock is ahead. */
  readonly skewMs?: Readonly<Record<string, number>>
}

/** Three memory stores under one hand clock, and the core over them; events are delivered by hand. */
export class Trio {
  readonly clock: HandClock = new HandClock()
  readonly places: ReadonlyMap<SiteId, Place>
  readonly config: Config
  readonly core: Core
  readonly receipts: Receipt[] = []
  /** Events that nobody has delivered yet. */
  readonly events: ObjectEvent[] = []
  readonly #signal = new AbortController().signal

  constructor(document: object = oneGroup, options: TrioOptions = {}) {
    this.config = parseConfig(JSON.stringify(document))
    this.places = new Map([...this.config.sites.keys()].map((site) => [site, this.#place(site, options)]))
    let seed = 1
    this.core = {
      config: this.config,
      store: (site) => this.at(site).store,
      control: (site) => this.at(site).store,
      clock: this.clock,
      random: { next: () => (seed = (seed * 48271) % 2147483647) / 2147483647 },
      hashing: cheapHashing,
      breakers: { mayAsk: () => true, succeeded: () => undefined, failed: () => undefined },
      habits: new Habits(),
      limits: { ...limits, ...options.limits },
      transfers: true,
      forbidden: () => null,
      done: () => undefined,
      out: () => false,
    }
  }

  at(site: string): Place {
    return this.places.get(siteId(site))!
  }

  get group(): Group {
    return this.config.groups[0]!
  }

  /** Real time passes between acts, and so a fresh date is known of every member. */
  async pass(ms: number): Promise<void> {
    this.clock.ms += ms
    for (const { store } of this.places.values()) await store.head(parseKey('warm'), this.#signal)
  }

  async deliver(message: Message | ObjectEvent): Promise<Outcome> {
    const whole =
      'event' in message || 'group' in message || 'route' in message
        ? message
        : { kind: 'event' as const, event: message }
    const outcome = await run(whole, this.core, this.#signal)
    this.receipts.push(...outcome.receipts)
    return outcome
  }

  /** Delivers these, every event, and what comes back, until nothing is left. */
  async drain(again: readonly Again[] = []): Promise<void> {
    const messages: Pick<Again, 'message' | 'delayMs'>[] = [...again]
    for (let turn = 0; turn < 200; turn++) {
      messages.push(
        ...this.events.splice(0).map((event) => ({ message: { kind: 'event' as const, event }, delayMs: 0 })),
      )
      const next = messages.shift()
      if (next === undefined) return
      this.clock.ms += next.delayMs
      messages.push(...(await this.deliver(next.message)).again)
    }
    throw new Error('it does not fall silent')
  }

  shown(key: string): Readonly<Record<string, string | null>> {
    return Object.fromEntries(
      [...this.places].map(([site, { bucket }]) => [site, textOf(bucket.read(parseKey(key))?.bytes)]),
    )
  }

  /** Requests since the last call, as `{ 'aws get': 1, … }`. */
  requests(): Readonly<Record<string, number>> {
    const rows = [...this.places].flatMap(([site, { tally }]) =>
      verbs.map(
        (verb) => [`${site} ${verb}`, tally.of(verb).requests - (this.#counted.get(`${site} ${verb}`) ?? 0)] as const,
      ),
    )
    for (const [name, count] of rows) this.#counted.set(name, (this.#counted.get(name) ?? 0) + count)
    return Object.fromEntries(rows.filter(([, count]) => count > 0))
  }
  readonly #counted = new Map<string, number>()

  #place(site: SiteId, { wrap = (store) => store, profiles: others = {}, skewMs = {} }: TrioOptions): Place {
    const bucket = new MemoryBucket({
      site,
      profile: others[site] ?? profiles[site] ?? s3,
      hashing: cheapHashing,
      now: () => this.clock.ms + (skewMs[site] ?? 0),
    })
    const tally = new Tally()
    bucket.onChange((change) => {
      const event = eventOf(site, change)
      if (event !== null) this.events.push(event)
    })
    const store = traced(wrap(memoryStore({ bucket, clock: this.clock, by: 'isobar' })), this.clock, tally.count)
    return { bucket, user: new User(bucket), store, tally }
  }
}

const verbs = [
  'head',
  'get',
  'put',
  'remove',
  'versions',
  'list',
  'tags',
  'parts',
  'putPart',
  'commit',
  'discard',
] as const

function eventOf(site: SiteId, change: Change): ObjectEvent | null {
  const common = {
    site,
    key: change.key,
    timeMs: change.atMs,
    writtenFor: null as RuleId | null,
    byUser: change.by === null,
  }
  if (change.kind === 'put') return { ...common, kind: 'created', id: change.id }
  if (change.kind === 'patched') return { ...common, kind: 'updated', id: change.id }
  if (change.kind === 'delete' || change.kind === 'delete-marker') return { ...common, kind: 'deleted', id: null }
  return change.kind === 'removed-version' ? { ...common, kind: 'uncovered', id: change.id } : null
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

export function key(text: string): Key {
  return parseKey(text)
}

function textOf(content: Uint8Array | undefined): string | null {
  return content === undefined ? null : new TextDecoder().decode(content)
}
