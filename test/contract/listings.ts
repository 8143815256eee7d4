import { describe, expect, it } from 'vitest'
import { type Desk, keys, never } from './subject.ts'

const encoder = new TextEncoder()

/** The two orders, said once more and otherwise than the stores say them. */
function inOrder(texts: readonly string[], order: 'utf8' | 'utf16'): string[] {
  const rank = (text: string) =>
    order === 'utf8'
      ? [...encoder.encode(text)].map((byte) => String.fromCharCode(byte)).join('')
      : Array.from({ length: text.length }, (_, i) => text[i]).join('')
  return texts.toSorted((a, b) => {
    if (rank(a) === rank(b)) return 0
    return rank(a) < rank(b) ? -1 : 1
  })
}

export function listingLaws(desk: () => Desk): void {
  describe('listings', () => {
    it('lists nothing where nothing is', async () => {
      const { prefix } = keys()
      expect(await desk().list({ prefix })).toEqual({ objects: [], pages: 1 })
    })

    it('says of each object what head says', async () => {
      const { prefix, key } = keys()
      await desk().overwrite(key('a'), 'first', 'second')
      const head = (await desk().store.head(key('a'), never))!
      const [listed] = (await desk().list({ prefix })).objects
      expect(listed).toMatchObject({ key: head.key, id: head.id, dateMs: head.dateMs, size: head.size })
      expect(head.digests).toMatchObject(listed!.digests)
      if (listed!.meta !== null) expect(listed!.meta).toEqual(head)
    })

    it('lists no key that is deleted, and none beside the prefix', async () => {
      const { prefix, key } = keys()
      const [gone] = await desk().overwrite(key('p/gone'), 'x')
      await desk().remove(key('p/gone'), gone!.version)
      for (const name of ['o/x', 'p/a', 'p', 'q/x', 'p0']) await desk().overwrite(key(name), 'x')
      const names = (await desk().list({ prefix: `${prefix}p/` })).objects.map((one) => one.key)
      expect(names).toEqual([key('p/a')])
    })

    it('lists in the order that its traits state, whole or in pages of any size', async () => {
      const { prefix, key } = keys()
      const names = ['a', 'a/b', 'a0', 'a.b', 'B', 'é', '\u{1F600}', '\uE000', '\uFF5E', 'z', 'a b', '~']
      for (const name of names) await desk().overwrite(key(name), 'x')
      const expected = inOrder(names.map(key), desk().store.traits.listingOrder)
      for (const max of [1, 2, 5, 12, 1000]) {
        const { objects, pages } = await desk().list({ prefix, max })
        expect(objects.map((one) => one.key)).toEqual(expected)
        expect(pages).toBeLessThanOrEqual(Math.ceil(names.length / max) + 1)
      }
    })

    it('begins after a key, whether or not that key is there', async () => {
      const { prefix, key } = keys()
      for (const name of ['a', 'b', 'c']) await desk().overwrite(key(name), 'x')
      const after = async (name: string) =>
        (await desk().list({ prefix, after: key(name) })).objects.map((one) => one.key)
      expect(await after('b')).toEqual([key('c')])
      expect(await after('aa')).toEqual([key('b'), key('c')])
      expect(await after('c')).toEqual([])
    })

    it('lets a cursor win over the key to begin after', async () => {
      const { prefix, key } = keys()
      for (const name of ['a', 'b', 'c']) await desk().overwrite(key(name), 'x')
      const first = await desk().store.list({ prefix, after: '', cursor: null, max: 1 }, never)
      const next = await desk().store.list({ prefix, after: key('b'), cursor: first.next, max: 1 }, never)
      expect(next.objects.map((one) => one.key)).toEqual([key('b')])
    })
  })
}
