/** Versions and delete markers, a page at a time. */
import { ListObjectVersionsCommand, type ListObjectVersionsCommandOutput } from '@aws-sdk/client-s3'
import { Failure } from '#shared/kernel/failure.ts'
import type { Key } from '#shared/kernel/key.ts'
import { stampId } from '#shared/kernel/version.ts'
import type { KeptVersion, ListPage, ListQuery, VersionPage } from '#shared/ports/object-store.ts'
import type { Call } from './failure.ts'
import { dateIn, illegible, legible, listed, tagIn } from './listings.ts'
import { isInParts, versionOf } from './meta.ts'
import { listedKey, listedName } from './names.ts'
import { type Place, readCall } from './place.ts'

/** The history of exactly this key. It comes first among those that begin so; a page of others is not turned. */
export async function versions(
  place: Place,
  key: Key,
  cursor: string | null,
  signal: AbortSignal,
): Promise<VersionPage> {
  const call = { ...readCall(place, 'versions', key), asksBucket: true }
  const query = { prefix: key, after: '', cursor, max: place.versioned ? place.pageMax : 1 }
  const page = await everyVersion(place, call, query, signal)
  const own = page.versions.filter((version) => version.key === key)
  return { versions: own, next: own.length === page.versions.length && place.versioned ? page.next : null }
}

export async function listVersions(place: Place, query: ListQuery, signal: AbortSignal): Promise<VersionPage> {
  return everyVersion(place, readCall(place, 'listVersions', null), query, signal)
}

async function everyVersion(place: Place, call: Call, query: ListQuery, signal: AbortSignal): Promise<VersionPage> {
  return place.versioned ? kept(place, call, query, signal) : shown(await listed(place, call, query, signal))
}

/** Where no versions are kept, what shows is all there is. */
function shown({ objects, next }: ListPage): VersionPage {
  const versions = objects.map(({ key, id, dateMs }): KeptVersion => {
    const version = versionOf(id, undefined, false)
    return {
      key,
      current: true,
      deleteMarker: false,
      version,
      id,
      dateMs,
      leftMs: null,
      inParts: isInParts(id),
      meta: null,
    }
  })
  return { versions, next }
}

async function kept(place: Place, call: Call, query: ListQuery, signal: AbortSignal): Promise<VersionPage> {
  const mark = query.cursor === null ? null : bookmarkIn(query.cursor, call)
  const command = new ListObjectVersionsCommand({
    Bucket: place.bucket,
    Prefix: query.prefix,
    MaxKeys: Math.min(query.max, place.pageMax),
    EncodingType: 'url',
    ...beginAfter(query, mark),
  })
  const { output, text } = await place.wire.send(call, command, signal, { root: 'ListVersionsResult' })
  return legible(call, () => {
    const rows = inOrder(output, text)
    return {
      versions: rows.map((row, i) => keptOf(row, rows[i - 1] ?? mark)),
      next: output.IsTruncated === true ? bookmark(output, rows.at(-1)) : null,
    }
  })
}

function beginAfter({ after }: ListQuery, mark: Bookmark | null): { KeyMarker?: string; VersionIdMarker?: string } {
  if (mark === null) return after === '' ? {} : { KeyMarker: after }
  return { KeyMarker: mark.keyMarker, ...(mark.idMarker === '' ? {} : { VersionIdMarker: mark.idMarker }) }
}

interface Row {
  readonly key: Key
  readonly marker: boolean
  readonly latest: boolean
  readonly etag: string
  readonly id: string
  readonly dateMs: number
}

/**
 * Versions and markers as they lie upon each other. The SDK sorts them into two lists, and dates, which are whole seconds, do not tell
 * whether a version lies above a deletion or below it: only the order of the answer itself does.
 */
function inOrder(output: ListObjectVersionsCommandOutput, text: string): readonly Row[] {
  const common = ({ Key = '', VersionId = 'null', IsLatest, LastModified }: Entry) => ({
    key: listedKey(Key, output.EncodingType),
    latest: IsLatest === true,
    id: VersionId,
    dateMs: dateIn(LastModified),
  })
  const versions = (output.Versions ?? []).map((entry): Row => ({
    ...common(entry),
    marker: false,
    etag: tagIn(entry.ETag),
  }))
  const markers = (output.DeleteMarkers ?? []).map((entry): Row => ({ ...common(entry), marker: true, etag: '' }))
  const rows = [...text.matchAll(/<(Version|DeleteMarker)[\s>]/g)].map(([, name]) =>
    name === 'Version' ? versions.shift() : markers.shift(),
  )
  if (versions.length > 0 || markers.length > 0) illegible('with entries of no place')
  return rows.map((row) => row ?? illegible('with an entry that says nothing'))
}

interface Entry {
  readonly Key?: string | undefined
  readonly VersionId?: string | undefined
  readonly IsLatest?: boolean | undefined
  readonly LastModified?: Date | undefined
}

/** What lies upon it covered it at its own date. */
function keptOf(row: Row, above: { readonly key: string; readonly dateMs: number } | null): KeptVersion {
  const { key, marker, latest, etag, id, dateMs } = row
  return {
    key,
    current: latest,
    deleteMarker: marker,
    version: versionOf(etag, id, true),
    id: stampId(marker ? id : etag),
    dateMs,
    leftMs: latest || above?.key !== key ? null : above.dateMs,
    inParts: isInParts(etag),
    meta: null,
  }
}

/** Where a page ended, and what lay there: the first of the next may lie below it. */
interface Bookmark {
  readonly keyMarker: string
  readonly idMarker: string
  readonly key: string
  readonly dateMs: number
}

function bookmark(
  { EncodingType, NextKeyMarker, NextVersionIdMarker }: ListObjectVersionsCommandOutput,
  last: Row | undefined,
): string {
  if (last === undefined || NextKeyMarker === undefined) return illegible('with a next page that has no name')
  return JSON.stringify([listedName(NextKeyMarker, EncodingType), NextVersionIdMarker ?? '', last.key, last.dateMs])
}

function bookmarkIn(cursor: string, { site }: Call): Bookmark {
  let parsed: unknown
  try {
    parsed = JSON.parse(cursor)
  } catch {
    parsed = null
  }
  const [keyMarker, idMarker, key, dateMs] = Array.isArray(parsed) ? (parsed as unknown[]) : []
  if (
    typeof keyMarker === 'string' &&
    typeof idMarker === 'string' &&
    typeof key === 'string' &&
    typeof dateMs === 'number'
  ) {
    return { keyMarker, idMarker, key, dateMs }
  }
  throw new Failure('invalid', `cursor for ${site}: found one that no listing of versions gave`, { site })
}
