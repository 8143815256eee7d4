import { Failure } from '#shared/kernel/failure.ts'
import type { Request, Wire } from '#shared/memory/store.ts'
import type { Process } from './process.ts'
import type { Surroundings } from './surroundings.ts'
import { nothing } from './timeline.ts'
import { writes } from './weather.ts'
import type { Site } from './world-site.ts'

/** Slower than this a request may be given up before its answer is there. */
const patienceMs = 900

/** The way of requests from one process to one bucket and back. */
export function wireOf(process: Process, site: Site, world: Surroundings): Wire {
  return <T>(request: Request, signal: AbortSignal, land: () => T): Promise<T> => {
    const { verb } = request
    const fate = process.called(verb, verb === 'get' ? `get ${process.reading}` : verb)
    if (fate === 'dies') return forever()
    return new Promise((resolve, reject) => {
      new Journey(process, site, world, request, { land, resolve, reject }).go(signal)
    })
  }
}

interface Ends<T> {
  readonly land: () => T
  readonly resolve: (answer: T) => void
  readonly reject: (why: unknown) => void
}

/** One request: it may arrive, late or never, and its caller may hear of it, or of something else, once. */
class Journey<T> {
  readonly #process: Process
  readonly #site: Site
  readonly #world: Surroundings
  readonly #request: Request
  readonly #ends: Ends<T>
  readonly #invocation: Process['invocation']
  readonly #told: ((end: string) => void) | undefined
  #over = false

  constructor(process: Process, site: Site, world: Surroundings, request: Request, ends: Ends<T>) {
    this.#process = process
    this.#site = site
    this.#world = world
    this.#request = request
    this.#ends = ends
    this.#invocation = process.sends()
    const { traced } = world.recorder
    this.#told = traced?.(this.#invocation?.n ?? null, `${request.verb} ${request.key ?? ''} at ${site.id}`)
  }

  go(signal: AbortSignal): void {
    const { timeline, weather } = this.#world
    const { verb } = this.#request
    const { toMs, backMs, failure, failsMs } = weather.fateOf(this.#site.id, this.#process.cloud, verb, timeline.nowMs)
    if (toMs !== null) timeline.after(toMs, () => this.#arrive(backMs))
    if (failure !== null) timeline.after(failsMs, () => this.#fail(failure))
    if (toMs !== null && backMs !== null && toMs + backMs <= patienceMs) return
    const kind = writes.has(verb) ? 'unknown' : 'unreachable'
    const givenUp = () => this.#fail(new Failure(kind, `${verb}: given up by the caller`, { site: this.#site.id }))
    signal.addEventListener('abort', givenUp, { once: true })
  }

  /** At the bucket it does what it was sent for, whether or not anybody still waits for the answer. */
  #arrive(backMs: number | null): typeof nothing {
    const { recorder, timeline } = this.#world
    const { land, resolve, reject } = this.#ends
    const changesBefore = recorder.changes.length
    let answer: () => void
    recorder.acting = this.#invocation
    try {
      const value = land()
      answer = () => this.#end('answered', () => resolve(value))
    } catch (thrown) {
      answer = () => this.#end(String(thrown), () => reject(thrown))
    } finally {
      recorder.acting = null
    }
    const changed = recorder.changes.length > changesBefore
    if (backMs !== null)
      timeline.after(backMs, () => {
        if (changed && !this.#over && !this.#process.dead) this.#invocation?.told.push(changesBefore)
        return answer()
      })
    return nothing
  }

  #fail(failure: Failure): void {
    this.#end(failure.message, () => this.#ends.reject(failure))
  }

  /** A dead process hears nothing, and nobody hears twice. */
  #end(how: string, settle: () => void): void {
    if (this.#over || this.#process.dead) return
    this.#over = true
    this.#process.hears()
    this.#told?.(how)
    settle()
  }
}

/** Who waits for this waits in a process that is dead. */
export function forever(): Promise<never> {
  return new Promise(() => {})
}
