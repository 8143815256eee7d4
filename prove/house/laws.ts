import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lastWords, root, run } from '#prove/command.ts'
import { notHeld, type Outcome, type Promised } from '#prove/promise.ts'
import type { Report } from '#prove/tests.ts'

/** A promise kept by test files: all of them green, and at least so many laws in them. `env` asks them for more than a test run does. */
export function laws(
  line: string,
  files: readonly string[],
  least: number,
  env: Readonly<Record<string, string>> = {},
): Promised {
  return { line, run: () => runLaws(files, least, env) }
}

async function runLaws(
  files: readonly string[],
  least: number,
  env: Readonly<Record<string, string>>,
): Promise<Outcome> {
  const missing = files.filter((file) => !existsSync(join(root, file)))
  if (missing.length > 0) return notHeld(`${missing.join(', ')} is not there`)
  const folder = await mkdtemp(join(tmpdir(), 'isobar-laws-'))
  try {
    const reporter = ['--reporter=json', `--outputFile=${join(folder, 'report.json')}`]
    const result = await run('vitest', ['run', '--configLoader=native', ...files, ...reporter], { env, minutes: 40 })
    const text = await readFile(join(folder, 'report.json'), 'utf8').catch(() => null)
    if (text === null) return notHeld(lastWords(result))
    const report = JSON.parse(text) as Report
    const each = report.testResults.flatMap(({ assertionResults }) => assertionResults)
    const named = (...statuses: readonly string[]) =>
      each.filter(({ status }) => statuses.includes(status)).map(({ status, fullName }) => `${status}: ${fullName}`)
    const broken = named('failed')
    // A store that cannot keep a law skips it: that is said, never silent.
    const notRun = named('skipped', 'pending', 'todo', 'disabled')
    const details = [...broken, ...notRun]
    return {
      figure: `${report.numPassedTests} laws hold, ${broken.length} do not${notRun.length > 0 ? `, ${notRun.length} not run` : ''} (at least ${least} wanted)`,
      held: result.code === 0 && broken.length === 0 && report.numPassedTests >= least,
      ...(details.length > 0 && { details }),
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
