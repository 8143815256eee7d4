/**
 * User metadata outside ASCII. S3 takes a header's bytes for Latin-1, decodes the encoded words of RFC 2047 that it finds in them, and
 * answers what is not ASCII as such words. Whoever sends raw UTF-8 gets the words of its bytes, each taken for a letter: that is the
 * example of https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html
 */
export function storedValue(header: string): string {
  return header.replace(runs, (run) => {
    const pieces = run.split(/(\s+)/)
    const words = pieces.map((piece, i) => (i % 2 === 0 ? decodedWord(piece) : null))
    // White space between two words is not part of the text.
    return pieces
      .map((piece, i) => (i % 2 === 1 && words[i - 1] !== null && words[i + 1] !== null ? '' : (words[i] ?? piece)))
      .join('')
  })
}

const form = String.raw`=\?[^?\s]+\?[bqBQ]\?[^?\s]*\?=`
const runs = new RegExp(`${form}(?:\\s+${form})*`, 'g')

/** `null` where it only looks like a word. */
function decodedWord(word: string): string | null {
  const [, charset = '', form = '', text = ''] = word.split('?')
  const bytes = form.toUpperCase() === 'B' ? fromBase64(text) : fromQuoted(text)
  return bytes === null ? null : decoded(bytes, charset)
}

const wordBytesMax = 75

/** As it is where a header can hold it as it is. Q where most letters are ASCII, B where most are not; a long value becomes several words. */
export function shownValue(stored: string): string {
  if (/^[\t -~]*$/.test(stored)) return stored
  const letters = Array.from(stored)
  const form = letters.filter((letter) => letter <= '\u007f').length * 2 > letters.length ? 'Q' : 'B'
  const words: string[] = []
  let run = ''
  for (const letter of letters) {
    if (run !== '' && word(form, run + letter).length > wordBytesMax) {
      words.push(word(form, run))
      run = ''
    }
    run += letter
  }
  return [...words, word(form, run)].join(' ')
}

function word(form: 'B' | 'Q', text: string): string {
  const bytes = Buffer.from(text, 'utf8')
  return `=?UTF-8?${form}?${form === 'B' ? bytes.toString('base64') : quoted(bytes)}?=`
}

function quoted(bytes: Buffer): string {
  let text = ''
  for (const byte of bytes) {
    const letter = String.fromCharCode(byte)
    if (letter === ' ') text += '_'
    else text += /[A-Za-z0-9!*+\-/]/.test(letter) ? letter : `=${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return text
}

function fromBase64(text: string): Buffer | null {
  return /^[A-Za-z0-9+/]*={0,2}$/.test(text) ? Buffer.from(text, 'base64') : null
}

function fromQuoted(text: string): Buffer | null {
  if (/=(?![0-9A-Fa-f]{2})/.test(text)) return null
  const latin1 = text
    .replaceAll('_', ' ')
    .replace(/=([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
  return Buffer.from(latin1, 'latin1')
}

/** `null` where the charset is not known or the bytes are not of it. */
function decoded(bytes: Buffer, charset: string): string | null {
  try {
    return new TextDecoder(charset, { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return null
  }
}
