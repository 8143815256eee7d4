import { Failure } from '#shared/kernel/failure.ts'
import type { SiteId } from '#shared/kernel/ids.ts'
import type { Verb } from '#shared/memory/store.ts'
import type { Coverage } from './coverage.ts'
import type { EventFault, Fault, Kill, Plan, RequestFault, WindowFault } from './plan.ts'
import { chanceOf } from './random.ts'

/** What becomes of one request. */
export interface Fate {
  /** How long it travels to its bucket; `null`: it never gets there. */
  readonly toMs: number | null
  /** How long the answer travels back; `null`: it never does. */
  readonly backMs: number | null
  /** What the caller hears instead, and when; `null`: nothing, until it gives up. */
  readonly failure: Failure | null
  readonly failsMs: number
}

export const writes: ReadonlySet<string> = new Set(['put', 'remove', 'putPart', 'commit', 'discard'])
const committing: ReadonlySet<string> = new Set(['put', 'remove', 'commit'])

/** One call of a port, as a kill may name it: `get`, `get pinned`, or `pass get pinned` for the function that makes passes. */
export interface Call {
  readonly verb: string
  readonly kind: string
  readonly runtime: string
}

function isAimedAt({ verb }: Kill, call: Call): boolean {
  return verb === null || verb === call.verb || verb === call.kind || verb === `${call.runtime} ${call.kind}`
}

type Left<T> = { readonly fault: Fault & T; left: number }

/** All that goes wrong, when and where. It ends when the world heals. */
export class Weather {
  readonly #seed: number
  readonly #plan: Plan
  readonly #coverage: Coverage
  readonly #latency: ReadonlyMap<string, number>
  readonly #requests = new Map<string, Left<RequestFault>[]>()
  readonly #windows = new Map<string, (Fault & WindowFault)[]>()
  readonly #events = new Map<string, Left<EventFault>[]>()
  readonly #kills = new Map<string, Left<Kill>[]>()
  #draws = 0
  healed = false
  /** No function dies any more. */
  immortal = false
  /** Told of each call that a kill could strike, by the cloud whose function makes it. */
  called: ((cloud: string) => void) | null = null

  constructor(plan: Plan, coverage: Coverage) {
    this.#plan = plan
    this.#seed = plan.seed
    this.#coverage = coverage
    this.#latency = new Map(plan.sites.map(({ id, latencyMs }) => [id, latencyMs]))
    for (const fault of plan.faults) this.#sort(fault)
  }

  #sort(fault: Fault): void {
    switch (fault.kind) {
      case 'outage':
      case 'partition':
      case 'slow':
      case 'congested':
      case 'denied':
        return add(this.#windows, fault.site, fault)
      case 'event-lost':
      case 'event-twice':
      case 'event-late':
      case 'message-twice':
        return add(this.#events, fault.site, { fault, left: fault.count })
      case 'kill':
        return add(this.#kills, fault.site, { fault, left: fault.after })
      case 'poison':
        return
      case 'lost-request':
      case 'lost-answer':
      case 'late-request':
      case 'race':
      case 'throttle':
      case 'flip-read':
      case 'flip-write':
      case 'broken-read':
        return add(this.#requests, fault.site, { fault, left: fault.count })
    }
  }

  /** From now on everything works; only functions may die yet, for they always may. */
  heal(): void {
    this.healed = true
  }

  fateOf(site: SiteId, cloud: SiteId, verb: Verb, nowMs: number): Fate {
    const wayMs = this.#wayMs(site, cloud, nowMs)
    if (this.healed) return { toMs: wayMs, backMs: wayMs, failure: null, failsMs: 0 }
    const window = this.#windows.get(site)?.find((one) => applies(one, cloud, verb, nowMs))
    if (window !== undefined) return this.#inWindow(window, verb, wayMs)
    const fault = this.#take(this.#requests.get(site), nowMs, (kind) => strikes[kind].has(verb))
    return fault === null
      ? { toMs: wayMs, backMs: wayMs, failure: null, failsMs: 0 }
      : this.#struck(fault, site, verb, wayMs)
  }

  /** Whether the body of this read or write is to be changed or broken on its way. */
  bodyFault(site: SiteId, kind: 'flip-read' | 'flip-write' | 'broken-read', nowMs: number): boolean {
    if (this.healed) return false
    const fault = this.#take(this.#requests.get(site), nowMs, (one) => one === kind)
    if (fault !== null) this.#coverage.fault(kind)
    return fault !== null
  }

  eventFault(site: string, kind: EventFault['kind'], nowMs: number): EventFault | null {
    if (this.healed) return null
    const fault = this.#take(this.#events.get(site), nowMs, (one) => one === kind)
    return fault
  }

  /** The kill that strikes at this call, if one does. */
  kill(cloud: string, call: Call, nowMs: number): Kill | null {
    if (this.immortal) return null
    this.called?.(cloud)
    const kills = this.#kills.get(cloud)
    if (kills === undefined) return null
    for (const kill of kills) {
      if (kill.left === 0 || nowMs < kill.fault.atMs || !isAimedAt(kill.fault, call)) continue
      if (--kill.left === 0) return kill.fault
    }
    return null
  }

  /** Between 0 and 1, by the moment and the place alone. */
  chance(place: number, nowMs: number): number {
    return chanceOf(this.#seed, Math.imul(place, 0x1000193) ^ (nowMs * 16), this.#draws++ & 7)
  }

  #wayMs(site: SiteId, cloud: SiteId, nowMs: number): number {
    const far = site === cloud ? 4 : this.#latency.get(site)!
    const chance = chanceOf(
      this.#seed ^ (site.charCodeAt(0) << 8) ^ cloud.charCodeAt(0),
      Math.floor(nowMs * 8),
      this.#draws++ & 3,
    )
    return far * (0.6 + chance * 0.8)
  }

  #inWindow(window: WindowFault, verb: Verb, wayMs: number): Fate {
    this.#coverage.fault(window.kind)
    switch (window.kind) {
      case 'slow':
      case 'congested':
        return { toMs: wayMs + window.ms * 0.7, backMs: wayMs + window.ms * 0.3, failure: null, failsMs: 0 }
      case 'denied':
        return refusal(
          wayMs,
          new Failure('denied', `${verb}: not allowed`, { site: window.site as SiteId, scope: 'site' }),
        )
      case 'outage':
      case 'partition':
        if (window.hang) return { toMs: null, backMs: null, failure: null, failsMs: 0 }
        return refusal(
          wayMs,
          new Failure('unreachable', `${verb}: connection refused`, { site: window.site as SiteId }),
        )
    }
  }

  #struck(fault: RequestFault, site: SiteId, verb: Verb, wayMs: number): Fate {
    this.#coverage.fault(fault.kind)
    const lost = writes.has(verb)
      ? new Failure('unknown', `${verb}: connection reset`, { site, scope: 'key' })
      : new Failure('unreachable', `${verb}: connection reset`, { site })
    switch (fault.kind) {
      case 'lost-request':
        return { toMs: null, backMs: null, failure: fault.reset ? lost : null, failsMs: fault.ms }
      case 'lost-answer':
        return { toMs: wayMs, backMs: null, failure: fault.reset ? lost : null, failsMs: Math.max(fault.ms, wayMs) }
      case 'late-request':
        return {
          toMs: Math.min(fault.ms, this.#plan.landMs),
          backMs: wayMs,
          failure: fault.reset ? lost : null,
          failsMs: 900,
        }
      case 'race':
        return refusal(wayMs, new Failure('conflict', `${verb}: another request is under way`, { site }))
      case 'throttle':
        return refusal(wayMs, new Failure('throttled', `${verb}: slow down`, { site }))
      case 'flip-read':
      case 'flip-write':
      case 'broken-read':
        throw new RangeError(`${fault.kind} strikes bodies`)
    }
  }

  #take<T extends { readonly kind: string }>(
    from: Left<T>[] | undefined,
    nowMs: number,
    fits: (kind: T['kind']) => boolean,
  ): (Fault & T) | null {
    if (from === undefined) return null
    for (const one of from) {
      if (one.left === 0 || nowMs < one.fault.atMs || !fits(one.fault.kind)) continue
      one.left--
      return one.fault
    }
    return null
  }
}

function refusal(wayMs: number, failure: Failure): Fate {
  return { toMs: null, backMs: null, failure, failsMs: 2 * wayMs }
}

function applies(window: Fault & WindowFault, cloud: SiteId, verb: Verb, nowMs: number): boolean {
  if (nowMs < window.atMs || nowMs >= window.atMs + window.forMs) return false
  if (window.kind === 'congested' && !committing.has(verb)) return false
  return window.cloud === null || window.cloud === cloud
}

const every: ReadonlySet<string> = new Set([
  'head',
  'get',
  'tags',
  'put',
  'remove',
  'versions',
  'list',
  'listVersions',
  'parts',
  'putPart',
  'commit',
  'discard',
])
const none: ReadonlySet<string> = new Set()

/** Which requests a fault can strike. */
const strikes: Readonly<Record<RequestFault['kind'], ReadonlySet<string>>> = {
  'lost-request': every,
  'lost-answer': every,
  'late-request': committing,
  race: committing,
  throttle: every,
  'flip-read': none,
  'flip-write': none,
  'broken-read': none,
}

function add<T>(lists: Map<string, T[]>, name: string, item: T): void {
  const list = lists.get(name)
  if (list === undefined) lists.set(name, [item])
  else list.push(item)
}
