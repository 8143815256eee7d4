import { mkdir, readFile, rm } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { root, type Run, run, type RunOptions } from './command.ts'

/** One law, as vitest's JSON report has it. */
interface Assertion {
  readonly status: string
  readonly fullName: string
  readonly ancestorTitles?: readonly string[]
  readonly failureMessages?: readonly string[]
}

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
    readonly assertionResults: readonly Assertion[]
  }[]
}

/** The full names of all laws that ended so. */
export function named({ testResults }: Report, ...statuses: readonly string[]): string[] {
  return testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .flatMap(({ status, fullName }) => (statuses.includes(status) ? [fullName] : []))
}

/** The laws that failed, each with the first line of why: a wrong address is not a broken law. */
export function failures({ testResults }: Report): string[] {
  return testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status === 'failed')
    .map(({ fullName, failureMessages: [why = ''] = [] }) => [fullName, why.split('\n')[0]].filter(Boolean).join(': '))
}

/** Only these may pass a law over, and say why: their laws are asked of stores of every kind, whatever each of them can do. */
const askedOfAll = 'test/contract/'

/** A law about somebody else's server or program is named by the variable that says where it is. */
const askedOfOthers = /^ISOBAR_[A-Z_0-9]+ /

/** The laws that were not run: those that a store cannot keep or that nobody is there to keep, and all others, which are not kept. */
export function passedOver(
  report: Report,
  from: string = root,
): { readonly allowed: string[]; readonly others: string[] } {
  const unrun = report.testResults.flatMap((file) => {
    const all = relative(from, file.name).replaceAll(sep, '/').startsWith(askedOfAll)
    return named({ ...report, testResults: [file] }, 'skipped', 'pending', 'todo', 'disabled').map((name) => ({
      name,
      may: all || askedOfOthers.test(name),
    }))
  })
  const those = (may: boolean) => unrun.filter((one) => one.may === may).map(({ name }) => name)
  return { allowed: those(true), others: those(false) }
}

/** Every law that was not run; and of those that ask others, who would ask them. `npm test` reads none of their variables: see `surroundings`. */
export function toldOfUnrun(report: Report, from: string = root): readonly string[] {
  const { allowed, others } = passedOver(report, from)
  const elsewhere = [
    ['ISOBAR_CONTRACT_', '`npm test` reads no such variable; `npm run contract` does, and `npm run prove -- wires`'],
    ['ISOBAR_', '`npm test` reads no such variable; `npm run prove -- wires` does'],
    ['', 'a store of its kind cannot keep it, and need not'],
  ] as const
  const byPlace = Map.groupBy(allowed, (name) => elsewhere.find(([start]) => name.startsWith(start))?.[1] ?? '')
  return [
    ...[...byPlace].flatMap(([place, names]) => [`not run, for ${place}:`, ...names.map((name) => `  ${name}`)]),
    ...others.map((name) => `NOT RUN: ${name}`),
  ]
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

/** Runs the laws of these files, of all where none is named, and reports them in `file`. A marker that was left in a file must not pass for green; while watching it is welcome. */
export async function vitest(
  files: readonly string[],
  file: string,
  options: RunOptions,
): Promise<{ readonly report: Report | null; readonly ended: Run }> {
  const shown = options.live === true ? ['--reporter=default'] : []
  const reported = [...shown, '--reporter=json', `--outputFile.json=${file}`]
  const ended = await run(
    'vitest',
    ['run', '--configLoader=native', '--allowOnly=false', ...reported, ...files],
    options,
  )
  const text = await readFile(file, 'utf8').catch(() => null)
  return { report: text === null ? null : (JSON.parse(text) as Report), ended }
}

/** Runs every law once. What was passed over is named: a skipped law must not pass for a kept one. */
export async function runTests(): Promise<number> {
  const file = join(root, '.cache/test/report.json')
  await mkdir(dirname(file), { recursive: true })
  await rm(file, { force: true })
  const { report, ended } = await vitest([], file, { live: true, minutes: 15 })
  if (report === null) {
    console.error('vitest ended without a report.')
    return 1
  }
  for (const suite of suites(report)) {
    console.log(
      `${suite.name.padEnd(14)} ${String(suite.passed).padStart(5)} passed ${String(suite.failed).padStart(4)} failed ${suite.seconds.toFixed(1).padStart(7)} s`,
    )
  }
  for (const line of toldOfUnrun(report)) console.log(line)
  const { allowed, others } = passedOver(report)
  console.log(
    `\n${report.numPassedTests} passed, ${report.numFailedTests} failed, ${allowed.length + others.length} not run`,
  )
  return ended.code === 0 && others.length > 0 ? 1 : (ended.code ?? 1)
}
