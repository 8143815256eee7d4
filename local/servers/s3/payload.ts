import type { Content, Sum } from '#local/servers/engine/model.ts'
import { Summing } from '#local/servers/engine/sums.ts'
import { small, TooLarge } from '#local/servers/http/small.ts'
import type { Signed } from './authenticate.ts'
import { algorithms, checkStated, headerOf, md5In, type Stated, statedIn, wellFormed } from './checksums.ts'
import { type Chunking, unchunked } from './chunks.ts'
import { argumentRefused, notImplemented, Refusal } from './errors.ts'

/** The body of a request, and what was promised of it. */
export interface Payload {
  /** Without any framing. Read at most once. */
  readonly bytes: AsyncIterable<Uint8Array>
  readonly stated: Stated | null
  /** Whoever takes the bytes computes these for `judge`. */
  readonly sums: readonly Sum[]
  /** Once all bytes have passed: refuses a content that is not what was promised. */
  judge(content: Content): void
}

const bytesMax = 5 * 1024 ** 3

export function payloadOf(
  headers: ReadonlyMap<string, string>,
  signed: Signed,
  body: AsyncIterable<Uint8Array>,
): Payload {
  const chunking = chunkingOf(headers, signed)
  const length = lengthOf(headers, chunking !== null)
  const stated = statedIn(headers, chunking?.trailers ?? [])
  const md5 = md5In(headers)
  const sha256 = /^[0-9a-f]{64}$/.test(signed.payload) ? signed.payload : null
  let trailing: string | null = null
  return {
    bytes:
      chunking === null
        ? body
        : bounded(
            unchunked(body, chunking, (_, value) => (trailing = value)),
            length,
          ),
    stated,
    sums: [
      ...(stated === null ? [] : [algorithms[stated.algorithm].sum]),
      ...(md5 === null ? [] : (['md5'] as const)),
      ...(sha256 === null ? [] : (['sha256'] as const)),
    ],
    judge(content) {
      if (content.size !== length) {
        throw new Refusal('IncompleteBody', `body: found ${content.size} bytes, expected ${length}`)
      }
      if (sha256 !== null && content.sums.sha256 !== sha256) {
        const details = { ClientComputedContentSHA256: sha256, S3ComputedContentSHA256: content.sums.sha256! }
        throw new Refusal('XAmzContentSHA256Mismatch', 'x-amz-content-sha256 is not the SHA-256 of the body.', details)
      }
      if (md5 !== null && content.sums.md5 !== md5) {
        throw new Refusal('BadDigest', 'Content-MD5 is not the MD5 of the body.')
      }
      if (stated === null) return
      checkStated(content, stated.algorithm, stated.value ?? wellFormed(stated.algorithm, trailing ?? ''))
    },
  }
}

/** No more than was announced: what nobody wants is not taken to disk first. */
async function* bounded(bytes: AsyncIterable<Uint8Array>, length: number): AsyncGenerator<Uint8Array, void, undefined> {
  let size = 0
  for await (const piece of bytes) {
    size += piece.byteLength
    if (size > length) throw new Refusal('IncompleteBody', `body: found more than the ${length} bytes announced`)
    yield piece
  }
}

/** A document that is small enough to be read whole, and is what was promised. */
export async function documentOf(
  headers: ReadonlyMap<string, string>,
  payload: Payload,
  max: number,
): Promise<Uint8Array> {
  const bytes = await smallOf(headers, payload.bytes, max)
  const summing = await Summing.of(payload.sums)
  summing.update(bytes)
  payload.judge({ size: bytes.byteLength, sums: summing.digest(), pieces: [] })
  return bytes
}

async function smallOf(
  headers: ReadonlyMap<string, string>,
  body: AsyncIterable<Uint8Array>,
  max: number,
): Promise<Uint8Array> {
  try {
    return await small({ headers: { 'content-length': headers.get('content-length') }, body }, max)
  } catch (error) {
    if (!(error instanceof TooLarge)) throw error
    const details = { MaxMessageLengthBytes: max }
    throw new Refusal('MaxMessageLengthExceeded', 'The document is longer than any of its kind.', details)
  }
}

/** `null` where the body is the bytes themselves. */
function chunkingOf(headers: ReadonlyMap<string, string>, signed: Signed): Chunking | null {
  const trailers = trailersIn(headers)
  switch (signed.payload) {
    case 'STREAMING-UNSIGNED-PAYLOAD-TRAILER':
      return { signed: null, trailers }
    case 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD':
      return { signed, trailers: null }
    case 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER':
      return { signed, trailers }
    case 'UNSIGNED-PAYLOAD':
      return null
    default:
      if (/^[0-9a-f]{64}$/.test(signed.payload)) return null
      if (signed.payload.startsWith('STREAMING-')) throw notImplemented(`x-amz-content-sha256: ${signed.payload}`)
      throw argumentRefused('x-amz-content-sha256', signed.payload, 'a SHA-256 in hex or the name of a form')
  }
}

/** At most the one checksum that a body may bring after its end. */
function trailersIn(headers: ReadonlyMap<string, string>): string[] {
  const listed = (headers.get('x-amz-trailer') ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '')
  const known = Object.keys(algorithms).map((name) => headerOf(name as keyof typeof algorithms))
  const strange = listed.find((name) => !known.includes(name))
  if (strange !== undefined) throw new Refusal('InvalidRequest', `x-amz-trailer: found ${strange}, expected a checksum`)
  return listed
}

/** How many bytes the object will have, which S3 wants to know before it reads any. */
function lengthOf(headers: ReadonlyMap<string, string>, chunked: boolean): number {
  const name = chunked ? 'x-amz-decoded-content-length' : 'content-length'
  const text = headers.get(name)
  if (text === undefined) {
    if (!chunked && !headers.has('transfer-encoding')) return 0
    throw new Refusal('MissingContentLength', `${name}: found none, expected the number of bytes`)
  }
  if (!/^\d{1,15}$/.test(text)) throw argumentRefused(name, text, 'a number of bytes')
  if (Number(text) > bytesMax) {
    const details = { ProposedSize: text, MaxSizeAllowed: bytesMax }
    throw new Refusal('EntityTooLarge', 'One request brings at most 5 GiB: send larger objects in parts.', details)
  }
  return Number(text)
}
