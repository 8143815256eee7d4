import { argumentRefused, Refusal } from './errors.ts'
import { type Tags, tagsFromHeader } from './tags.ts'
import { shownValue, storedValue } from './words.ts'

/** What a writer says of an object beside its bytes. */
export interface Properties {
  /** By their names on the wire, values as they came. */
  readonly headers: Readonly<Record<string, string>>
  /** Names without `x-amz-meta-`, in lower case. */
  readonly metadata: Metadata
  readonly tags: Tags
  readonly storageClass: string
}

export type Metadata = readonly (readonly [name: string, value: string])[]

type RequestHeaders = ReadonlyMap<string, string>

const kept = ['cache-control', 'content-disposition', 'content-language', 'expires'] as const
const metadataBytesMax = 2048
const prefix = 'x-amz-meta-'

export function propertiesIn(headers: RequestHeaders): Properties {
  return { ...describedIn(headers), tags: tagsIn(headers), storageClass: storageClassIn(headers) }
}

/** What `x-amz-metadata-directive` is about: everything but tags and storage class. */
export function describedIn(headers: RequestHeaders): Pick<Properties, 'headers' | 'metadata'> {
  const said: Record<string, string> = { 'content-type': headers.get('content-type') || 'binary/octet-stream' }
  const encoding = encodingIn(headers)
  if (encoding !== '') said['content-encoding'] = encoding
  for (const name of kept) {
    const value = headers.get(name)
    if (value !== undefined) said[name] = value
  }
  return { headers: said, metadata: metadataIn(headers) }
}

/** `aws-chunked` is about the request, not about the object. */
function encodingIn(headers: RequestHeaders): string {
  const all = (headers.get('content-encoding') ?? '').split(',').map((encoding) => encoding.trim())
  return all.filter((encoding) => encoding !== '' && encoding !== 'aws-chunked').join(',')
}

function metadataIn(headers: RequestHeaders): Metadata {
  const metadata = [...headers]
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, value]) => [name.slice(prefix.length), storedValue(value)] as const)
  const size = metadata.reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value), 0)
  if (size <= metadataBytesMax) return metadata
  const details = { Size: size, MaxSizeAllowed: metadataBytesMax }
  throw new Refusal('MetadataTooLarge', 'User metadata is at most 2 KB, names and values together.', details)
}

export function tagsIn(headers: RequestHeaders): Tags {
  const header = headers.get('x-amz-tagging')
  return header === undefined ? [] : tagsFromHeader(header)
}

const storageClasses: readonly string[] = [
  'STANDARD',
  'REDUCED_REDUNDANCY',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER',
  'DEEP_ARCHIVE',
  'GLACIER_IR',
]

export function storageClassIn(headers: RequestHeaders): string {
  const named = headers.get('x-amz-storage-class') ?? 'STANDARD'
  if (storageClasses.includes(named)) return named
  throw new Refusal('InvalidStorageClass', `x-amz-storage-class: found ${named}, expected one that S3 knows`)
}

/** Whose bytes cannot be read before a restore. */
export function isArchived({ storageClass }: Properties): boolean {
  return storageClass === 'GLACIER' || storageClass === 'DEEP_ARCHIVE'
}

/** As GET and HEAD answer them. */
export function propertyHeaders({ headers, metadata, tags, storageClass }: Properties): Record<string, string> {
  return {
    ...headers,
    ...Object.fromEntries(metadata.map(([name, value]) => [prefix + name, shownValue(value)])),
    ...(tags.length === 0 ? {} : { 'x-amz-tagging-count': String(tags.length) }),
    ...(storageClass === 'STANDARD' ? {} : { 'x-amz-storage-class': storageClass }),
  }
}

/** A `COPY` or `REPLACE` in the header of this name. */
export function directiveIn(headers: RequestHeaders, name: string): 'COPY' | 'REPLACE' {
  const directive = headers.get(name) ?? 'COPY'
  if (directive === 'COPY' || directive === 'REPLACE') return directive
  throw argumentRefused(name, directive, 'COPY or REPLACE')
}
