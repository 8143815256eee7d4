/** Tells one seed, lived through with a variant of the core. Exit 1 where nothing that the variant should break was broken. */
import { parseArgs } from 'node:util'
import { tellSeed } from './batch.ts'
import { variantNamed } from './variants.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { whole: { type: 'boolean', default: false }, requests: { type: 'boolean', default: false } },
})
const [name = '', seed = ''] = positionals
const variant = variantNamed(name)
if (variant === null) throw new Error(`no variant is called ${JSON.stringify(name)}`)
const { laws, eventsOnly = false, worlds = [], why } = variant

const { text, broken } = await tellSeed(Number(seed), { eventsOnly, worlds }, { ...values, laws })
console.log(`the core with ${name}: ${why}\n${text}`)
if (!broken) {
  console.log(`none of the laws that ${name} should break is broken here`)
  process.exitCode = 1
}
