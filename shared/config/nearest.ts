import { plain, show } from './show.ts'

/** More words than this hide the one that was meant. */
const listedMax = 8
const wordMax = 64

/** The end of "expected …": what there is, and what was probably meant. */
export function oneOf(what: string, known: readonly string[], found: string): string {
  if (known.length === 0) return `${what}, of which there are none`
  const near = nearest(found, known)
  const list = `: ${known.map((word) => plain(word.slice(0, wordMax))).join(', ')}`
  return withHint(near !== null && known.length > listedMax ? what : what + list, near)
}

/** The end of "expected …" where the known words are too many to list, or not all that there are. */
export function hinted(what: string, known: readonly string[], found: string): string {
  return withHint(what, nearest(found, known))
}

function withHint(what: string, near: string | null): string {
  return near === null ? what : `${what} (did you mean ${show(near)}?)`
}

/** The known word that a slip of the fingers turns into `found`, if there is one and a letter of it is left. */
function nearest(found: string, known: readonly string[]): string | null {
  const word = found.slice(0, wordMax).toLowerCase()
  let best: string | null = null
  let least = Math.max(1, Math.floor(word.length / 3)) + 1
  for (const candidate of known) {
    const slips = distance(word, candidate.toLowerCase())
    if (slips < least && slips < Math.min(word.length, candidate.length)) [best, least] = [candidate, slips]
  }
  return best
}

/** Insertions, deletions, replacements and swaps of neighbours that turn one word into the other. */
function distance(a: string, b: string): number {
  let before: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1]
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      const ways = [(row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (same ? 0 : 1)]
      if (swapped) ways.push((before[j - 2] ?? 0) + 1)
      next.push(Math.min(...ways))
    }
    before = row
    row = next
  }
  return row[b.length] ?? 0
}
