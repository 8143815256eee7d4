import { createHash } from 'node:crypto'
import { XMLParser } from 'fast-xml-parser'

const parser = new XMLParser({
  ignoreAttributes: true,
  ignoreDeclaration: true,
  parseTagValue: false,
  trimValues: false,
  processEntities: true,
  htmlEntities: true,
})

/** A document as fields: `Contents.0.Key`. Elements of one name keep their order; `leaf` gives what a text is compared as, `null` to pass it over. */
export function flatXml(body: Buffer, leaf: Leaf): Record<string, string> {
  return flat(treeOf(body), leaf)
}

export function treeOf(body: Buffer): unknown {
  return parser.parse(body.toString())
}

/** `path` ends with the name of the leaf. */
export type Leaf = (path: readonly string[], text: string) => string | null

export function flat(tree: unknown, leaf: Leaf): Record<string, string> {
  const fields: Record<string, string> = {}
  const walk = (node: unknown, path: readonly string[]) => {
    if (typeof node === 'object' && node !== null) {
      for (const [name, inner] of Object.entries(node)) if (!name.startsWith('?')) walk(inner, [...path, name])
      return
    }
    const shown = leaf(path, String(node))
    if (shown !== null) fields[path.join('.')] = shown
  }
  walk(tree, [])
  return fields
}

/** Bytes as one short field. */
export function bytesField(body: Buffer): string {
  return `${body.length} bytes ${createHash('sha256').update(body).digest('hex').slice(0, 12)}`
}

/** Dates are compared as far as their form. */
export function dateField(text: string): string {
  if (/^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/.test(text)) return 'a date as headers have it'
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(text)) return 'a date as documents have it'
  return text
}
