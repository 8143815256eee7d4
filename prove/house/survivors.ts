/** A mutant of Stryker's report (mutation-testing-elements schema), as far as we read it. */
export interface Mutant {
  readonly status: string
  readonly statusReason?: string
  readonly mutatorName: string
  readonly replacement?: string
  readonly location: { readonly start: Place; readonly end: Place }
}

interface Place {
  readonly line: number
  readonly column: number
}

export interface MutatedFile {
  readonly source: string
  readonly mutants: readonly Mutant[]
}

/** A row of the page: a piece of the source, how many of its mutants survive, and why. */
export interface Row {
  readonly file: string
  readonly piece: string
  readonly survivors: number
  readonly why: string
}

/** What lets a mutant live. Whatever else a row says of it, a law could be written and is not. */
const reasons = /^(?:type|same|words)\b/

/** The tables of the page: each stands under the name of its file, each of its rows begins with a piece of code. */
export function readRows(page: string): readonly Row[] {
  let file = ''
  return page.split('\n').flatMap((line) => {
    file = /^#+ `(.+)`$/.exec(line)?.[1] ?? file
    const cells = /^\| (?<fence>`+)(?<piece>.+?)\k<fence> \| (?<survivors>\d+) \| (?<why>.+) \|$/.exec(line)?.groups
    if (cells === undefined) return []
    const { piece = '', survivors, why = '' } = cells
    return [{ file, piece: piece.trim().replaceAll(String.raw`\|`, '|'), survivors: Number(survivors), why }]
  })
}

export interface Explained {
  /** Survivors that no row explains, rows that explain none, and rows that are open: none of it may be. */
  readonly faults: readonly string[]
  /** Rows that allow for more than survive: somebody wrote a law, and may lower the figure. */
  readonly loose: readonly string[]
}

/** Each survivor lies in a piece of source that the page quotes, and there are no more of them than it counts. Lines may move. */
export function explain(files: Readonly<Record<string, MutatedFile>>, rows: readonly Row[]): Explained {
  const faults: string[] = []
  const loose: string[] = []
  for (const { file, piece, why } of rows) {
    if (!reasons.test(why)) faults.push(`${file}, \`${piece}\`: is open: ${why}`)
    if (!(file in files)) faults.push(`${file}: the page explains it, and it was not mutated`)
  }
  for (const [file, { source, mutants }] of Object.entries(files)) {
    const quoted = rows
      .filter((row) => row.file === file)
      .map((row) => ({ row, ranges: rangesOf(source, row.piece), found: [] as string[] }))
    for (const mutant of mutants.filter(({ status }) => status === 'Survived' || status === 'NoCoverage')) {
      const [start, end] = [offsetOf(source, mutant.location.start), offsetOf(source, mutant.location.end)]
      const inside = quoted.filter(({ ranges }) => ranges.some(([from, to]) => from <= start && end <= to))
      // The shortest piece speaks of it most exactly.
      const [row] = inside.toSorted((a, b) => a.row.piece.length - b.row.piece.length)
      const told = `${file}:${mutant.location.start.line}: \`${oneLine(source.slice(start, end))}\` as \`${oneLine(mutant.replacement ?? mutant.mutatorName)}\``
      if (row === undefined) faults.push(`${told}: not explained`)
      else row.found.push(told)
    }
    for (const { row, ranges, found } of quoted) {
      if (ranges.length === 0) faults.push(`${file}: no \`${row.piece}\` is there, of which the page speaks`)
      if (found.length > row.survivors)
        faults.push(`${file}, \`${row.piece}\`: ${row.survivors} are explained, ${found.length} survive`, ...found)
      if (found.length < row.survivors)
        loose.push(`${file}, \`${row.piece}\`: ${row.survivors} are explained, ${found.length} survive`)
    }
  }
  return { faults, loose }
}

/** Where a piece stands, its white space being any. */
export function rangesOf(source: string, piece: string): readonly (readonly [from: number, to: number])[] {
  const words = piece.trim().split(/\s+/)
  const pattern = words.map((word) => word.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`)).join(String.raw`\s+`)
  return [...source.matchAll(new RegExp(pattern, 'g'))].map(({ index, 0: text }) => [index, index + text.length])
}

function offsetOf(source: string, { line, column }: Place): number {
  const before = source.split('\n').slice(0, line - 1)
  return before.reduce((sum, { length }) => sum + length + 1, column - 1)
}

function oneLine(code: string): string {
  const text = code.replaceAll(/\s+/g, ' ')
  return text.length > 100 ? `${text.slice(0, 97)}...` : text
}
