/** What a bucket shows, a page at a time. */
import { ListObjectsV2Command } from '@aws-sdk/client-s3'
import { stampId } from '#shared/kernel/version.ts'
import type { Listed, ListPage, ListQuery } from '#shared/ports/object-store.ts'
import { type Call, unreadable } from './failure.ts'
import { bareTag } from './meta.ts'
import { listedKey } from './names.ts'
import { type Place, readCall } from './place.ts'

export async function list(place: Place, query: ListQuery, signal: AbortSignal): Promise<ListPage> {
  return listed(place, readCall(place, 'list', null), query, signal)
}

export async function listed(place: Place, call: Call, query: ListQuery, signal: AbortSignal): Promise<ListPage> {
  const command = new ListObjectsV2Command({
    Bucket: place.bucket,
    Prefix: query.prefix,
    MaxKeys: Math.min(query.max, place.pageMax),
    // XML does not hold every letter that a key may have.
    EncodingType: 'url',
    ...(query.cursor === null ? {} : { ContinuationToken: query.cursor }),
    ...(query.cursor === null && query.after !== '' ? { StartAfter: query.after } : {}),
  })
  const { output } = await place.wire.send(call, command, signal, { root: 'ListBucketResult' })
  return legible(call, () => ({
    objects: (output.Contents ?? []).map((entry): Listed => ({
      key: listedKey(entry.Key ?? '', output.EncodingType),
      id: stampId(tagIn(entry.ETag)),
      dateMs: dateIn(entry.LastModified),
      size: entry.Size ?? illegible('with an object without a size'),
      // Its ETag is an MD5, or is none: that depends on how it is encrypted, of which a listing says nothing.
      digests: {},
      meta: null,
    })),
    next:
      output.IsTruncated === true
        ? (output.NextContinuationToken ?? illegible('with a next page that has no name'))
        : null,
  }))
}

class Illegible extends Error {}

export function illegible(why: string): never {
  throw new Illegible(why)
}

/** Takes an answer apart; what cannot be is no answer. */
export function legible<T>(call: Call, take: () => T): T {
  try {
    return take()
  } catch (thrown) {
    if (thrown instanceof Illegible) throw unreadable(call, thrown.message)
    if (thrown instanceof URIError) throw unreadable(call, 'with a name that is not encoded as it says', thrown)
    throw thrown
  }
}

/** By the second, as S3 dates. Stores that speak its wire may list finer than they answer a HEAD; one version has one date. */
export function dateIn(date: Date | undefined): number {
  const ms = date?.getTime() ?? NaN
  return Number.isNaN(ms) ? illegible('with an entry without a date') : Math.floor(ms / 1000) * 1000
}

export function tagIn(etag: string | undefined): string {
  return etag === undefined || etag === '' ? illegible('with an entry without an ETag') : bareTag(etag)
}
