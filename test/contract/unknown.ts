import { describe, expect, it } from 'vitest'
import { faulty, type Fault } from '#shared/layers/faulty.ts'
import type { ObjectStore } from '#shared/ports/object-store.ts'
import { absent, type Desk, keys, never, failed } from './subject.ts'

export function unknownLaws(desk: () => Desk): void {
  describe('answers that are lost', () => {
    const { key } = keys()
    const suffering = (fault: Fault): ObjectStore => faulty(desk().store, desk().subject.clock, () => fault)

    it('fails as unknown when a write was done and nobody learned of it', async () => {
      expect(
        await failed(suffering({ fault: 'answer-lost' }).put(key('done'), desk().write('x'), absent, never)),
      ).toMatchObject({ kind: 'unknown' })
      expect(await desk().text(key('done'))).toBe('x')
    })

    it('fails as unknown when a write was not done and nobody learned of it', async () => {
      expect(
        await failed(suffering({ fault: 'request-lost' }).put(key('not-done'), desk().write('x'), absent, never)),
      ).toMatchObject({ kind: 'unknown' })
      expect(await desk().store.head(key('not-done'), never)).toBeNull()
    })

    it('fails as unknown when a removal was done and nobody learned of it', async () => {
      const [meta] = await desk().overwrite(key('removed'), 'x')
      await desk().pause()
      expect(
        await failed(suffering({ fault: 'answer-lost' }).remove(key('removed'), meta!.version, never)),
      ).toMatchObject({ kind: 'unknown' })
      expect(await desk().store.head(key('removed'), never)).toBeNull()
    })

    it('fails as unreachable when a read was not answered, for it cannot have done anything', async () => {
      for (const fault of ['answer-lost', 'request-lost'] as const) {
        expect(await failed(suffering({ fault }).head(key('read'), never))).toMatchObject({
          kind: 'unreachable',
          scope: 'site',
        })
      }
    })

    it('refuses a body that was damaged on its way', async () => {
      const flipping = suffering({ fault: 'bit-flipped', byte: 2 })
      expect(await failed(flipping.put(key('damaged'), desk().write('content'), absent, never))).toMatchObject({
        kind: 'corrupt',
      })
      expect(await desk().store.head(key('damaged'), never)).toBeNull()
    })
  })
}
