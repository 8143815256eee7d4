import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { Refusal } from './errors.ts'

/** XML that is escaped already: only the functions of this file make any. */
export type Markup = string & { readonly markup: unique symbol }

export const nothing: Markup = '' as Markup

export function element(name: string, value: string | number | boolean): Markup {
  return `<${name}>${escaped(String(value))}</${name}>` as Markup
}

export function text(value: string): Markup {
  return escaped(value) as Markup
}

export function node(name: string, ...inner: readonly Markup[]): Markup {
  return `<${name}>${inner.join('')}</${name}>` as Markup
}

/** The root of an answer, in S3's namespace. */
export function root(name: string, ...inner: readonly Markup[]): Markup {
  return `<${name} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${inner.join('')}</${name}>` as Markup
}

export function document(content: Markup): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${content}`
}

const named: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' }

/**
 * Control characters become character references, as S3 writes them, though XML 1.0 allows most of them in no form:
 * a listing that holds such keys is for `encoding-type=url`.
 */
function escaped(value: string): string {
  return value.replace(
    /[&<>"'\p{Cc}\u2028\ufffe\uffff]/gu,
    (mark) => named[mark] ?? `&#x${mark.charCodeAt(0).toString(16).toUpperCase()};`,
  )
}

/** One element of a request's body. */
export class Element {
  readonly #inner: Parsed | string

  constructor(inner: Parsed | string) {
    this.#inner = inner
  }

  all(name: string): readonly Element[] {
    if (typeof this.#inner === 'string') return []
    return (this.#inner[name] ?? []).map((inner) => new Element(inner))
  }

  /** The text of the only element of this name; `null` where there is none. */
  text(name: string): string | null {
    const [one, ...more] = this.all(name)
    if (more.length > 0) throw malformed(`found more than one ${name}`)
    if (one === undefined) return null
    if (typeof one.#inner !== 'string') throw malformed(`found elements in ${name}, expected text`)
    return unescaped(one.#inner)
  }

  demand(name: string): string {
    const text = this.text(name)
    if (text === null) throw malformed(`found no ${name}`)
    return text
  }
}

type Parsed = { readonly [name: string]: readonly (Parsed | string)[] }

/** References are resolved by hand: this parser would leave out a control character, and a key would become another key. */
const parser = new XMLParser({
  ignoreAttributes: true,
  ignoreDeclaration: true,
  ignorePiTags: true,
  parseTagValue: false,
  trimValues: false,
  processEntities: false,
  isArray: () => true,
})

/** Refuses every declaration: no client needs one, entities can explode, and CDATA would be taken for references. */
export function readXml(body: Uint8Array, name: string): Element {
  const text = decoded(body)
  if (text.includes('<!')) throw malformed('found "<!", expected elements and text alone')
  if (XMLValidator.validate(text) !== true) throw malformed('found no well-formed document')
  const parsed = parsedFrom(text)
  const [inner] = parsed[name] ?? []
  if (inner === undefined) throw malformed(`found no ${name} at the root`)
  return new Element(inner)
}

function decoded(body: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    throw malformed('found bytes that are no UTF-8')
  }
}

function parsedFrom(text: string): Parsed {
  try {
    return parser.parse(text) as Parsed
  } catch {
    throw malformed('found names that no such document has')
  }
}

const references: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function unescaped(text: string): string {
  return text.replace(/&([^;&]{0,10})(;?)/g, (_, name: string, end: string) => {
    const character = end === '' ? undefined : (references[name] ?? numbered(name))
    if (character === undefined) throw malformed(`found "&${name}", expected a character reference`)
    return character
  })
}

function numbered(name: string): string | undefined {
  const [, hex, decimal] = /^#(?:x([0-9a-fA-F]+)|([0-9]+))$/.exec(name) ?? []
  const code = hex === undefined ? Number(decimal) : parseInt(hex, 16)
  const exists = code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)
  return exists ? String.fromCodePoint(code) : undefined
}

export function malformed(found: string): Refusal {
  return new Refusal('MalformedXML', `The XML is not what this request takes: ${found}.`)
}
