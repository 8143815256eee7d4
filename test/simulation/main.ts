import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { runBatch, tellSeed } from './batch.ts'
import { breakAll, breakOne, listVariants } from './break.ts'
import { counted } from './counted.ts'
import { interrupted, interruptedCode, letGo, letGoOf } from './interrupt.ts'
import { help, type Options, parse } from './options.ts'
import { asJson, asTable } from './report.ts'
import { Summary, type SummaryData } from './summary.ts'

const main = fileURLToPath(import.meta.url)

async function act(options: Options): Promise<number> {
  if (options.break === 'list') return listVariants()
  if (options.break === 'all') return breakAll(options)
  if (options.break !== null) return breakOne(options.break, options)
  if (options.seed !== null) return tellOne(options.seed, options)
  return options.output === 'data' ? serve(options) : runMany(options)
}

async function tellOne(seed: number, options: Options): Promise<number> {
  const { text, broken } = await tellSeed(seed, options, { ...options, laws: null })
  console.log(text)
  return broken ? 1 : 0
}

async function runMany(options: Options): Promise<number> {
  const { from, seeds } = options
  console.error(seeds === 1 ? `seed ${from}` : `seeds ${from} to ${from + seeds - 1}`)
  const ending = interrupted()
  const summary = options.jobs > 1 ? await inProcesses(options, ending) : await here(options, ending)
  console.log(
    options.output === 'json'
      ? asJson(summary, from)
      : asTable(summary, options.eventsOnly ? 'by events alone' : 'with reconcile'),
  )
  if (ending.aborted) {
    console.error(`interrupted after ${summary.seeds} of ${counted(seeds, 'seed')}`)
    return interruptedCode
  }
  return summary.broken.length > 0 ? 1 : 0
}

function here(options: Options, ending: AbortSignal): Promise<Summary> {
  let saidAt = performance.now()
  return runBatch({
    ...options,
    progress: ({ seeds, broken, seedsPerSecond }) => {
      if (ending.aborted) return 'stop'
      if (performance.now() - saidAt > 2_000) {
        saidAt = performance.now()
        console.error(
          `  ${seeds} of ${options.seeds}, ${counted(broken.length, 'violation')}, ${counted(Math.round(seedsPerSecond), 'seed')}/s`,
        )
      }
      return 'go on'
    },
  })
}

/** Each process takes its share of the seeds; a seed's world is the same in any of them. */
async function inProcesses(options: Options, ending: AbortSignal): Promise<Summary> {
  const share = Math.ceil(options.seeds / options.jobs)
  const parts = Array.from({ length: options.jobs }, (_, i) => ({
    from: options.from + i * share,
    seeds: Math.min(share, options.seeds - i * share),
  }))
  const summary = new Summary()
  for (const data of await Promise.all(
    parts.filter(({ seeds }) => seeds > 0).map((part) => inProcess({ ...options, ...part }, ending)),
  ))
    summary.merge(data)
  return summary
}

function inProcess({ from, seeds, eventsOnly, worlds, stories }: Options, ending: AbortSignal): Promise<SummaryData> {
  const args = ['--from', String(from), '--seeds', String(seeds), '--stories', String(stories), '--output', 'data']
  if (eventsOnly) args.push('--events-only')
  if (worlds.length > 0) args.push('--world', worlds.join(','))
  const child = spawn(process.execPath, [...process.execArgv, main, ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
  letGoOf(child, ending)
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      if (code === 0) resolve(JSON.parse(output) as SummaryData)
      else reject(new Error(`a process of seeds ${from} to ${from + seeds - 1} ended with ${code}`))
    })
  })
}

/** One share of the seeds, for a parent that reads the counts. */
async function serve(options: Options): Promise<number> {
  const ending = letGo()
  const summary = await runBatch({ ...options, progress: () => (ending.aborted ? 'stop' : 'go on') })
  console.log(JSON.stringify(summary.data()))
  return 0
}

const parsed = parse(process.argv.slice(2))
if ('help' in parsed) console.log(help)
else if ('wrong' in parsed) {
  console.error(parsed.wrong)
  process.exitCode = 2
} else process.exitCode = await act(parsed.options)
