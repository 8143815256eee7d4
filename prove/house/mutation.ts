import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { lastWords, root, run } from '#prove/command.ts'
import { notHeld, type Outcome, type Promised } from '#prove/promise.ts'
import { explain, type Mutant, type MutatedFile, readRows } from './survivors.ts'

const leastScore = 85
const mostMinutes = 60
const survivorsPage = 'docs/mutation-survivors.md'

export interface MutationReport {
  readonly files: Readonly<Record<string, MutatedFile>>
}

/** Statuses that tell something of our laws, and how they are called here. Any other one means that a mutant was not tried. */
const told: Readonly<Record<string, string>> = {
  Killed: 'killed',
  Timeout: 'timed out',
  Survived: 'survived',
  NoCoverage: 'without coverage',
  static: 'ignored, being static',
}

/** A static mutant changes what runs once, when its file is loaded: to try it all laws would have to be run anew. */
function statusOf({ status, statusReason }: Mutant): string {
  return status === 'Ignored' && statusReason?.startsWith('Static mutant') ? 'static' : status
}

export function judgeMutants({ files }: MutationReport, page: string, seconds: number): Outcome {
  const mutants = Object.values(files).flatMap((file) => file.mutants)
  const byStatus = Map.groupBy(mutants, statusOf)
  const count = (status: string) => byStatus.get(status)?.length ?? 0
  const detected = count('Killed') + count('Timeout')
  const left = count('Survived') + count('NoCoverage')
  const score = (100 * detected) / (detected + left)
  const { faults, loose } = explain(files, readRows(page))
  const untried = [...byStatus.keys()].filter((status) => !Object.hasOwn(told, status))
  const counts = [...Object.keys(told), ...untried].map((status) => `${count(status)} ${told[status] ?? status}`)
  return {
    figure: `${score.toFixed(1)}% of ${detected + left} mutants in ${(seconds / 60).toFixed(0)} min: ${counts.join(', ')}; ${faults.length} things unexplained`,
    held: score >= leastScore && seconds <= 60 * mostMinutes && faults.length === 0 && untried.length === 0,
    details: [...faults, ...loose.map((row) => `may be lowered: ${row}`)],
  }
}

async function mutate(): Promise<Outcome> {
  const file = join(root, '.cache/mutation/report.json')
  await rm(file, { force: true })
  const result = await run('npm', ['run', '--silent', 'mutate', '--', '--force'], { minutes: mostMinutes })
  const text = await readFile(file, 'utf8').catch(() => null)
  if (text === null || result.code === null) return notHeld(lastWords(result))
  const page = await readFile(join(root, survivorsPage), 'utf8').catch(() => '')
  return judgeMutants(JSON.parse(text) as MutationReport, page, result.seconds)
}

export const mutation: Promised = {
  line: `mutants of replication and kernel: at least ${leastScore}% detected within ${mostMinutes} minutes, each of the others explained at its place`,
  run: mutate,
}
