/** One step of a pattern: a character, `?`, `*`, `**`, or a double star with its slash, which also stands for no folder at all. */
type Step = { readonly char: string } | 'one' | 'within' | 'across' | 'folders'

/** A pattern over whole keys. `*` and `?` stop at a slash, `**` does not. */
export interface Glob {
  readonly text: string
  /** Every key that matches begins with this. */
  readonly head: string
  /** What follows the head; empty where the pattern is one literal key. */
  readonly steps: readonly Step[]
}

/** The pattern, or what is wrong with it as the end of a sentence: "a pattern …". */
export function parseGlob(text: string): Glob | { readonly expected: string } {
  if (text === '') return { expected: 'a pattern with at least one character' }
  if (!text.isWellFormed()) return { expected: 'a pattern of well-formed Unicode' }
  if (text.startsWith('!')) return { expected: 'a pattern without "!": what must not match belongs into "exclude"' }
  const steps: Step[] = []
  let rest = text
  while (rest !== '') {
    const token = /^(?:\\.|\*+|.)/su.exec(rest)?.[0] ?? rest
    rest = rest.slice(token.length)
    if (token.startsWith('**')) {
      if (token.length > 2) return { expected: 'a pattern with at most two stars in a row' }
      const folders = rest.startsWith('/') && atFolder(steps)
      if (folders) rest = rest.slice(1)
      steps.push(folders ? 'folders' : 'across')
    } else {
      const step = stepOf(token)
      if (step === null) return { expected: `a pattern of *, ** and ?: put a backslash before ${token} to mean itself` }
      steps.push(step)
    }
  }
  return withHead(text, steps)
}

/** The pattern of this text and nothing else, or its beginning. */
export function escaped(text: string): string {
  return text.replace(/[*?[\]{}\\]|^!/g, String.raw`\$&`)
}

function stepOf(token: string): Step | null {
  if (token === '*') return 'within'
  if (token === '?') return 'one'
  if (/^[[\]{}\\]$/.test(token)) return null
  return { char: token.length > 1 && token.startsWith('\\') ? token.slice(1) : token }
}

function atFolder(steps: readonly Step[]): boolean {
  const last = steps.at(-1)
  return last === undefined || last === 'folders' || (typeof last === 'object' && last.char === '/')
}

function withHead(text: string, steps: readonly Step[]): Glob {
  const wild = steps.findIndex((step) => typeof step === 'string')
  const literal = wild === -1 ? steps : steps.slice(0, wild)
  const head = literal.map((step) => (typeof step === 'object' ? step.char : '')).join('')
  return { text, head, steps: steps.slice(literal.length) }
}

/** Whether every key that begins with the head matches. */
export function takesAllUnderHead(glob: Glob): boolean {
  const [first, second, ...more] = glob.steps
  if (more.length > 0) return false
  return (first === 'across' && second === undefined) || (first === 'folders' && second === 'within')
}

/**
 * Follows all readings of the pattern at once, one character after the other: never more work than
 * key times pattern, whatever the key, which a backtracking expression cannot promise.
 */
export function globMatches({ head, steps }: Glob, key: string): boolean {
  if (!key.startsWith(head)) return false
  const front: Front = { at: [], turn: 1, entered: new Uint32Array(steps.length + 1) }
  enter(steps, front, 0)
  for (const char of key.slice(head.length)) {
    follow(steps, front, char)
    if (front.at.length === 0) return false
  }
  return front.entered[steps.length] === front.turn
}

/** Whether any key that begins with the prefix can match. */
export function meetsPrefix({ head, steps }: Glob, prefix: string): boolean {
  if (head.startsWith(prefix)) return true
  if (!prefix.startsWith(head)) return false
  const front: Front = { at: [], turn: 1, entered: new Uint32Array(steps.length + 1) }
  enter(steps, front, 0)
  for (const char of prefix.slice(head.length)) follow(steps, front, char)
  return front.at.length > 0
}

/** Where a pattern stands after the beginning of a key. */
export interface Reading {
  readonly glob: Glob
  /** The head's characters, and the pattern's own. */
  readonly steps: readonly Step[]
  /** The steps that may come next, in rising order; none where no key can match any more. */
  readonly at: readonly number[]
}

export function begin(glob: Glob): Reading {
  const steps = [...Array.from(glob.head, (char) => ({ char })), ...glob.steps]
  return readingOf(glob, steps, (front) => enter(steps, front, 0))
}

export function advance({ glob, steps, at }: Reading, char: string): Reading {
  return readingOf(glob, steps, (front) => {
    for (const each of at) read(steps, front, each, char)
  })
}

export function hasEnded({ steps, at }: Reading): boolean {
  return at.at(-1) === steps.length
}

function readingOf(glob: Glob, steps: readonly Step[], move: (front: Front) => void): Reading {
  const front: Front = { at: [], turn: 1, entered: new Uint32Array(steps.length + 1) }
  move(front)
  return { glob, steps, at: front.at.toSorted((a, b) => a - b) }
}

function follow(steps: readonly Step[], front: Front, char: string): void {
  const before = front.at
  front.at = []
  front.turn += 1
  for (const at of before) read(steps, front, at, char)
}

/** Where the readings stand: each step once, after as many characters as there were turns. */
interface Front {
  at: number[]
  turn: number
  /** By step, the turn in which it was entered last. */
  readonly entered: Uint32Array
}

/** Lets one reading take a character: it stays, moves on, does both, or ends. */
function read(steps: readonly Step[], front: Front, at: number, char: string): void {
  const step = steps[at]
  if (step === undefined) return
  if (typeof step === 'object') {
    if (step.char === char) enter(steps, front, at + 1)
  } else if (step === 'folders') {
    // Only a whole folder is skipped: the reading goes on after a slash, not in the middle of a name.
    stand(front, at)
    if (char === '/') enter(steps, front, at + 1)
  } else if (step === 'across' || char !== '/') {
    enter(steps, front, step === 'one' ? at + 1 : at)
  }
}

/** A step that may stand for nothing is entered together with the one after it. */
function enter(steps: readonly Step[], front: Front, from: number): void {
  let at = from
  stand(front, at)
  while (steps[at] === 'within' || steps[at] === 'across' || steps[at] === 'folders') {
    at += 1
    stand(front, at)
  }
}

function stand(front: Front, at: number): void {
  if (front.entered[at] === front.turn) return
  front.entered[at] = front.turn
  front.at.push(at)
}
