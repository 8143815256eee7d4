import type { Bucket, Entry, ListPage, ListQuery } from '#local/servers/engine/model.ts'
import type { Answer } from '#local/servers/http/answer.ts'
import { bucketOf, type Call, numberIn, parameter, xmlAnswer } from './call.ts'
import { argumentRefused } from './errors.ts'
import { delimiterElement, owner, pageMax, type PageQuery, pageQueryIn, placeAfter, prefixElements } from './page.ts'
import { quoted, recordOf } from './record.ts'
import { checkId, orderIn } from './versioning.ts'
import { element, type Markup, node, root } from './xml.ts'

/** ListObjectVersions: keys in their order, the versions and markers of each newest first. */
export function listVersions(call: Call): Answer {
  const bucket = bucketOf(call)
  const query = pageQueryIn(call)
  const keyMarker = parameter(call, 'key-marker') ?? ''
  const idMarker = parameter(call, 'version-id-marker') ?? ''
  if (keyMarker === '' && idMarker !== '') {
    throw argumentRefused('version-id-marker', idMarker, 'a key-marker beside it')
  }
  const max = numberIn(call, 'max-keys', { otherwise: pageMax, max: pageMax })
  const after = idMarker === '' ? placeAfter(keyMarker, query) : placeAmong(bucket, keyMarker, idMarker)
  const page = pageOf(bucket, query, after, max)
  return xmlAnswer(
    root(
      'ListVersionsResult',
      element('Name', bucket.name),
      element('Prefix', query.name(query.prefix)),
      element('KeyMarker', query.name(keyMarker)),
      element('VersionIdMarker', idMarker),
      ...(page.more ? nextElements(bucket, page, query) : []),
      element('MaxKeys', max),
      ...delimiterElement(query),
      ...query.encoding,
      element('IsTruncated', page.more),
      ...page.entries.map((entry, i) => versionNode(entry, isLatest(page.entries[i - 1], entry, after), query)),
      ...prefixElements(page.commonPrefixes, query),
    ),
  )
}

function pageOf(bucket: Bucket, { prefix, delimiter }: PageQuery, after: ListQuery['after'], max: number): ListPage {
  if (max === 0) return { entries: [], commonPrefixes: [], more: false, end: null }
  return bucket.list({ prefix, delimiter, after, max, sorted: 'utf8', what: 'all', newestFirst: true })
}

/** An id tells its place even where its version is gone. A `null` that is gone tells none: better the key again than a gap. */
function placeAmong(bucket: Bucket, key: string, id: string): ListQuery['after'] {
  checkId(id, 'version-id-marker')
  return { key, order: orderIn(id) ?? bucket.find(key, id)?.order ?? Number.MAX_SAFE_INTEGER }
}

function nextElements(bucket: Bucket, { entries, end }: ListPage, { name }: PageQuery): Markup[] {
  if (end === null) return []
  if ('commonPrefix' in end) return [element('NextKeyMarker', name(end.commonPrefix))]
  const last = entries.at(-1)!
  return [element('NextKeyMarker', name(end.key)), element('NextVersionIdMarker', last.id)]
}

/** The first of its key, unless the page begins among its versions. */
function isLatest(before: Entry | undefined, { key }: Entry, after: ListQuery['after']): boolean {
  if (before !== undefined) return before.key !== key
  return !(after !== null && 'key' in after && after.key === key && after.order !== Number.MAX_SAFE_INTEGER)
}

function versionNode(entry: Entry, latest: boolean, { name }: PageQuery): Markup {
  const common = [
    element('Key', name(entry.key)),
    element('VersionId', entry.id),
    element('IsLatest', latest),
    element('LastModified', new Date(entry.dateMs).toISOString()),
  ]
  if (entry.marker) return node('DeleteMarker', ...common, owner())
  const { etag, checksum, storageClass } = recordOf(entry)
  return node(
    'Version',
    ...common,
    element('ETag', quoted(etag)),
    element('ChecksumAlgorithm', checksum.algorithm),
    element('ChecksumType', checksum.type),
    element('Size', entry.content.size),
    element('StorageClass', storageClass),
    owner(),
  )
}
