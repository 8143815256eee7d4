import type { SiteId } from '#shared/kernel/ids.ts'
import { asFailure, type Failure } from '#shared/kernel/failure.ts'
import type { Message, Outcome } from '#shared/replication/model.ts'
import { run } from '#shared/replication/run.ts'
import type { Letter } from './history.ts'
import type { Process, Runtime } from './process.ts'
import type { OpenInvocation } from './recorder.ts'
import { nothing } from './timeline.ts'
import type { World } from './world.ts'

/** What lies in a cloud's queue. It leaves it only by being acknowledged, or as a dead letter. */
export interface Item {
  readonly message: Message
  readonly runtime: Runtime
  readonly poison: Letter['poison']
  /** How often it was thrown back. */
  throws: number
}

const limitMs: Readonly<Record<Runtime, number>> = { short: 60_000, long: 900_000, pass: 300_000 }

/** Before its time is up a function is told so, to leave in order what it cannot end. */
const warningMs = 10_000

/** A message that is thrown back this often is given up. */
const throwsMax = 5

export interface Task<T> {
  readonly work: (process: Process, signal: AbortSignal) => Promise<T>
  readonly done: (process: Process, invocation: OpenInvocation, value: T) => void
  readonly lost: (backInMs: number) => void
  readonly thrown: (error: unknown, backInMs: number) => void
}

/** One cloud's queue and functions. */
export class Cloud {
  readonly id: SiteId
  readonly #world: World
  readonly #idle: Readonly<Record<Runtime, Process[]>> = { short: [], long: [], pass: [] }

  constructor(world: World, id: SiteId) {
    this.#world = world
    this.id = id
  }

  send(message: Message, delayMs: number, runtime: Runtime, poison: Letter['poison'] = null): void {
    this.#put({ message, runtime, poison, throws: 0 }, delayMs)
  }

  #put(item: Item, delayMs: number): void {
    this.#world.outstanding++
    this.#world.timeline.after(delayMs, () => {
      this.#world.outstanding--
      this.#deliver(item)
    })
  }

  #deliver(item: Item): void {
    const { weather, timeline, coverage } = this.#world
    const twice = weather.eventFault(this.id, 'message-twice', timeline.nowMs)
    if (twice !== null) {
      coverage.fault('message-twice')
      this.#put({ ...item }, twice.ms)
    }
    const back = (inMs: number, throws: number) => this.#put({ ...item, throws: item.throws + throws }, inMs)
    this.invoke(describe(item.message), item.runtime, {
      work: (process, signal) => run(item.message, process.core, signal),
      done: (process, invocation, outcome) => this.#done(process, invocation, outcome),
      lost: (inMs) => back(inMs, 0),
      thrown: (error, inMs) => this.#thrown(item, error, () => back(inMs, 1)),
    })
  }

  /** One invocation in a process of its own. What it did not end comes back, but no sooner than everything that it sent has landed. */
  invoke<T>(what: string, runtime: Runtime, task: Task<T>): void {
    const { timeline, recorder, plan } = this.#world
    const process = this.#take(runtime)
    const startedAtMs = timeline.nowMs
    const invocation = newInvocation(recorder.invocations.length, this.id, what, startedAtMs)
    recorder.invocations.push(invocation)
    this.#world.running++
    let over = false
    const end = (how: OpenInvocation['end']): boolean => {
      if (over) return false
      over = true
      this.#world.running--
      invocation.end = how
      invocation.endedAtMs = timeline.nowMs
      return true
    }
    const die = (how: 'killed' | 'timeout') => {
      process.dead = true
      if (end(how)) task.lost(plan.landMs)
    }
    process.begin(invocation, () => die('killed'))
    const ending = new AbortController()
    timeline.after(limitMs[runtime] - warningMs, () => {
      if (over || process.dead) return nothing
      this.#world.coverage.outOfTime++
      return ending.abort(new Error('the function has no more time'))
    })
    timeline.after(limitMs[runtime], () => (over || process.dead ? nothing : die('timeout')))
    void ended(task.work(process, ending.signal), (how) => {
      if (process.dead) return
      if ('value' in how) {
        task.done(process, invocation, how.value)
        if (!process.dead && end('done')) this.#release(process) // Handing its work on, it may have died.
      } else if (end('thrown')) {
        invocation.error = String(how.error)
        this.#release(process)
        task.thrown(how.error, plan.landMs)
      }
    })
  }

  #done(process: Process, invocation: OpenInvocation, outcome: Outcome): void {
    const { recorder } = this.#world
    for (const receipt of outcome.receipts) recorder.receipt(invocation.n, receipt)
    for (const again of outcome.again) {
      if (process.called('send') !== 'lives') return
      this.send(again.message, again.delayMs, again.queue)
    }
    process.called('acknowledge')
  }

  #thrown(item: Item, error: unknown, again: () => void): void {
    const { recorder, timeline } = this.#world
    const failure = failureOf(error)
    if (failure?.patience !== 'never' && item.throws + 1 < throwsMax) return again()
    recorder.letters.push({
      atMs: timeline.nowMs,
      what: describe(item.message),
      poison: item.poison,
      error: failure?.message ?? stackOf(error),
    })
  }

  #take(runtime: Runtime): Process {
    const { timeline, weather } = this.#world
    const idle = this.#idle[runtime]
    while (idle.length > 0) {
      const process = idle.pop()!
      if (!process.dead && !this.#world.isOutdated(process) && weather.chance(idle.length + 1, timeline.nowMs) < 0.85)
        return process
    }
    return this.#world.newProcess(this.id, runtime)
  }

  #release(process: Process): void {
    process.rest()
    this.#idle[process.runtime].push(process)
  }
}

type End<T> = { readonly value: T } | { readonly error: unknown }

async function ended<T>(work: Promise<T>, then: (how: End<T>) => void): Promise<void> {
  let how: End<T>
  try {
    how = { value: await work }
  } catch (error) {
    how = { error }
  }
  then(how)
}

function newInvocation(n: number, cloud: string, what: string, startedAtMs: number): OpenInvocation {
  return {
    n,
    cloud,
    what,
    startedAtMs,
    endedAtMs: null,
    end: 'killed',
    requests: 0,
    width: 0,
    told: [],
    error: null,
    keptParts: 0,
  }
}

function describe(message: Message): string {
  switch (message.kind) {
    case 'event':
      return `${message.event.kind} ${message.event.key} at ${message.event.site}`
    case 'changed':
      return `${message.event.kind} ${message.event.key} at ${message.event.site} once more, for ${message.group}`
    case 'settle':
      return `settle ${message.key} in ${message.group}`
    case 'mirror':
      return `mirror ${message.key} along ${message.route} to ${message.targets.join(', ')}`
  }
}

function failureOf(error: unknown): Failure | null {
  try {
    return asFailure(error)
  } catch {
    return null
  }
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
