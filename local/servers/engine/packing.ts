import type { Content, Piece } from './model.ts'

/** A content of more pieces is worth copying its small ones together. */
const scatteredMax = 1024

/** Where small pieces are, and how large one may be. */
export interface Small {
  readonly bytesMax: number
  readonly look: (name: string) => Uint8Array
  readonly keep: (bytes: Uint8Array) => Piece
}

/** The same bytes, where a run of neighbours that are one small piece together becomes one; the others stay where they are. */
export function packed(content: Content, { bytesMax, look, keep }: Small): Content {
  if (content.pieces.length <= scatteredMax) return content
  const runs = runsOf(content.pieces, bytesMax)
  // All are looked at before any is kept: one that is gone leaves nothing.
  const copies = runs.map((run) => (run.length === 1 ? null : Buffer.concat(run.map(({ name }) => look(name)))))
  return { ...content, pieces: copies.map((bytes, index) => (bytes === null ? runs[index]![0]! : keep(bytes))) }
}

function runsOf(pieces: readonly Piece[], bytesMax: number): Piece[][] {
  const runs: Piece[][] = []
  let size = Infinity
  for (const piece of pieces) {
    size += piece.size
    if (size <= bytesMax) runs.at(-1)!.push(piece)
    else {
      runs.push([piece])
      size = piece.size
    }
  }
  return runs
}
