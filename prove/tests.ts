import { mkdir, readFile, rm } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { root, run } from './command.ts'

/** The part of vitest's JSON report that we read. */
export interface Report {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
  readonly testResults: readonly {
    readonly name: string
    readonly startTime: number
    readonly endTime: number
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[]
  }[]
}

export interface Suite {
  readonly name: string
  readonly passed: number
  readonly failed: number
  readonly seconds: number
}

/** One row for each folder under test/, in the order of their names. */
export function suites(report: Report, from: string = root): Suite[] {
  const rows = new Map<string, { passed: number; failed: number; seconds: number }>()
  for (const file of report.testResults) {
    const name = relative(join(from, 'test'), file.name).split(sep)[0] ?? ''
    const row = rows.get(name) ?? { passed: 0, failed: 0, seconds: 0 }
    rows.set(name, row)
    for (const { status } of file.assertionResults) {
      if (status === 'passed') row.passed++
      if (status === 'failed') row.failed++
    }
    row.seconds += (file.endTime - file.startTime) / 1000
  }
  return [...rows].map(([name, row]) => ({ name, ...row })).toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

/** Runs every law once. What was passed over is named: a skipped law must not pass for a kept one. */
export async function runTests(): Promise<number> {
  const file = join(root, '.cache/test/report.json')
  await mkdir(join(root, '.cache/test'), { recursive: true })
  await rm(file, { force: true })
  // A marker that was left in a file must not pass for green; while watching it is welcome.
  const args = [
    'run',
    '--configLoader=native',
    '--allowOnly=false',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
  ]
  const result = await run('vitest', args, { live: true, minutes: 15 })
  const report = await readFile(file, 'utf8').then(
    (text) => JSON.parse(text) as Report,
    () => null,
  )
  if (report === null) {
    console.error('vitest ended without a report.')
    return 1
  }
  for (const suite of suites(report)) {
    console.log(
      `${suite.name.padEnd(14)} ${String(suite.passed).padStart(5)} passed ${String(suite.failed).padStart(4)} failed ${suite.seconds.toFixed(1).padStart(7)} s`,
    )
  }
  const skipped = report.testResults
    .flatMap((one) => one.assertionResults)
    .filter(({ status }) => status !== 'passed' && status !== 'failed')
  for (const { fullName } of skipped) console.log(`not run: ${fullName}`)
  console.log(`\n${report.numPassedTests} passed, ${report.numFailedTests} failed`)
  return result.code ?? 1
}
