import { mkdtemp, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { lastWords, root } from '#prove/command.ts'
import { notHeld, type Promised } from '#prove/promise.ts'
import { scratch } from '#prove/scratch.ts'
import { named, vitest } from '#prove/tests.ts'
import { among } from './others.ts'

const page = 'docs/decisions/019-the-contract-at-other-servers.md'

/** By the variable that names a server: the laws of which the page says why they do not hold there. */
export function readTables(text: string): ReadonlyMap<string, ReadonlySet<string>> {
  const tables = new Map<string, Set<string>>()
  let server = ''
  for (const line of text.split('\n')) {
    server = /^## (ISOBAR_\w+):/.exec(line)?.[1] ?? server
    const [, law = ''] = /^\| (.+?) \| .+ \|$/.exec(line) ?? []
    if (server === '') continue
    const laws = tables.get(server) ?? new Set()
    tables.set(server, laws)
    if (law !== '' && law !== 'law') laws.add(law)
  }
  return tables
}

const servers = ['ISOBAR_CONTRACT_S3', 'ISOBAR_CONTRACT_AZURE', 'ISOBAR_CONTRACT_GCS'] as const

export const contractElsewhere: Promised = among(
  servers,
  'the port’s contract at servers by others: which laws do not hold there, and why',
  async (said) => {
    const report = join(await mkdtemp(join(await scratch(), 'contract-')), 'report.json')
    const { report: found, ended } = await vitest(['test/contract/addresses.test.ts'], report, {
      env: said,
      minutes: 20,
    })
    if (found === null) return notHeld(lastWords(ended))
    const tables = readTables(await readFile(join(root, page), 'utf8'))
    const rows = servers.map((server) => {
      const at = `object store at ${said[server]?.replace(/\/$/, '')} `
      const ofServer = (...statuses: readonly string[]) =>
        named(found, ...statuses).flatMap((name) => name.split(at).slice(1))
      const explained = tables.get(server) ?? new Set()
      const broken = ofServer('failed')
      return {
        server,
        holding: ofServer('passed').length,
        broken: broken.filter((law) => explained.has(law)),
        unexplained: broken.filter((law) => !explained.has(law)),
        unneeded: [...explained].filter((law) => !broken.includes(law)),
        unrun: ofServer('skipped', 'pending', 'todo', 'disabled'),
      }
    })
    return {
      figure: rows
        .map(
          ({ server, holding, broken, unexplained, unrun }) =>
            `${server.slice(16)}: ${holding} hold, ${broken.length} do not for known reasons, ${unexplained.length} for none, ${unrun.length} not run`,
        )
        .join('; '),
      held: rows.every(({ holding, unexplained }) => holding > 0 && unexplained.length === 0),
      details: rows.flatMap(({ server, broken, unexplained, unneeded, unrun }) => [
        ...unexplained.map((law) => `${server}: NOT EXPLAINED: ${law}`),
        ...broken.map((law) => `${server}: explained in ${page}: ${law}`),
        ...unneeded.map((law) => `${server}: explained, and holds: ${law}`),
        ...unrun.map((law) => `${server}: not run: ${law}`),
      ]),
    }
  },
)
