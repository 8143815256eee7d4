import type { ListQuery } from './model.ts'

export type Order = ListQuery['sorted']

const zero = Uint8Array.of(0)

/** A key as bytes whose order is the order of keys. A half of a surrogate pair has no UTF-8 and would become another key: refused. */
export function bytesOf(key: string, order: Order): Uint8Array {
  if (!key.isWellFormed())
    throw new RangeError(`key ${JSON.stringify(key)}: found half a surrogate pair, expected text`)
  return order === 'utf8' ? Buffer.from(key, 'utf8') : Buffer.from(key, 'utf16le').swap16()
}

export function keyOf(key8: Uint8Array): string {
  return Buffer.from(key8.buffer, key8.byteOffset, key8.byteLength).toString('utf8')
}

/** The first place after this key and before every other that follows it. */
export function justAfter(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([bytes, zero])
}

/** The first place after all that begins with these bytes; `null` where nothing can come after. */
export function afterPrefix(bytes: Uint8Array): Uint8Array | null {
  let length = bytes.length
  while (length > 0 && bytes[length - 1] === 0xff) length--
  if (length === 0) return null
  const place = Uint8Array.from(bytes.subarray(0, length))
  place[length - 1]! += 1
  return place
}

export function greater(a: Uint8Array, b: Uint8Array): Uint8Array {
  return Buffer.compare(a, b) > 0 ? a : b
}
