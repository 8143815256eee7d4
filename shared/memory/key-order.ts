import type { Traits } from '#shared/ports/object-store.ts'

/** Negative, zero or positive, by the order in which a store lists its keys. */
export type KeyOrder = (a: string, b: string) => number

/**
 * UTF-8 bytes sort as code points do, UTF-16 units do not: a surrogate stands below U+E000 but means something above U+FFFF.
 */
const byUtf8: KeyOrder = (a, b) => {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i)
    const right = b.charCodeAt(i)
    if (left !== right) return surrogatesLast(left) - surrogatesLast(right)
  }
  return a.length - b.length
}

function surrogatesLast(unit: number): number {
  if (unit < 0xd800) return unit
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}

const byUtf16: KeyOrder = (a, b) => {
  if (a === b) return 0
  return a < b ? -1 : 1
}

export function keyOrder(order: Traits['listingOrder']): KeyOrder {
  return order === 'utf8' ? byUtf8 : byUtf16
}
