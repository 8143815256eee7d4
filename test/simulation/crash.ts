/**
 * Lets functions die at each await of the protocols in turn: a seed is lived once to see which of its calls wait at which awaits, and again
 * with a death at just that call, before its request is sent and after. Prints one JSON document.
 */
import { type Await, Awaits } from './awaits.ts'
import { spared, stale } from './awaits-spared.ts'
import { laws } from './checker-laws.ts'
import { generate } from './generate.ts'
import type { Act, Plan } from './plan.ts'
import { live } from './simulate.ts'
import { assertDrains, outsideMicrotasks } from './timeline.ts'
import { whereInTheCore } from './where.ts'

const [from = '1', seeds = '1', least = '20'] = process.argv.slice(2)

/** More calls of one seed tell little that is new. */
const callsOfSeed = 5

/** A call of a run: the `n`-th of this cloud's functions. */
interface Call {
  readonly cloud: string
  readonly n: number
}

const awaits = new Awaits()
const wanted = awaits.all.filter((one) => spared(one, awaits.all) === null)
const deaths = new Map(awaits.all.map((one) => [one, 0]))
/** The last run that came by each await. */
const metIn = new Map<Await, Plan>()
/** Of so many plans the one that is most like it. */
const plansOfSeed = 20
const broken: string[] = []
let lived = 0

/** The first calls of a run that wait at each await. */
function callsOf(plan: Plan): ReadonlyMap<Await, readonly Call[]> {
  const calls = new Map<Await, Call[]>()
  const made = new Map<string, number>()
  const called = (cloud: string) => {
    const n = (made.get(cloud) ?? 0) + 1
    made.set(cloud, n)
    for (const place of whereInTheCore()) {
      const one = awaits.at(place)
      if (one === null) continue
      const known = calls.get(one) ?? []
      if (known.length < callsOfSeed && known.at(-1)?.n !== n) calls.set(one, [...known, { cloud, n }])
    }
  }
  live(plan, { called })
  return calls
}

function dieAt(plan: Plan, { cloud, n }: Call, sent: boolean): void {
  const id = 1 + Math.max(-1, ...plan.faults.map((fault) => fault.id))
  const kill = { id, kind: 'kill', atMs: 0, site: cloud, verb: null, after: n, sent } as const
  const { coverage, violations } = live({ ...plan, faults: [...plan.faults, kill] })
  for (const one of new Set([...coverage.crashes].flatMap((place) => awaits.at(place) ?? [])))
    deaths.set(one, deaths.get(one)! + 1)
  for (const { law, what } of violations)
    broken.push(
      `seed ${plan.seed} of ${plan.world}, a death at call ${n} of ${cloud}: law ${law} (${laws[law]}): ${what}`,
    )
  lived++
}

function isShort(one: Await): boolean {
  return deaths.get(one)! < Number(least)
}

/** What every other seed is lived for: the rarest yet of those that were met at all. */
function rarestFor(seed: number): Await | undefined {
  if (seed % 2 === 0) return undefined
  const met = wanted.filter((one) => isShort(one) && metIn.has(one))
  return met.toSorted((a, b) => deaths.get(a)! - deaths.get(b)!)[0]
}

function planFor(seed: number): Plan {
  const rarest = rarestFor(seed)
  if (rarest === undefined) return generate(seed)
  const { world, acts } = metIn.get(rarest)!
  const wishes = { eventsOnly: false, worlds: [world] }
  const plans = Array.from({ length: acts.some(isPatch) ? plansOfSeed : 1 }, (_, at) =>
    generate(seed + at * 1_000_003, wishes),
  )
  const plan = plans.reduce((a, b) => (b.acts.filter(isPatch).length > a.acts.filter(isPatch).length ? b : a))
  return rarest.file.startsWith('reconcile/') ? losingPatches(plan) : plan
}

/** The rarest act of all. */
function isPatch({ kind }: Act): boolean {
  return kind === 'patch'
}

/** Metadata changed in place whose event is lost is a pass's to mend; weather seldom does both. */
function losingPatches(plan: Plan): Plan {
  const id = 1 + Math.max(-1, ...plan.faults.map((fault) => fault.id))
  const patches = plan.acts.filter(isPatch)
  const lost = patches.map(
    ({ atMs, site }, at) => ({ id: id + at, kind: 'event-lost', atMs, site, count: 1, ms: 0 }) as const,
  )
  return { ...plan, faults: [...plan.faults, ...lost] }
}

/** Lives a seed for those awaits that are still short of deaths; false once none is. */
function liveThrough(seed: number): boolean {
  if (!wanted.some(isShort)) return false
  const plan = planFor(seed)
  for (const [one, calls] of callsOf(plan)) {
    if (!wanted.includes(one)) continue
    metIn.set(one, plan)
    for (const call of calls) for (const sent of [false, true]) if (isShort(one)) dieAt(plan, call, sent)
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
    stale: stale(awaits.all),
    awaits: [...deaths].map(([one, times]) => ({ where: one.where, deaths: times, spared: spared(one, awaits.all) })),
  }),
)
