import type { Config } from '#shared/config/model.ts'
import type { Clock, Random } from '#shared/kernel/clock.ts'
import { Failure } from '#shared/kernel/failure.ts'
import type { SiteId } from '#shared/kernel/ids.ts'
import type { Key } from '#shared/kernel/key.ts'
import { breakers } from '#shared/layers/breakers.ts'
import { retrying } from '#shared/layers/retrying.ts'
import { timed } from '#shared/layers/timed.ts'
import type { MemoryBucket } from '#shared/memory/bucket.ts'
import { memoryStore, type Request, type Wire } from '#shared/memory/store.ts'
import type { ObjectStore } from '#shared/ports/object-store.ts'
import { type Core, type Limits, limits } from '#shared/replication/core.ts'
import { Habits } from '#shared/replication/habits.ts'
import { blindBytes, partBytes, smallBytes } from './bytes.ts'
import { cheapHashing } from './cheap-hashing.ts'
import { startMs } from './epoch.ts'
import { bodies } from './process-bodies.ts'
import { Stream } from './random.ts'
import type { OpenInvocation } from './recorder.ts'
import { nothing } from './timeline.ts'
import { whereInTheCore } from './where.ts'
import { upgraded } from './upgraded.ts'
import { writes } from './weather.ts'
import type { Site } from './world-site.ts'
import type { Surroundings } from './surroundings.ts'

/** Which of a cloud's functions: for events, for objects in parts, for passes. */
export type Runtime = 'short' | 'long' | 'pass'

/** A process that has seen many a write refused: it looks before it sends. */
function wary({ groups, routes }: Config): Habits {
  const habits = new Habits()
  for (const { id, keys } of [...groups, ...routes])
    for (let i = 0; i < 9; i++) habits.note(id, keys.prefix as Key, true)
  return habits
}

/** Everything that bounds the core, sizes shrunk to our tiny bodies. */
const tinyLimits: Limits = {
  ...limits,
  smallBytes,
  blindBytes,
  partBytes,
  leadBytes: 2 * partBytes,
  reconcileKeys: 2,
  listPage: 3,
}

function limitsOf(runtime: Runtime, newParts: boolean): Limits {
  const long = runtime === 'long' ? { invocationMs: 600_000 } : {}
  return { ...tinyLimits, ...long, ...(newParts ? { partBytes: 40 } : {}) }
}

/** One process of one cloud's functions. It may serve many invocations, one after another, and die at any of its calls. */
export class Process {
  readonly cloud: SiteId
  readonly runtime: Runtime
  readonly config: Config
  readonly core: Core
  readonly newCode: boolean
  readonly bornAtMs: number
  dead = false
  invocation: OpenInvocation | null = null
  width = 0
  /** What is about to be read: what shows, one version of it, or a part of that. */
  reading: 'shown' | 'pinned' | 'range' = 'shown'
  onDeath: () => void = () => undefined
  readonly #world: Surroundings
  /** In which order an object's parts were read last. */
  readonly #parts = new Map<number, number>()
  #partsRead = 0
  /** How long it has run, and since when it runs now; while it is frozen its own clock stands still. */
  #ranMs = 0
  #runsSinceMs: number | null = null

  constructor(
    world: Surroundings,
    cloud: SiteId,
    runtime: Runtime,
    config: Config,
    options: { readonly number: number; readonly newCode: boolean; readonly newParts: boolean; readonly wary: boolean },
  ) {
    this.#world = world
    this.cloud = cloud
    this.runtime = runtime
    this.config = config
    this.newCode = options.newCode
    this.bornAtMs = world.timeline.nowMs
    const clock = this.#clock()
    const random = new Stream(world.plan.seed, `${cloud} ${runtime} ${options.number}`)
    this.core = {
      config,
      store: this.#stores((site) => this.#layered(site, site.bucket, clock, random)),
      control: this.#stores((site) => this.#layered(site, site.control, clock, random)),
      clock,
      random,
      hashing: cheapHashing,
      breakers: breakers({ clock, failures: 3, restMs: 5_000 }),
      habits: options.wary ? wary(config) : new Habits(),
      limits: limitsOf(runtime, options.newParts),
      transfers: runtime === 'long',
      forbidden: () => null,
      out: () => false,
    }
  }

  begin(invocation: OpenInvocation, onDeath: () => void): void {
    this.invocation = invocation
    this.onDeath = onDeath
    this.#runsSinceMs = this.#world.timeline.nowMs
    this.width = 0
    this.#parts.clear()
    this.#partsRead = 0
  }

  /** Its invocation is over: frozen until the next one. */
  rest(): void {
    this.#ranMs = this.#monotonic()
    this.#runsSinceMs = null
    this.invocation = null
  }

  /**
   * One call of a port begins: whether the process dies of it, and whether the request still goes out.
   * Deaths are counted by the line of the core that made the call.
   */
  called(verb: string, kind: string = verb): 'lives' | 'dies' | 'dies-sent' {
    const { weather, timeline, coverage } = this.#world
    if (this.dead) return 'dies'
    const kill = weather.kill(this.cloud, { verb, kind, runtime: this.runtime }, timeline.nowMs)
    if (kill === null) return 'lives'
    coverage.count('kill')
    coverage.crash(whereInTheCore() ?? `${verb} (not from the core)`)
    this.dead = true
    this.onDeath()
    return kill.sent ? 'dies-sent' : 'dies'
  }

  partRead(part: number): void {
    this.#parts.set(part, this.#partsRead++)
  }

  /** The later parts that were read since this one was lie in memory beside it. */
  partSent(part: number): void {
    const readAt = this.#parts.get(part)
    if (this.invocation === null || readAt === undefined) return
    let kept = 1
    for (const [other, otherAt] of this.#parts) if (other > part && otherAt > readAt) kept++
    this.invocation.keptParts = Math.max(this.invocation.keptParts, kept)
  }

  #monotonic(): number {
    return this.#ranMs + (this.#runsSinceMs === null ? 0 : this.#world.timeline.nowMs - this.#runsSinceMs)
  }

  #clock(): Clock {
    const { timeline, sites } = this.#world
    const skewMs = (sites.get(this.cloud)?.plan.skewMs ?? 0) / 2
    return {
      now: () => Math.floor(startMs + timeline.nowMs - skewMs),
      monotonic: () => this.#monotonic(),
      sleep: (ms, signal) =>
        new Promise((resolve, reject) => {
          // Bounds of calls are slept through by the thousand and almost all given up: those wake nobody.
          const isBound = ms === limits.lookMs || ms === limits.writeMs
          if (!isBound && this.called('sleep') !== 'lives') return
          timeline.after(Math.max(ms, 0), () => {
            if (this.dead || (isBound && signal?.aborted === true)) return nothing
            return signal?.aborted === true ? reject(signal.reason as Error) : resolve()
          })
        }),
    }
  }

  /** Each made when first asked for. */
  #stores(make: (site: Site) => ObjectStore): (id: SiteId) => ObjectStore {
    const made = new Map<SiteId, ObjectStore>()
    return (id) => {
      let store = made.get(id)
      if (store !== undefined) return store
      const site = this.#world.sites.get(id)
      if (site === undefined) throw new Failure('invalid', `site ${id}: not in the configuration`)
      made.set(id, (store = make(site)))
      return store
    }
  }

  #layered(site: Site, bucket: MemoryBucket, clock: Clock, random: Random): ObjectStore {
    const wired = memoryStore({ bucket, clock, by: 'isobar', chunkBytes: partBytes, wire: this.#wire(site) })
    const bare = bodies(wired, this.#world, this)
    const store = this.newCode ? upgraded(bare) : bare
    const { lookMs, writeMs } = limits
    return retrying(timed(store, clock, { lookMs, writeMs }), {
      clock,
      random,
      attempts: 2,
      pauseMs: 100,
      withinMs: lookMs,
    })
  }

  #wire(site: Site): Wire {
    const { timeline, weather, recorder } = this.#world
    return <T>(request: Request, signal: AbortSignal, land: () => T): Promise<T> =>
      new Promise<T>((resolve, reject) => {
        const { invocation } = this
        const fate = this.called(request.verb, request.verb === 'get' ? `get ${this.reading}` : request.verb)
        if (fate === 'dies') return
        recorder.requests++
        if (invocation !== null) invocation.requests++
        this.width++
        if (invocation !== null && this.width > invocation.width) invocation.width = this.width
        const said = recorder.traced?.(invocation?.n ?? null, `${request.verb} ${request.key ?? ''} at ${site.id}`)
        const { toMs, backMs, failure, failsMs } = weather.fateOf(site.id, this.cloud, request.verb, timeline.nowMs)
        let over = false
        const end = (settle: () => void): void | typeof nothing => {
          if (over || this.dead) return nothing
          over = true
          this.width--
          settle()
        }
        if (toMs !== null) timeline.after(toMs, () => arrive(backMs))
        if (failure !== null) timeline.after(failsMs, () => end(() => (said?.(failure.message), reject(failure))))
        if (toMs === null || backMs === null || toMs + backMs > 900)
          this.#whenGivenUp(signal, request.verb, site, (given) => end(() => (said?.(given.message), reject(given))))

        const arrive = (backMs: number | null): void | typeof nothing => {
          let settle: () => void
          const changesBefore = recorder.changes.length
          recorder.acting = invocation
          try {
            const answer = land()
            settle = () => (said?.('answered'), resolve(answer))
          } catch (thrown) {
            settle = () => (said?.(String(thrown)), reject(thrown))
          } finally {
            recorder.acting = null
          }
          const changed = recorder.changes.length > changesBefore ? changesBefore : null
          if (backMs === null) return nothing
          timeline.after(backMs, () =>
            end(() => {
              if (changed !== null) invocation?.told.push(changed)
              settle()
            }),
          )
          return nothing
        }
      })
  }

  #whenGivenUp(signal: AbortSignal, verb: string, site: Site, then: (failure: Failure) => void): void {
    signal.addEventListener(
      'abort',
      () =>
        then(
          new Failure(writes.has(verb) ? 'unknown' : 'unreachable', `${verb}: given up by the caller`, {
            site: site.id,
          }),
        ),
      { once: true },
    )
  }
}
