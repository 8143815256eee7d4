import type { Hashing } from '#shared/kernel/digest.ts'
import { Failure, type FailureKind } from '#shared/kernel/failure.ts'
import { type SiteId, siteId } from '#shared/kernel/ids.ts'
import type { Key } from '#shared/kernel/key.ts'
import { stampId, version } from '#shared/kernel/version.ts'
import type { Change, ChangeListener } from '#shared/memory/change.ts'
import { Content } from '#shared/memory/content.ts'
import type { Dumped } from '#shared/memory/dump.ts'
import type { AtOnce } from '#shared/memory/store.ts'
import type { Digests } from '#shared/kernel/digest.ts'
import type { ObjectMeta, Traits } from '#shared/ports/object-store.ts'
import { startMs } from '#test/simulation/epoch.ts'
import { type Caller, type Ground, sizes, type Stores, type Watched } from '#test/simulation/ground.ts'
import type { Plan, SitePlan } from '#test/simulation/plan.ts'
import type { Across } from './across.ts'
import type { Happened, StoreVerbs, UserVerbs, Who, WorldVerbs } from './words.ts'
import { wiredHand } from './wired-hand.ts'

/** On a loopback address nothing is lost and nobody is denied: what says so is mistaken. */
const never: ReadonlySet<FailureKind> = new Set(['unknown', 'unreachable', 'denied', 'invalid'])

/** The world's sites at embedded clouds, reached by the real drivers. One world at a time. */
export class WiredGround implements Ground {
  readonly hashing: Hashing
  /** What no store behind the port may answer; a world in which it happened proves nothing. */
  readonly defects: string[] = []
  requests = 0
  /** Of dead processes: what their drivers would have sent next stayed unsent. */
  lastRequests = 0
  readonly #across: Across
  readonly #traits: Readonly<Record<string, Traits>>
  #timeMs: () => number = () => 0

  constructor(plan: Plan, across: Across, hashing: Hashing) {
    this.hashing = hashing
    this.#across = across
    this.#traits = this.#world('open', plan.sites)
  }

  site(plan: SitePlan, now: () => number): Stores {
    this.#timeMs = () => now() - startMs - plan.skewMs
    const { partBytesMin } = sizes
    return new WiredBucket(this, plan, now, { ...this.#traits[plan.id]!, partBytesMin }).stores()
  }

  close(): void {
    this.#world('close')
  }

  /** Asks, and hears of what happened before it hears the answer. */
  ask(site: SiteId, who: Who, verb: string, args: readonly unknown[], hear: (happened: Happened) => void): unknown {
    this.requests++
    const isLast = who !== 'user' && who.dies !== null
    if (isLast) this.lastRequests++
    const { answer, happened } = this.#across.ask({ of: { site, who }, verb, args, timeMs: this.#timeMs() })
    for (const one of happened) hear(one)
    if ('value' in answer) return answer.value
    if ('defect' in answer) {
      this.defects.push(`${verb} at ${site}: ${answer.defect}`)
      throw new Error(answer.defect)
    }
    const { kind, scope, message } = answer.failure
    if (never.has(kind) && !isLast) this.defects.push(`${verb} at ${site}: ${kind}: ${message}`)
    throw new Failure(kind, message, { site, scope })
  }

  #world<V extends keyof WorldVerbs>(verb: V, ...args: Parameters<WorldVerbs[V]>): ReturnType<WorldVerbs[V]> {
    const { answer } = this.#across.ask({ of: 'world', verb, args, timeMs: 0 })
    if (!('value' in answer)) throw new Error(`${verb}: ${'defect' in answer ? answer.defect : answer.failure.message}`)
    return answer.value as ReturnType<WorldVerbs[V]>
  }
}

/** A bucket beyond the wires. What happens in it is told at once, whoever did it. */
class WiredBucket {
  readonly #ground: WiredGround
  readonly #site: SiteId
  readonly #now: () => number
  readonly #traits: Traits
  readonly #listeners: ChangeListener[] = []
  readonly #held = new Map<string, readonly Dumped[]>()

  constructor(ground: WiredGround, plan: SitePlan, now: () => number, traits: Traits) {
    this.#ground = ground
    this.#site = siteId(plan.id)
    this.#now = now
    this.#traits = traits
  }

  stores(): Stores {
    const ask = <V extends keyof UserVerbs>(verb: V, ...args: Parameters<UserVerbs[V]>) =>
      this.#ask('user', verb, args) as ReturnType<UserVerbs[V]>
    // Users look before they act, by the driver of a process that nobody else is.
    const clock = { now: this.#now, monotonic: this.#now, sleep: noSleep }
    const eyes = this.#seenBy({ process: -1, clock, isDead: () => false }, 'own')
    return {
      bucket: Object.assign(eyes, {
        onChange: (listener: ChangeListener) => void this.#listeners.push(listener),
        dump: (key: Key) => this.#held.get(key) ?? [],
      }) satisfies Watched,
      user: wiredHand(ask),
      reachedBy: (caller) => ({ bucket: this.#seenBy(caller, 'own'), control: this.#seenBy(caller, 'control') }),
    }
  }

  #seenBy({ process, clock, isDead }: Caller, bucket: 'own' | 'control'): AtOnce {
    const who = (): Who => {
      const dies = isDead() ? this.#ground.requests : null
      return { process, bucket, nowMs: clock.now(), monotonicMs: clock.monotonic(), dies }
    }
    const ask = <V extends keyof StoreVerbs>(verb: V, ...args: Parameters<StoreVerbs[V]>) =>
      this.#ask(who(), verb, args) as ReturnType<StoreVerbs[V]>
    return {
      site: this.#site,
      profile: { traits: this.#traits },
      now: this.#now,
      content: (bytes) => new Content(bytes, this.#ground.hashing),
      head: (key, pinned) => ask('head', key, pinned ?? null),
      read: (key, pinned, range) => ask('read', key, pinned ?? null, range ?? null),
      tags: (key, pinned) => ask('tags', key, pinned),
      put: (key, { content, ...write }, condition) =>
        ask('put', key, { ...write, bytes: content.bytes }, conditional(condition)),
      remove: (key, since) => ask('remove', key, conditional(since)),
      versions: (key, cursor) => ask('versions', key, cursor),
      list: (query) => ask('list', query),
      listVersions: (query) => ask('listVersions', query),
      parts: (key, transfer) => ask('parts', key, transfer),
      putPart: (key, transfer, number, content, digests: Digests) =>
        ask('putPart', key, transfer, number, { bytes: content.bytes, digests }),
      commit: (key, transfer, parts, write, condition) => ask('commit', key, transfer, parts, write, condition),
      discard: (key, transfer) => ask('discard', key, transfer),
    }
  }

  #ask(who: Who, verb: string, args: readonly unknown[]): unknown {
    const by = who === 'user' ? null : 'isobar'
    return this.#ground.ask(this.#site, who, verb, args, (happened) => this.#hear(happened, by))
  }

  #hear({ sequence, held, ...happened }: Happened, by: string | null): void {
    this.#held.set(happened.key, held)
    const dumped = held.find((one) => one.sequence === sequence)
    const change: Change = {
      ...happened,
      version: version(happened.id),
      atMs: this.#now(),
      by,
      meta: dumped === undefined || dumped.deleteMarker ? null : metaOf(happened.key, dumped),
    }
    for (const listener of this.#listeners) listener(change)
  }
}

function conditional<T>(condition: T | null): T {
  if (condition === null) throw new TypeError('a write without a condition: only users do that')
  return condition
}

function metaOf(key: Key, dumped: Dumped): ObjectMeta {
  const { id, dateMs, body, digests, inParts, tags, headers, metadata } = dumped
  const names = { key, version: version(id), id: stampId(id), dateMs }
  const tagCount = Object.keys(tags).length
  return { ...names, size: body.byteLength, digests, inParts, tagCount, headers, metadata }
}

function noSleep(): Promise<never> {
  return Promise.reject(new Error('users do not sleep here'))
}
