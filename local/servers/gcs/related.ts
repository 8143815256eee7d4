import { refuse } from './refusals.ts'

/** A body of type multipart/related: a resource in JSON, then the bytes. */
export interface Related {
  readonly document: string
  readonly mediaType: string | null
  /** Read to its end it has seen the closing boundary; a body that lacks it is refused there, and never taken for whole. */
  readonly media: AsyncIterable<Uint8Array>
}

const documentBytesMax = 64 * 1024
const headerBytesMax = 16 * 1024

export async function relatedParts(contentType: string, body: AsyncIterable<Uint8Array>): Promise<Related> {
  const parts = new Parts(boundaryOf(contentType), body)
  await parts.skip()
  await parts.headers()
  const document = await parts.document()
  const headers = await parts.headers()
  return { document, mediaType: headers.get('content-type') ?? null, media: parts.last() }
}

function boundaryOf(contentType: string): string {
  const [, quoted, bare] =
    /^multipart\/related;(?:.*;)?\s*boundary=(?:"([^"]{1,200})"|([^\s;"]{1,200}))/i.exec(contentType) ?? []
  return quoted ?? bare ?? malformed('the content type names no boundary')
}

/** A stream cut at its boundaries, holding no more than what may be the beginning of one. */
class Parts {
  readonly #delimiter: Buffer
  readonly #source: AsyncIterator<Uint8Array>
  /** The first boundary may stand at the very beginning: then this is the line break before it. */
  #held: Buffer = Buffer.from('\r\n')
  #spent: Uint8Array | undefined

  constructor(boundary: string, body: AsyncIterable<Uint8Array>) {
    this.#delimiter = Buffer.from(`\r\n--${boundary}`)
    this.#source = body[Symbol.asyncIterator]()
  }

  async skip(): Promise<void> {
    for await (const bytes of this.#toDelimiter()) void bytes
  }

  async headers(): Promise<Map<string, string>> {
    let end = this.#held.indexOf('\r\n\r\n')
    while (end === -1) {
      if (this.#held.length > headerBytesMax) malformed('the headers of a part do not end')
      await this.#more()
      end = this.#held.indexOf('\r\n\r\n')
    }
    const [rest = '', ...lines] = this.#held.toString('latin1', 0, end).split('\r\n')
    if (rest.trim() !== '') malformed('a part is missing')
    this.#held = this.#held.subarray(end + 4)
    const headers = new Map<string, string>()
    for (const line of lines) {
      const colon = line.indexOf(':')
      if (colon < 1) malformed('a header of a part has no name')
      headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim())
    }
    const encoding = headers.get('content-transfer-encoding') ?? 'binary'
    if (!['binary', '7bit', '8bit'].includes(encoding.toLowerCase())) malformed('a part is encoded for transfer')
    return headers
  }

  async document(): Promise<string> {
    const all: Uint8Array[] = []
    let size = 0
    for await (const bytes of this.#toDelimiter()) {
      size += bytes.length
      if (size > documentBytesMax) malformed(`the resource has more than ${documentBytesMax} bytes`)
      all.push(Buffer.from(bytes))
    }
    return Buffer.concat(all).toString()
  }

  async *last(): AsyncGenerator<Uint8Array> {
    try {
      yield* this.#toDelimiter()
      while (this.#held.length < 2) await this.#more()
      if (this.#held.toString('latin1', 0, 2) !== '--') malformed('there are more than two parts')
      for (let step = await this.#source.next(); step.done !== true;) step = await this.#source.next()
    } finally {
      await this.#source.return?.()
    }
  }

  /** Up to the next boundary, which is taken away with it; each step is good until the next is asked for. Only a seam is copied. */
  async *#toDelimiter(): AsyncGenerator<Uint8Array> {
    const { length } = this.#delimiter
    for (;;) {
      const at = this.#held.indexOf(this.#delimiter)
      const certain = at === -1 ? Math.max(0, this.#held.length - length + 1) : at
      if (certain > 0) yield this.#held.subarray(0, certain)
      if (at !== -1) {
        this.#held = this.#held.subarray(at + length)
        return
      }
      // A copy, so that the piece is free while the next is waited for.
      const tail = (this.#held = Buffer.from(this.#held.subarray(certain)))
      const next = await this.#next()
      const seam = Buffer.concat([tail, next.subarray(0, length)])
      const isApart = next.length >= length && !seam.includes(this.#delimiter)
      if (isApart && tail.length > 0) yield tail
      this.#held = isApart ? next : Buffer.concat([tail, next])
    }
  }

  async #more(): Promise<void> {
    const held = Buffer.from(this.#held)
    this.#held = Buffer.concat([held, await this.#next()])
  }

  /** Nothing of the piece before is looked at any more: its memory goes back. */
  async #next(): Promise<Buffer> {
    const step = await this.#source.next(this.#spent)
    if (step.done === true) malformed('it ends before its closing boundary')
    this.#spent = step.value
    const { buffer, byteOffset, byteLength } = step.value
    return Buffer.from(buffer, byteOffset, byteLength)
  }
}

function malformed(why: string): never {
  refuse('parseError', `Multipart body is malformed: ${why}.`)
}
