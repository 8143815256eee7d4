import { readFile } from 'node:fs/promises'
import { availableParallelism, loadavg } from 'node:os'
import { delimiter, join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { lastWords, root, run, type Run, type RunOptions } from '#prove/command.ts'
import { notHeld, once, type Promised } from '#prove/promise.ts'
import { scratch } from '#prove/scratch.ts'
import { passedOver, type Report, suites } from '#prove/tests.ts'

/** `npm test` has to stay short enough to be typed without thinking about it. */
const mostSeconds = 180
/** How many seeds nobody has lived before each `npm test` lives. */
const leastSeeds = 2_000

interface Clone {
  readonly folder: string
  /** Which commit was cloned, and what of this folder it does not contain. */
  readonly of: string
}

const clone = once<Clone>(async () => {
  const folder = join(await scratch(), 'isobar')
  const cloned = await run('git', ['clone', '--quiet', '--no-hardlinks', root, folder])
  if (cloned.code !== 0) throw new Error(`nothing to clone: ${lastWords(cloned)}`)
  const head = await run('git', ['rev-parse', '--short', 'HEAD'], { cwd: folder })
  const left = (await run('git', ['status', '--porcelain'])).stdout.split('\n').filter(Boolean).length
  return { folder, of: `commit ${head.stdout.trim()}${left === 0 ? '' : `, without ${left} uncommitted files`}` }
})

/** As on a machine that never saw Isobar: no package cache, nothing of this folder on the path, nothing npm told us. */
async function inClone(command: string, args: readonly string[], options: RunOptions = {}): Promise<Run> {
  const { folder } = await clone()
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((entry) => !entry.includes('node_modules'))
  const env = { PATH: path.join(delimiter), npm_config_cache: join(folder, '..', 'npm-cache'), INIT_CWD: folder }
  return run(command, args, { ...options, cwd: folder, env })
}

const installed = once(() => inClone('npm', ['ci']))

const tested = once(async () => {
  const install = await installed()
  const test = install.code === 0 ? await inClone('npm', ['test'], { minutes: 15 }) : install
  return { test, on: machine() }
})

/** Seconds mean nothing without it. The load is the average of the last minutes, our own among it. */
function machine(): string {
  const cores = availableParallelism()
  return `${cores} ${cores === 1 ? 'core' : 'cores'} with a load of ${loadavg()[1]!.toFixed(1)}`
}

async function report(): Promise<Report> {
  return JSON.parse(await readFile(join((await clone()).folder, '.cache/test/report.json'), 'utf8')) as Report
}

/** As the tests say themselves, once for each way of living through them. */
export function newSeeds(said: string): number {
  // Where it writes in colour, the first word of a line may not be its first character.
  return [...stripVTControlCharacters(said).matchAll(/^(\d+) seeds from \d+:/gm)].reduce(
    (sum, [, count]) => sum + Number(count),
    0,
  )
}

export const freshClone: readonly Promised[] = [
  {
    line: 'a fresh clone on a clean machine: `npm ci`',
    async run() {
      const install = await installed()
      if (install.code !== 0) return notHeld(lastWords(install))
      const size = await inClone('du', ['-sk', 'node_modules'])
      const megabytes = Math.round(Number.parseInt(size.stdout, 10) / 1024)
      return { figure: `${megabytes} MB in ${install.seconds.toFixed(0)} s (${(await clone()).of})`, held: true }
    },
  },
  {
    line: `there \`npm test\` is green, with ${leastSeeds} new seeds, within ${mostSeconds} s`,
    async run() {
      const { test, on } = await tested()
      const result = await report().catch(() => null)
      if (result === null) return notHeld(lastWords(test))
      const { folder } = await clone()
      const { allowed, others } = passedOver(result, folder)
      const seeds = newSeeds(test.stdout)
      return {
        figure: `${result.numPassedTests} passed, ${result.numFailedTests} failed, ${allowed.length} of stores that cannot keep them and ${others.length} others not run, ${seeds} new seeds, in ${test.seconds.toFixed(0)} s on ${on}`,
        held:
          test.code === 0 &&
          result.numPassedTests > 0 &&
          others.length === 0 &&
          seeds >= leastSeeds &&
          test.seconds <= mostSeconds,
        details: [
          ...suites(result, folder).map(({ name, passed, failed }) => `${name}: ${passed} passed, ${failed} failed`),
          ...[...others, ...allowed].map((name) => `not run: ${name}`),
        ],
      }
    },
  },
  {
    line: 'there `npm run fix` leaves nothing to fix',
    async run() {
      const install = await installed()
      const fix = install.code === 0 ? await inClone('npm', ['run', 'fix']) : install
      if (fix.code !== 0) return notHeld(lastWords(fix))
      const changed = (await inClone('git', ['status', '--porcelain'])).stdout.split('\n').filter(Boolean)
      return {
        figure: `${changed.length} files changed`,
        held: changed.length === 0,
        ...(changed.length > 0 && { details: changed }),
      }
    },
  },
]
