/**
 * The order of UTF-8 bytes, which is that of code points; S3 and Cloud Storage list by it, and so does every merge here.
 * UTF-16 units sort otherwise in one place: a surrogate stands below U+E000 but means a character above U+FFFF.
 */
export function compareKeys(a: string, b: string): number {
  const i = firstDifference(a, b)
  return i < Math.min(a.length, b.length)
    ? surrogatesLast(a.charCodeAt(i)) - surrogatesLast(b.charCodeAt(i))
    : a.length - b.length
}

function surrogatesLast(unit: number): number {
  if (unit < 0xd800) return unit
  return isSurrogate(unit) ? unit + 0x2000 : unit - 0x800
}

/** Half of a character above U+FFFF. */
export function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xe000
}

/** The characters that the two orders place on different sides of the surrogates. */
export function isBeyondSurrogates(unit: number): boolean {
  return unit >= 0xe000
}

/** The length of what both begin with. */
export function firstDifference(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  let i = 0
  while (i < length && a.charCodeAt(i) === b.charCodeAt(i)) i++
  return i
}
