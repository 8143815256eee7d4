import type { Bucket, Entry } from '#local/servers/engine/model.ts'
import type { Answer } from '#local/servers/http/answer.ts'
import { range } from '#local/servers/http/range.ts'
import type { Call } from './call.ts'
import { type Cloud, entryNamed } from './cloud.ts'
import { customerKeyOf, unlock } from './encryption.ts'
import { factsOf } from './facts.ts'
import { headerText } from './header-text.ts'
import { json } from './json.ts'
import { httpDate } from './moments.ts'
import { int64 } from './names.ts'
import { check, type Preconditions, preconditionsOf } from './preconditions.ts'
import { refuseParameter } from './refusals.ts'
import { etagOf, googHashOf, resourceOf } from './resource.ts'

export function generationAsked(call: Call, parameter: string = 'generation'): string | null {
  const text = call.query(parameter)
  return text === null ? null : int64(parameter, text)
}

/** Metadata is read without the customer's key; then it says nothing of the bytes. */
export function getObject(cloud: Cloud, bucket: Bucket, key: string, call: Call): Answer {
  const alt = call.query('alt')
  if (alt === 'media') return getMedia(cloud, bucket, key, call)
  if (alt !== null && alt !== 'json') refuseParameter('alt', alt, 'json or media')
  const entry = entryNamed(bucket, key, generationAsked(call))
  check(preconditionsOf(call.query, 'if'), entry)
  return json(resourceOf(call.base, bucket, entry, isUnlocked(call, entry)))
}

export function isUnlocked(call: Call, entry: Entry): boolean {
  const { keySha256 } = factsOf(entry)
  return keySha256 === null || customerKeyOf(call.header, 'x-goog-encryption') === keySha256
}

export function getMedia(cloud: Cloud, bucket: Bucket, key: string, call: Call): Answer {
  const entry = entryNamed(bucket, key, generationAsked(call))
  return media(cloud, entry, call, preconditionsOf(call.query, 'if'), { etag: etagOf(entry) })
}

/**
 * The bytes as they were stored: what is gzip stays gzip, whatever the client accepts. (The cloud unpacks it for a client that does not
 * accept gzip; who wants bytes unchanged says that it does.)
 */
export function media(
  cloud: Cloud,
  entry: Entry,
  call: Call,
  preconditions: Preconditions,
  extra: Readonly<Record<string, string>>,
): Answer {
  check(preconditions, entry)
  unlock(entry, customerKeyOf(call.header, 'x-goog-encryption'), cloud.kmsKeys)
  const { size } = entry.content
  const wanted = range(call.header('range') ?? undefined, size)
  const headers = { ...headersOf(entry), ...extra }
  if (wanted === 'unsatisfiable') {
    return { status: 416, headers: { 'content-range': `bytes */${size}`, 'content-type': 'text/html' }, body: null }
  }
  const { start, end } = wanted ?? { start: 0, end: size }
  const part = wanted === null ? {} : { 'content-range': `bytes ${start}-${end - 1}/${size}` }
  return {
    status: wanted === null ? 200 : 206,
    headers: { ...headers, ...part, 'content-length': end - start },
    body: cloud.engine.read(entry.content, { start, end }),
  }
}

/** What both APIs say of an object in the headers beside its bytes. */
export function headersOf(entry: Entry): Record<string, string> {
  const { fields, storageClass, metageneration, updatedMs, componentCount } = factsOf(entry)
  const headers: Record<string, string> = {
    'content-type': fields.contentType ?? 'application/octet-stream',
    'last-modified': httpDate(updatedMs),
    'accept-ranges': 'bytes',
    'x-goog-hash': googHashOf(entry),
    'x-goog-generation': entry.id,
    'x-goog-metageneration': String(metageneration),
    'x-goog-storage-class': storageClass,
    'x-goog-stored-content-length': String(entry.content.size),
    'x-goog-stored-content-encoding': fields.contentEncoding ?? 'identity',
  }
  if (fields.cacheControl !== undefined) headers['cache-control'] = fields.cacheControl
  if (fields.contentDisposition !== undefined) headers['content-disposition'] = fields.contentDisposition
  if (fields.contentEncoding !== undefined) headers['content-encoding'] = fields.contentEncoding
  if (fields.contentLanguage !== undefined) headers['content-language'] = fields.contentLanguage
  if (componentCount !== null) headers['x-goog-component-count'] = String(componentCount)
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, headerText(value)]))
}
