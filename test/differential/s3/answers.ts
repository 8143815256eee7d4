import { bytesField, dateField, flatXml } from '#test/differential/flat.ts'
import type { Answer, Names, Operation, Response } from '#test/differential/operation.ts'

/** The headers that mean something to a client. Who answers, since when it does and through what is not compared. */
const compared = [
  'etag',
  'content-type',
  'content-encoding',
  'content-language',
  'content-disposition',
  'cache-control',
  'expires',
  'content-range',
  'accept-ranges',
  'x-amz-delete-marker',
  'x-amz-tagging-count',
  'x-amz-storage-class',
  'x-amz-mp-parts-count',
  'x-amz-checksum-type',
  'x-amz-checksum-algorithm',
]

/** Said of everything by some, and of use only beside an object. */
const ofObjects = ['content-type', 'accept-ranges']

const named = ['x-amz-version-id', 'x-amz-copy-source-version-id']
const prefixes = ['x-amz-meta-', 'x-amz-checksum-']

export function readS3({ kind, request }: Operation, { status, headers, body }: Response, names: Names): Answer {
  const answer: Record<string, string> = { status: String(status) }
  const holdsObject = /^(?:get|head)(?: a version)?$|^read a part$/.test(kind)
  if (status >= 400) return { ...answer, ...refusalOf(body), ...(holdsObject ? markerOf(headers, names) : {}) }
  if (status === 304) return { ...answer, ...(headers['etag'] === undefined ? {} : { etag: headers['etag'] }) }
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue
    if (named.includes(name)) answer[name] = value === 'null' ? value : names.of(value)
    else if (name === 'last-modified') answer[name] = dateField(value)
    else if (ofObjects.includes(name) && !holdsObject) continue
    else if (body.length > 0 && !holdsObject && (name === 'etag' || name.startsWith('x-amz-checksum-'))) continue
    else if (compared.includes(name) || prefixes.some((prefix) => name.startsWith(prefix))) answer[name] = value
  }
  if (holdsObject) {
    answer['content-length'] = headers['content-length'] ?? 'none'
    return request.method === 'HEAD' ? answer : { ...answer, body: bytesField(body) }
  }
  if (body.length === 0) return answer
  return wholeWhereNotCut({ ...answer, ...flatXml(body, (path, text) => leafOf(path, text, names)) })
}

/** Where a listing goes on means something only if it does. */
function wholeWhereNotCut(answer: Record<string, string>): Answer {
  if (answer['ListPartsResult.IsTruncated'] === 'false') delete answer['ListPartsResult.NextPartNumberMarker']
  return answer
}

/** The message is each server's own. */
function refusalOf(body: Buffer): Answer {
  const code = /<Code>(.*?)<\/Code>/.exec(body.toString())?.[1]
  return code === undefined ? {} : { code }
}

/** A delete marker is told by headers, on refusals too. */
function markerOf(headers: Response['headers'], names: Names): Answer {
  const marker = headers['x-amz-delete-marker']
  const id = headers['x-amz-version-id']
  if (marker === undefined) return {}
  return {
    'x-amz-delete-marker': marker,
    ...(id === undefined ? {} : { 'x-amz-version-id': id === 'null' ? id : names.of(id) }),
  }
}

/** Of one account each, of which the other knows nothing; or said in other words. */
const passedOver = new Set(['Owner', 'Initiator', 'Location', 'Message', 'Name', 'Bucket'])
const ids = new Set([
  'VersionId',
  'UploadId',
  'DeleteMarkerVersionId',
  'NextVersionIdMarker',
  'VersionIdMarker',
  'NextUploadIdMarker',
  'UploadIdMarker',
])
const tokens = new Set(['NextContinuationToken', 'ContinuationToken'])
const dates = new Set(['LastModified', 'Initiated'])

function leafOf(path: readonly string[], text: string, names: Names): string | null {
  const leaf = path.at(-1)!
  // An empty element says as much as none.
  if (text === '' || leaf === '#text' || path.some((name) => passedOver.has(name))) return null
  if (ids.has(leaf)) return text === 'null' ? text : names.of(text)
  if (tokens.has(leaf)) return 'a token'
  // MinIO writes into a marker what it remembers of the listing.
  return dates.has(leaf) ? dateField(text) : text.replace(/(?:\[|%5B)minio_cache.*$/, '')
}

/** What a server assigned with this answer, by the names that later operations use. */
export function assignedByS3(
  { at, kind, changes }: Operation,
  { status, headers, body }: Response,
): (readonly [name: string, value: string])[] {
  if (status >= 300) return []
  const text = body.toString()
  const found: (readonly [string, string])[] = []
  const id = headers['x-amz-version-id']
  const makes = ['put', 'copy', 'copy of a version', 'complete', 'delete'].includes(kind)
  if (makes && id !== undefined && id !== 'null') found.push([`version ${at}`, id])
  const upload = /<UploadId>(.*?)<\/UploadId>/.exec(text)?.[1]
  if (kind === 'begin an upload' && upload !== undefined) found.push([`upload ${at}`, upload])
  const token = /<NextContinuationToken>(.*?)<\/NextContinuationToken>/.exec(text)?.[1]
  if (token !== undefined) found.push([`token ${at}`, token])
  if (kind === 'delete several') {
    for (const { key, id } of markersIn(body)) found.push([`version ${at}.${changes.indexOf(key)}`, id])
  }
  return found
}

function markersIn(body: Buffer): { key: string; id: string }[] {
  const fields = flatXml(body, (_, text) => text)
  return Object.entries(fields).flatMap(([field, id]) => {
    if (!field.endsWith('.DeleteMarkerVersionId')) return []
    return [{ key: fields[field.replace('DeleteMarkerVersionId', 'Key')] ?? '', id }]
  })
}
