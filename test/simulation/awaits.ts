import { readdirSync, readFileSync } from 'node:fs'
import { parseAst } from 'vitest/node'

const shared = new URL('../../shared/', import.meta.url)

/** A place of the protocols at which a function waits, and may die: `await`, `for await`, and `yield*` in what is async. */
export interface Await {
  readonly file: string
  readonly line: number
  /** `file:line`, with the column where several stand in one line. */
  readonly where: string
  readonly text: string
  readonly start: number
  /** What it waits for is part of it, the body of a loop is not. */
  readonly end: number
}

/** All that stand in the files of the protocols today, by their syntax: a new one is in the table before anybody thinks of it. */
export class Awaits {
  readonly all: readonly Await[]
  readonly #texts = new Map<string, string>()

  constructor(folder: URL = shared, rooms: readonly string[] = ['replication', 'reconcile']) {
    for (const room of rooms) {
      const inside = new URL(`${room}/`, folder)
      for (const name of readdirSync(inside).filter((one) => one.endsWith('.ts')))
        this.#texts.set(`${room}/${name}`, readFileSync(new URL(name, inside), 'utf8'))
    }
    this.all = [...this.#texts].flatMap(([file, text]) => awaitsIn(file, text))
  }

  /** The innermost at `room/file.ts:line:column`; `null` for a call that waits for nothing and hands its promise on. */
  at(place: string): Await | null {
    const [file = '', line, column] = place.split(':')
    const before = (this.#texts.get(file) ?? '').split('\n').slice(0, Number(line) - 1)
    const offset = before.reduce((sum, one) => sum + one.length + 1, Number(column) - 1)
    return this.all.findLast((one) => one.file === file && one.start <= offset && offset < one.end) ?? null
  }
}

interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly await?: boolean
  readonly delegate?: boolean
  readonly async?: boolean
  readonly body?: Node
}

/** In the order of their beginnings, so that what is nested comes after what it is nested in. */
function awaitsIn(file: string, text: string): readonly Await[] {
  const spans: { readonly start: number; readonly end: number }[] = []
  const walk = (value: unknown, isAsync: boolean): void => {
    if (Array.isArray(value)) for (const one of value) walk(one, isAsync)
    if (!isNode(value)) return
    const { type, start, end } = value
    if (type === 'AwaitExpression' || (type === 'YieldExpression' && value.delegate === true && isAsync))
      spans.push({ start, end })
    if (type === 'ForOfStatement' && value.await === true) spans.push({ start, end: value.body!.start })
    const inside = type.includes('Function') ? value.async === true : isAsync
    for (const child of Object.values(value)) walk(child, inside)
  }
  walk(parseAst(text, { lang: 'ts' }), true)
  const placed = spans
    .toSorted((a, b) => a.start - b.start || b.end - a.end)
    .map((span) => ({ ...span, line: text.slice(0, span.start).split('\n').length }))
  return placed.map(({ start, end, line }) => {
    const alone = placed.filter((other) => other.line === line).length === 1
    const column = start - text.lastIndexOf('\n', start - 1)
    return {
      file,
      line,
      where: `${file}:${line}${alone ? '' : `:${column}`}`,
      text: text.slice(start, end),
      start,
      end,
    }
  })
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Partial<Node>).type === 'string'
}
