import { describe, expect, it } from 'vitest'
import { keyBytesMax } from '#shared/kernel/key.ts'
import { type Desk, keys } from './subject.ts'

/** Each has been mangled by some client, server or proxy. */
const odd = [
  ' ',
  'a b',
  ' a',
  'a ',
  'a+b',
  '100%',
  '%2F',
  '%41',
  'A',
  '..',
  '.',
  'a/../b',
  './x',
  'x/.',
  'a//b',
  '/a',
  'a/',
  'a/b/',
  '//',
  'é',
  'e\u0301',
  '😀',
  '\u0001',
  '\u007F',
  '\t',
  '\n',
  'a\\b',
  'a?b',
  'a#b',
  'a&b=c',
  '"<>\'',
  '{}|^`~[]',
  ';:,@$!*()',
  'a.',
  'a./b',
  '\uFFFD',
  '\uFEFF',
  '...',
  'con',
  '__proto__',
  'null',
]

export function keyLaws(desk: () => Desk): void {
  describe('keys', () => {
    it('keeps every odd key apart from every other, and lists each as it was written', async () => {
      const { prefix, key } = keys()
      for (const name of odd) await desk().put(key(name), name)
      for (const name of odd) expect(await desk().text(key(name))).toBe(name)
      const listed = (await desk().list({ prefix })).objects.map((one) => one.key)
      expect(listed.toSorted()).toEqual(odd.map(key).toSorted())
    })

    it('deletes one odd key and touches no other', async () => {
      const { prefix, key } = keys()
      const metas = new Map<string, Awaited<ReturnType<Desk['put']>>>()
      for (const name of odd) metas.set(name, await desk().put(key(name), name))
      for (const [index, name] of odd.entries()) {
        await desk().remove(key(name), metas.get(name)!.version)
        const left = (await desk().list({ prefix })).objects.map((one) => one.key)
        expect(left.toSorted()).toEqual(
          odd
            .slice(index + 1)
            .map(key)
            .toSorted(),
        )
      }
    })

    it('holds a key of the greatest length, in bytes and not in letters', async () => {
      for (const letter of ['x', 'ü', '😀']) {
        const { prefix, key } = keys()
        const width = new TextEncoder().encode(letter).byteLength
        const longest = key(letter.repeat((keyBytesMax - prefix.length) / width))
        await desk().put(longest, letter)
        expect(await desk().text(longest)).toBe(letter)
        expect((await desk().list({ prefix })).objects.map((one) => one.key)).toEqual([longest])
      }
    })
  })
}
