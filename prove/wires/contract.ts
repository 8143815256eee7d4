import { mkdtemp, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { lastWords, root } from '#prove/command.ts'
import { notHeld, type Outcome, type Promised } from '#prove/promise.ts'
import { scratch } from '#prove/scratch.ts'
import { named, type Report, vitest } from '#prove/tests.ts'
import { among } from './others.ts'

const page = 'docs/decisions/019-the-contract-at-other-servers.md'

/** By the server, as in `S3 minio`: the laws of which the page says why they do not hold there. */
type Tables = ReadonlyMap<string, ReadonlySet<string>>

export function readTables(text: string): Tables {
  const tables = new Map<string, Set<string>>()
  let laws: Set<string> | undefined
  for (const line of text.split('\n')) {
    const [, server] = /^## ((?:S3|AZURE|GCS) [a-z0-9-]+):/.exec(line) ?? []
    if (server !== undefined) tables.set(server, (laws = new Set()))
    const [, law] = /^\| (.+?) \| .+ \|$/.exec(line) ?? []
    if (law !== undefined && law !== 'law') laws?.add(law)
  }
  return tables
}

export const contractElsewhere: Promised = among(
  ['ISOBAR_CONTRACT_S3', 'ISOBAR_CONTRACT_AZURE', 'ISOBAR_CONTRACT_GCS'],
  'the port’s contract at servers by others: which laws do not hold there, and why',
  async (said) => {
    const file = join(await mkdtemp(join(await scratch(), 'contract-')), 'report.json')
    const { report, ended } = await vitest(['test/contract/addresses.test.ts'], file, { env: said, minutes: 20 })
    if (report === null || byServer(report).size === 0) return notHeld(lastWords(ended))
    return judgeServers(report, readTables(await readFile(join(root, page), 'utf8')))
  },
)

/** Every server that has a table must be asked, and every law that fails must be in the table of its server. */
export function judgeServers(report: Report, tables: Tables): Outcome {
  const rows = [...byServer(report)].map(([server, { holding, failed, unrun }]) => {
    const explained = tables.get(server) ?? new Set()
    return {
      server,
      holding: holding.length,
      broken: failed.filter((law) => explained.has(law)),
      unexplained: failed.filter((law) => !explained.has(law)),
      unneeded: [...explained].filter((law) => !failed.includes(law)),
      unrun,
    }
  })
  const unasked = [...tables.keys()].filter((server) => rows.every((row) => row.server !== server))
  return {
    figure: [
      ...rows.map(
        ({ server, holding, broken, unexplained, unrun }) =>
          `${server}: ${holding} hold, ${broken.length} do not for known reasons, ${unexplained.length} for none, ${unrun.length} not run`,
      ),
      ...unasked.map((server) => `${server}: NOT ASKED`),
    ].join('; '),
    held: unasked.length === 0 && rows.every(({ holding, unexplained }) => holding > 0 && unexplained.length === 0),
    details: rows.flatMap(({ server, broken, unexplained, unneeded, unrun }) => [
      ...unexplained.map((law) => `${server}: NOT EXPLAINED: ${law}`),
      ...broken.map((law) => `${server}: explained in ${page}: ${law}`),
      ...unneeded.map((law) => `${server}: explained, and was not needed: ${law}`),
      ...unrun.map((law) => `${server}: not run: ${law}`),
    ]),
  }
}

/** The contract is one: whoever is asked is asked every law, and passes over none that its like keeps. */
export function unlike(report: Report): readonly string[] {
  const subjects = new Map<string, { readonly laws: string[]; readonly passedOver: string[] }>()
  for (const { status, fullName, ancestorTitles = [] } of report.testResults.flatMap((file) => file.assertionResults)) {
    const subject = ancestorTitles.find((title) => title.startsWith('object store: '))
    if (subject === undefined) continue
    const law = fullName.slice(fullName.indexOf(subject) + subject.length).trim()
    const told = subjects.get(subject) ?? { laws: [], passedOver: [] }
    subjects.set(subject, told)
    told.laws.push(law)
    if (status !== 'passed' && status !== 'failed') told.passedOver.push(law)
  }
  const all = new Set([...subjects.values()].flatMap(({ laws }) => laws))
  if (subjects.size < 2) return [`${subjects.size} stores were asked, expected several to be alike`]
  return [...subjects].flatMap(([subject, { laws, passedOver }]) => {
    const kind = kindOf(subject)
    const like = [...subjects].filter(([other]) => other !== subject && kindOf(other) === kind)
    const kept = (law: string) => like.some(([, other]) => other.laws.includes(law) && !other.passedOver.includes(law))
    return [
      ...[...all].filter((law) => !laws.includes(law)).map((law) => `${subject}: is not asked: ${law}`),
      ...passedOver.filter(kept).map((law) => `${subject}: passes over what its like keeps: ${law}`),
    ]
  })
}

/** By its cloud, and whether it keeps versions: `memory as s3` is like the driver at the embedded one. */
function kindOf(subject: string): string {
  const [cloud = subject] = /\b(?:s3|azure|gcs)\b/.exec(subject) ?? []
  return `${cloud}${subject.includes('without versions') ? ' without versions' : ''}`
}

interface Asked {
  readonly holding: readonly string[]
  readonly failed: readonly string[]
  readonly unrun: readonly string[]
}

function byServer(report: Report): ReadonlyMap<string, Asked> {
  const laws = (...statuses: readonly string[]) =>
    named(report, ...statuses).flatMap((name) => {
      const [, server, law] = /^object store: (\S+ \S+) at \S+ (.+)$/.exec(name) ?? []
      return server === undefined || law === undefined ? [] : [{ server, law }]
    })
  const all = { holding: laws('passed'), failed: laws('failed'), unrun: laws('skipped', 'pending', 'todo', 'disabled') }
  const servers = new Set(Object.values(all).flatMap((found) => found.map(({ server }) => server)))
  const at = (server: string, found: ReturnType<typeof laws>) =>
    found.filter((one) => one.server === server).map(({ law }) => law)
  return new Map(
    [...servers].map((server) => [
      server,
      { holding: at(server, all.holding), failed: at(server, all.failed), unrun: at(server, all.unrun) },
    ]),
  )
}
