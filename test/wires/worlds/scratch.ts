import { loadHashing } from '#shared/kernel/hashing.ts'
import { generate } from '#test/simulation/generate.ts'
import { outsideMicrotasks } from '#test/simulation/timeline.ts'
import { tell } from '#test/simulation/story.ts'
import { live } from '#test/simulation/simulate.ts'
import { Across } from './across.ts'
import { liveAtWires } from './live-at-wires.ts'
const hashing = await loadHashing()
const across = new Across()
const only = process.argv[4]
const from = Number(process.argv[2] ?? 1), n = Number(process.argv[3] ?? 1)
let asked = 0
const t0 = performance.now()
for (let seed = from; seed < from + n; seed++) {
  let plan = generate(seed, { eventsOnly: process.env["EO"] === "1", worlds: [] })
  if (only) plan = { ...plan, sites: plan.sites.map((s) => ({ ...s, cloud: only as never, paced: false })) }
  const t = performance.now()
  await outsideMicrotasks(() => {
    const lived = liveAtWires(plan, across, hashing)
    asked += lived.asked
    if (lived.violations.length > 0 || n === 1) {
      const memory = live(plan)
      console.log(seed, plan.world, plan.sites.map((s)=>s.cloud+(s.versioned?'':'-')+(s.paced?'p':'')).join(','), lived.asked, Math.round(performance.now() - t), 'violations', lived.violations.length, 'memory', memory.violations.length)
      for (const v of lived.violations.slice(0, 3)) console.log('   law', v.law, v.key, v.site, v.what.slice(0, 900))
      if (n === 1 && process.argv[5]) console.log(tell(lived.plan, lived.history, lived.violations))
    }
  })
}
console.log(n, 'worlds', asked, 'asked', Math.round(performance.now() - t0), 'ms')
await across.end()
