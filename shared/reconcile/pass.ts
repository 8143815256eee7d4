import { matches } from '#shared/config/key-filter.ts'
import type { Rule } from '#shared/config/model.ts'
import type { RuleId, SiteId } from '#shared/kernel/ids.ts'
import type { Core } from '#shared/replication/core.ts'
import type { Again, Receipt } from '#shared/replication/model.ts'
import { type Cursor, readCursor, writeCursor } from './cursor.ts'
import type { Examiner } from './examine.ts'
import { groupExaminer } from './examine-group.ts'
import { routeExaminer } from './examine-route.ts'
import { compareKeys } from './key-order.ts'
import { rowsAt } from './members.ts'
import { type Line, Merge } from './merge.ts'
import type { Pass } from './model.ts'
import { Pool } from './pool.ts'
import { Ranges } from './ranges.ts'
import { recordStandings } from './standing.ts'
import { ruleOf, termsOf } from './terms.ts'

/** Keys looked at or settled at a time. */
const width = 8
/** What a key that needs requests of its own costs, in keys that only had to be read. */
const actedKeys = 10
/** How often a listing that was cut short is begun again before the pass goes on without its member. */
const triesMax = 3

export type Depth = 'listings' | 'histories'

/** One bounded invocation of a pass: compares what the listings show and sees to every key that they cannot vouch for. */
export async function pass(
  depth: Depth,
  rule: RuleId,
  cursor: string | null,
  core: Core,
  signal: AbortSignal,
): Promise<Pass> {
  const task = taskOf(depth, ruleOf(core.config, rule), cursor, core, signal)
  return task.examiner.enough(task.examiner.sites) ? new Invocation(task).run() : nobodyLeft(rule)
}

/** Whoever is out comes back by an operator's hand, which no invocation can wait for. */
function nobodyLeft(rule: RuleId): Pass {
  const troubles = [`${rule}: fewer than two members are left that are not out: nothing was compared`]
  return { receipts: [], again: [], next: null, delayMs: 0, keys: 0, troubles }
}

interface Task {
  readonly core: Core
  readonly rule: Rule
  readonly deep: boolean
  readonly examiner: Examiner
  readonly start: Cursor
  readonly signal: AbortSignal
}

function taskOf(depth: Depth, rule: Rule, cursor: string | null, core: Core, signal: AbortSignal): Task {
  const deep = depth === 'histories'
  const examiner =
    rule.kind === 'group' ? groupExaminer(core, rule, deep, signal) : routeExaminer(core, rule, deep, signal)
  const terms = termsOf(core, rule)
  const told = cursor === null ? null : readCursor(cursor, rule.id, deep)
  const begun: Cursor = {
    rule: rule.id,
    deep,
    terms,
    beganMs: Math.floor(core.clock.now()),
    at: '',
    from: '',
    inRange: 0,
    full: examiner.sites,
    tries: 0,
  }
  return { core, rule, deep, examiner, start: told?.terms === terms ? told : begun, signal }
}

type Step = 'on' | 'end' | 'stop'

class Invocation {
  readonly #task: Task
  readonly #merge: Merge
  readonly #ranges: Ranges
  readonly #pool = new Pool(width)
  readonly #full: Set<SiteId>
  readonly #receipts: Receipt[] = []
  readonly #again: Again[] = []
  readonly #troubles: string[] = []
  #keys = 0
  #cost = 0
  /** Whether somebody is waited for, and whether for the rest of a listing. */
  #waits: 'no' | 'for-anyone' | 'for-a-listing' = 'no'

  constructor(task: Task) {
    const { core, rule, deep, examiner, start, signal } = task
    this.#task = task
    // Who is out in this invocation answers for none of its keys.
    this.#full = new Set(start.full.filter((site) => examiner.sites.includes(site)))
    const reading = { core, rule, history: deep && rule.kind === 'group', after: start.at, signal }
    this.#merge = new Merge(new Map(examiner.sites.map((site) => [site, rowsAt(reading, site)])))
    const site = rule.kind === 'group' ? rule.members[0]! : rule.from
    const place = { site, rule: rule.id, terms: start.terms, signal }
    this.#ranges = new Ranges(core, place, start, !deep)
  }

  async run(): Promise<Pass> {
    const { core, signal } = this.#task
    let step: Step = 'on'
    while (step === 'on' && this.#cost < core.limits.reconcileKeys) step = signal.aborted ? 'stop' : await this.#step()
    if (step === 'on' && this.#merge.isOver) step = 'end'
    await this.#close(step !== 'end')
    if (step === 'end') await this.#record()
    return {
      receipts: this.#receipts,
      again: this.#again,
      next: step === 'end' ? null : this.#next(),
      delayMs: this.#waits === 'no' ? 0 : core.limits.retryMs,
      keys: this.#keys,
      troubles: [...this.#troubles, ...this.#ranges.troubles],
    }
  }

  async #step(): Promise<Step> {
    if (this.#merge.isDry && !(await this.#fill())) return 'stop'
    if (!this.#task.examiner.enough(this.#merge.sites)) {
      this.#waits = 'for-anyone'
      return 'stop'
    }
    const line = this.#merge.next()
    if (line === null) return 'end'
    if (compareKeys(line.key, this.#ranges.start.at) <= 0) return 'on' // Listed once more, from a little earlier.
    if (matches(this.#task.rule.keys, line.key)) await this.#examine(line)
    this.#keys++
    this.#cost += Math.max(...line.seats.map(({ row }) => row?.entries ?? 0))
    if (this.#ranges.passed(line.key)) await this.#close(false)
    return 'on'
  }

  /** False where the walk stops here, to begin again with everyone: a listing cut short says nothing of what it had yet to tell. */
  async #fill(): Promise<boolean> {
    const failures = await this.#merge.fill()
    if (this.#task.signal.aborted) return false
    for (const [site, { message }] of failures) {
      this.#troubles.push(`${site}: its listing was cut short: ${message}`)
      if (this.#full.has(site) && this.#triesHere < triesMax) this.#waits = 'for-a-listing'
      this.#merge.drop(site)
    }
    if (this.#waits === 'for-a-listing') return false
    for (const site of failures.keys()) this.#full.delete(site)
    return true
  }

  async #examine(line: Line): Promise<void> {
    const doubt = this.#task.examiner.examine(line)
    const work = doubt === null ? null : doubt(await this.#ranges.seen())
    if (work === null) return
    this.#cost += actedKeys - 1
    await this.#pool.add(async () => {
      const { outcome, missed } = await work()
      this.#receipts.push(...outcome.receipts)
      this.#again.push(...outcome.again)
      for (const site of missed) this.#full.delete(site)
    })
  }

  /** What was learnt is kept once all that was begun is done. */
  async #close(goesOn: boolean): Promise<void> {
    await this.#pool.drain()
    await this.#ranges.close(goesOn)
  }

  /** The members that answered for every key, and are in full agreement with the others since this pass began. */
  async #record(): Promise<void> {
    const { core, rule, start, signal } = this.#task
    if (rule.kind === 'route') return
    const full = rule.members.filter((site) => this.#full.has(site) && !core.out(rule.id, site))
    if (full.length > 0) this.#troubles.push(...(await recordStandings(core, rule, full, start.beganMs, signal)))
  }

  get #triesHere(): number {
    return this.#keys === 0 ? this.#task.start.tries : 0
  }

  #next(): string {
    const tries = this.#waits === 'for-a-listing' ? this.#triesHere + 1 : 0
    return writeCursor({ ...this.#task.start, ...this.#ranges.start, full: [...this.#full], tries })
  }
}
