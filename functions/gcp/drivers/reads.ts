import type { Key } from '#shared/kernel/key.ts'
import { Failure } from '#shared/kernel/failure.ts'
import type { Version } from '#shared/kernel/version.ts'
import type { Found, ObjectMeta, Range } from '#shared/ports/object-store.ts'
import { type About, failure } from './failure.ts'
import { numbersOf, type Resource, resourceFields, resourceOf } from './meta.ts'
import { nameOf } from './names.ts'
import { bucketPath, type Opened, type Wire } from './wire.ts'

/** What answers `null` for an object that is absent, and throws everything else, a bucket that is absent included. */
export async function orNull<T>(act: Promise<T>): Promise<T | null> {
  try {
    return await act
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.kind === 'absent' && thrown.scope === 'key') return null
    throw thrown
  }
}

/** The object's resource; fails as `absent` where there is none. A version is pinned by its generation alone: what is pinned are bytes. */
export async function look(
  wire: Wire,
  about: About,
  place: { readonly bucket: string; readonly key: Key; readonly pinned: Version | undefined },
  signal: AbortSignal,
): Promise<Resource> {
  const { bucket, key, pinned } = place
  const generation = pinned === undefined ? {} : { generation: numbersOf(about, pinned).generation }
  const path = bucketPath(bucket, nameOf(about, key))
  const answer = await wire.ask(
    { method: 'GET', path, query: { ...generation, fields: resourceFields } },
    about,
    signal,
  )
  return resourceOf(about, answer)
}

/**
 * The bytes of what was looked at, pinned. The JSON API tells metadata in one request and gives bytes in another; so the second is sent when
 * the first byte is asked for, and a body that nobody reads costs nothing.
 */
export function found(
  wire: Wire,
  about: About,
  bucket: string,
  meta: ObjectMeta,
  range: Range | undefined,
  signal: AbortSignal,
): Found {
  const start = range?.start ?? 0
  const end = Math.min(range?.end ?? meta.size, meta.size)
  const part: Part = { start, end: Math.max(start, end), whole: start === 0 && end === meta.size }
  const query = { alt: 'media', generation: numbersOf(about, meta.version).generation }
  const headers: Readonly<Record<string, string>> = part.whole ? {} : { range: `bytes=${part.start}-${part.end - 1}` }
  const request = { method: 'GET', path: bucketPath(bucket, nameOf(about, meta.key)), query, headers } as const
  const open = (reading: AbortSignal) => wire.open(request, about, AbortSignal.any([signal, reading]))
  return { meta, body: onceRead((reading) => new Reading(about, part, () => open(reading))) }
}

interface Part {
  readonly start: number
  readonly end: number
  readonly whole: boolean
}

/** Opens at the first piece, ends at once when its reader leaves, and gives out as many bytes as there are: no more, no fewer. */
class Reading {
  readonly #about: About
  readonly #part: Part
  readonly #open: () => Promise<Opened>
  #opened: Opened | null = null
  #bytes = 0

  constructor(about: About, part: Part, open: () => Promise<Opened>) {
    this.#about = about
    this.#part = part
    this.#open = open
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const size = this.#part.end - this.#part.start
    if (size === 0) return over
    this.#opened ??= this.#checked(await this.#open())
    const { done, value } = await this.#opened.piece()
    if (done !== true) this.#bytes += value.byteLength
    if (this.#bytes > size || (done === true && this.#bytes < size)) {
      this.end()
      throw failure(this.#about, 'corrupt', 'key', `found ${this.#bytes} bytes, expected ${size}`)
    }
    return done === true ? over : { done: false, value }
  }

  end(): void {
    this.#opened?.end()
  }

  #checked(opened: Opened): Opened {
    const { status } = opened.answer
    if (status === (this.#part.whole ? 200 : 206)) return opened
    opened.end()
    const { start, end } = this.#part
    throw failure(this.#about, 'corrupt', 'key', `found an answer ${status}, expected bytes ${start} to ${end} alone`)
  }
}

const over: IteratorReturnResult<undefined> = { done: true, value: undefined }

/** A second reader would get the bytes again, or others: better refused. */
function onceRead(begin: (reading: AbortSignal) => Reading): AsyncIterable<Uint8Array> {
  let read = false
  return {
    [Symbol.asyncIterator]() {
      if (read) throw new TypeError('a body is read once')
      read = true
      const leaving = new AbortController()
      const reading = begin(leaving.signal)
      return {
        next: () => reading.next(),
        // While a piece is still awaited: the request itself is ended.
        return: async () => {
          leaving.abort(left)
          reading.end()
          return over
        },
      }
    },
  }
}

const left = new Error('nobody reads on')
