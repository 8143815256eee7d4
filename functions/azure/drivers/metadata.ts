/**
 * How user metadata is spelt as a blob's. Azure takes C# identifiers for names, whose case it ignores, and visible ASCII for values. Whatever
 * else a name or a value holds is written out, so that it comes back as it was; plain ones stay as they are. Both ways are one to one:
 * what another client wrote and only looks written out comes back as it is, too.
 */

/** Names of ours beside the user's, and names that the SDK's XML reader refuses or changes. */
const taken: ReadonlySet<string> = new Set(['isobar_headers', 'isobar_tags', '__proto__', 'constructor', 'prototype'])

const nameless = '_x_'

/** `name` as C# and HTTP take it: `_x2d_` stands for `-`, any other character likewise by its code point. */
export function azureName(name: string): string {
  if (name === '') return nameless
  const letters = Array.from(name)
  let out = ''
  for (let at = letters.length - 1; at >= 0; at--) {
    const letter = letters[at]!
    out = (mustWrite(letter, at === 0, out) ? escaped(letter) : letter) + out
  }
  return out
}

/** The name that was meant. Azure keeps the case in which a name was written and compares without it: all come back small. */
export function portName(azureName: string): string {
  const text = azureName.toLowerCase()
  if (text === nameless) return ''
  let out = ''
  for (let at = 0; at < text.length;) {
    const escape = escapeAt(text, at)
    out += escape?.letter ?? text[at]!
    at += escape?.length ?? 1
  }
  return out
}

/** Whether a letter must be written out, at the beginning or later, with this (written) behind it. */
function mustWrite(letter: string, first: boolean, rest: string): boolean {
  if (!/^[a-z0-9_]$/.test(letter)) return true
  const text = letter + rest
  if (first && (/^\d$/.test(letter) || taken.has(text) || text === nameless)) return true
  return letter === '_' && looksEscaped(text, first)
}

function escapeAt(text: string, at: number): { readonly letter: string; readonly length: number } | null {
  const digits = /^_x(0|[1-9a-f][0-9a-f]{0,5})_/.exec(text.slice(at, at + 10))?.[1]
  const point = digits === undefined ? Infinity : parseInt(digits, 16)
  if (point > 0x10ffff || isHalf(point)) return null
  const letter = String.fromCodePoint(point)
  const length = digits!.length + 3
  return mustWrite(letter, at === 0, text.slice(at + length)) ? { letter, length } : null
}

/** Half a character is none that we wrote. */
function isHalf(point: number): boolean {
  return point >= 0xd800 && point <= 0xdfff
}

/** `text` stands at the beginning of a name or within it. */
function looksEscaped(text: string, first: boolean): boolean {
  return escapeAt(first ? text : `a${text}`, first ? 0 : 1) !== null
}

function escaped(letter: string): string {
  return `_x${letter.codePointAt(0)!.toString(16)}_`
}

/** In front of a value that is percent-encoded as a whole (RFC 8187). */
const encodedAs = "UTF-8''"

/** Visible ASCII with single spaces between: what comes through every header, signature and listing as it is. */
export function isPlain(value: string): boolean {
  return /^[\x21-\x7E]+(?: [\x21-\x7E]+)*$/.test(value)
}

export function azureValue(value: string): string {
  return isPlain(value) && decoded(value) === null ? value : encodedAs + encodeURIComponent(value)
}

export function portValue(value: string): string {
  return decoded(value) ?? value
}

/** What is behind an encoded value; `null` where it only looks like one. */
function decoded(value: string): string | null {
  if (!value.startsWith(encodedAs)) return null
  try {
    const text = decodeURIComponent(value.slice(encodedAs.length))
    const isOurs = encodedAs + encodeURIComponent(text) === value && (!isPlain(text) || decoded(text) !== null)
    return isOurs ? text : null
  } catch {
    return null
  }
}
