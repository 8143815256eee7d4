import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from '#prove/command.ts'
import type { Promised } from '#prove/promise.ts'
import { laws, type Wanted } from '#prove/laws.ts'

const page = 'docs/replication.md'

/** By which laws each row of the table is kept; they read its figures. */
const rows: Readonly<Record<string, RegExp>> = {
  'new object up to 64 KiB': /^a new small object at \w+ costs/,
  'new object above 64 KiB': /^a new object above 64 KiB at \w+ costs/,
  'overwrite up to 64 KiB, whoever wrote before': /^an overwrite at \w+ costs/,
  'overwrite above 64 KiB, whoever wrote before': /^an overwrite above 64 KiB at \w+ costs/,
  'delete at Azure or Cloud Storage': /^a deletion at (azure|gcp) costs/,
  'delete at S3': /^a deletion at aws costs/,
  'echo of a put, where the event tells who wrote': /its echo costs nothing$/,
  'echo of a put, elsewhere': /^the echo of a put at \w+ costs/,
  'echo of a delete': /^the echo of a deletion costs/,
  'superseded event': /^a superseded event at \w+ costs/,
  'settle that finds agreement, R of it replicas written where nothing was': /^a settle that finds agreement costs/,
  'first event after M members were not heard of for 60 s': /^a member not heard of for a minute costs/,
  'large object in P parts, to M members that show nothing': /^a large object costs/,
  'reconcile of a group in sync, each listing of one page':
    /^a pass over a group in sync costs the listings alone from/,
  'the same, at the control buckets': /^a pass over a group in sync costs the listings alone from/,
}

async function eachRow(): Promise<readonly Wanted[]> {
  const text = await readFile(join(root, page), 'utf8')
  const [, table = ''] = text.split('| act of a user | requests |')
  const [lines = ''] = table.split('\n\n')
  const acts = [...lines.matchAll(/^\| (.+?) \|/gm)].map(([, act = '']) => act)
  if (acts.length === 0) throw new Error(`${page}: found no table of requests, expected "| act of a user | requests |"`)
  return acts.map((act) => {
    const like = rows[act] ?? /$never/
    return { what: `"${act}" of the table, ${like.source}`, like }
  })
}

export const requests: Promised = laws(
  'requests per act of a user are those of the table; 20,000 versions of a key stay within their bound',
  ['test/replication/requests.test.ts', 'test/replication/history.test.ts', 'test/reconcile/group.test.ts'],
  {
    wanted: async () => [
      ...(await eachRow()),
      { what: '20,000 versions, at each cloud', like: /^a key with 20,000 versions at \w+ stays within/, least: 3 },
    ],
  },
)
