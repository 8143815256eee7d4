/**
 * What a user says of an object, as a blob holds it: five headers, metadata, tags. What a blob has no place for travels in two metadata
 * entries of ours, and is put back where it belongs when read.
 */
import type { BlobHTTPHeaders } from '@azure/storage-blob'
import { Failure } from '#shared/kernel/failure.ts'
import type { Headers, Properties, Write } from '#shared/ports/object-store.ts'
import { type Asked, nameOfCall } from './failure.ts'
import { azureName, azureValue, isPlain, portName, portValue } from './metadata.ts'
import { shown } from './shown.ts'
import { carriedTags, splitTags, type Tags } from './tags.ts'
import { metadataBytesMax } from './traits.ts'

/** What a blob shows, named as the SDK names it in every answer. */
export interface Shown {
  readonly contentType?: string | undefined
  readonly contentEncoding?: string | undefined
  readonly contentLanguage?: string | undefined
  readonly contentDisposition?: string | undefined
  readonly cacheControl?: string | undefined
  readonly metadata?: Readonly<Record<string, string>> | undefined
  readonly tagCount?: number | undefined
}

/** The same on its way to the blob. */
export interface Said {
  readonly headers: Shown
  readonly metadata: Readonly<Record<string, string>>
  readonly tags: Tags
}

const headersEntry = 'isobar_headers'
const tagsEntry = 'isobar_tags'

/** Every blob has a type. This one says that none was said: S3 says so too, and Azure gives another one to what its own users leave without. */
const noType = 'binary/octet-stream'

const natively = ['contentType', 'contentEncoding', 'contentLanguage', 'contentDisposition', 'cacheControl'] as const

/** Headers that travel in metadata. */
type Carried = Headers

export function saidOf(write: Properties & Pick<Write, 'tags'>, asked: Asked): Said {
  refuseHalves(write, asked)
  const { native, carried } = splitHeaders(write.headers)
  const { native: tags, carried: beside } = splitTags(write.tags)
  const entries = Object.entries(write.metadata).map(([name, value]) => [azureName(name), azureValue(value)] as const)
  if (Object.keys(carried).length > 0) entries.push([headersEntry, azureValue(JSON.stringify(carried))])
  if (beside !== '') entries.push([tagsEntry, beside])
  const bytes = entries.reduce((sum, [name, value]) => sum + name.length + value.length, 0)
  if (bytes > metadataBytesMax) {
    const found = `metadata of ${bytes} bytes as Azure spells it`
    const next = `shorten names, values or tags by ${bytes - metadataBytesMax}`
    throw unfit(asked, `found ${found}, expected at most ${metadataBytesMax}; ${next}`)
  }
  return { headers: native, metadata: Object.fromEntries(entries), tags }
}

export function blobHeaders(headers: Shown, md5: Uint8Array | undefined): BlobHTTPHeaders {
  const said: BlobHTTPHeaders = md5 === undefined ? {} : { blobContentMD5: md5 }
  if (headers.contentType !== undefined) said.blobContentType = headers.contentType
  if (headers.contentEncoding !== undefined) said.blobContentEncoding = headers.contentEncoding
  if (headers.contentLanguage !== undefined) said.blobContentLanguage = headers.contentLanguage
  if (headers.contentDisposition !== undefined) said.blobContentDisposition = headers.contentDisposition
  if (headers.cacheControl !== undefined) said.blobCacheControl = headers.cacheControl
  return said
}

export interface Told extends Properties {
  /** Tags that travel in metadata; the others are one more request. */
  readonly carriedTags: Tags
}

export function toldBy(shown: Shown): Told {
  const metadata = new Map(Object.entries(shown.metadata ?? {}).map(([name, value]) => [name.toLowerCase(), value]))
  const carried = carriedHeaders(metadata.get(headersEntry))
  if (carried !== null) metadata.delete(headersEntry)
  const tags = carriedTags(metadata.get(tagsEntry))
  if (tags !== null) metadata.delete(tagsEntry)
  return {
    headers: joinHeaders(shown, carried ?? {}),
    metadata: Object.fromEntries([...metadata].map(([name, value]) => [portName(name), portValue(value)])),
    carriedTags: tags ?? {},
  }
}

function splitHeaders(headers: Headers): { readonly native: Shown; readonly carried: Carried } {
  const native: Record<string, string> = { contentType: noType }
  const carried: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers) as [keyof Headers, string | undefined][]) {
    if (value !== undefined) (isNative(name, value) ? native : carried)[name] = value
  }
  return { native, carried }
}

/** What the blob itself shows wins: somebody has changed it since. */
function joinHeaders(shown: Shown, carried: Carried): Headers {
  const headers: Record<string, string> = { ...carried }
  for (const name of natively) {
    const value = shown[name]
    if (value && !(name === 'contentType' && value === noType)) headers[name] = value
  }
  return headers
}

/** Only what we could have written ourselves; anything else is a user's own entry that happens to bear the name. */
function carriedHeaders(entry: string | undefined): Carried | null {
  if (entry === undefined) return null
  try {
    const carried = JSON.parse(portValue(entry)) as unknown
    if (typeof carried !== 'object' || carried === null || azureValue(JSON.stringify(carried)) !== entry) return null
    return Object.entries(carried).every(([name, value]) => isCarried(name, value)) ? carried : null
  } catch {
    return null
  }
}

function isCarried(name: string, value: unknown): boolean {
  const known = name === 'expires' || natively.some((one) => one === name)
  return known && typeof value === 'string' && value.isWellFormed() && !isNative(name, value)
}

function isNative(name: string, value: string): boolean {
  return name !== 'expires' && isPlain(value) && !(name === 'contentType' && value === noType)
}

/** No header and no other cloud holds half a character, and what is percent-encoded cannot be one. */
function refuseHalves({ headers, metadata, tags }: Properties & Pick<Write, 'tags'>, asked: Asked): void {
  const all: Readonly<Record<string, Readonly<Record<string, string>>>> = { headers: { ...headers }, metadata, tags }
  for (const [what, said] of Object.entries(all)) {
    const half = Object.entries(said).find(([name, value]) => !name.isWellFormed() || !value.isWellFormed())
    if (half === undefined) continue
    throw unfit(asked, `found half a character in ${what}, at ${shown(half[0])}, expected well-formed Unicode`)
  }
}

function unfit(asked: Asked, what: string): Failure {
  return new Failure('invalid', `${nameOfCall(asked)}: ${what}`, { site: asked.site })
}
