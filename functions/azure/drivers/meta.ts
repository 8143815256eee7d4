/** What Azure's answers and listings say of one version. */
import type { Digests } from '#shared/kernel/digest.ts'
import { Failure } from '#shared/kernel/failure.ts'
import type { Key } from '#shared/kernel/key.ts'
import { type StampId, stampId, type Version, version } from '#shared/kernel/version.ts'
import type { KeptVersion, ObjectMeta } from '#shared/ports/object-store.ts'
import { nameOfCall, type Asked } from './failure.ts'
import { type Shown, type Told, toldBy } from './properties.ts'

/** One version as an answer or an entry of a listing tells it, in the words of the SDK. */
export interface Facts extends Shown {
  readonly etag?: string | undefined
  readonly versionId?: string | undefined
  readonly lastModified?: Date | undefined
  readonly size: number
  readonly md5: Uint8Array | undefined
}

/** Takes them from whatever the SDK hands out, by name: some of it are getters. A listing tells of a blob without a checksum that its checksum is empty. */
export function factsIn(told: Omit<Facts, 'size' | 'md5'>, size: number, sum: Uint8Array | undefined): Facts {
  const md5 = sum?.byteLength === 0 ? undefined : sum
  const { etag, versionId, lastModified, metadata, tagCount } = told
  const { contentType, contentEncoding, contentLanguage, contentDisposition, cacheControl } = told
  const headers = { contentType, contentEncoding, contentLanguage, contentDisposition, cacheControl }
  return { etag, versionId, lastModified, metadata, tagCount, ...headers, size, md5 }
}

/** What our version strings hold. */
export interface Pin {
  readonly etag: string
  /** `null` where the account keeps no versions, or kept none when it was written: then only the ETag names it. */
  readonly versionId: string | null
  /** Whether the store vouches for the whole by an MD5. */
  readonly vouched: boolean
}

/** The names of a version: for conditions and pinned reads, for stamps, and when it was written. */
interface Names {
  readonly version: Version
  readonly id: StampId
  readonly dateMs: number
}

export function metaOf(key: Key, facts: Facts, versioned: boolean, asked: Asked): ObjectMeta {
  return metaTold(key, facts, toldBy(facts), namesOf(facts, versioned, asked))
}

/** An entry of a history. `whole`: its listing showed metadata. */
export function keptOf(
  key: Key,
  facts: Facts,
  standing: { readonly current: boolean; readonly whole: boolean },
  versioned: boolean,
  asked: Asked,
): KeptVersion {
  const names = namesOf(facts, versioned, asked)
  return {
    key,
    current: standing.current,
    deleteMarker: false,
    ...names,
    leftMs: null,
    inParts: false,
    meta: standing.whole ? metaTold(key, facts, toldBy(facts), names) : null,
  }
}

export function namesOf({ etag, versionId, lastModified, md5 }: Facts, versioned: boolean, asked: Asked): Names {
  const token = (etag ?? '').replace(/^"(.*)"$/, '$1')
  const kept = versioned && versionId !== undefined && versionId !== '' ? versionId : null
  const dateMs = Math.floor(kept === null ? (lastModified?.getTime() ?? NaN) : Date.parse(kept))
  if (token === '' || Number.isNaN(dateMs)) {
    const found = `ETag ${JSON.stringify(etag)}, version ${JSON.stringify(versionId)}, date ${String(lastModified)}`
    throw new Failure('unreachable', `${nameOfCall(asked)}: found ${found}, expected the names of a version`, {
      site: asked.site,
    })
  }
  const text = `${token}|${kept ?? ''}|${md5 === undefined ? '' : 'm'}`
  return { version: version(text), id: stampId(kept ?? token), dateMs }
}

export function pinOf(pinned: Version): Pin {
  const [etag = '', versionId = '', vouched = ''] = pinned.split('|')
  return { etag, versionId: versionId === '' ? null : versionId, vouched: vouched !== '' }
}

/** As conditions spell it. */
export function quoted({ etag }: Pin): string {
  return `"${etag}"`
}

export function digestsOf(md5: Uint8Array | undefined): Digests {
  return md5 === undefined ? {} : { md5: Buffer.from(md5).toString('base64') }
}

function metaTold(key: Key, facts: Facts, told: Told, names: Names): ObjectMeta {
  const beside = Object.keys(told.carriedTags).length
  return {
    key,
    ...names,
    size: facts.size,
    digests: digestsOf(facts.md5),
    inParts: false,
    tagCount: (facts.tagCount ?? 0) + beside,
    headers: told.headers,
    metadata: told.metadata,
  }
}
