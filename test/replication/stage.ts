import type { Clock } from '#shared/kernel/clock.ts'
import { type Mark, groupEntry, readMark, routeEntry } from '#shared/kernel/mark.ts'
import type { Call, Verb } from '#shared/layers/around.ts'
import { type Fault, faulty } from '#shared/layers/faulty.ts'
import type { Condition, ObjectStore, Write } from '#shared/ports/object-store.ts'
import type { Receipt } from '#shared/replication/model.ts'
import { oneGroup, Trio, type TrioOptions } from './trio.ts'

/** A write as it was sent to one site. */
export interface Sent {
  readonly site: string
  readonly verb: 'put' | 'commit' | 'remove'
  /** What it was to be unchanged since; `null` where it was to be absent. */
  readonly since: string | null
  readonly mark: Mark | null
  readonly write: Omit<Write, 'body'> | null
}

interface Cue {
  readonly site: string
  readonly verb: Verb
  readonly fault: Fault
  readonly act: () => void
  skip: number
  times: number
}

/** How many such requests pass before it, and how many it meets. */
export interface When {
  readonly skip?: number
  readonly times?: number
}

const none: Fault = { fault: 'none' }

class Script {
  clock: Clock | null = null
  readonly sent: Sent[] = []
  readonly calls: string[] = []
  readonly cues: Cue[] = []

  wrap(store: ObjectStore): ObjectStore {
    const clock: Clock = {
      now: () => this.clock!.now(),
      monotonic: () => this.clock!.monotonic(),
      sleep: (ms, signal) => this.clock!.sleep(ms, signal),
    }
    return this.#logged(faulty(store, clock, (call) => this.#meet(call)))
  }

  #meet({ site, verb, key }: Call): Fault {
    if (key === 'warm') return none // Only time passes.
    this.calls.push(`${site} ${verb}`)
    const cue = this.cues.find((one) => one.site === site && one.verb === verb && one.times > 0)
    if (cue === undefined || cue.skip-- > 0) return none
    cue.times--
    cue.act()
    return cue.fault
  }

  #logged(store: ObjectStore): ObjectStore {
    const { site } = store
    const log = (verb: Sent['verb'], condition: Condition, write: Omit<Write, 'body'> | null) => {
      const since = condition.if === 'absent' ? null : condition.since
      this.sent.push({ site, verb, since, write, mark: markIn(write?.metadata ?? {}) })
    }
    return {
      ...store,
      heard: () => store.heard(),
      put: (key, write, condition, signal) => {
        log('put', condition, write)
        return store.put(key, write, condition, signal)
      },
      commit: (key, transfer, parts, write, condition, signal) => {
        log('commit', condition, write)
        return store.commit(key, transfer, parts, write, condition, signal)
      },
      remove: (key, since, signal) => {
        log('remove', { if: 'unchanged', since }, null)
        return store.remove(key, since, signal)
      },
    }
  }
}

/** The mark among a version's metadata; `null` where a user wrote it. */
export function markIn(metadata: Readonly<Record<string, string>>): Mark | null {
  const mark = readMark(metadata[groupEntry] ?? metadata[routeEntry] ?? '')
  return mark === 'newer' ? null : mark
}

/** A trio whose single requests meet what a law is about: a fault, or something that a user does at that very moment. */
export class Stage extends Trio {
  readonly #script: Script

  constructor(document: object = oneGroup, options: Omit<TrioOptions, 'wrap'> = {}) {
    const script = new Script()
    super(document, { ...options, wrap: (store) => script.wrap(store) })
    script.clock = this.clock
    this.#script = script
  }

  /** Every write that was sent, refused ones too. */
  get sent(): readonly Sent[] {
    return this.#script.sent
  }

  /** Every request in order, as `aws get`. */
  get calls(): readonly string[] {
    return this.#script.calls
  }

  /** What was sent and done so far is no part of the law. */
  forgetCalls(): void {
    this.#script.sent.length = 0
    this.#script.calls.length = 0
    this.receipts.length = 0
    this.requests()
  }

  forget(): void {
    this.forgetCalls()
    this.events.length = 0
  }

  /** The next such requests meet this. */
  fault(site: string, verb: Verb, fault: Fault, { skip = 0, times = 1 }: When = {}): void {
    this.#script.cues.push({ site, verb, fault, act: () => undefined, skip, times })
  }

  /** No such request is answered any more. */
  cutOff(site: string, ...verbs: readonly Verb[]): void {
    for (const verb of verbs) this.fault(site, verb, { fault: 'request-lost' }, { times: Infinity })
  }

  /** Whatever was at fault is so no more. */
  heal(): void {
    this.#script.cues.length = 0
  }

  /** Something happens just before such a request arrives. */
  meanwhile(site: string, verb: Verb, act: () => void, { skip = 0 }: Omit<When, 'times'> = {}): void {
    this.#script.cues.push({ site, verb, fault: none, act, skip, times: 1 })
  }

  /** What was done, as `copied azure`, in the order of the receipts. */
  get acts(): readonly string[] {
    return this.receipts.map(({ action, site }) => `${action} ${site}`)
  }

  /** The same without what is left to later. */
  get done(): readonly string[] {
    return this.acts.filter((act) => !act.startsWith('deferred'))
  }

  receipt(action: Receipt['action'], site: string): Receipt {
    const found = this.receipts.filter((one) => one.action === action && one.site === site)
    if (found.length !== 1) throw new Error(`found ${found.length} × ${action} ${site} among: ${this.acts.join(', ')}`)
    return found[0]!
  }
}
