import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import type { Clock } from '#shared/kernel/clock.ts'
import type { ObjectStore, Traits } from '#shared/ports/object-store.ts'
import type { Cloud } from '#test/simulation/plan.ts'
import type { Embedded } from './embedded.ts'
import { storeVerbs } from './store-verbs.ts'
import type { StoreVerbs, Who } from './words.ts'

type Caller = Exclude<Who, 'user'>

/** How many requests of a verb go out one after another, each after the answer to the one before: a driver may die between any two of them. */
export const cutsOf: Readonly<Record<Cloud, Readonly<Record<string, number>>>> = {
  s3: { putPart: 3, commit: 8, discard: 4 },
  azure: { commit: 2, discard: 2 },
  gcs: { commit: 4 },
}

/** What was sent by then has arrived. */
const graceMs = 20

/** The drivers of one process at one site, and what they remember. */
export class CallerAtWires {
  readonly #own: ObjectStore
  readonly #control: ObjectStore
  #now = { nowMs: 0, monotonicMs: 0 }
  /** Answers yet to be heard before it is dead. */
  #left = Infinity
  #death = new AbortController()

  constructor(embedded: Embedded) {
    const { own, control } = embedded.drivers(this.#clock())
    this.#own = own
    this.#control = control
  }

  get traits(): Traits {
    return this.#own.traits
  }

  async ask(caller: Caller, verb: keyof StoreVerbs, args: readonly unknown[], cuts: number): Promise<unknown> {
    this.#now = caller
    this.#left = caller.dies === null ? Infinity : 1 + (caller.dies % cuts)
    this.#death = new AbortController()
    const verbs = storeVerbs(caller.bucket === 'own' ? this.#own : this.#control, this.#death.signal)
    const asking = (verbs[verb] as (...args: readonly unknown[]) => Promise<unknown>)(...args)
    return caller.dies === null ? asking : Promise.race([asking, this.#buried(asking)])
  }

  /** Nobody hears what becomes of it: an SDK that is ended while it reads an answer may never say. */
  async #buried(asking: Promise<unknown>): Promise<null> {
    asking.catch(() => {})
    const { signal } = this.#death
    if (!signal.aborted) await once(signal, 'abort')
    await setTimeout(graceMs)
    return null
  }

  /**
   * Time stands still while a request is on the wire: who sleeps there sleeps until it is woken. Every driver looks at it once when it hears an answer,
   * which is when a dying one has heard its last.
   */
  #clock(): Clock {
    return {
      now: () => {
        if (--this.#left === 0) this.#death.abort(new Error('the process is dead'))
        return this.#now.nowMs
      },
      monotonic: () => this.#now.monotonicMs,
      sleep: (_ms, signal) =>
        new Promise((_, reject) => {
          signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
        }),
    }
  }
}
