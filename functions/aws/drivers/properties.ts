/** What a user says of an object, in S3's headers and back. */
import type { PutObjectCommandInput, StorageClass } from '@aws-sdk/client-s3'
import { Failure } from '#shared/kernel/failure.ts'
import type { SiteId } from '#shared/kernel/ids.ts'
import type { Key } from '#shared/kernel/key.ts'
import { groupEntry, routeEntry } from '#shared/kernel/mark.ts'
import type { Headers, Properties, Write } from '#shared/ports/object-store.ts'
import { quoted } from './failure.ts'
import {
  isPlainName,
  isPlainValue,
  type Kind,
  letters,
  read,
  readOut,
  spell,
  writeOut,
  type WrittenOut,
} from './names.ts'
import { metadataBytesMax } from './traits.ts'

/** The headers of an answer, names in lower case. */
export type Told = Readonly<Record<string, string>>

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
  refuseIllFormed(site, key, [write.headers, write.metadata, write.tags])
  const headers = headersHeld(write.headers)
  const { contentType, expires, ...plain } = headers
  const tags = tagsHeld(write.tags)
  const carried = [...missing('h', namedByWire(write.headers), namedByWire(headers)), ...missing('t', write.tags, tags)]
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
      ...(Object.keys(tags).length === 0 ? {} : { Tagging: inQuery(tags) }),
      Metadata: metadata,
    },
    headers: expires === undefined ? {} : { expires },
  }
}

/** Half a letter has no bytes, so nothing could bring it back. */
function refuseIllFormed(site: SiteId, key: Key, said: readonly object[]): void {
  // Each by itself: halves at the end of a name and at the beginning of its value would make a whole.
  const broken = said
    .flatMap(Object.entries)
    .find((pair: [string, unknown]) => pair.some((text) => !String(text).isWellFormed()))
  if (broken === undefined) return
  throw new Failure(
    'invalid',
    `${quoted(broken[0])} of ${quoted(key)} at ${site}: found a lone surrogate, expected well-formed Unicode`,
    { site, scope: 'key' },
  )
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

function inQuery(tags: Readonly<Record<string, string>>): string {
  return Object.entries(tags)
    .map((tag) => tag.map(encodeURIComponent).join('='))
    .join('&')
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

/** What an answer says that a user said. */
export interface Said extends Properties {
  /** Those tags that S3 has no place for. */
  readonly tags: Readonly<Record<string, string>>
}

export function saidIn(site: SiteId, key: Key, told: Told): Said {
  refuseUntold(site, key, told)
  const entries = Object.entries(told).filter(([name]) => name.startsWith(metadataPrefix))
  const said = entries.map(([name, value]) => entryIn(name.slice(metadataPrefix.length), value))
  const of = (wanted: Kind) =>
    Object.fromEntries(said.filter(({ kind }) => kind === wanted).map(({ name, value }) => [name, value]))
  return { headers: headersIn(told, of('h')), metadata: of('m'), tags: of('t') }
}

const metadataPrefix = 'x-amz-meta-'

function entryIn(name: string, value: string): WrittenOut {
  return readOut(name, value) ?? { kind: 'm', name, value: read(value) }
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

function headersIn(told: Told, carried: Readonly<Record<string, string>>): Headers {
  const headers: Record<string, string> = {}
  for (const [name, wire] of Object.entries(names)) {
    const shown = told[wire]
    const unsaid = shown === undefined || (wire === 'content-type' && shown === nothingSaid)
    const value = Object.hasOwn(carried, wire) ? carried[wire] : unsaid ? undefined : letters(shown)
    if (value !== undefined) headers[name] = value
  }
  return headers
}
