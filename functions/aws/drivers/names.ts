/**
 * How names and values are spelt in S3. Keys go as they are. Metadata goes in headers, which know neither case nor most letters:
 * what a header holds goes as it is, letters beyond ASCII as the words of RFC 2047, which S3 itself speaks, and everything else is
 * written out under a reserved name (docs/providers-s3.md).
 */
import { type Key, parseKey } from '#shared/kernel/key.ts'

const reserved = 'isobar.'

/** What an entry is that S3 has no place for: of the metadata, a header, a tag. */
export type Kind = 'm' | 'h' | 't'

export interface WrittenOut {
  readonly kind: Kind
  readonly name: string
  readonly value: string
}

/** Whether metadata of this name can go under it: what a header's name can be, in lower case. */
export function isPlainName(name: string): boolean {
  return /^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name) && !name.startsWith(reserved)
}

/** Whether a header brings it there and back: no letter that needs a word, no space that is trimmed, nothing that looks like a word. */
export function isPlainValue(value: string): boolean {
  return /^[\x20-\x7e]*$/.test(value) && value.trim() === value && !value.includes('=?')
}

/** One entry, written out as a name and a value that any header holds. */
export function writeOut({ kind, name, value }: WrittenOut): [name: string, value: string] {
  return [`${reserved}${kind}-${escaped(name)}`, encodeURIComponent(value)]
}

/** `null` for what no driver wrote out: it is somebody's own entry, whatever it is called. */
export function readOut(name: string, value: string): WrittenOut | null {
  const parsed = /^isobar\.([mht])-([0-9a-z_.-]*)$/.exec(name)
  if (parsed === null) return null
  const kind = parsed[1] as Kind
  const named = unescaped(parsed[2]!)
  const valued = fromUri(value)
  if (named === null || valued === null) return null
  const entry = { kind, name: named, value: valued }
  const [again, same] = writeOut(entry)
  const needless = kind === 'm' && isPlainName(named) && spell(valued) !== null
  return again === name && same === value && !needless ? entry : null
}

function escaped(name: string): string {
  return Buffer.from(name, 'utf8').reduce((text, byte) => {
    const letter = String.fromCharCode(byte)
    return text + (/[0-9a-z_-]/.test(letter) ? letter : `.${byte.toString(16).padStart(2, '0')}`)
  }, '')
}

function unescaped(text: string): string | null {
  if (/\.(?![0-9a-f]{2})/.test(text)) return null
  const bytes = text.replace(/\.(..)/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
  return utf8(Buffer.from(bytes, 'latin1'))
}

function fromUri(value: string): string | null {
  try {
    return decodeURIComponent(value)
  } catch {
    return null
  }
}

/** A value as S3 takes it under a plain name; `null` where it would come back as another, or not at all. */
export function spell(value: string): string | null {
  if (isPlainValue(value)) return value
  if (!value.isWellFormed() || /[\p{Cc}]|=\?/u.test(value) || value.trim() !== value || !/[^\x20-\x7e]/.test(value))
    return null
  const words = inWords(value)
  return read(words) === value ? words : null
}

/** A word holds 45 bytes, so that it is no longer than RFC 2047 allows; no letter is cut. */
function inWords(value: string): string {
  const words: string[] = []
  let run = ''
  for (const letter of value) {
    if (Buffer.byteLength(run + letter) > 45) {
      words.push(run)
      run = ''
    }
    run += letter
  }
  return [...words, run].map((text) => `=?UTF-8?B?${Buffer.from(text, 'utf8').toString('base64')}?=`).join(' ')
}

const word = /=\?([^?\s]+)\?([BbQq])\?([^?\s]*)\?=/g
const onlyWords = /^(?:=\?[^?\s]+\?[BbQq]\?[^?\s]*\?=\s*)+$/

/** A value as it came in a header, as somebody meant it. */
export function read(header: string): string {
  const text = letters(header)
  return onlyWords.test(text) ? (meant(text) ?? text) : text
}

/** Node takes each byte of a header for a letter. */
export function letters(header: string): string {
  return utf8(Buffer.from(header, 'latin1')) ?? header
}

function meant(words: string): string | null {
  const parts = [...words.matchAll(word)].map(([, charset = '', form = '', text = '']) => ({
    charset: charset.toLowerCase(),
    bytes: /b/i.test(form) ? Buffer.from(text, 'base64') : fromQuoted(text),
  }))
  const [first] = parts
  if (first === undefined || parts.some(({ charset }) => charset !== first.charset)) return null
  const text = decoded(Buffer.concat(parts.map(({ bytes }) => bytes)), first.charset)
  return text === null ? null : undoubled(text)
}

/** Raw UTF-8 that a client sent without words S3 takes for Latin-1: its words spell the letters of those bytes. */
function undoubled(text: string): string {
  if (/[^\0-\u00ff]/.test(text)) return text
  return utf8(Buffer.from(text, 'latin1')) ?? text
}

function fromQuoted(text: string): Buffer {
  const bytes = text
    .replaceAll('_', ' ')
    .replace(/=([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1')
}

function utf8(bytes: Buffer): string | null {
  return decoded(bytes, 'utf-8')
}

function decoded(bytes: Buffer, charset: string): string | null {
  try {
    return new TextDecoder(charset, { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return null
  }
}

/** A name in a listing. `url`: written as in a form, because XML does not hold every letter that a key may have. */
export function listedName(text: string, encoding: string | undefined): string {
  return encoding === 'url' ? decodeURIComponent(text.replaceAll('+', ' ')) : text
}

export function listedKey(text: string, encoding: string | undefined): Key {
  return parseKey(listedName(text, encoding))
}

/** Whether a request asks for just this bucket and key, whatever their letters mean in an address. */
export function isFor(
  request: { readonly hostname: string; readonly path: string },
  bucket: string,
  key: string | null,
): boolean {
  const path = fromUri(request.path)
  if (path === null) return false
  const below = key === null ? [''] : [`/${key}`]
  if (key === null) below.push('/')
  const inPath = below.some((rest) => path.endsWith(`/${bucket}${rest}`))
  const inHost = request.hostname.startsWith(`${bucket}.`) && below.some((rest) => path === rest)
  return inPath || inHost
}
