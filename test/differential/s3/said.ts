import { type SumName, sumOf } from '#test/differential/content.ts'
import type { Stream } from '#test/simulation/random.ts'

/** What writers say beside the bytes, as headers. */
export function propertiesFrom(chance: Stream): Record<string, string> {
  const said: Record<string, string> = {}
  const maybe = (p: number, name: string, values: readonly string[]) => {
    if (chance.chance(p)) said[name] = chance.pick(values)
  }
  maybe(0.6, 'content-type', ['text/plain', 'application/json; charset=utf-8', 'image/png', 'x/y'])
  maybe(0.2, 'cache-control', ['no-cache', 'max-age=60, public'])
  maybe(0.2, 'content-disposition', ['inline', 'attachment; filename="a b.txt"'])
  maybe(0.15, 'content-language', ['en', 'de-CH, fr'])
  maybe(0.15, 'content-encoding', ['gzip', 'br', 'x-own'])
  maybe(0.1, 'expires', ['Thu, 01 Dec 2044 16:00:00 GMT'])
  maybe(0.3, 'x-amz-meta-a', ['1', 'two words', 'ends=with;marks', 'ça: <x> & "y"'.replace('ç', 'c')])
  maybe(0.2, 'x-amz-meta-b-c', ['-', 'UPPER lower'])
  maybe(0.2, 'x-amz-tagging', ['a=1', 'a=1&b=two%20words', 'k=', 'x=%2B%2F%3D'])
  return said
}

export const algorithms: readonly SumName[] = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256']

/** A sum of these bytes in a header, mostly. */
export function checksumFrom(chance: Stream, bytes: Uint8Array): Record<string, string> {
  if (chance.chance(0.003)) return {}
  if (chance.chance(0.005)) return { 'content-md5': sumOf('MD5', Buffer.from('other bytes')) }
  const md5 = chance.chance(0.1) ? { 'content-md5': sumOf('MD5', bytes) } : {}
  const name = chance.pick(algorithms)
  const value = chance.chance(0.004) ? sumOf(name, Buffer.from('other bytes')) : sumOf(name, bytes)
  return { ...md5, [`x-amz-checksum-${name.toLowerCase()}`]: value }
}

export function hasChecksum(headers: Readonly<Record<string, string>>): boolean {
  return algorithms.some((name) => headers[`x-amz-checksum-${name.toLowerCase()}`] !== undefined)
}

export const past = 'Sat, 01 Jan 2000 00:00:00 GMT'
