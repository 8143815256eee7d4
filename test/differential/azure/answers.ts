import { bytesField, dateField, flat, treeOf } from '#test/differential/flat.ts'
import type { Answer, Names, Operation, Response } from '#test/differential/operation.ts'

/** The headers that mean something to a client. */
const compared = [
  'content-encoding',
  'content-language',
  'content-disposition',
  'cache-control',
  'content-range',
  'content-md5',
  'accept-ranges',
  'x-ms-blob-content-md5',
  'x-ms-blob-content-length',
  'x-ms-blob-type',
  'x-ms-tag-count',
  'x-ms-lease-id',
  'x-ms-lease-state',
  'x-ms-lease-status',
  'x-ms-lease-duration',
  'x-ms-lease-time',
  'x-ms-access-tier',
  'x-ms-access-tier-inferred',
  'x-ms-copy-status',
]

const reads = /^(?:get|head)(?: a range)?(?: (?:of )?a snapshot)?$/

export function readAzure({ kind, request }: Operation, { status, headers, body }: Response, names: Names): Answer {
  const answer: Record<string, string> = { status: String(status) }
  const code = headers['x-ms-error-code']
  if (code !== undefined) answer['code'] = code
  if (status >= 300) return answer
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || (name === 'x-ms-access-tier-inferred' && value === 'false')) continue
    if (name === 'etag' && !kind.startsWith('list')) answer[name] = names.of(plain(value))
    else if (name === 'x-ms-snapshot') answer[name] = names.of(value)
    else if (name === 'last-modified') answer[name] = dateField(value)
    else if (name === 'content-type' && !reads.test(kind)) continue
    else if (name === 'content-type' || compared.includes(name) || name.startsWith('x-ms-meta-')) answer[name] = value
  }
  if (reads.test(kind)) {
    answer['content-length'] = headers['content-length'] ?? 'none'
    return request.method === 'HEAD' ? answer : { ...answer, body: bytesField(body) }
  }
  if (body.length === 0) return answer
  return { ...answer, ...flat(ordered(treeOf(body)), (path, text) => leafOf(path, text, names)) }
}

interface Listed {
  readonly Name?: string
  readonly Snapshot?: string
  readonly Properties?: Record<string, unknown>
}

/** Where a blob stands among its snapshots, and waiting blocks among each other, the documentation does not tell; a snapshot takes no lease. */
function ordered(tree: unknown): unknown {
  const { EnumerationResults: listing, BlockList: list } = tree as {
    EnumerationResults?: { Blobs?: { Blob?: Listed | Listed[] } }
    BlockList?: { UncommittedBlocks?: { Block?: unknown } }
  }
  if (Array.isArray(list?.UncommittedBlocks?.Block)) list.UncommittedBlocks.Block.sort(byName)
  const blobs = [listing?.Blobs?.Blob ?? []].flat()
  for (const { Snapshot, Properties } of blobs) {
    if (Snapshot !== undefined) for (const name of ['LeaseStatus', 'LeaseState']) delete Properties?.[name]
  }
  if (listing?.Blobs !== undefined && typeof listing.Blobs === 'object' && blobs.length > 1) {
    const ranks = new Map(blobs.map(({ Name }, i) => [Name, i]))
    listing.Blobs.Blob = blobs.toSorted((a, b) => ranks.get(a.Name)! - ranks.get(b.Name)! || bySnapshot(a, b))
  }
  return tree
}

function byName(a: Listed, b: Listed): number {
  return (a.Name ?? '') < (b.Name ?? '') ? -1 : 1
}

function bySnapshot(a: Listed, b: Listed): number {
  return (a.Snapshot ?? '~') < (b.Snapshot ?? '~') ? -1 : 1
}

const dates = new Set(['Creation-Time', 'Last-Modified', 'CopyCompletionTime', 'TagSetTime', 'AccessTierChangeTime'])
/** A name of this run or of this server; or said in other words. */
const passedOver = new Set(['CopyId', 'CopySource', 'Message', 'ServerEncrypted'])

function leafOf(path: readonly string[], text: string, names: Names): string | null {
  const leaf = path.at(-1)!
  // An empty element says as much as none.
  if (text.trim() === '' || leaf === '#text' || passedOver.has(leaf)) return null
  if (leaf === 'Etag') return names.of(plain(text))
  if (leaf === 'Snapshot') return names.of(text)
  if (leaf === 'NextMarker' || leaf === 'Marker') return 'a marker'
  return dates.has(leaf) ? dateField(text) : text
}

function plain(etag: string): string {
  return etag.replaceAll('"', '')
}

/** What a server assigned with this answer. */
export function assignedByAzure(
  { at, kind }: Operation,
  { status, headers, body }: Response,
): (readonly [string, string])[] {
  if (status >= 300) return []
  const found: (readonly [string, string])[] = []
  const { etag, 'x-ms-snapshot': snapshot } = headers
  const changes = ['put', 'copy', 'put block list', 'set metadata', 'set properties'].includes(kind)
  if (etag !== undefined && (changes || kind.startsWith('take'))) found.push([`etag ${at}`, plain(etag)])
  if (snapshot !== undefined && kind.startsWith('take')) found.push([`snapshot ${at}`, snapshot])
  const marker = /<NextMarker>(.+?)<\/NextMarker>/.exec(body.toString())?.[1]
  if (marker !== undefined && kind.startsWith('list')) found.push([`marker ${at}`, marker])
  return found
}
