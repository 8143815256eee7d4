import { createHash } from 'node:crypto'
import { Refusal } from './errors.ts'
import { chunkSignatureOf, sameSignature, type Signer, trailerSignatureOf } from './signature.ts'

/** How a body comes in `aws-chunked` form. https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html */
export interface Chunking {
  /** Whose signature goes on from chunk to chunk; `null` where chunks are unsigned. */
  readonly signed: { readonly signer: Signer; readonly signature: string } | null
  /** Names that follow the last chunk; `null` where none may. */
  readonly trailers: readonly string[] | null
}

const lineBytesMax = 4096
const chunkBytesMax = 1024 ** 3

/**
 * Yields the bytes within the framing. Bytes pass before their chunk's signature is checked: whoever takes them keeps them out of
 * sight until the end. `onTrailer` is called for each, before the end.
 */
export async function* unchunked(
  body: AsyncIterable<Uint8Array>,
  { signed, trailers }: Chunking,
  onTrailer: (name: string, value: string) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = new Reader(body)
  let previous = signed?.signature ?? ''
  for (;;) {
    const { size, signature } = chunkHead(await reader.line())
    const hash = signed === null ? null : createHash('sha256')
    for await (const bytes of reader.take(size)) {
      hash?.update(bytes)
      yield bytes
    }
    if (signed !== null) previous = checked(signature, chunkSignatureOf(signed.signer, previous, hash!.digest('hex')))
    if (size === 0) break
    if ((await reader.line()) !== '') throw broken('no line break after a chunk')
  }
  const lines = await trailerLines(reader)
  if (trailers === null && lines.length > 0) throw misplaced(`found ${lines[0]}, expected no trailer`)
  if (trailers !== null) readTrailers(lines, trailers, onTrailer, signed === null ? null : { ...signed, previous })
}

function chunkHead(line: string): { size: number; signature: string } {
  const [, hex, signature = ''] = /^([0-9a-fA-F]{1,8})(?:;chunk-signature=([0-9a-f]{64}))?$/.exec(line) ?? []
  const size = parseInt(hex ?? '', 16)
  if (Number.isNaN(size) || size > chunkBytesMax) throw broken(`found ${JSON.stringify(line)}, expected a chunk's size`)
  return { size, signature }
}

function checked(given: string, own: string): string {
  if (sameSignature(given, own)) return own
  throw new Refusal('SignatureDoesNotMatch', 'The signature of a chunk is not the one that this server calculates.')
}

async function trailerLines(reader: Reader): Promise<string[]> {
  const lines: string[] = []
  for (let line = await reader.line(); line !== ''; line = await reader.line()) {
    lines.push(line)
    if (lines.length > 10) throw misplaced('found more than ten trailers')
  }
  await reader.end()
  return lines
}

const signatureName = 'x-amz-trailer-signature'

function readTrailers(
  lines: readonly string[],
  expected: readonly string[],
  onTrailer: (name: string, value: string) => void,
  signed: { readonly signer: Signer; readonly previous: string } | null,
): void {
  const pairs = lines.map((line) => {
    const colon = line.indexOf(':')
    return [line.slice(0, Math.max(colon, 0)).trim().toLowerCase(), line.slice(colon + 1).trim()] as const
  })
  const own = pairs.filter(([name]) => name !== signatureName)
  if (own.map(([name]) => name).join() !== expected.join()) {
    throw misplaced(`found ${own.map(([name]) => name).join(', ') || 'none'}, expected ${expected.join(', ')}`)
  }
  if (signed !== null) {
    const signature = pairs.find(([name]) => name === signatureName)?.[1] ?? ''
    const text = own.map(([name, value]) => `${name}:${value}\n`).join('')
    checked(signature, trailerSignatureOf(signed.signer, signed.previous, text))
  }
  for (const [name, value] of own) onTrailer(name, value)
}

function broken(found: string): Refusal {
  return new Refusal('IncompleteBody', `The body is not what aws-chunked looks like: ${found}.`)
}

function misplaced(found: string): Refusal {
  return new Refusal('MalformedTrailerError', `The trailer is not the one that x-amz-trailer announces: ${found}.`)
}

/** Lines and runs of bytes from a body that comes in pieces of any size. */
class Reader {
  readonly #source: AsyncIterator<Uint8Array>
  #rest: Uint8Array = new Uint8Array(0)

  constructor(body: AsyncIterable<Uint8Array>) {
    this.#source = body[Symbol.asyncIterator]()
  }

  /** Without its line break. */
  async line(): Promise<string> {
    for (;;) {
      const end = this.#rest.indexOf(10)
      if (end >= 0) {
        const line = Buffer.from(this.#rest.subarray(0, end)).toString('latin1')
        this.#rest = this.#rest.subarray(end + 1)
        return line.endsWith('\r') ? line.slice(0, -1) : line
      }
      if (this.#rest.byteLength > lineBytesMax) throw broken('a line does not end')
      this.#rest = Buffer.concat([this.#rest, await this.#next()])
    }
  }

  async *take(size: number): AsyncGenerator<Uint8Array, void, undefined> {
    for (let left = size; left > 0;) {
      const piece = this.#rest.byteLength > 0 ? this.#rest : await this.#next()
      const taken = piece.subarray(0, left)
      this.#rest = piece.subarray(taken.byteLength)
      left -= taken.byteLength
      yield taken
    }
  }

  async end(): Promise<void> {
    if (this.#rest.byteLength > 0 || (await this.#source.next()).done !== true)
      throw broken('found bytes after its end')
  }

  async #next(): Promise<Uint8Array> {
    const step = await this.#source.next()
    if (step.done === true) throw broken('it ends early')
    return step.value
  }
}
