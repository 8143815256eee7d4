import type { Await } from './awaits.ts'

/**
 * Where no death is asked for, and why. The rule is printed with the figures; one whose await is not there, or was died at after all, is refused.
 * What nobody wrote down here is asked for: a new await too.
 */
const rules: readonly { readonly file: string; readonly text: string; readonly why: string }[] = [
  {
    file: 'replication/load.ts',
    text: 'yield* chunks',
    why: 'the bytes are in memory: nobody is asked',
  },
  {
    file: 'reconcile/control.ts',
    text: 'await textOf(body.open())',
    why: 'the bytes are in memory: nobody is asked',
  },
  {
    file: 'reconcile/pool.ts',
    text: 'await Promise.race(this.#running)',
    why: 'it waits for tasks begun elsewhere: who dies here dies at an await of one of them, and is counted there',
  },
  {
    file: 'reconcile/pool.ts',
    text: 'await Promise.all(this.#running)',
    why: 'it waits for tasks begun elsewhere: who dies here dies at an await of one of them, and is counted there',
  },
  {
    file: 'reconcile/pass.ts',
    text: 'await this.#pool.drain()',
    why: 'it waits for tasks begun elsewhere: who dies here dies at an await of one of them, and is counted there',
  },
  {
    file: 'reconcile/standing.ts',
    text: 'await Promise.all(group.members.map((site) => readCopy(core, group, site, signal)))',
    why: 'no step of a protocol: a function reads who is out before its first one',
  },
]

/** `null` for all that must be died at. The text counts once in its file, or not at all. */
export function spared(one: Await, all: readonly Await[]): string | null {
  const rule = rules.find(({ file, text }) => file === one.file && oneLine(text) === oneLine(one.text))
  if (rule === undefined) return null
  const like = all.filter((other) => other.file === one.file && oneLine(other.text) === oneLine(one.text))
  return like.length === 1 ? rule.why : null
}

/** Rules of awaits that are gone. */
export function stale(all: readonly Await[]): readonly string[] {
  return rules
    .filter(({ file, text }) => !all.some((one) => one.file === file && oneLine(one.text) === oneLine(text)))
    .map(({ file, text }) => `${file}: ${text}`)
}

function oneLine(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ')
}
