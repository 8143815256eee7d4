import { existsSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { lastWords, root } from '#prove/command.ts'
import { notHeld, type Outcome, type Promised } from '#prove/promise.ts'
import { scratch } from '#prove/scratch.ts'
import { failures, named, type Report, vitest } from '#prove/tests.ts'

/** What a promise asks for by name: at least one law that holds is called like this, or as many as are promised. */
export interface Wanted {
  readonly what: string
  readonly like: RegExp
  readonly least?: number
}

export interface Asked {
  readonly wanted?: readonly Wanted[] | (() => Promise<readonly Wanted[]>)
  /** Tells the tests to do more than in a test run. */
  readonly env?: Readonly<Record<string, string>>
  /** For stores that cannot keep a law: it is passed over and said. Everywhere else a law that was not run is not kept. */
  readonly maySkip?: boolean
  /** How many laws the promise speaks of. */
  readonly least?: number
  /** What else must be so of the laws, each fault a sentence. */
  readonly faults?: (report: Report) => readonly string[]
}

/** A promise kept by test files: every law in them holds, none is passed over, and those that are wanted are among them. */
export function laws(line: string, files: readonly string[], asked: Asked = {}): Promised {
  return { line, run: () => runLaws(files, asked) }
}

async function runLaws(files: readonly string[], asked: Asked): Promise<Outcome> {
  const missing = files.filter((file) => !existsSync(join(root, file)))
  if (missing.length > 0) return notHeld(`${missing.join(', ')} is not there`)
  const file = join(await mkdtemp(join(await scratch(), 'laws-')), 'report.json')
  const { report, ended } = await vitest(files, file, { env: asked.env ?? {}, minutes: 40 })
  if (report === null) return notHeld(lastWords(ended))
  const wanted = typeof asked.wanted === 'function' ? await asked.wanted() : (asked.wanted ?? [])
  return judgeLaws(report, { ...asked, wanted }, ended.code === 0)
}

export function judgeLaws(
  report: Report,
  asked: Asked & { readonly wanted: readonly Wanted[] },
  green: boolean,
): Outcome {
  const { wanted, maySkip = false, least = 1 } = asked
  const holding = named(report, 'passed')
  const broken = named(report, 'failed')
  const notRun = named(report, 'skipped', 'pending', 'todo', 'disabled')
  const counted = wanted.map(({ what, like, least: many = 1 }) => {
    const count = holding.filter((name) => like.test(name)).length
    return { what, count, many }
  })
  const short = counted.filter(({ count, many }) => count < many)
  const faults = asked.faults?.(report) ?? []
  const details = [
    ...faults,
    ...failures(report).map((failure) => `failed: ${failure}`),
    ...notRun.map((name) => `not run: ${name}`),
    ...counted.map(({ what, count, many }) => `${what}: ${count} laws${count < many ? `, ${many} WANTED` : ''}`),
  ]
  const parts = [
    `${holding.length} laws hold${least > 1 ? ` of at least ${least} promised` : ''}`,
    `${broken.length} do not`,
    ...(notRun.length > 0 ? [`${notRun.length} not run`] : []),
    ...(faults.length > 0 ? [`${faults.length} faults`] : []),
    ...(wanted.length > 0 ? [`${wanted.length - short.length} of ${wanted.length} wanted by name are there`] : []),
  ]
  return {
    figure: parts.join(', '),
    held:
      green &&
      broken.length === 0 &&
      faults.length === 0 &&
      holding.length >= least &&
      short.length === 0 &&
      (maySkip || notRun.length === 0),
    ...(details.length > 0 && { details }),
  }
}
