import { ConfigError, type ConfigIssue } from './issue.ts'
import { show } from './show.ts'

/** Deeper than any configuration; what nests further is refused instead of exhausting the stack. */
const depthMax = 32
const lengthMax = 1024 * 1024

const blank = /[ \t\r\n]*/y
const string = /"[^"\\\n]*(?:\\.[^"\\\n]*)*"/y
const scalar = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y

/**
 * JSON as `JSON.parse` reads it, but what is wrong is told by line and column, and a field given twice is refused
 * where `JSON.parse` would silently keep the last.
 */
export function readJson(text: string): unknown {
  if (text.length > lengthMax) {
    throw new ConfigError([
      { path: '(the whole document)', found: `${text.length} characters`, expected: `at most ${lengthMax}` },
    ])
  }
  return new Reader(text).document()
}

class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    // Editors of one system put a byte order mark first, which JSON allows a reader to pass over.
    this.#text = text.replace(/^\uFEFF/, '')
  }

  document(): unknown {
    const value = this.#value(0)
    this.#skip()
    if (this.#at < this.#text.length) this.#refuse('the end of the document')
    return value
  }

  #value(depth: number): unknown {
    if (depth > depthMax) this.#refuse(`at most ${depthMax} levels`)
    if (this.#takes('{')) return this.#object(depth)
    if (this.#takes('[')) return this.#array(depth)
    if (this.#text[this.#at] === '"') return this.#string()
    const token = this.#match(scalar)
    return token === null ? this.#refuse('a value') : JSON.parse(token)
  }

  #object(depth: number): unknown {
    const fields = new Map<string, unknown>()
    if (this.#takes('}')) return {}
    do {
      this.#skip()
      const begin = this.#at
      if (this.#text[begin] !== '"') this.#refuse('a field’s name in double quotes')
      const name = this.#string()
      if (fields.has(name) || name === '__proto__') {
        this.#refuse(fields.has(name) ? 'each field once' : 'a field that means something', show(name), begin)
      }
      if (!this.#takes(':')) this.#refuse('":"')
      fields.set(name, this.#value(depth + 1))
    } while (this.#takes(','))
    if (!this.#takes('}')) this.#refuse('"," or "}"')
    return Object.fromEntries(fields)
  }

  #array(depth: number): unknown {
    const items: unknown[] = []
    if (this.#takes(']')) return items
    do items.push(this.#value(depth + 1))
    while (this.#takes(','))
    if (!this.#takes(']')) this.#refuse('"," or "]"')
    return items
  }

  /** Only `JSON.parse` knows every escape; that it refuses one is an answer here. */
  #string(): string {
    const begin = this.#at
    const token = this.#match(string)
    try {
      if (token !== null) return JSON.parse(token) as string
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error
    }
    return this.#refuse('a string that ends on its line, its controls and escapes as JSON has them', undefined, begin)
  }

  #skip(): void {
    this.#match(blank)
  }

  #takes(mark: string): boolean {
    this.#skip()
    if (this.#text[this.#at] !== mark) return false
    this.#at += 1
    return true
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at
    const token = pattern.exec(this.#text)?.[0]
    if (token === undefined) return null
    this.#at += token.length
    return token
  }

  /** Names one character only: what stands there may be a secret. */
  #refuse(expected: string, found?: string, at: number = this.#at): never {
    const before = this.#text.slice(0, at).split('\n')
    const path = `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`
    const char = String.fromCodePoint(this.#text.codePointAt(at) ?? 0)
    const shown = char === '"' ? 'a double quote' : show(char)
    const issue: ConfigIssue = { path, found: found ?? (at < this.#text.length ? shown : 'the end'), expected }
    throw new ConfigError([issue])
  }
}
