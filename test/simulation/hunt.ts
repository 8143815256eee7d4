/** Lives through seeds with a variant of the core until one of the laws that it should break is broken. Prints one line of JSON. */
import { runBatch } from './batch.ts'
import { letGo } from './interrupt.ts'
import { variantNamed } from './variants.ts'

const [name = '', from = '1', seeds = '1'] = process.argv.slice(2)
const variant = variantNamed(name)
if (variant === null) throw new Error(`no variant is called ${JSON.stringify(name)}`)
const { laws, eventsOnly = false, worlds = [] } = variant
const ending = letGo()

const summary = await runBatch({
  from: Number(from),
  seeds: Number(seeds),
  eventsOnly,
  worlds,
  stories: 0,
  progress: ({ broken }) => (ending.aborted || broken.some(({ law }) => laws.includes(law)) ? 'stop' : 'go on'),
})
const caught = summary.broken.find(({ law }) => laws.includes(law)) ?? null
console.log(
  JSON.stringify({
    law: caught?.law ?? null,
    seed: caught?.seed ?? null,
    what: caught?.what ?? null,
    seeds: caught === null ? summary.seeds : caught.seed - Number(from) + 1,
    others: [...new Set(summary.broken.map(({ law }) => law))].filter((law) => !laws.includes(law)),
  }),
)
