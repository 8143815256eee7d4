import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { Refusal } from './errors.ts'

/** Azure begins its XML with a byte-order mark. */
export const prolog = '\uFEFF<?xml version="1.0" encoding="utf-8"?>'

/** `inner` is XML already. */
export function element(name: string, inner: string): string {
  return inner === '' ? `<${name} />` : `<${name}>${inner}</${name}>`
}

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#xD;' }

/** A character that XML cannot hold becomes the replacement character: for what is only shown, never for names. */
export function text(value: string): string {
  return value.replace(notXml, '\uFFFD').replace(/[&<>\r]/g, (mark) => escapes[mark]!)
}

export function attribute(value: string): string {
  return text(value).replaceAll('"', '&quot;')
}

/** All but what XML 1.0 calls a character; a lone surrogate too. */
const notXml = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu

/** A name that XML cannot hold is percent-encoded whole, its slashes too, and says so. */
export function nameElement(tag: string, name: string): string {
  if (name.search(notXml) < 0) return element(tag, text(name))
  return `<${tag} Encoded="true">${encodeURIComponent(name)}</${tag}>`
}

/** One element of a request body, with its elements in their order; text stands where there are none. */
export interface Node {
  readonly name: string
  readonly nodes: readonly Node[]
  readonly text: string
}

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: true,
  ignoreDeclaration: true,
  ignorePiTags: true,
  parseTagValue: false,
  trimValues: false,
})

/** The one element that a document consists of. A document type is refused: nothing here needs one, and it can explode. */
export function parseXml(document: string): Node {
  const body = document.replace(/^\uFEFF/, '')
  if (/<!DOCTYPE/i.test(body) || XMLValidator.validate(body) !== true) throw new Refusal('InvalidXmlDocument')
  const nodes = nodesOf(parsedFrom(body))
  const [root, ...others] = nodes
  if (root === undefined || others.length > 0) throw new Refusal('InvalidXmlDocument')
  return root
}

type Ordered = Readonly<Record<string, readonly Ordered[] | string>>

/** The parser refuses more than the form: a hundred elements within one another, names that a program may take for its own. */
function parsedFrom(body: string): readonly Ordered[] {
  try {
    return parser.parse(body) as readonly Ordered[]
  } catch {
    throw new Refusal('InvalidXmlDocument')
  }
}

function nodesOf(ordered: readonly Ordered[]): Node[] {
  const nodes: Node[] = []
  for (const entry of ordered) {
    const [name, inner] = Object.entries(entry)[0] ?? []
    if (name === undefined || !Array.isArray(inner)) continue
    nodes.push({ name, nodes: nodesOf(inner), text: textOf(inner) })
  }
  return nodes
}

function textOf(ordered: readonly Ordered[]): string {
  return ordered.map((entry) => (typeof entry['#text'] === 'string' ? entry['#text'] : '')).join('')
}
