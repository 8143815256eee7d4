import { type Key, parseKey } from '#shared/kernel/key.ts'
import { type About, failure } from './failure.ts'

/**
 * What an object is called at Cloud Storage: its key, except where Cloud Storage refuses that. Line breaks, a key that is nothing but one or two
 * dots, and keys under `.well-known/acme-challenge/` are written with signs that stand where the key stands in the order of UTF-8, because
 * listings are merged by it; names that look as if they had been written so get a sign more. Every key has one name and every name one key; what
 * a key begins with, its name begins with.
 */

export const nameBytesMax = 1024

/** The last characters for private use: behind a tab they sort above nearly all that follows a tab, and below a line break. */
const feed = '\u{10FFFC}'
const signs: Readonly<Record<string, string>> = { '\n': `\t${feed}`, '\r': '\t\u{10FFFD}' }
const breaks: Readonly<Record<string, string>> = { [feed]: '\n', '\u{10FFFD}': '\r' }
/** Takes the meaning of a sign away, once for each time that it stands there. */
const literal = '\u{10FFFB}'
/** Behind a whole key of dots. */
const dots = '\t\u{10FFFA}'
/** In place of nothing, before the slash: a full stop is the character before it. */
const challenge = `.${feed}`

export function nameOf(about: About, key: Key): string {
  const name = beginningOf(key).replace(/^(\.\.?)(?:\t\u{10FFFA}(\u{10FFFB}*))?$/u, deeper(dots))
  const bytes = Buffer.byteLength(name)
  if (bytes <= nameBytesMax) return name
  const what = `its name here has ${bytes} bytes, for line breaks take five; expected at most ${nameBytesMax}: shorten the key`
  throw failure(about, 'invalid', 'key', what)
}

/** What the names of all keys begin with that begin so. Names of other keys may, too. */
export function beginningOf(text: string): string {
  return text
    .replace(/\t(?=\u{10FFFB}*[\u{10FFFC}\u{10FFFD}])/gu, `\t${literal}`)
    .replace(/[\n\r]/g, (char) => signs[char]!)
    .replace(/^(\.well-known\/acme-challenge)(?:\.\u{10FFFC}(\u{10FFFB}*))?(?=\/)/u, deeper(challenge))
}

export function keyOf(name: string): Key {
  const text = name
    .replace(/^(\.\.?)\t\u{10FFFA}(\u{10FFFB}*)$/u, higher(dots))
    .replace(/^(\.well-known\/acme-challenge)\.\u{10FFFC}(\u{10FFFB}*)(?=\/)/u, higher(challenge))
    .replace(/\t(\u{10FFFB}*)([\u{10FFFC}\u{10FFFD}])/gu, (_, literals: string, sign: string) =>
      literals === '' ? breaks[sign]! : `\t${literals.slice(literal.length)}${sign}`,
    )
  return parseKey(text)
}

type Replacing = (all: string, before: string, literals: string | undefined) => string

/** `literals`: undefined where no sign stands there yet. */
function deeper(sign: string): Replacing {
  return (_, before, literals) => before + sign + (literals === undefined ? '' : literal + literals)
}

function higher(sign: string): Replacing {
  return (_, before, literals = '') => (literals === '' ? before : before + sign + literals.slice(literal.length))
}
