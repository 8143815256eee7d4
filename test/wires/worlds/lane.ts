/** One lane of worlds at the wires: a thread that lives them, beside the thread that holds their clouds. Tells what they came to. */
import { parentPort, workerData } from 'node:worker_threads'
import { loadHashing } from '#shared/kernel/hashing.ts'
import { generate } from '#test/simulation/generate.ts'
import type { Plan } from '#test/simulation/plan.ts'
import { shrink } from '#test/simulation/shrink.ts'
import { live } from '#test/simulation/simulate.ts'
import { tell } from '#test/simulation/story.ts'
import { Summary } from '#test/simulation/summary.ts'
import { assertDrains, outsideMicrotasks } from '#test/simulation/timeline.ts'
import { Across } from './across.ts'
import { liveAtWires, type LivedAtWires } from './live-at-wires.ts'
import type { LaneResult, Seed } from './lanes.ts'

/** A world takes most of a second here: the whole story is better than none after an hour. */
const shrinkTries = 60

const seeds = workerData as readonly Seed[]
const hashing = await loadHashing()
const across = new Across()
const summary = new Summary()
let asked = 0

for (const { seed, eventsOnly } of seeds) {
  const plan = generate(seed, { eventsOnly, worlds: [] })
  await outsideMicrotasks(() => {
    assertDrains()
    const lived = liveAtWires(plan, across, hashing)
    summary.add(lived)
    asked += lived.asked
    const broken = summary.broken.find((one) => one.seed === seed)
    const told = summary.broken.some(({ story }) => story !== null)
    if (broken !== undefined && !told) broken.story = storyOf(lived)
  })
}
await across.end()
parentPort!.postMessage({ summary: summary.data(), asked } satisfies LaneResult)

function storyOf(lived: LivedAtWires): string {
  const { law } = lived.violations[0]!
  const least = shrink(lived, law, (plan: Plan) => liveAtWires(plan, across, hashing), shrinkTries)
  const inMemory = live(least.plan).violations.some((violation) => violation.law === law)
  const { seed, eventsOnly } = lived.plan
  return [
    tell(least.plan, least.history, least.violations),
    inMemory ? 'In memory the same plan breaks the same law.' : 'In memory the same plan keeps this law: drivers or faces differ.',
    `replay: ISOBAR_WIRE_SEED=${seed}${eventsOnly ? ' ISOBAR_EVENTS_ONLY=1' : ''} npx vitest run test/wires/worlds`,
  ].join('\n\n')
}
