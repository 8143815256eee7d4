import type { Brand } from './ids.ts'
import { Failure } from './failure.ts'

/** An object's name, checked: 1 to 1,024 bytes of UTF-8, no lone surrogate. Hostile all the same: never a path, a label or markup. */
export type Key = Brand<string, 'Key'>

export const keyBytesMax = 1024

/** Keys below it are Isobar's own, in users' buckets too: no rule takes them. */
export const ownPrefix = '.isobar/'

const encoder = new TextEncoder()

/** Refuses what no cloud can hold or what would not come back unchanged; everything else is a key, dots and slashes included. */
export function parseKey(text: string): Key {
  if (text.length === 0) throw new Failure('invalid', 'key: found an empty string, expected 1 to 1,024 bytes')
  if (!text.isWellFormed()) throw new Failure('invalid', 'key: found a lone surrogate, expected well-formed Unicode')
  const bytes = encoder.encode(text).byteLength
  if (bytes > keyBytesMax) throw new Failure('invalid', `key: found ${bytes} bytes, expected at most ${keyBytesMax}`)
  return text as Key
}
