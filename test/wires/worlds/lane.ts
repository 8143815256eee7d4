/** One lane of worlds at the wires: a thread that lives them, beside the thread that holds their clouds. Tells what they came to. */
import { parentPort, workerData } from 'node:worker_threads'
import { loadHashing } from '#shared/kernel/hashing.ts'
import { generate } from '#test/simulation/generate.ts'
import { shrink } from '#test/simulation/shrink.ts'
import { live } from '#test/simulation/simulate.ts'
import { tell } from '#test/simulation/story.ts'
import { Summary } from '#test/simulation/summary.ts'
import { assertDrains, outsideMicrotasks } from '#test/simulation/timeline.ts'
import { Across } from './across.ts'
import type { LaneResult, Seed } from './lanes.ts'
import { liveAtWires, type LivedAtWires } from './live-at-wires.ts'

/** A world takes most of a second here: a story that could be shorter is better than none after an hour. */
const shrinkTries = 60

const seeds = workerData as readonly Seed[]
const hashing = await loadHashing()
const across = new Across()
const summary = new Summary()
let asked = 0
let last = 0
let strayed: string | null = null

for (const [at, wishes] of seeds.entries()) {
  await outsideMicrotasks(() => {
    assertDrains()
    const plan = generate(wishes.seed, { ...wishes, worlds: [] })
    const lived = liveAtWires(plan, across, hashing)
    summary.add(lived)
    asked += lived.asked
    last += lived.last
    if (at === 0) strayed = difference(storyOf(lived), storyOf(liveAtWires(plan, across, hashing)))
    const broken = summary.broken.find(({ seed }) => seed === wishes.seed)
    const told = summary.broken.some(({ story }) => story !== null)
    if (broken !== undefined && !told) broken.story = leastStoryOf(lived)
  })
}
await across.end()
const result: LaneResult = { summary: summary.data(), asked, last, strayed }
parentPort!.postMessage(result, [])

function storyOf({ plan, history, violations }: LivedAtWires): string {
  return tell(plan, history, violations)
}

function leastStoryOf(lived: LivedAtWires): string {
  const { law } = lived.violations[0]!
  const least = shrink(lived, law, (plan) => liveAtWires(plan, across, hashing), shrinkTries)
  const inMemory = live(least.plan).violations.some((violation) => violation.law === law)
  const { seed, eventsOnly } = lived.plan
  return [
    tell(least.plan, least.history, least.violations),
    inMemory
      ? 'In memory the same plan breaks the same law.'
      : 'In memory the same plan keeps this law: a driver or a face differs from memory.',
    `replay: ISOBAR_WIRE_SEED=${seed}${eventsOnly ? ' ISOBAR_EVENTS_ONLY=1' : ''} npx vitest run test/wires/worlds`,
  ].join('\n\n')
}

/** The first line in which they differ. */
function difference(one: string, other: string): string | null {
  const others = other.split('\n')
  const lines = one.split('\n')
  const at = Array.from({ length: Math.max(lines.length, others.length) }, (_, i) => i).find(
    (i) => lines[i] !== others[i],
  )
  return at === undefined ? null : `line ${at + 1}:\n${lines[at] ?? 'nothing'}\n${others[at] ?? 'nothing'}`
}
