import { advance, begin, hasEnded, type Glob, type Reading } from './glob.ts'

/** More steps than any filter of a person's needs; who needs more is given the benefit of the doubt. */
const stepsMax = 20_000

interface State {
  readonly all: readonly Reading[]
  readonly none: readonly Reading[]
}

/**
 * Whether there is a key under the prefix that matches all patterns of one list and none of the other; `null` where the search was given up.
 * It tries all keys at once: two beginnings at which all patterns stand alike need one trial.
 */
export function someKey(prefix: string, all: readonly Glob[], none: readonly Glob[]): boolean | null {
  const letters = lettersOf([...all, ...none])
  let steps = 0
  const read = (readings: readonly Reading[], char: string): readonly Reading[] => {
    steps += readings.length
    return readings.map((reading) => advance(reading, char)).filter(({ at }) => at.length > 0)
  }
  let start: State = { all: all.map(begin), none: none.map(begin) }
  for (const char of prefix) start = { all: read(start.all, char), none: read(start.none, char) }
  if (prefix !== '' && isIn(start, all.length)) return true
  steps = 0
  const queue = [start]
  const seen = new Set<string>()
  for (const state of queue) {
    for (const char of letters) {
      if (steps > stepsMax) return null
      const next: State = { all: read(state.all, char), none: read(state.none, char) }
      if (isIn(next, all.length)) return true
      const name = nameOf(next)
      if (next.all.length < all.length || seen.has(name)) continue
      seen.add(name)
      queue.push(next)
    }
  }
  return false
}

function isIn({ all, none }: State, wanted: number): boolean {
  return all.length === wanted && all.every(hasEnded) && !none.some(hasEnded)
}

/** Every character that a pattern names, the slash, and one that stands for all others. */
function lettersOf(globs: readonly Glob[]): readonly string[] {
  const letters = new Set(['/'])
  for (const { head, steps } of globs) {
    for (const char of head) letters.add(char)
    for (const step of steps) if (typeof step === 'object') letters.add(step.char)
  }
  let other = 'a'.charCodeAt(0)
  while (letters.has(String.fromCharCode(other))) other += 1
  return [String.fromCharCode(other), ...letters]
}

function nameOf({ all, none }: State): string {
  return [...all, ...none].map(({ glob, at }) => `${glob.text}\u0000${at.join(' ')}`).join('\u0000')
}
