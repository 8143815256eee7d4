import { describe, expect, it } from 'vitest'
import { type Desk, keys, never } from './subject.ts'

export function historyLaws(desk: () => Desk): void {
  describe('histories', () => {
    const { prefix, key } = keys()
    const kept = () => desk().store.traits.history !== 'none'

    it('knows no version of what was never written', async () => {
      expect(await desk().history(key('never'))).toEqual([])
    })

    it('tells every version of exactly this key, in its order, under the names that the writes answered', async () => {
      const metas = await desk().overwrite(key('a'), 'first', 'second', 'third')
      await desk().overwrite(key('a/b'), 'below')
      await desk().overwrite(key('ab'), 'beside')
      const told = (await desk().history(key('a'))).map(({ key, id, version, dateMs }) => ({
        key,
        id,
        version,
        dateMs,
      }))
      const wrote = metas.map(({ key, id, version, dateMs }) => ({ key, id, version, dateMs }))
      const expected = kept() ? wrote : wrote.slice(-1)
      expect(told).toEqual(desk().store.traits.newestFirst ? expected.toReversed() : expected)
    })

    it('shows one current version, and that is the one that head shows', async () => {
      const metas = await desk().overwrite(key('current'), 'first', 'second')
      const current = (await desk().history(key('current'))).filter((version) => version.current)
      expect(current.map(({ id }) => id)).toEqual([metas[1]!.id])
    })

    it('tells the whole of a version, or nothing but its names', async () => {
      const metas = await desk().overwrite(key('meta'), 'first', 'second')
      const history = await desk().history(key('meta'))
      const whole = history.map(({ id, meta }) => meta ?? metas.find((one) => one.id === id))
      expect(whole).toEqual(history.map(({ id }) => metas.find((one) => one.id === id)))
    })

    it('cuts a long history into pages and loses nothing between them', async ({ skip }) => {
      const count = desk().subject.versionsBeyondPage
      if (count === null || !kept()) return skip('a page of this store holds too many')
      const metas = await desk().overwrite(key('long'), ...Array.from({ length: count }, (_, i) => `version ${i}`))
      const first = await desk().store.versions(key('long'), null, never)
      expect(first.next).not.toBeNull()
      const ids = (await desk().history(key('long'))).map(({ id }) => id)
      expect(ids.toSorted()).toEqual(metas.map(({ id }) => id).toSorted())
    })

    it('lists all histories below a prefix, deleted keys too, key by key in listing order', async () => {
      for (const name of ['all/c', 'all/a', 'all/b']) await desk().overwrite(key(name), 'first', 'second')
      const shown = (await desk().store.head(key('all/b'), never))!
      await desk().remove(key('all/b'), shown.version)
      const names: string[] = []
      let cursor: string | null = null
      do {
        const query = { prefix: `${prefix}all/`, after: '', cursor, max: 2 }
        const page = await desk().store.listVersions(query, never)
        expect(page.versions.length).toBeLessThanOrEqual(2)
        names.push(...page.versions.map(({ key }) => key))
        cursor = page.next
      } while (cursor !== null && names.length < 100)
      const whole = (await Promise.all(['all/a', 'all/b', 'all/c'].map((name) => desk().history(key(name))))).flat()
      expect(names).toEqual(whole.map(({ key }) => key))
    })
  })
}
