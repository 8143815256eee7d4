import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEngine } from '#local/servers/engine/engine.ts'
import type { Engine } from '#local/servers/engine/model.ts'
import type { Hashing } from '#shared/kernel/digest.ts'
import { Failure } from '#shared/kernel/failure.ts'
import type { Traits } from '#shared/ports/object-store.ts'
import { startMs } from '#test/simulation/epoch.ts'
import type { Cloud, SitePlan } from '#test/simulation/plan.ts'
import { azure } from './azure.ts'
import { CallerAtWires, cutsOf } from './caller-at-wires.ts'
import type { Embedded, EmbeddedCloud } from './embedded.ts'
import { gcs } from './gcs.ts'
import { Happenings } from './happenings.ts'
import { s3 } from './s3.ts'
import { watched } from './watched-engine.ts'
import type { Asked, Happened, StoreVerbs, Told, UserVerbs, Who } from './words.ts'

const kinds: Readonly<Record<Cloud, EmbeddedCloud>> = { s3, azure, gcs }

/** The clouds of one world at a time. */
export class Clouds {
  readonly #hashing: Hashing
  #folder: string | null = null
  #sites = new Map<string, SiteAtWires>()
  #timeMs = 0

  constructor(hashing: Hashing) {
    this.#hashing = hashing
  }

  async answer({
    of,
    verb,
    args,
    timeMs,
  }: Asked): Promise<{ readonly value: Told['answer']; readonly changes: readonly Happened[] }> {
    this.#timeMs = timeMs
    if (of === 'world') {
      const value = verb === 'open' ? await this.#open(args[0] as readonly SitePlan[]) : await this.#close()
      return { value: { value }, changes: [] }
    }
    const site = this.#sites.get(of.site)
    if (site === undefined) throw new Error(`no site ${of.site} in this world`)
    return site.answer(of.who, verb, args)
  }

  async #open(plans: readonly SitePlan[]): Promise<Readonly<Record<string, Traits>>> {
    await this.#close()
    this.#folder = await mkdtemp(join(tmpdir(), 'isobar-world-'))
    for (const plan of plans) {
      const now = () => Math.floor(startMs + this.#timeMs + plan.skewMs)
      const folder = join(this.#folder, plan.id)
      this.#sites.set(plan.id, await SiteAtWires.open(plan, folder, now, this.#hashing))
    }
    return Object.fromEntries(Array.from(this.#sites, ([id, site]) => [id, site.traits]))
  }

  async #close(): Promise<null> {
    for (const site of this.#sites.values()) await site.close()
    this.#sites.clear()
    if (this.#folder !== null) await rm(this.#folder, { recursive: true })
    this.#folder = null
    return null
  }
}

/** One site: its cloud, who uses it, and what happens in its bucket. */
class SiteAtWires {
  readonly traits: Traits
  readonly #embedded: Embedded
  readonly #engine: Engine
  readonly #happenings: Happenings
  readonly #cloud: Cloud
  readonly #callers = new Map<number, CallerAtWires>()

  static async open(plan: SitePlan, folder: string, now: () => number, hashing: Hashing): Promise<SiteAtWires> {
    const engine = await openEngine({ folder, now })
    const cloud = kinds[plan.cloud]
    const happenings = new Happenings(engine, cloud.read(plan.versioned), plan.versioned)
    const seen = watched(engine, cloud.watch, (bucket, steps) => happenings.note(bucket, steps))
    const embedded = await cloud.open({ plan, engine: seen, now, hashing })
    return new SiteAtWires(plan, embedded, engine, happenings)
  }

  private constructor(plan: SitePlan, embedded: Embedded, engine: Engine, happenings: Happenings) {
    this.#embedded = embedded
    this.#engine = engine
    this.#happenings = happenings
    this.#cloud = plan.cloud
    this.traits = new CallerAtWires(embedded).traits
  }

  async answer(
    who: Who,
    verb: string,
    args: readonly unknown[],
  ): Promise<{ readonly value: Told['answer']; readonly changes: readonly Happened[] }> {
    const left = await this.#happenings.take()
    if (left.length > 0)
      throw new Error(`${left[0]!.kind} of ${left[0]!.key}: it happened after its request had been answered`)
    this.#happenings.patching = who === 'user' && verb === 'patch' && this.#cloud === 'azure'
    const value = await said(this.#ask(who, verb, args))
    return { value, changes: await this.#happenings.take() }
  }

  async close(): Promise<void> {
    await this.#embedded.close()
    await this.#engine.close()
  }

  #ask(who: Who, verb: string, args: readonly unknown[]): Promise<unknown> {
    if (who === 'user') return (this.#embedded.user[verb as keyof UserVerbs] as Act)(...args)
    let caller = this.#callers.get(who.process)
    if (caller === undefined) this.#callers.set(who.process, (caller = new CallerAtWires(this.#embedded)))
    return caller.ask(who, verb as keyof StoreVerbs, args, cutsOf[this.#cloud][verb] ?? 1)
  }
}

type Act = (...args: readonly unknown[]) => Promise<unknown>

async function said(act: Promise<unknown>): Promise<Told['answer']> {
  try {
    return { value: await act }
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown
    const { kind, scope, message } = thrown
    return { failure: { kind, scope, message } }
  }
}
