/**
 * How a key is named as a blob. Azure mangles some names: it takes `\` for `/`, resolves `.` and `..`, drops the dots that end a segment,
 * refuses controls and private characters. Two keys that it takes for one would overwrite each other, so such a key is odd: it is written
 * out in a folder of its own. Every other key is its own name.
 * There the writing keeps the order of keys and what begins with what, so that a listing is two listings merged (listings.ts).
 */
import { Failure, type FailureDetails } from '#shared/kernel/failure.ts'
import { type Key, parseKey } from '#shared/kernel/key.ts'
import { shown } from './shown.ts'

/** Where odd keys are written out. A blob there that is none of ours stays what it is called. */
export const oddFolder = '.isobar/'

const lettersMax = 1024
const segmentsMax = 254

/** Ends what is written out, below all that it consists of: so it ends neither in a dot nor in a slash, and still sorts before what it begins. */
const end = '!'

/** The places of Windows-1252 that are empty. */
const emptyPlaces: ReadonlySet<number> = new Set([0x81, 0x8d, 0x8f, 0x90, 0x9d])

/** What no address holds, encoded or not; U+FFFD it holds at times, and events lose it. A `\` it holds for a `/`. */
function isUnspeakable(point: number): boolean {
  const isControl = point < 0x20 || point === 0x7f || emptyPlaces.has(point)
  return isControl || point === 0x5c || (point >= 0xe000 && point < 0xf900) || point === 0xfffd
}

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/**
 * Characters that follow each other and are written with one of them in front and so many digits behind: it stands where they stand,
 * and the digits keep their order.
 */
interface Stretch {
  readonly first: number
  readonly last: number
  readonly lead: string
  readonly width: number
}

const stretches: readonly Stretch[] = [
  { first: 0x00, last: 0x24, lead: '$', width: 1 },
  { first: 0x2e, last: 0x2f, lead: '.', width: 1 },
  { first: 0x5b, last: 0x5c, lead: '[', width: 1 },
  { first: 0x7e, last: 0x9d, lead: '~', width: 1 },
  { first: 0xe000, last: 0xf900, lead: '\uF900', width: 3 },
  { first: 0xfffc, last: 0xfffd, lead: '\uFFFC', width: 1 },
]

/** Under this name the key lies; refused where no name of that length is held. */
export function nameOf(key: Key, details: FailureDetails): string {
  if (!isOdd(key)) return key
  const name = oddFolder + written(key) + end
  if (name.length <= lettersMax) return name
  throw new Failure(
    'invalid',
    `key ${shown(key)}: written out for Azure it has ${name.length} letters, expected at most ${lettersMax}; shorten the key`,
    details,
  )
}

/** The key that lies under this name; `null` where no other store could hold one so long. */
export function keyOf(name: string): Key | null {
  try {
    return parseKey(unwritten(name) ?? name)
  } catch {
    return null
  }
}

/** Whether the blob is an odd key written out. */
export function isWrittenOut(name: string): boolean {
  return unwritten(name) !== null
}

/** What the names of all plain keys that begin so begin with; `null` where no plain key does. */
export function plainPrefix(prefix: string): string | null {
  const whole = wellFormed(prefix)
  return speakable(whole) === whole ? whole : null
}

/** The same for odd keys. */
export function oddPrefix(prefix: string): string {
  return oddFolder + written(wellFormed(prefix))
}

/**
 * Plain names are listed from here: a text that an address can hold, beyond this key's own name and not beyond any later one. No plain name
 * has a letter below the blank.
 */
export function pastPlain(key: string): string {
  const whole = wellFormed(key)
  const start = speakable(whole)
  const stretch = stretchOf(whole.codePointAt(start.length) ?? -1)
  // In place of a letter that no address holds, one close below it: so that little is listed in vain.
  const lead = stretch !== null && stretch.lead < whole.slice(start.length) ? stretch.lead : ''
  return `${start}${lead} `
}

/** The same for odd ones. */
export function pastOdd(key: string): string {
  // What is written out goes on with letters above this one, or has ended with one below.
  return `${oddPrefix(key)}#`
}

/** Up to the first half of a character. */
function wellFormed(text: string): string {
  const at = text.search(/\p{Surrogate}/u)
  return at < 0 ? text : text.slice(0, at)
}

/** Up to the first character that no address holds. */
function speakable(text: string): string {
  for (let at = 0; at < text.length; at++) if (isUnspeakable(text.charCodeAt(at))) return text.slice(0, at)
  return text
}

function isOdd(key: string): boolean {
  if (speakable(key) !== key || /\.(?:\/|$)/.test(key)) return true
  return key.split('/').length > segmentsMax || unwritten(key) !== null
}

/** The odd key behind a name that stands for one; `null` for every other name. */
function unwritten(name: string): string | null {
  if (!name.startsWith(oddFolder) || !name.endsWith(end)) return null
  const text = name.slice(oddFolder.length, -end.length)
  const key = read(text)
  return key !== null && key !== '' && isOdd(key) && written(key) === text ? key : null
}

function written(text: string): string {
  let out = ''
  for (const letter of text) {
    const point = letter.codePointAt(0)!
    const stretch = stretchOf(point)
    out += stretch === null ? letter : stretch.lead + inDigits(point - stretch.first, stretch.width)
  }
  return out
}

function read(text: string): string | null {
  let out = ''
  for (let at = 0; at < text.length;) {
    const stretch = stretches.find(({ lead }) => text.startsWith(lead, at))
    if (stretch === undefined) {
      out += text[at++]!
      continue
    }
    const { first, last, width } = stretch
    const point = first + fromDigits(text.slice(at + 1, at + 1 + width), width)
    if (!(point <= last)) return null
    out += String.fromCodePoint(point)
    at += 1 + width
  }
  return out
}

function stretchOf(point: number): Stretch | null {
  return stretches.find(({ first, last }) => point >= first && point <= last) ?? null
}

function inDigits(value: number, width: number): string {
  let out = ''
  for (let rest = value, i = 0; i < width; i++, rest = Math.floor(rest / digits.length))
    out = digits[rest % digits.length]! + out
  return out
}

function fromDigits(text: string, width: number): number {
  if (text.length !== width) return NaN
  let value = 0
  for (const digit of text) {
    const place = digits.indexOf(digit)
    if (place < 0) return NaN
    value = value * digits.length + place
  }
  return value
}
