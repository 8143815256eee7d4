import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { runBatch } from './batch.ts'
import { laws, type Law } from './checker-laws.ts'
import type { Options } from './options.ts'
import type { Variant } from './variant.ts'
import { variantNamed, variants } from './variants.ts'

const hook = fileURLToPath(new URL('./patch-hook.ts', import.meta.url))
const hunter = fileURLToPath(new URL('./hunt.ts', import.meta.url))

/** Longer than this no hunt takes; a variant that makes the core run for ever is caught by that. */
const hourglassMs = 600_000

interface Catch {
  readonly law: Law | null
  readonly seed: number | null
  readonly what: string | null
  readonly seeds: number
  readonly others: readonly Law[]
  readonly ended: string | null
}

export function listVariants(): number {
  for (const { name, laws: broken, why } of variants)
    console.log(`${name.padEnd(28)} law ${broken.join(', ').padEnd(8)} ${why}`)
  return 0
}

export async function breakOne(name: string, options: Options): Promise<number> {
  const variant = variantNamed(name)
  if (variant === null) {
    console.error(`--break: no variant is called ${JSON.stringify(name)}; npm run sim -- --break list`)
    return 2
  }
  const caught = await hunt(variant, options)
  if (options.output === 'table') show(variant, caught)
  else console.log(JSON.stringify([rowOf(variant, caught)], null, 2))
  return caught.law === null ? 1 : 0
}

export async function breakAll(options: Options): Promise<number> {
  const caught = new Map<Variant, Catch>()
  const waiting = [...variants]
  const work = async () => {
    for (let variant = waiting.shift(); variant !== undefined; variant = waiting.shift()) {
      const one = await hunt(variant, options)
      caught.set(variant, one)
      if (options.output === 'table') show(variant, one)
    }
  }
  await Promise.all(Array.from({ length: options.jobs }, work))
  const missed = [...caught.values()].filter(({ law }) => law === null).length
  if (options.output === 'table') console.log(`\n${variants.length - missed} of ${variants.length} variants caught`)
  else
    console.log(
      JSON.stringify(
        variants.map((variant) => rowOf(variant, caught.get(variant)!)),
        null,
        2,
      ),
    )
  return missed === 0 ? 0 : 1
}

/** One row of the table as data. */
function rowOf({ name, why }: Variant, { law, seed, seeds, what, ended }: Catch) {
  return { variant: name, why, caught: law !== null, law: nameOf(law), seed, seedsTaken: seeds, what: what ?? ended }
}

function nameOf(law: Law | null): string | null {
  return law === null ? null : `law ${law} (${laws[law]})`
}

function show(variant: Variant, { law, seed, seeds, what, ended }: Catch): void {
  const how =
    law === null
      ? `NOT CAUGHT in ${seeds} seeds${ended === null ? '' : ` (${ended})`}`
      : `${nameOf(law)}, seed ${seed}, after ${seeds} seeds`
  console.log(`${variant.name.padEnd(28)} ${how}\n${' '.repeat(29)}${law === null ? variant.why : what}`)
}

/** What breaks a law in the core as it is catches no variant: the hunt goes on behind it. */
async function hunt(variant: Variant, { from, seeds }: Options): Promise<Catch> {
  for (let first = from; ;) {
    const caught = await huntFrom(variant, first, from + seeds - first)
    if (caught.seed === null || !(await isBrokenAnyway(variant, caught))) {
      return { ...caught, seeds: caught.seeds + first - from }
    }
    first = caught.seed + 1
  }
}

async function isBrokenAnyway({ eventsOnly = false, worlds = [] }: Variant, { seed, law }: Catch): Promise<boolean> {
  const { broken } = await runBatch({ from: seed!, seeds: 1, eventsOnly, worlds, stories: 0 })
  return broken.some((one) => one.law === law)
}

/** A process of its own, in which the variant's text is loaded in place of the core's. */
function huntFrom(variant: Variant, from: number, seeds: number): Promise<Catch> {
  const args = ['--import', hook, hunter, variant.name, String(from), String(seeds)]
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ISOBAR_BREAK: variant.name },
    timeout: hourglassMs,
    killSignal: 'SIGKILL',
  })
  const output = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text))
  return new Promise((resolve) => {
    child.once('close', (code, signal) => {
      if (code === 0) return resolve({ ...(JSON.parse(output.stdout) as Omit<Catch, 'ended'>), ended: null })
      const ended =
        signal === null
          ? (output.stderr
              .trim()
              .split('\n')
              .find((line) => line.includes('Error')) ?? `exit ${code}`)
          : `it ran for more than ${hourglassMs / 1000} s`
      resolve({ law: null, seed: null, what: null, seeds: 0, others: [], ended })
    })
  })
}
