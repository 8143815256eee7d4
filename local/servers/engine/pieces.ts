import type { DatabaseSync } from 'node:sqlite'
import { joined, nothing } from './contents.ts'
import { Statement } from './database.ts'
import { type GrowingFile, type PieceFiles, randomName } from './files.ts'
import type { Content, Piece, Sum } from './model.ts'
import { packed } from './packing.ts'
import { Summing } from './sums.ts'

/** A piece up to this size lives in the index: a small put makes no file. */
const smallBytesMax = 16 * 1024

/** What a content points to was erased since it was looked up. Look again: the answer is the one that the face gives to latecomers. */
export class Gone extends Error {
  override readonly name = 'Gone'
}

/** By how much a change alters the number of holders of each piece, by its name. */
export type Tally = Map<string, { readonly piece: Piece; by: number }>

export function count(tally: Tally, content: Content, by: 1 | -1): void {
  for (const piece of content.pieces) {
    const counted = tally.get(piece.name)
    if (counted === undefined) tally.set(piece.name, { piece, by })
    else counted.by += by
  }
}

function gone(name: string): Gone {
  return new Gone(`piece ${name} was erased since its content was looked up: look again`)
}

interface Span {
  readonly piece: Piece
  readonly start: number
  readonly end: number
}

/** Bytes at rest: who holds which, and when the last lets go. */
export class Pieces {
  readonly #files: PieceFiles
  readonly #statements: ReturnType<typeof prepare>
  /** Taken and not adopted; the bytes of small ones, which are nowhere else yet. */
  readonly #loose = new Map<string, Uint8Array | null>()
  /** How many are reading a piece. */
  readonly #readers = new Map<string, number>()
  /** Held by nobody, and still read. */
  readonly #lingering = new Set<string>()
  readonly #removals = new Set<Promise<void>>()
  #closed = false

  constructor(database: DatabaseSync, files: PieceFiles) {
    this.#files = files
    this.#statements = prepare(database)
  }

  /** What a dead process left: pieces that nobody holds, and files that nobody knows. */
  async sweep(): Promise<void> {
    this.#statements.removeUnheld.run()
    await this.#files.sweep((name) => this.#statements.find.one(name) !== null)
  }

  async take(body: AsyncIterable<Uint8Array>, sums: readonly Sum[]): Promise<Content> {
    const summing = await Summing.of(sums)
    const name = randomName()
    const small: Uint8Array[] = []
    let file: GrowingFile | null = null
    let size = 0
    try {
      for await (const bytes of spending(body)) {
        summing.update(bytes)
        size += bytes.length
        if (file === null && size <= smallBytesMax) {
          small.push(Uint8Array.from(bytes))
          continue
        }
        file ??= await this.#files.begin(name)
        for (const one of small.splice(0)) await file.write(one)
        await file.write(bytes)
      }
      await file?.finish()
    } catch (error) {
      await file?.abandon()
      throw error
    }
    if (size > 0) this.#loose.set(name, file === null ? Buffer.concat(small) : null)
    return { size, sums: summing.digest(), pieces: size === 0 ? [] : [{ name, size }] }
  }

  async release(content: Content): Promise<void> {
    for (const piece of content.pieces) if (this.#loose.has(piece.name)) this.#drop(piece)
    await this.#settled()
  }

  join(contents: readonly Content[]): Content {
    return contents.length === 0 ? nothing : joined(contents)
  }

  pack(content: Content): Content {
    const keep = (bytes: Uint8Array): Piece => {
      const piece = { name: randomName(), size: bytes.length }
      this.#loose.set(piece.name, bytes)
      return piece
    }
    return packed(content, { bytesMax: smallBytesMax, look: (name) => this.#look(name)!, keep })
  }

  /** Its pieces stay until it is read to its end or let go, whoever erases them meanwhile. */
  read(content: Content, range?: { readonly start: number; readonly end: number }): AsyncIterable<Uint8Array> {
    const { start, end } = range ?? { start: 0, end: content.size }
    const spans = spansOf(content, start, end)
    for (const { piece } of spans) this.#readers.set(piece.name, (this.#readers.get(piece.name) ?? 0) + 1)
    const source = this.#bytes(spans)
    let held = true
    const letGo = () => {
      if (held) for (const { piece } of spans) this.#unread(piece)
      held = false
    }
    const iterator: AsyncIterator<Uint8Array> = {
      async next(spent?: Uint8Array) {
        try {
          const step = await source.next(spent)
          if (step.done === true) letGo()
          return step
        } catch (error) {
          letGo()
          throw error
        }
      },
      async return() {
        await source.return(undefined)
        letGo()
        return { done: true, value: undefined }
      },
    }
    return { [Symbol.asyncIterator]: () => iterator }
  }

  /** Part of the transaction that is under way. What it answers is to be done once that has committed. */
  apply(tally: Tally): () => void {
    const { adopt, keepSmall } = this.#statements
    const adopted: Piece[] = []
    const dropped: Piece[] = []
    for (const { piece, by } of tally.values()) {
      const bytes = this.#loose.get(piece.name)
      if (bytes === undefined) {
        if (by !== 0 && this.#alter(piece, by)) dropped.push(piece)
      } else if (by > 0) {
        const { id } = adopt.one(piece.name, by)!
        if (bytes !== null) keepSmall.run(id, bytes)
        adopted.push(piece)
      } else dropped.push(piece)
    }
    return () => {
      for (const { name } of adopted) this.#loose.delete(name)
      for (const piece of dropped) this.#drop(piece)
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#settled()
  }

  async *#bytes(spans: readonly Span[]): AsyncGenerator<Uint8Array, void, Uint8Array | undefined> {
    for (const { piece, start, end } of spans) {
      const { name, size } = piece
      const bytes = this.#look(name)
      if (size > smallBytesMax) yield* this.#files.read(name, start, end)
      else yield bytes!.subarray(start, end)
    }
  }

  /** The bytes of a small piece; `null` where they are in a file. */
  #look(name: string): Uint8Array | null {
    const loose = this.#loose.get(name)
    const row = loose === undefined ? this.#statements.read.one(name) : { bytes: loose }
    if (row === null) throw gone(name)
    return row.bytes
  }

  /** True where nobody holds it any more, nor reads it. */
  #alter({ name }: Piece, by: number): boolean {
    const row = this.#statements.change.one(by, name)
    if (row === null) throw gone(name)
    if (row.holders > 0) return false
    if (!this.#readers.has(name)) return this.#statements.remove.run(name) > 0
    // Where this change is undone, or somebody adopts it anew, it will be found held.
    this.#lingering.add(name)
    return false
  }

  #unread(piece: Piece): void {
    const { name } = piece
    const readers = this.#readers.get(name)! - 1
    if (readers > 0) {
      this.#readers.set(name, readers)
      return
    }
    this.#readers.delete(name)
    if (this.#lingering.delete(name) && !this.#closed && this.#statements.remove.run(name) > 0) this.#drop(piece)
  }

  #drop({ name, size }: Piece): void {
    this.#loose.delete(name)
    if (size <= smallBytesMax) return
    const removal: Promise<void> = this.#files.remove(name).finally(() => this.#removals.delete(removal))
    // A file that could not be removed is swept at the next start.
    removal.catch(() => {})
    this.#removals.add(removal)
  }

  async #settled(): Promise<void> {
    await Promise.allSettled(this.#removals)
  }
}

/** Tells its source with each step that the one before is spent: a source that knows the word uses its memory again. */
async function* spending(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const source = body[Symbol.asyncIterator]()
  let ended = true
  try {
    let step = await source.next()
    while (step.done !== true) {
      ended = false
      yield step.value
      ended = true
      step = await source.next(step.value)
    }
  } finally {
    if (!ended) await source.return?.()
  }
}

function prepare(database: DatabaseSync) {
  const bytesOfName = 'SELECT bytes FROM pieces LEFT JOIN small ON piece = id WHERE name = ?'
  return {
    find: new Statement(database, 'SELECT 1 FROM pieces WHERE name = ?'),
    adopt: new Statement<{ id: number }>(database, 'INSERT INTO pieces (name, holders) VALUES (?, ?) RETURNING id'),
    keepSmall: new Statement(database, 'INSERT INTO small (piece, bytes) VALUES (?, ?)'),
    read: new Statement<{ bytes: Uint8Array | null }>(database, bytesOfName),
    change: new Statement<{ holders: number }>(
      database,
      'UPDATE pieces SET holders = holders + ? WHERE name = ? RETURNING holders',
    ),
    remove: new Statement(database, 'DELETE FROM pieces WHERE name = ? AND holders = 0'),
    removeUnheld: new Statement(database, 'DELETE FROM pieces WHERE holders = 0'),
  }
}

function spansOf(content: Content, start: number, end: number): Span[] {
  if (!(start >= 0 && start <= end && end <= content.size)) {
    throw new RangeError(`range: found ${start} to ${end}, expected one within ${content.size} bytes`)
  }
  const spans: Span[] = []
  let offset = 0
  for (const piece of content.pieces) {
    const span = { piece, start: Math.max(0, start - offset), end: Math.min(piece.size, end - offset) }
    if (span.start < span.end) spans.push(span)
    offset += piece.size
  }
  return spans
}
