import type { Entry, ListPage, ListQuery } from '#local/servers/engine/model.ts'
import type { Answer } from '#local/servers/http/answer.ts'
import { bucketOf, type Call, numberIn, parameter, xmlAnswer } from './call.ts'
import { argumentRefused } from './errors.ts'
import { delimiterElement, owner, pageMax, type PageQuery, pageQueryIn, placeAfter, prefixElements } from './page.ts'
import { quoted, recordOf } from './record.ts'
import { element, type Markup, node, root } from './xml.ts'

/** ListObjectsV2. */
export function listObjects(call: Call): Answer {
  const query = pageQueryIn(call)
  const token = parameter(call, 'continuation-token')
  const startAfter = parameter(call, 'start-after') ?? ''
  const max = numberIn(call, 'max-keys', { otherwise: pageMax, max: pageMax })
  const page = pageOf(call, query, token === null ? placeAfter(startAfter, query) : placeIn(token), max)
  const withOwner = parameter(call, 'fetch-owner') === 'true'
  return xmlAnswer(
    root(
      'ListBucketResult',
      ...heading(call, query, max, page),
      element('KeyCount', page.entries.length + page.commonPrefixes.length),
      ...(token === null ? [] : [element('ContinuationToken', token)]),
      ...(page.more ? [element('NextContinuationToken', tokenFor(page))] : []),
      ...(startAfter === '' ? [] : [element('StartAfter', query.name(startAfter))]),
      ...page.entries.map((entry) => contents(entry, query, withOwner)),
      ...prefixElements(page.commonPrefixes, query),
    ),
  )
}

/** ListObjects, which names the place to go on from only where keys are rolled up: else it is the last key. */
export function listObjectsV1(call: Call): Answer {
  const query = pageQueryIn(call)
  const marker = parameter(call, 'marker') ?? ''
  const max = numberIn(call, 'max-keys', { otherwise: pageMax, max: pageMax })
  const page = pageOf(call, query, placeAfter(marker, query), max)
  const next = page.more && query.delimiter !== null ? [element('NextMarker', query.name(endOf(page)))] : []
  return xmlAnswer(
    root(
      'ListBucketResult',
      ...heading(call, query, max, page),
      element('Marker', query.name(marker)),
      ...next,
      ...page.entries.map((entry) => contents(entry, query, true)),
      ...prefixElements(page.commonPrefixes, query),
    ),
  )
}

function pageOf(call: Call, { prefix, delimiter }: PageQuery, after: ListQuery['after'], max: number): ListPage {
  const bucket = bucketOf(call)
  // A page of none is the end: S3 says so too, and nobody pages for ever.
  if (max === 0) return { entries: [], commonPrefixes: [], more: false, end: null }
  return bucket.list({ prefix, delimiter, after, max, sorted: 'utf8', what: 'live', newestFirst: true })
}

function heading(call: Call, query: PageQuery, max: number, { more }: ListPage): Markup[] {
  return [
    element('Name', call.address.bucket),
    element('Prefix', query.name(query.prefix)),
    ...delimiterElement(query),
    ...query.encoding,
    element('MaxKeys', max),
    element('IsTruncated', more),
  ]
}

function contents(entry: Entry, { name }: PageQuery, withOwner: boolean): Markup {
  const { etag, checksum, storageClass } = recordOf(entry)
  return node(
    'Contents',
    element('Key', name(entry.key)),
    element('LastModified', new Date(entry.dateMs).toISOString()),
    element('ETag', quoted(etag)),
    element('ChecksumAlgorithm', checksum.algorithm),
    element('ChecksumType', checksum.type),
    element('Size', entry.content.size),
    ...(withOwner ? [owner()] : []),
    element('StorageClass', storageClass),
  )
}

function endOf({ end }: ListPage): string {
  if (end === null) return ''
  return 'key' in end ? end.key : end.commonPrefix
}

/** Opaque to clients: a letter for what it ended with, and the name. */
function tokenFor({ end }: ListPage): string {
  const kind = end !== null && 'commonPrefix' in end ? 'p' : 'k'
  return Buffer.from(kind + endOf({ end } as ListPage)).toString('base64url')
}

function placeIn(token: string): ListQuery['after'] {
  const text = Buffer.from(token, 'base64url').toString()
  const name = text.slice(1)
  const whole = Buffer.from(text).toString('base64url') === token
  if (whole && name !== '' && text.startsWith('k')) return { key: name }
  if (whole && name !== '' && text.startsWith('p')) return { commonPrefix: name }
  throw argumentRefused('continuation-token', token, 'the token of the page before')
}
