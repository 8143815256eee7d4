/** An object's words and S3's headers, there and back. */
import type { PutObjectCommandInput, StorageClass } from '@aws-sdk/client-s3'
import type { Algorithm, Digests } from '#shared/kernel/digest.ts'
import { Failure } from '#shared/kernel/failure.ts'
import type { SiteId } from '#shared/kernel/ids.ts'
import type { Key } from '#shared/kernel/key.ts'
import { groupEntry, routeEntry } from '#shared/kernel/mark.ts'
import { stampId, type Version, version } from '#shared/kernel/version.ts'
import type { Headers, ObjectMeta, Write } from '#shared/ports/object-store.ts'
import { quoted } from './failure.ts'
import { isPlainName, isPlainValue, type Kind, read, readOut, spell, writeOut } from './names.ts'

/** The headers of an answer, names in lower case. */
export type Told = Readonly<Record<string, string>>

export const metadataBytesMax = 2048
const tagsMax = 10

/** S3's word for an object whose writer named no content type: it keeps none without one. */
const nothingSaid = 'binary/octet-stream'

const names: Readonly<Record<keyof Headers, string>> = {
  contentType: 'content-type',
  contentEncoding: 'content-encoding',
  contentLanguage: 'content-language',
  contentDisposition: 'content-disposition',
  cacheControl: 'cache-control',
  expires: 'expires',
}

/** What a write says beside its bytes, in the SDK's words. */
export interface Inscription {
  readonly fields: Pick<
    PutObjectCommandInput,
    | 'ContentType'
    | 'ContentEncoding'
    | 'ContentLanguage'
    | 'ContentDisposition'
    | 'CacheControl'
    | 'Metadata'
    | 'Tagging'
    | 'StorageClass'
  >
  /** Where the SDK knows only a date and S3 keeps any text. */
  readonly headers: Readonly<Record<string, string>>
}

/** Refuses aloud what S3 cannot hold; nothing is cut. */
export function inscribe(site: SiteId, key: Key, write: Omit<Write, 'body' | 'digests'>): Inscription {
  const { contentType, expires, ...plain } = headersHeld(write.headers)
  const tags = tagsHeld(write.tags)
  const carried = [
    ...missing('h', namedByWire(write.headers), namedByWire(headersHeld(write.headers))),
    ...missing('t', write.tags, tags),
  ]
  const metadata = Object.fromEntries([...spelt(write.metadata), ...carried])
  refuseWide(site, key, write.metadata, metadata)
  return {
    fields: {
      ContentType: contentType ?? nothingSaid,
      ...(plain.contentEncoding === undefined ? {} : { ContentEncoding: plain.contentEncoding }),
      ...(plain.contentLanguage === undefined ? {} : { ContentLanguage: plain.contentLanguage }),
      ...(plain.contentDisposition === undefined ? {} : { ContentDisposition: plain.contentDisposition }),
      ...(plain.cacheControl === undefined ? {} : { CacheControl: plain.cacheControl }),
      ...(write.storageClass === null ? {} : { StorageClass: write.storageClass as StorageClass }),
      ...(Object.keys(tags).length === 0 ? {} : { Tagging: String(new URLSearchParams(tags)) }),
      Metadata: metadata,
    },
    headers: expires === undefined ? {} : { expires },
  }
}

/** Those that S3 brings back as they are. */
function headersHeld(headers: Headers): Headers {
  return Object.fromEntries(
    Object.entries(headers).filter(
      ([name, value]: [string, string | undefined]) =>
        value !== undefined &&
        value !== '' &&
        isPlainValue(value) &&
        !(name === 'contentType' && value === nothingSaid) &&
        !(name === 'contentEncoding' && /aws-chunked/i.test(value)),
    ),
  )
}

/** The first ten that S3 takes for tags. */
function tagsHeld(tags: Readonly<Record<string, string>>): Record<string, string> {
  const fit = Object.entries(tags).filter(
    ([name, value]) => name !== '' && !/^aws:/i.test(name) && isTagText(name, 128) && isTagText(value, 256),
  )
  return Object.fromEntries(fit.slice(0, tagsMax))
}

function isTagText(text: string, lettersMax: number): boolean {
  return text.length <= lettersMax && text.trim() === text && /^[\p{L}\p{N} _.:/=+\-@]*$/u.test(text)
}

function namedByWire(headers: Headers): Record<string, string> {
  const all = Object.entries(headers).filter(([, value]: [string, string | undefined]) => value !== undefined)
  return Object.fromEntries(all.map(([name, value]: [string, string]) => [names[name as keyof Headers], value]))
}

/** What a write says and S3 does not hold travels in its metadata. */
function missing(
  kind: Kind,
  said: Readonly<Record<string, string>>,
  held: Readonly<Record<string, string>>,
): [string, string][] {
  const rest = Object.entries(said).filter(([name]) => !Object.hasOwn(held, name))
  return rest.map(([name, value]) => writeOut({ kind, name, value }))
}

function spelt(metadata: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(metadata).map(([name, value]) => {
    const held = isPlainName(name) ? spell(value) : null
    return held === null ? writeOut({ kind: 'm', name, value }) : [name, held]
  })
}

/** Names and values together, as S3 counts; words count as what they say. */
function refuseWide(
  site: SiteId,
  key: Key,
  said: Readonly<Record<string, string>>,
  sent: Readonly<Record<string, string>>,
): void {
  const count = (entries: [string, string][]) =>
    entries.reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(read(value)), 0)
  const bytes = count(Object.entries(sent))
  if (bytes <= metadataBytesMax) return
  const marks = count(Object.entries(said).filter(([name]) => name === groupEntry || name === routeEntry))
  throw new Failure(
    'invalid',
    `metadata of ${quoted(key)} at ${site}: found ${bytes} bytes, expected at most ${metadataBytesMax}, of which Isobar's mark leaves ${metadataBytesMax - marks}; shorten it`,
    { site, scope: 'key' },
  )
}

/** `null` where the answer lacks what every answer about an object has. */
export function metaOf(site: SiteId, key: Key, told: Told, versioned: boolean): ObjectMeta | null {
  const etag = unquoted(told['etag'] ?? '')
  const dateMs = Date.parse(told['last-modified'] ?? '')
  const size = Number(told['content-range']?.split('/')[1] ?? told['content-length'] ?? NaN)
  if (etag === '' || Number.isNaN(dateMs) || !Number.isSafeInteger(size)) return null
  refuseUntold(site, key, told)
  const entries = Object.entries(told).filter(([name]) => name.startsWith(metadataPrefix))
  const said = entries.map(([name, value]) => heldEntry(name.slice(metadataPrefix.length), value))
  const tags = said.filter(({ kind }) => kind === 't').length
  return {
    key,
    version: versionOf(etag, told['x-amz-version-id'], versioned),
    id: stampId(etag),
    dateMs,
    size,
    digests: digestsOf(etag, told),
    inParts: isInParts(etag),
    tagCount: Number(told['x-amz-tagging-count'] ?? 0) + tags,
    headers: headersOf(told, Object.fromEntries(said.filter(({ kind }) => kind === 'h').map(pair))),
    metadata: Object.fromEntries(said.filter(({ kind }) => kind === 'm').map(pair)),
  }
}

const metadataPrefix = 'x-amz-meta-'

function pair({ name, value }: { readonly name: string; readonly value: string }): [string, string] {
  return [name, value]
}

function heldEntry(name: string, value: string): { kind: Kind; name: string; value: string } {
  return readOut(name, value) ?? { kind: 'm', name, value: read(value) }
}

/** The tags of an object that S3 had no place for. */
export function carriedTags(told: Told): Record<string, string> {
  const entries = Object.entries(told).filter(([name]) => name.startsWith(metadataPrefix))
  const said = entries.map(([name, value]) => heldEntry(name.slice(metadataPrefix.length), value))
  return Object.fromEntries(said.filter(({ kind }) => kind === 't').map(pair))
}

/** S3 counts the entries that it has and cannot put in a header: a copy without them would be another object. */
function refuseUntold(site: SiteId, key: Key, told: Told): void {
  const untold = Number(told['x-amz-missing-meta'] ?? 0)
  if (untold === 0) return
  throw new Failure(
    'invalid',
    `${quoted(key)} at ${site}: ${untold} entries of its metadata are beyond what S3 can answer; write them anew in ASCII or RFC 2047`,
    { site, scope: 'key' },
  )
}

function headersOf(told: Told, carried: Readonly<Record<string, string>>): Headers {
  const headers: Record<string, string> = {}
  for (const [name, wire] of Object.entries(names)) {
    const value = Object.hasOwn(carried, wire) ? carried[wire] : told[wire]
    const unsaid = !Object.hasOwn(carried, wire) && wire === 'content-type' && value === nothingSaid
    if (value !== undefined && !unsaid) headers[name] = value
  }
  return headers
}

/**
 * CRC64NVME is always of the whole. An ETag is the MD5 only of what was uploaded at once and is encrypted with S3's own keys or not at
 * all. An answer to a range may carry the checksum of a part.
 */
function digestsOf(etag: string, told: Told): Digests {
  const digests: Partial<Record<Algorithm, string>> = {}
  const whole = told['content-range'] === undefined && told['x-amz-checksum-type'] !== 'COMPOSITE'
  for (const algorithm of ['crc64nvme', 'crc32c'] as const) {
    const sum = told[`x-amz-checksum-${algorithm}`]
    if (whole && sum !== undefined && !sum.includes('-')) digests[algorithm] = sum
  }
  const encryption = told['x-amz-server-side-encryption'] ?? ''
  const ownKey =
    encryption.startsWith('aws:kms') || told['x-amz-server-side-encryption-customer-algorithm'] !== undefined
  if (/^[0-9a-f]{32}$/.test(etag) && !ownKey) digests.md5 = Buffer.from(etag, 'hex').toString('base64')
  return digests
}

/** For conditions the ETag, for pinned reads the version's id; where no versions are kept, the ETag again. */
export function versionOf(etag: string, id: string | undefined, versioned: boolean): Version {
  return version(`${etag}|${versioned ? (id ?? 'null') : etag}`)
}

export function pinOf(pinned: Version): { readonly etag: string; readonly id: string } {
  const bar = pinned.indexOf('|')
  return { etag: pinned.slice(0, bar), id: pinned.slice(bar + 1) }
}

export function isInParts(etag: string): boolean {
  return /-\d+$/.test(etag)
}

export function unquoted(etag: string): string {
  return etag.replace(/^"(.*)"$/, '$1')
}
