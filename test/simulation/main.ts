import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { runBatch, tellSeed } from './batch.ts'
import { breakAll, breakOne, listVariants } from './break.ts'
import { help, type Options, parse } from './options.ts'
import { asJson, asTable } from './report.ts'
import { Summary, type SummaryData } from './summary.ts'

const main = fileURLToPath(import.meta.url)

async function act(options: Options): Promise<number> {
  if (options.break === 'list') return listVariants()
  if (options.break === 'all') return breakAll(options)
  if (options.break !== null) return breakOne(options.break, options)
  if (options.seed !== null) {
    const { text, broken } = await tellSeed(options.seed, options, options)
    console.log(text)
    return broken ? 1 : 0
  }
  console.error(`seeds ${options.from} to ${options.from + options.seeds - 1}`)
  const summary = options.jobs > 1 ? await inProcesses(options) : await here(options)
  if (options.output === 'data') {
    console.log(JSON.stringify(summary.data()))
    return 0
  }
  console.log(
    options.output === 'json'
      ? asJson(summary, options.from)
      : asTable(summary, options.eventsOnly ? 'by events alone' : 'with reconcile'),
  )
  return summary.broken.length > 0 ? 1 : 0
}

function here(options: Options): Promise<Summary> {
  let saidAt = performance.now()
  return runBatch({
    ...options,
    progress: ({ seeds, broken, seedsPerSecond }) => {
      if (performance.now() - saidAt > 2_000) {
        saidAt = performance.now()
        console.error(
          `  ${seeds} of ${options.seeds}, ${broken.length} violations, ${Math.round(seedsPerSecond)} seeds/s`,
        )
      }
      return 'go on'
    },
  })
}

/** Each process takes its share of the seeds; a seed's world is the same in any of them. */
async function inProcesses(options: Options): Promise<Summary> {
  const share = Math.ceil(options.seeds / options.jobs)
  const parts = Array.from({ length: options.jobs }, (_, i) => ({
    from: options.from + i * share,
    seeds: Math.min(share, options.seeds - i * share),
  }))
  const summary = new Summary()
  for (const data of await Promise.all(
    parts.filter(({ seeds }) => seeds > 0).map((part) => inProcess({ ...options, ...part })),
  ))
    summary.merge(data)
  return summary
}

function inProcess({ from, seeds, eventsOnly, worlds, stories }: Options): Promise<SummaryData> {
  const args = ['--from', String(from), '--seeds', String(seeds), '--stories', String(stories), '--output', 'data']
  if (eventsOnly) args.push('--events-only')
  if (worlds.length > 0) args.push('--world', worlds.join(','))
  const child = spawn(process.execPath, [...process.execArgv, main, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
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

const parsed = parse(process.argv.slice(2))
if ('help' in parsed) console.log(help)
else if ('wrong' in parsed) {
  console.error(`${parsed.wrong}\n\n${help}`)
  process.exitCode = 2
} else process.exitCode = await act(parsed.options)
