import { type RuleId, ruleId, siteId, type SiteId } from '#shared/kernel/ids.ts'
import type { Verb } from '#shared/layers/around.ts'
import { type Fault, faulty } from '#shared/layers/faulty.ts'
import { Tally } from '#shared/layers/tally.ts'
import { traced } from '#shared/layers/traced.ts'
import { MemoryBucket } from '#shared/memory/bucket.ts'
import { azure, gcs, type Profile, s3 } from '#shared/memory/profiles.ts'
import { memoryStore } from '#shared/memory/store.ts'
import { User } from '#shared/memory/user.ts'
import type { ObjectStore } from '#shared/ports/object-store.ts'
import { deepPass } from '#shared/reconcile/deep.ts'
import type { Pass } from '#shared/reconcile/model.ts'
import { reconcile } from '#shared/reconcile/run.ts'
import type { Core } from '#shared/replication/core.ts'
import { cheapHashing } from '#test/simulation/cheap-hashing.ts'
import { Stage } from '#test/replication/stage.ts'
import { bytes, key, oneGroup, type TrioOptions } from '#test/replication/trio.ts'

const profiles: Readonly<Record<string, Profile>> = { aws: s3, azure, gcp: gcs }

interface Control {
  readonly bucket: MemoryBucket
  readonly store: ObjectStore
  readonly tally: Tally
}

/** A whole pass, however many invocations it took. */
export interface Whole extends Omit<Pass, 'next' | 'delayMs'> {
  readonly invocations: number
  /** At the members' own buckets, as `{ 'aws list': 1, … }`. */
  readonly requests: Readonly<Record<string, number>>
  /** At the control buckets. */
  readonly control: Readonly<Record<string, number>>
  /** As `copied azure`, in the order of the receipts. */
  readonly acts: readonly string[]
}

export interface YardOptions extends Omit<TrioOptions, 'wrap'> {
  readonly out?: Core['out']
  readonly forbidden?: Core['forbidden']
  readonly breakers?: Core['breakers']
  readonly transfers?: boolean
}

/** Three memory stores with a control bucket beside each; whole passes over them, and every request counted. */
export class Yard extends Stage {
  readonly controls: ReadonlyMap<SiteId, Control>
  readonly yard: Core
  /** What the next requests to a control bucket meet. */
  readonly controlFaults: { site: string; verb: Verb; fault: Fault }[] = []
  /** By site, keys that its listings leave out although they are there. */
  readonly hidden: Map<string, ReadonlySet<string>> = new Map()

  constructor(document: object = oneGroup, options: YardOptions = {}) {
    super(document, options)
    this.controls = new Map([...this.config.sites.keys()].map((site) => [site, this.#control(site)]))
    const { out = this.core.out, forbidden = this.core.forbidden } = options
    const { breakers = this.core.breakers, transfers = this.core.transfers } = options
    this.yard = {
      ...this.core,
      store: (site) => this.#lying(site),
      control: (site) => this.controls.get(site)!.store,
      out,
      forbidden,
      breakers,
      transfers,
    }
  }

  userOfControl(site: string): { readonly user: User; readonly keys: readonly string[] } {
    const { bucket } = this.controls.get(siteId(site))!
    const keys = bucket
      .dump()
      .filter(({ current, deleteMarker }) => current && !deleteMarker)
      .map((one) => one.key)
    return { user: new User(bucket), keys }
  }

  put(site: string, name: string, text: string): void {
    this.at(site).user.put(key(name), bytes(text))
  }

  /** What users did is told to nobody. */
  loseEvents(): void {
    this.events.length = 0
  }

  /** Old enough that no event is expected any more. */
  async age(ms = 20_000): Promise<void> {
    await this.pass(ms)
    this.tallied()
  }

  reconcile(
    cursor: string | null = null,
    rule?: string,
    signal: AbortSignal = new AbortController().signal,
  ): Promise<Pass> {
    return reconcile(this.#rule(rule), cursor, this.yard, signal)
  }

  whole(rule?: string): Promise<Whole> {
    return this.#whole(reconcile, rule)
  }

  deep(rule?: string): Promise<Whole> {
    return this.#whole(deepPass, rule)
  }

  async #whole(walk: typeof reconcile, rule?: string): Promise<Whole> {
    this.tallied()
    const parts: Pass[] = []
    let cursor: string | null = null
    do {
      const part = await walk(this.#rule(rule), cursor, this.yard, new AbortController().signal)
      parts.push(part)
      cursor = part.next
      this.clock.ms += part.delayMs
      if (parts.length > 1_000) throw new Error('it does not come to an end')
    } while (cursor !== null)
    const receipts = parts.flatMap((part) => part.receipts)
    return {
      receipts,
      again: parts.flatMap((part) => part.again),
      troubles: parts.flatMap((part) => part.troubles),
      keys: parts.reduce((sum, part) => sum + part.keys, 0),
      invocations: parts.length,
      acts: receipts.map(({ action, site }) => `${action} ${site}`),
      ...this.tallied(),
    }
  }

  /** Requests since the last call. */
  tallied(): Pick<Whole, 'requests' | 'control'> {
    return { requests: this.#since(this.places, 'site'), control: this.#since(this.controls, 'control') }
  }
  readonly #before = new Map<string, number>()

  #since(places: ReadonlyMap<SiteId, { readonly tally: Tally }>, kind: string): Readonly<Record<string, number>> {
    const rows = [...places].flatMap(([site, { tally }]) =>
      verbs.map((verb) => [`${site} ${verb}`, tally.of(verb).requests] as const),
    )
    const fresh = rows.map(([name, count]) => [name, count - (this.#before.get(kind + name) ?? 0)] as const)
    for (const [name, count] of rows) this.#before.set(kind + name, count)
    return Object.fromEntries(fresh.filter(([, count]) => count > 0))
  }

  #lying(site: SiteId): ObjectStore {
    const { store } = this.at(site)
    const honest = ({ key }: { readonly key: string }) => this.hidden.get(site)?.has(key) !== true
    return {
      ...store,
      heard: () => store.heard(),
      list: async (query, signal) => {
        const page = await store.list(query, signal)
        return { ...page, objects: page.objects.filter(honest) }
      },
      listVersions: async (query, signal) => {
        const page = await store.listVersions(query, signal)
        return { ...page, versions: page.versions.filter(honest) }
      },
    }
  }

  #rule(id: string | undefined): RuleId {
    return id === undefined ? (this.config.groups[0] ?? this.config.routes[0]!).id : ruleId(id)
  }

  #control(site: SiteId): Control {
    const bucket = new MemoryBucket({
      site: siteId(site),
      profile: profiles[site] ?? s3,
      hashing: cheapHashing,
      now: () => this.clock.ms,
    })
    const tally = new Tally()
    const broken = faulty(memoryStore({ bucket, clock: this.clock, by: 'isobar' }), this.clock, (call) => {
      const at = this.controlFaults.findIndex((one) => one.site === call.site && one.verb === call.verb)
      return at === -1 ? { fault: 'none' } : this.controlFaults.splice(at, 1)[0]!.fault
    })
    return { bucket, tally, store: traced(broken, this.clock, tally.count) }
  }
}

const verbs = [
  'head',
  'get',
  'put',
  'remove',
  'versions',
  'list',
  'listVersions',
  'tags',
  'parts',
  'putPart',
  'commit',
  'discard',
] as const
