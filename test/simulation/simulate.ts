import { check } from './checker.ts'
import type { Findings, Violation } from './checker-laws.ts'
import type { Coverage } from './coverage.ts'
import { type Ground, memoryGround } from './ground.ts'
import type { History } from './history.ts'
import type { Plan } from './plan.ts'
import { takeUnhandled } from './unhandled.ts'
import type { Weather } from './weather.ts'
import { World } from './world.ts'

export interface Lived extends Findings {
  readonly plan: Plan
  readonly history: History
  readonly coverage: Coverage
}

/** One request of our functions, for stories that show each of them. */
export interface RequestLine {
  readonly atMs: number
  readonly text: string
}

function traceInto({ recorder, timeline }: World, requests: RequestLine[]): void {
  recorder.traced = (invocation, request) => {
    const line = { atMs: timeline.nowMs, text: `      i${invocation} asks: ${request}` }
    requests.push(line)
    return (end) => requests.push({ atMs: timeline.nowMs, text: `      i${invocation} hears of ${request}: ${end}` })
  }
}

/** Who looks on, and where the stores are. */
interface Surroundings {
  readonly requests?: RequestLine[]
  /** Hears of each call of a function before it is made. */
  readonly called?: Weather['called']
  readonly ground?: Ground
}

/** Lives through a plan and judges it. To be called outside microtasks alone: see timeline.ts. */
export function live(plan: Plan, { requests, called = null, ground = memoryGround }: Surroundings = {}): Lived {
  takeUnhandled()
  const world = new World(plan, ground)
  if (requests !== undefined) traceInto(world, requests)
  world.weather.called = called
  const history = world.run()
  const unhandled = takeUnhandled().map((what): Violation => ({
    law: 0,
    key: null,
    site: null,
    atMs: null,
    what: `a promise was rejected and nobody listened: ${what}`,
  }))
  const { violations, exceptions } = check(history)
  return { plan, history, coverage: world.coverage, violations: [...unhandled, ...violations], exceptions }
}
