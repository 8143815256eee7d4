/** HEAD, GET and tags. Absence is said only by who may say it: S3's own word for this key, in a bucket that is there. */
import type { Readable } from 'node:stream'
import { GetObjectCommand, GetObjectTaggingCommand, HeadBucketCommand, HeadObjectCommand } from '@aws-sdk/client-s3'
import { asFailure, Failure } from '#shared/kernel/failure.ts'
import type { Key } from '#shared/kernel/key.ts'
import type { Version } from '#shared/kernel/version.ts'
import type { Found, ObjectMeta, Range } from '#shared/ports/object-store.ts'
import { incoming } from './bodies.ts'
import { type Call, failureOf, quoted, refusalIn, unreadable } from './failure.ts'
import { metaOf, pinOf } from './meta.ts'
import { saidIn, type Told } from './properties.ts'
import { type Place, readCall } from './place.ts'

/** Checksums are told only to who asks. Asked through the SDK, it would read each body once more to compare. */
const summed = { 'x-amz-checksum-mode': 'ENABLED' }

export async function head(place: Place, key: Key, signal: AbortSignal, pinned?: Version): Promise<ObjectMeta | null> {
  const told = await look(place, key, signal, pinned)
  return told === null ? null : metaIn(place, readCall(place, 'head', key), key, told)
}

async function look(place: Place, key: Key, signal: AbortSignal, pinned?: Version): Promise<Told | null> {
  const call = readCall(place, 'head', key)
  const command = new HeadObjectCommand({ Bucket: place.bucket, Key: key, ...pinFor(place, pinned) })
  try {
    return (await place.wire.send(call, command, signal, { headers: summed })).told
  } catch (thrown) {
    return unseen(place, key, signal, asFailure(thrown), pinned)
  }
}

/** A refusal of HEAD has a status and no words: where it matters which, somebody else is asked. */
async function unseen(
  place: Place,
  key: Key,
  signal: AbortSignal,
  failure: Failure,
  pinned: Version | undefined,
): Promise<null> {
  const refusal = refusalIn(failure)
  if (refusal === null) throw failure
  if (isCovered(refusal.told) || isPassed(refusal.status, pinned)) return null
  if (refusal.status === 404) {
    await findBucket(place, signal)
    return null
  }
  if (refusal.code === null && refusal.status < 429) await explain(place, key, signal, pinned)
  throw failure
}

/** A missing bucket answers HEAD as a missing object does: taken for absence, it would delete at every target. */
async function findBucket(place: Place, signal: AbortSignal): Promise<void> {
  const { wire, bucket } = place
  if (wire.isProven(bucket, provenMs)) return
  const command = new HeadBucketCommand({ Bucket: bucket })
  await wire.send(readCall(place, 'head', null), command, signal)
}

const provenMs = 10_000

/** The same question with an answer in words; throws what they mean. */
async function explain(place: Place, key: Key, signal: AbortSignal, pinned: Version | undefined): Promise<void> {
  const command = new GetObjectCommand({
    Bucket: place.bucket,
    Key: key,
    Range: 'bytes=0-0',
    ...pinFor(place, pinned),
  })
  const { output } = await place.wire.send(readCall(place, 'head', key), command, signal, { streams: true })
  ;(output.Body as Readable).destroy()
}

export async function get(
  place: Place,
  key: Key,
  signal: AbortSignal,
  want: { readonly version?: Version; readonly range?: Range } = {},
): Promise<Found | null> {
  const { version, range } = want
  if (range !== undefined && range.end <= range.start) return nothingOf(await head(place, key, signal, version))
  const call = readCall(place, 'get', key)
  const command = new GetObjectCommand({
    Bucket: place.bucket,
    Key: key,
    ...(range === undefined ? {} : { Range: `bytes=${range.start}-${range.end - 1}` }),
    ...pinFor(place, version),
  })
  try {
    const { told, output } = await place.wire.send(call, command, signal, { headers: summed, streams: true })
    const stream = output.Body as Readable
    return await opened(place, call, key, { told, stream, range }, signal)
  } catch (thrown) {
    const failure = asFailure(thrown)
    if (isAbsence(failure, version)) return null
    throw failure
  }
}

function nothingOf(meta: ObjectMeta | null): Found | null {
  return meta === null ? null : { meta, body: { async *[Symbol.asyncIterator]() {} } }
}

interface Opened {
  readonly told: Told
  readonly stream: Readable
  readonly range: Range | undefined
}

/** Whether the bytes are the store's is compared by who reads them whole (`compareWithSource`); here, whether they are the piece that was asked for. */
async function opened(
  place: Place,
  call: Call,
  key: Key,
  { told, stream, range }: Opened,
  signal: AbortSignal,
): Promise<Found> {
  try {
    const meta = metaIn(place, call, key, told)
    if (range !== undefined) checkRange(call, told, range, meta.size)
    const want = { version: meta.version, ...(range === undefined ? {} : { range }) }
    const body = incoming({
      stream,
      bytes: Number(told['content-length'] ?? Infinity),
      broken: (cause) =>
        signal.aborted
          ? failureOf(call, { sent: true, status: null, left: true, cause })
          : unreadable(call, 'its body broke off', cause),
      again: async (left) => {
        const found = await get(place, key, AbortSignal.any([signal, left]), want)
        if (found === null)
          throw new Failure('absent', `${quoted(key)} at ${place.site}: gone while it waited for its reader`, {
            site: place.site,
          })
        return found.body
      },
    })
    return { meta, body }
  } catch (thrown) {
    stream.destroy()
    throw thrown
  }
}

function checkRange(call: Call, told: Told, { start, end }: Range, size: number): void {
  const expected = `bytes ${start}-${Math.min(end, size) - 1}/${size}`
  if (told['content-range'] === expected) return
  throw unreadable(call, `with ${told['content-range'] ?? 'the whole'} instead of ${expected}`)
}

export async function tags(
  place: Place,
  key: Key,
  pinned: Version,
  signal: AbortSignal,
): Promise<Readonly<Record<string, string>>> {
  const call = readCall(place, 'tags', key)
  const { id } = pinOf(pinned)
  const command = new GetObjectTaggingCommand({
    Bucket: place.bucket,
    Key: key,
    ...(place.versioned ? { VersionId: id } : {}),
  })
  // Those that S3 does not hold as tags are told by HEAD, which also sees whether it is still this version where none are kept.
  const [{ output }, told] = await Promise.all([
    place.wire.send(call, command, signal, { root: 'Tagging' }),
    look(place, key, signal, pinned),
  ])
  if (told === null) {
    throw new Failure('absent', `tags of ${quoted(key)} at ${place.site}: the version that was meant is gone`, {
      site: place.site,
    })
  }
  const held = (output.TagSet ?? []).map(({ Key = '', Value = '' }) => [Key, Value] as const)
  return { ...Object.fromEntries(held), ...saidIn(place.site, key, told).tags }
}

function metaIn(place: Place, call: Call, key: Key, told: Told): ObjectMeta {
  const meta = metaOf(place.site, key, told, place.versioned)
  if (meta === null) throw unreadable(call, 'without an ETag, a date or a size')
  return meta
}

/** The ETag beside the version's id: what is written while versioning is suspended is always called `null`. */
function pinFor({ versioned }: Place, pinned: Version | undefined): { VersionId?: string; IfMatch?: string } {
  if (pinned === undefined) return {}
  const { etag, id } = pinOf(pinned)
  return { ...(versioned ? { VersionId: id } : {}), ...(etag === '' ? {} : { IfMatch: `"${etag}"` }) }
}

function isAbsence(failure: Failure, pinned: Version | undefined): boolean {
  const refusal = refusalIn(failure)
  if (refusal === null) return false
  const { status, code, told } = refusal
  const named = status === 404 && (code === 'NoSuchKey' || code === 'NoSuchVersion')
  return named || isCovered(told) || isPassed(status, pinned)
}

/** A delete marker lies on top, or is what was named. */
function isCovered(told: Told): boolean {
  return told['x-amz-delete-marker'] === 'true'
}

/** The pinned version was replaced by another of its name, or is a marker. */
function isPassed(status: number, pinned: Version | undefined): boolean {
  return pinned !== undefined && (status === 412 || status === 405)
}
