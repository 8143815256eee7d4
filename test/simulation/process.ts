import type { Config } from '#shared/config/model.ts'
import type { Clock, Random } from '#shared/kernel/clock.ts'
import { Failure } from '#shared/kernel/failure.ts'
import type { SiteId } from '#shared/kernel/ids.ts'
import type { Key } from '#shared/kernel/key.ts'
import { breakers } from '#shared/layers/breakers.ts'
import { retrying } from '#shared/layers/retrying.ts'
import { timed } from '#shared/layers/timed.ts'
import { type AtOnce, memoryStore } from '#shared/memory/store.ts'
import type { ObjectStore } from '#shared/ports/object-store.ts'
import { type Core, type Limits, limits } from '#shared/replication/core.ts'
import { Habits } from '#shared/replication/habits.ts'
import { blindBytes, partBytes, smallBytes } from './bytes.ts'
import { startMs } from './epoch.ts'
import { bodies } from './process-bodies.ts'
import { Stream } from './random.ts'
import type { OpenInvocation } from './recorder.ts'
import { nothing } from './timeline.ts'
import { whereInTheCore } from './where.ts'
import { upgraded } from './upgraded.ts'
import { wireOf } from './wire.ts'
import type { Site } from './world-site.ts'
import type { Surroundings } from './surroundings.ts'

/** Which of a cloud's functions: for events, for objects in parts, for passes. */
export type Runtime = 'short' | 'long' | 'pass'

/** A process that has seen many a copy go over something: it looks before it sends. */
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

/**
 * One process of one cloud's functions. It may serve many invocations, one after another, and die at any of its calls.
 * Around its core some is not a host's: breakers rest for five seconds, a second try of a read may begin as long as a look lasts, a site takes any
 * number of requests at once, and no guard forbids or counts.
 */
export class Process {
  readonly cloud: SiteId
  readonly runtime: Runtime
  readonly config: Config
  readonly core: Core
  readonly newCode: boolean
  readonly bornAtMs: number
  dead = false
  invocation: OpenInvocation | null = null
  /** What is about to be read: what shows, one version of it, or a part of that. */
  reading: 'shown' | 'pinned' | 'range' = 'shown'
  onDeath: () => void = () => undefined
  readonly #world: Surroundings
  /** How many requests are under way. */
  #width = 0
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
    const caller = { process: options.number, clock, isDead: () => this.dead }
    this.core = {
      config,
      store: this.#stores((site) => this.#layered(site, site.reachedBy(caller).bucket, clock, random)),
      control: this.#stores((site) => this.#layered(site, site.reachedBy(caller).control, clock, random)),
      clock,
      random,
      hashing: world.ground.hashing,
      breakers: breakers({ clock, failures: 3, restMs: 5_000 }),
      habits: options.wary ? wary(config) : new Habits(),
      limits: limitsOf(runtime, options.newParts),
      transfers: runtime === 'long',
      forbidden: () => null,
      done: () => undefined,
      out: () => false,
    }
  }

  begin(invocation: OpenInvocation, onDeath: () => void): void {
    this.invocation = invocation
    this.onDeath = onDeath
    this.#runsSinceMs = this.#world.timeline.nowMs
    this.#width = 0
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
   * Deaths are counted by the awaits of the core that led to the call.
   */
  called(verb: string, kind: string = verb): 'lives' | 'dies' | 'dies-sent' {
    const { weather, timeline, coverage } = this.#world
    if (this.dead) return 'dies'
    const kill = weather.kill(this.cloud, { verb, kind, runtime: this.runtime }, timeline.nowMs)
    if (kill === null) return 'lives'
    coverage.fault('kill')
    coverage.crash(whereInTheCore())
    this.dead = true
    this.onDeath()
    return kill.sent ? 'dies-sent' : 'dies'
  }

  /** A request goes out, for the invocation that is under way. */
  sends(): OpenInvocation | null {
    const { invocation } = this
    this.#world.recorder.requests++
    this.#width++
    if (invocation !== null) {
      invocation.requests++
      invocation.width = Math.max(invocation.width, this.#width)
    }
    return invocation
  }

  hears(): void {
    this.#width--
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

  #layered(site: Site, bucket: AtOnce, clock: Clock, random: Random): ObjectStore {
    const wired = memoryStore({
      bucket,
      clock,
      by: 'isobar',
      chunkBytes: partBytes,
      wire: wireOf(this, site, this.#world),
    })
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
}
