import { bytesField, dateField, flat } from '#test/differential/flat.ts'
import type { Answer, Names, Operation, Response } from '#test/differential/operation.ts'

/** Beside the bytes. */
const compared = [
  'content-type',
  'content-encoding',
  'content-language',
  'content-disposition',
  'cache-control',
  'content-range',
  'x-goog-hash',
  'x-goog-metageneration',
  'x-goog-storage-class',
  'x-goog-stored-content-length',
  'x-goog-stored-content-encoding',
]

export function readGcs({ kind }: Operation, { status, headers, body }: Response, names: Names): Answer {
  const answer: Record<string, string> = { status: String(status) }
  if (status === 308) return { ...answer, ...(headers['range'] === undefined ? {} : { range: headers['range'] }) }
  // What a refusal says beside its status is each server's own.
  if (status >= 300) return answer
  // Whether the end of an object is told with 200 or with 204 is of no use to anybody.
  if (kind.startsWith('delete')) return { status: '2xx' }
  if (kind.startsWith('get')) {
    for (const name of compared) if (headers[name] !== undefined) answer[name] = headers[name]
    const generation = headers['x-goog-generation']
    if (generation !== undefined) answer['x-goog-generation'] = names.of(generation)
    return { ...answer, 'content-length': headers['content-length'] ?? 'none', body: bytesField(body) }
  }
  if (body.length === 0 || kind === 'begin a session') return answer
  const said = JSON.parse(body.toString()) as { items?: Listed[] }
  if (kind === 'list generations')
    said.items?.sort((a, b) => byName(a, b) || Number(a.generation) - Number(b.generation))
  return { ...answer, ...flat(said, (path, text) => leafOf(path, text, names)) }
}

interface Listed {
  readonly name: string
  readonly generation: string
}

/** The generations of one name have no order that the documentation tells. */
function byName(a: Listed, b: Listed): number {
  return Buffer.compare(Buffer.from(a.name), Buffer.from(b.name))
}

const dates = new Set(['timeCreated', 'updated', 'timeStorageClassUpdated', 'timeDeleted'])
/** Addresses of each server's own, and what only it compares. */
const passedOver = new Set(['kind', 'id', 'selfLink', 'mediaLink', 'etag', 'bucket', 'acl', 'owner'])

function leafOf(path: readonly string[], text: string, names: Names): string | null {
  const leaf = path.at(-1)!
  if (path.includes('metadata')) return text
  // An empty text says as much as none.
  if (text === '' || path.some((name) => passedOver.has(name))) return null
  if (leaf === 'generation') return names.of(text)
  if (leaf === 'nextPageToken') return 'a token'
  return dates.has(leaf) ? dateField(text) : text
}

/** What a server assigned with this answer. */
export function assignedByGcs(
  { at, kind }: Operation,
  { status, headers, body }: Response,
): (readonly [string, string])[] {
  if (status >= 300) return []
  const { location } = headers
  if (kind === 'begin a session') return location === undefined ? [] : [[`session ${at}`, location]]
  const makes = kind.startsWith('put') || kind.startsWith('copy') || kind === 'compose' || kind === 'last piece'
  if (!makes && !kind.startsWith('list')) return []
  const said = JSON.parse(body.toString()) as {
    generation?: string
    resource?: { generation?: string }
    nextPageToken?: string
  }
  const generation = said.generation ?? said.resource?.generation
  if (makes) return generation === undefined ? [] : [[`generation ${at}`, generation]]
  return said.nextPageToken === undefined ? [] : [[`token ${at}`, said.nextPageToken]]
}
