import { readFileSync } from 'node:fs'

const page = new URL('../../docs/replication.md', import.meta.url)

const verbs: Readonly<Record<string, string>> = {
  GET: 'get',
  HEAD: 'head',
  PUT: 'put',
  DELETE: 'remove',
  listing: 'list',
  'version listing': 'versions',
  'list of parts': 'parts',
  part: 'putPart',
  commit: 'commit',
}

/** The letters of the table. */
export type Sizes = Readonly<Partial<Record<'N' | 'T' | 'M' | 'R' | 'P', number>>>

/** What the table of docs/replication.md says that an act costs, by verb: `(N + 1) HEAD + T PUT` for three members is 4 and 2. */
export function requestsOnPage(act: string, sizes: Sizes = {}): Readonly<Record<string, number>> {
  const row = readFileSync(page, 'utf8')
    .split('\n')
    .find((line) => line.startsWith(`| ${act} | `))
  if (row === undefined) throw new Error(`docs/replication.md: found no row "${act}" in the table of requests`)
  const cost = row.slice(`| ${act} | `.length, -' |'.length).replaceAll(/ \([a-z ]+\)/g, '')
  if (cost === 'none') return {}
  const terms = cost.split(/ \+ (?![^(]*\))/).map((term) => {
    const [, times, name = ''] = /^(\([^)]+\)|\w+) (.+)$/.exec(term) ?? []
    const verb = verbs[name]
    if (times === undefined || verb === undefined)
      throw new Error(`docs/replication.md: "${act}": cannot read "${term}"`)
    return [verb, sum(times, { N: 3, T: 2, ...sizes })] as const
  })
  return Object.fromEntries(terms)
}

/** `2T` is twice T, `TP` T times P, `(N + 2T)` their sum. */
function sum(text: string, sizes: Sizes): number {
  return text
    .replaceAll(/[()]/g, '')
    .split(' + ')
    .map((product) => (product.match(/\d+|[A-Z]/g) ?? []).map((one) => sizes[one as 'N'] ?? Number(one)))
    .reduce((total, factors) => total + factors.reduce((a, b) => a * b, 1), 0)
}

/** `{ 'aws get': 1, 'gcp get': 2 }` is three times `get`. */
export function byVerb(requests: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  const total: Record<string, number> = {}
  for (const [name, count] of Object.entries(requests)) {
    const verb = name.split(' ')[1]!
    total[verb] = (total[verb] ?? 0) + count
  }
  return total
}
