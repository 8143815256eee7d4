import { describe, expect, it } from 'vitest'
import { type Desk, keys, never, failed } from './subject.ts'

export function removalLaws(desk: () => Desk): void {
  describe('removals', () => {
    const { key } = keys()

    it('removes the version that it names from view', async () => {
      const [meta] = await desk().overwrite(key('shown'), 'x')
      await desk().remove(key('shown'), meta!.version)
      expect(await desk().store.head(key('shown'), never)).toBeNull()
      expect(await desk().store.get(key('shown'), never)).toBeNull()
    })

    it('removes nothing that has changed since', async () => {
      const [first, second] = await desk().overwrite(key('changed'), 'first', 'second')
      expect(await failed(desk().remove(key('changed'), first!.version))).toMatchObject({ kind: 'conflict' })
      expect(await desk().store.head(key('changed'), never)).toEqual(second)
    })

    it('finds nothing to remove where nothing shows', async () => {
      const [meta] = await desk().overwrite(key('twice'), 'x')
      await desk().remove(key('twice'), meta!.version)
      expect(await failed(desk().remove(key('twice'), meta!.version))).toMatchObject({ kind: 'conflict' })
      expect(await failed(desk().remove(key('never'), meta!.version))).toMatchObject({ kind: 'conflict' })
      expect(await desk().history(key('never'))).toEqual([])
    })

    it('lets one of twenty remove a version', async () => {
      const [meta] = await desk().overwrite(key('race'), 'x')
      await desk().pause()
      const acts = Array.from({ length: 20 }, () => desk().store.remove(key('race'), meta!.version, never))
      const outcomes = await Promise.allSettled(acts)
      // S3 answers a second removal under way at the same moment as it likes; what shows is what counts.
      expect(outcomes.some(({ status }) => status === 'fulfilled')).toBe(true)
      expect(await desk().store.head(key('race'), never)).toBeNull()
    })

    it('creates over a deletion as over nothing', async () => {
      const [meta] = await desk().overwrite(key('again'), 'first')
      await desk().remove(key('again'), meta!.version)
      const second = await desk().put(key('again'), 'second')
      expect(await desk().store.head(key('again'), never)).toEqual(second)
    })

    it('keeps what it removed, and says when, as its kind of history does', async () => {
      const [meta] = await desk().overwrite(key('kept'), 'x')
      await desk().remove(key('kept'), meta!.version)
      const history = await desk().history(key('kept'))
      const { history: kind } = desk().store.traits
      expect(history.filter(({ deleteMarker }) => deleteMarker)).toHaveLength(kind === 'markers' ? 1 : 0)
      const versions = history.filter(({ deleteMarker }) => !deleteMarker)
      expect(versions.map(({ id, dateMs, current }) => ({ id, dateMs, current }))).toEqual(
        kind === 'none' ? [] : [{ id: meta!.id, dateMs: meta!.dateMs, current: false }],
      )
      for (const marker of history.filter(({ deleteMarker }) => deleteMarker)) {
        expect(marker).toMatchObject({ current: true, meta: null })
        expect(marker.dateMs).toBeGreaterThanOrEqual(meta!.dateMs)
        expect(await desk().store.head(key('kept'), never, marker.version)).toBeNull()
      }
    })
  })
}
