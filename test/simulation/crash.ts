/**
 * Lets functions die at each await of the protocols in turn: a seed is lived once to see which of its calls wait at which awaits, and again
 * with a death at just that call. Prints one JSON document.
 */
import { Awaits } from './awaits.ts'
import { spared } from './awaits-spared.ts'
import { laws } from './checker-laws.ts'
import { generate } from './generate.ts'
import type { Plan } from './plan.ts'
import { live } from './simulate.ts'
import { assertDrains, outsideMicrotasks } from './timeline.ts'
import { whereInTheCore } from './where.ts'

const [from = '1', seeds = '1', least = '20'] = process.argv.slice(2)

const awaits = new Awaits()
const deaths = new Map(awaits.all.map((one) => [one, 0]))
const wanted = awaits.all.filter((one) => spared(one) === null)
const broken: string[] = []
let lived = 0

/** The first call of a run, as a cloud and how many calls it had made by then, that waits at each await. */
function callsOf(plan: Plan) {
  const calls = new Map<string, { readonly cloud: string; readonly n: number }>()
  const made = new Map<string, number>()
  live(plan, null, (cloud) => {
    const n = (made.get(cloud) ?? 0) + 1
    made.set(cloud, n)
    for (const place of whereInTheCore()) {
      const where = awaits.at(place)?.where
      if (where !== undefined && !calls.has(where)) calls.set(where, { cloud, n })
    }
  })
  return calls
}

function dieAt(plan: Plan, { cloud, n }: { readonly cloud: string; readonly n: number }): void {
  const id = 1 + Math.max(-1, ...plan.faults.map((fault) => fault.id))
  const kill = { id, kind: 'kill', atMs: 0, site: cloud, verb: null, after: n, sent: n % 2 === 0 } as const
  const { coverage, violations } = live({ ...plan, faults: [...plan.faults, kill] })
  for (const one of new Set([...coverage.crashes].flatMap((place) => awaits.at(place) ?? [])))
    deaths.set(one, deaths.get(one)! + 1)
  for (const { law, what } of violations)
    broken.push(`seed ${plan.seed}, a death at call ${n} of ${cloud}: law ${law} (${laws[law]}): ${what}`)
  lived++
}

/** Lives a seed for those awaits that are still short of deaths; false once none is. */
function liveThrough(seed: number): boolean {
  const short = wanted.filter((one) => deaths.get(one)! < Number(least))
  if (short.length === 0) return false
  const plan = generate(seed)
  const calls = callsOf(plan)
  for (const one of short) {
    const call = calls.get(one.where)
    if (call !== undefined && deaths.get(one)! < Number(least)) dieAt(plan, call)
  }
  return true
}

await outsideMicrotasks(assertDrains)
for (let seed = Number(from); seed < Number(from) + Number(seeds); seed++) {
  if (!(await outsideMicrotasks(() => liveThrough(seed)))) break
}
console.log(
  JSON.stringify({
    lived,
    broken,
    awaits: [...deaths].map(([one, times]) => ({ where: one.where, deaths: times, spared: spared(one) })),
  }),
)
