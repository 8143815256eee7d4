import { describe, expect, it } from 'vitest'
import { faulty } from '#shared/layers/faulty.ts'
import type { ObjectStore } from '#shared/ports/object-store.ts'
import { absent, type Desk, keys, never, failed } from './subject.ts'

export function unknownLaws(desk: () => Desk): void {
  describe('answers that are lost', () => {
    const { key } = keys()
    const why = 'no way of it loses answers'

    it('fails as unknown when a write was done and nobody learned of it', async ({ skip }) => {
      const { lossy } = desk().subject
      if (lossy === null) return skip(why)
      const act = (store: ObjectStore) => store.put(key('done'), desk().write('x'), absent, never)
      expect(await failed(lossy.losing(() => act(lossy.store)))).toMatchObject({ kind: 'unknown', scope: 'key' })
      expect(await desk().text(key('done'))).toBe('x')
    })

    it('fails as unknown when a removal was done and nobody learned of it', async ({ skip }) => {
      const { lossy } = desk().subject
      if (lossy === null) return skip(why)
      const [meta] = await desk().overwrite(key('removed'), 'x')
      await desk().pause()
      const act = lossy.losing(() => lossy.store.remove(key('removed'), meta!.version, never))
      expect(await failed(act)).toMatchObject({ kind: 'unknown', scope: 'key' })
      expect(await desk().store.head(key('removed'), never)).toBeNull()
    })

    it('fails as unreachable when a read was not answered, for it cannot have done anything', async ({ skip }) => {
      const { lossy } = desk().subject
      if (lossy === null) return skip(why)
      const act = lossy.losing(() => lossy.store.head(key('read'), never))
      expect(await failed(act)).toMatchObject({ kind: 'unreachable', scope: 'site' })
    })

    it('refuses a body that was damaged on its way', async () => {
      const flipping = faulty(desk().store, desk().subject.clock, () => ({ fault: 'bit-flipped', byte: 2 }))
      expect(await failed(flipping.put(key('damaged'), desk().write('content'), absent, never))).toMatchObject({
        kind: 'corrupt',
      })
      expect(await desk().store.head(key('damaged'), never)).toBeNull()
    })
  })
}
