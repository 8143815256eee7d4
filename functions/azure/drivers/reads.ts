/** One version looked at, opened, and its tags read. */
import type { Readable } from 'node:stream'
import type { BlobClient, BlobDownloadResponseParsed } from '@azure/storage-blob'
import type { Hashing } from '#shared/kernel/digest.ts'
import { Failure } from '#shared/kernel/failure.ts'
import type { Key } from '#shared/kernel/key.ts'
import type { Version } from '#shared/kernel/version.ts'
import type { Found, ObjectMeta, Range } from '#shared/ports/object-store.ts'
import { type Asked, isAbsent, isRefused, nameOfCall } from './failure.ts'
import { type Piece, Reading } from './incoming.ts'
import { type Facts, factsIn, metaOf, type Pin, pinOf, quoted } from './meta.ts'
import { toldBy } from './properties.ts'
import type { Wire } from './wire.ts'

export interface Reads {
  readonly wire: Wire
  readonly hashing: Hashing
  readonly versioned: boolean
}

/** Azure tells the checksum of a range only up to here. */
const checkedBytesMax = 4 * 1024 * 1024

export async function head(
  reads: Reads,
  key: Key,
  signal: AbortSignal,
  version: Version | undefined,
): Promise<ObjectMeta | null> {
  const asked = reads.wire.asked('head', key, false)
  const facts = await factsOf(reads, key, signal, version, asked)
  return facts === null ? null : metaOf(key, facts, reads.versioned, asked)
}

/**
 * One request where the body is small, or is known to have an MD5: then whoever reads the whole compares that. Any other body comes in ranges
 * of 4 MiB, each with a checksum of its own.
 */
export async function get(
  reads: Reads,
  key: Key,
  signal: AbortSignal,
  want: { readonly version?: Version; readonly range?: Range },
): Promise<Found | null> {
  const { wire, versioned, hashing } = reads
  const asked = wire.asked('get', key, false)
  const range = want.range ?? { start: 0, end: Infinity }
  const pin = want.version === undefined ? null : pinOf(want.version)
  const first = range.start < range.end ? await open(reads, key, signal, pin, range) : 'beyond'
  if (first === null) return null
  if (first === 'beyond') return findEmpty(reads, key, signal, want.version, range)
  const meta = metaOf(key, first.facts, versioned, asked)
  const opened = pinOf(meta.version)
  const end = Math.min(range.end, meta.size)
  const body = new Reading(
    {
      start: range.start,
      end,
      signal,
      hashing,
      open: async (start, ending) => {
        const next = await open(reads, key, ending, opened, { start, end })
        if (next === null || next === 'beyond') throw broken(asked, 'a version that is gone', 'the rest of its body')
        return next.piece
      },
      failure: (thrown) => wire.failure(thrown, asked, signal),
      damaged: (what) => new Failure('corrupt', `${nameOfCall(asked)}: ${what}`, { site: wire.site }),
    },
    first.piece,
  )
  return { meta, body }
}

export async function tags(
  reads: Reads,
  key: Key,
  version: Version,
  signal: AbortSignal,
): Promise<Readonly<Record<string, string>>> {
  const asked = reads.wire.asked('tags', key, false)
  const facts = await factsOf(reads, key, signal, version, asked)
  if (facts === null) {
    throw new Failure('absent', `${nameOfCall(asked)}: the version whose tags were asked for is gone`, {
      site: asked.site,
    })
  }
  const { carriedTags } = toldBy(facts)
  if (!facts.tagCount) return carriedTags
  const { client } = pinned(reads, key, pinOf(version))
  const answer = await reads.wire.ask(asked, signal, (abortSignal) => client.getTags({ abortSignal }))
  return { ...carriedTags, ...answer.tags }
}

async function factsOf(
  reads: Reads,
  key: Key,
  signal: AbortSignal,
  version: Version | undefined,
  asked: Asked,
): Promise<Facts | null> {
  const { client, conditions, isGone } = pinned(reads, key, version === undefined ? null : pinOf(version))
  const answer = await reads.wire.ask(
    asked,
    signal,
    (abortSignal) => client.getProperties({ conditions, abortSignal }),
    isGone,
  )
  return answer === null ? null : factsIn(answer, answer.contentLength ?? 0, answer.contentMD5)
}

/** A version id names the version; without one only the ETag of what shows can tell whether it is still the one meant. */
function pinned(
  { wire }: Reads,
  key: Key,
  pin: Pin | null,
): { client: BlobClient; conditions: { ifMatch?: string }; isGone: (thrown: unknown) => boolean } {
  const client = wire.blob(key)
  if (pin === null) return { client, conditions: {}, isGone: isAbsent }
  if (pin.versionId !== null) return { client: client.withVersion(pin.versionId), conditions: {}, isGone: isAbsent }
  const isGone = (thrown: unknown) => isAbsent(thrown) || isRefused(thrown, 'ConditionNotMet')
  return { client, conditions: { ifMatch: quoted(pin) }, isGone }
}

interface Opened {
  readonly facts: Facts
  readonly piece: Piece
}

/** `beyond`: the blob ends where the range begins, or before. */
async function open(
  reads: Reads,
  key: Key,
  signal: AbortSignal,
  pin: Pin | null,
  { start, end }: Range,
): Promise<Opened | 'beyond' | null> {
  const asked = reads.wire.asked('get', key, false)
  const { client, conditions, isGone } = pinned(reads, key, pin)
  const until = pin?.vouched === true ? end : Math.min(end, start + checkedBytesMax)
  let beyond = false
  const answer = await reads.wire.ask(
    asked,
    signal,
    (abortSignal) =>
      client.download(start, until === Infinity ? undefined : until - start, {
        conditions,
        rangeGetContentMD5: pin?.vouched !== true,
        maxRetryRequests: 0,
        abortSignal,
      }),
    (thrown) => (beyond = isRefused(thrown, 'InvalidRange')) || isGone(thrown),
  )
  if (answer === null) return beyond ? 'beyond' : null
  return openedOf(answer, start, asked)
}

function openedOf(answer: BlobDownloadResponseParsed, start: number, asked: Asked): Opened {
  const { contentRange, contentLength = 0, readableStreamBody } = answer
  const [, from = '0', total = String(contentLength)] = /^bytes (\d+)-\d+\/(\d+)$/.exec(contentRange ?? '') ?? []
  if (readableStreamBody === undefined || Number(from) !== start) {
    throw broken(asked, `an answer from byte ${from} on`, `one from byte ${start} on`)
  }
  // Within a range the usual header is of the range alone.
  const md5 = contentRange === undefined ? answer.contentMD5 : answer.blobContentMD5
  const own = md5 === undefined ? (answer.contentMD5 ?? null) : null
  const piece = { stream: readableStreamBody as Readable, size: contentLength, md5: own }
  return { facts: factsIn(answer, Number(total), md5), piece }
}

/** What there is to say where there is no byte to open. */
async function findEmpty(
  reads: Reads,
  key: Key,
  signal: AbortSignal,
  version: Version | undefined,
  { start, end }: Range,
): Promise<Found | null> {
  const meta = await head(reads, key, signal, version)
  if (meta === null) return null
  if (start < end && start < meta.size) {
    const message = `${nameOfCall(reads.wire.asked('get', key, false))}: it changed between two looks`
    throw new Failure('conflict', message, { site: reads.wire.site })
  }
  return { meta, body: (async function* () {})() }
}

function broken(asked: Asked, found: string, expected: string): Failure {
  const message = `${nameOfCall(asked)}: found ${found}, expected ${expected}; it is asked again later`
  return new Failure('unreachable', message, { site: asked.site })
}
