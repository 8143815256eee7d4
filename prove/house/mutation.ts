import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { lastWords, root, run } from '#prove/command.ts'
import { notHeld, type Outcome, type Promised } from '#prove/promise.ts'

const leastScore = 85
const mostMinutes = 60
const survivorsPage = 'docs/mutation-survivors.md'

/** The part of Stryker's report (mutation-testing-elements schema) that we read. */
interface MutationReport {
  readonly files: Readonly<Record<string, { readonly mutants: readonly { readonly status: string }[] }>>
}

function count(report: MutationReport, ...statuses: readonly string[]): number {
  return Object.values(report.files)
    .flatMap(({ mutants }) => mutants)
    .filter(({ status }) => statuses.includes(status)).length
}

async function mutate(): Promise<Outcome> {
  const file = join(root, '.cache/mutation/report.json')
  await rm(file, { force: true })
  const result = await run('npm', ['run', '--silent', 'mutate', '--', '--force'], { minutes: mostMinutes })
  const text = await readFile(file, 'utf8').catch(() => null)
  if (text === null || result.code === null) return notHeld(lastWords(result))
  const report = JSON.parse(text) as MutationReport
  const detected = count(report, 'Killed', 'Timeout')
  const left = count(report, 'Survived', 'NoCoverage')
  const score = (100 * detected) / (detected + left)
  const page = await readFile(join(root, survivorsPage), 'utf8').catch(() => '')
  const unexplained = Object.entries(report.files)
    .filter(
      ([file, { mutants }]) =>
        mutants.some(({ status }) => status === 'Survived' || status === 'NoCoverage') && !page.includes(file),
    )
    .map(([file]) => `${survivorsPage} says nothing of ${file}`)
  return {
    figure: `${score.toFixed(1)}% of ${detected + left} mutants in ${(result.seconds / 60).toFixed(0)} min, ${left} survive`,
    held: score >= leastScore && unexplained.length === 0,
    ...(unexplained.length > 0 && { details: unexplained }),
  }
}

export const mutation: Promised = {
  line: `mutants of replication and kernel: at least ${leastScore}% detected within ${mostMinutes} minutes, the others explained`,
  run: mutate,
}
