import { type Combinable, combine } from './combine.ts'
import type { Attributes, Content, Piece, Sums } from './model.ts'

/** The columns of a content but its pieces, and what stands beside it. */
export interface ContentRow {
  readonly size: number
  readonly sums: string
  readonly attributes: string
}

export function contentColumns(content: Content): [number, string, string] {
  const pieces = content.pieces.map(({ name, size }) => [name, size])
  return [content.size, JSON.stringify(content.sums), JSON.stringify(pieces)]
}

/** There may be very many pieces, and most who look at a content want none of them: they are read when asked for. */
export function contentOf(row: ContentRow, column: () => string): Content {
  let pieces: Content['pieces'] | null = null
  return {
    size: row.size,
    sums: JSON.parse(row.sums) as Sums,
    get pieces() {
      return (pieces ??= (JSON.parse(column()) as [string, number][]).map(([name, size]) => ({ name, size })))
    },
  }
}

export function attributesOf(row: { readonly attributes: string }): Attributes {
  return JSON.parse(row.attributes) as Attributes
}

export const nothing: Content = {
  size: 0,
  sums: { crc32: '00000000', crc32c: '00000000', crc64nvme: '0'.repeat(16) },
  pieces: [],
}

/** Each change of a content writes them all: twice the longest list of blocks that Azure takes, and far from what would stop the process. */
const piecesMax = 100_000

/** Contents were joined over and over: what is small on disk can have any number of pieces. */
export class TooManyPieces extends Error {
  override readonly name = 'TooManyPieces'
}

/** Keeps the sums that each of them has and that can be combined. */
export function joined(contents: readonly Content[]): Content {
  const pieces = piecesOf(contents)
  const sums: Partial<Record<Combinable, string>> = {}
  for (const name of ['crc32', 'crc32c', 'crc64nvme'] as const) {
    let sum = nothing.sums[name]
    for (const one of contents) {
      const next = one.sums[name]
      sum = sum === undefined || next === undefined ? undefined : combine[name](sum, next, one.size)
    }
    if (sum !== undefined) sums[name] = sum
  }
  const size = contents.reduce((total, one) => total + one.size, 0)
  return { size, sums, pieces }
}

function piecesOf(contents: readonly Content[]): Piece[] {
  const all: Piece[] = []
  for (const { pieces } of contents) {
    const count = all.length + pieces.length
    if (count > piecesMax) {
      const found = `pieces: found ${count} or more, expected at most ${piecesMax}`
      throw new TooManyPieces(`${found}: write the bytes anew, as one object`)
    }
    for (const piece of pieces) all.push(piece)
  }
  return all
}
