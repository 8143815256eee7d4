import { loadHashing } from '#shared/kernel/hashing.ts'
import { generate } from '#test/simulation/generate.ts'
import { outsideMicrotasks } from '#test/simulation/timeline.ts'
import { tell } from '#test/simulation/story.ts'
import type { RequestLine } from '#test/simulation/simulate.ts'
import { Across } from './across.ts'
import { liveAtWires } from './live-at-wires.ts'
const hashing = await loadHashing()
const across = new Across()
const only = process.argv[3]
let plan = generate(Number(process.argv[2]))
if (only) plan = { ...plan, sites: plan.sites.map((s) => ({ ...s, cloud: only as never, paced: false })) }
await outsideMicrotasks(() => {
  const lines: RequestLine[] = []
  const lived = liveAtWires(plan, across, hashing, lines)
  console.log(tell(lived.plan, lived.history, lived.violations, lines))
})
await across.end()
