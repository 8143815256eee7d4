const shownMax = 80

/** For a terminal or a log: what a reader cannot see or what would move the cursor is written out as \u{…}. */
export function plain(text: string): string {
  return text.replace(/(?! )[\p{C}\p{Z}\p{DI}]/gu, (char) => `\\u{${char.codePointAt(0)?.toString(16) ?? ''}}`)
}

/** What was found, in one short line. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`
  if (typeof value === 'object' && value !== null)
    return Object.keys(value).length === 0 ? 'an empty object' : 'an object'
  if (typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER) return beyond(value)
  const text = plain(JSON.stringify(value))
  if (text.length <= shownMax) return text
  const { length } = typeof value === 'string' ? value : text
  return `${text.slice(0, shownMax).toWellFormed()}… (${length} characters)`
}

/** From here on numbers are no longer read digit by digit: what would be printed is not what stands in the document. */
function beyond(value: number): string {
  const most = Number.isFinite(value) ? Number.MAX_SAFE_INTEGER : '1.8e308'
  return `a number beyond ${value > 0 ? '' : '-'}${most}`
}

/** A sentence's list: `a, b or c`. */
export function either(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
}

/** An address may carry a password before its host or a signature behind its path, and either may hold the other's marks. */
export function showAddress(value: string): string {
  return /[@?#]/.test(value) ? 'an address with "@", "?" or "#", not shown because it may hold a secret' : show(value)
}
