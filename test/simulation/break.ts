import { type ChildProcess, spawn, type StdioOptions } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { runBatch } from './batch.ts'
import { laws, type Law } from './checker-laws.ts'
import { counted } from './counted.ts'
import { interrupted, interruptedCode, letGoOf } from './interrupt.ts'
import type { Options } from './options.ts'
import type { Variant } from './variant.ts'
import { variantNamed, variants } from './variants.ts'

/** `--import` takes an address, where a path means something else as soon as it holds a `#` or a `%`. */
const hook = new URL('patch-hook.ts', import.meta.url).href
const fileOf = (name: string) => fileURLToPath(new URL(name, import.meta.url))

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
    console.error(
      `--break: found ${JSON.stringify(name)}, expected the name of a variant, all or list; npm run sim -- --break list names them`,
    )
    return 2
  }
  if (options.seed !== null) return retell(variant, options.seed, options)
  const ending = interrupted()
  const caught = await hunt(variant, options, ending)
  if (options.output === 'table') show(variant, caught)
  else console.log(JSON.stringify([rowOf(variant, caught)], null, 2))
  if (caught.law !== null) return 0
  return ending.aborted ? interruptedCode : 1
}

export async function breakAll(options: Options): Promise<number> {
  const caught = new Map<Variant, Catch>()
  const waiting = [...variants]
  const ending = interrupted()
  const work = async () => {
    for (let variant = waiting.shift(); variant !== undefined && !ending.aborted; variant = waiting.shift()) {
      const one = await hunt(variant, options, ending)
      if (ending.aborted && one.law === null) return
      caught.set(variant, one)
      if (options.output === 'table') show(variant, one)
    }
  }
  await Promise.all(Array.from({ length: options.jobs }, work))
  const missed = [...caught.values()].filter(({ law }) => law === null).length
  if (options.output === 'table') {
    const left = variants.length - caught.size
    const asked = left === 0 ? '' : `; ${counted(left, 'was', 'were')} not hunted to the end`
    console.log(`\n${caught.size - missed} of ${counted(variants.length, 'variant')} caught${asked}`)
  } else {
    const rows = variants.flatMap((variant) => {
      const one = caught.get(variant)
      return one === undefined ? [] : [rowOf(variant, one)]
    })
    console.log(JSON.stringify(rows, null, 2))
  }
  if (ending.aborted) return interruptedCode
  return missed === 0 ? 0 : 1
}

/** One row of the table as data. */
function rowOf(variant: Variant, { law, seed, seeds, what, ended }: Catch) {
  const { name, why } = variant
  const caught = law !== null
  const replay = caught ? replayOf(variant, seed!) : null
  return { variant: name, why, caught, law: nameOf(law), seed, seedsTaken: seeds, what: what ?? ended, replay }
}

function nameOf(law: Law | null): string | null {
  return law === null ? null : `law ${law} (${laws[law]})`
}

function replayOf({ name }: Variant, seed: number): string {
  return `npm run sim -- --break ${name} --seed ${seed}`
}

function show(variant: Variant, { law, seed, seeds, what, ended }: Catch): void {
  const lines =
    law === null
      ? [`NOT CAUGHT in ${counted(seeds, 'seed')}${ended === null ? '' : ` (${ended})`}`, variant.why]
      : [`${nameOf(law)}, seed ${seed}, after ${counted(seeds, 'seed')}`, what, `replay: ${replayOf(variant, seed!)}`]
  console.log(`${variant.name.padEnd(28)} ${lines.join(`\n${' '.repeat(29)}`)}`)
}

/** What breaks a law in the core as it is catches no variant: the hunt goes on behind it. */
async function hunt(variant: Variant, { from, seeds }: Options, ending: AbortSignal): Promise<Catch> {
  for (let first = from; ;) {
    const caught = await huntFrom(variant, first, from + seeds - first, ending)
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
function start({ name }: Variant, file: string, args: readonly string[], stdio: StdioOptions): ChildProcess {
  return spawn(process.execPath, ['--import', hook, fileOf(file), name, ...args], {
    stdio,
    env: { ...process.env, ISOBAR_BREAK: name },
    timeout: hourglassMs,
    killSignal: 'SIGKILL',
  })
}

function huntFrom(variant: Variant, from: number, seeds: number, ending: AbortSignal): Promise<Catch> {
  const child = start(variant, 'hunt.ts', [String(from), String(seeds)], 'pipe')
  letGoOf(child, ending)
  const output = { stdout: '', stderr: '' }
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (output.stdout += text))
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (output.stderr += text))
  return new Promise((resolve) => {
    child.once('close', (code, signal) => {
      if (code === 0) {
        const found = JSON.parse(output.stdout) as Omit<Catch, 'ended'>
        return resolve({ ...found, ended: ending.aborted ? 'interrupted' : null })
      }
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

/** The world of one seed as the variant lives through it, told like any other. */
function retell(variant: Variant, seed: number, { whole, requests }: Options): Promise<number> {
  const more = [...(whole ? ['--whole'] : []), ...(requests ? ['--requests'] : [])]
  const child = start(variant, 'retell.ts', [String(seed), ...more], 'inherit')
  return new Promise((resolve) => {
    child.once('close', (code) => resolve(code ?? 1))
  })
}
