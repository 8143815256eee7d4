import { describe, expect, it } from 'vitest'
import { absent, type Desk, keys, never, failed, since, textOf } from './subject.ts'

export function readLaws(desk: () => Desk): void {
  describe('reads', () => {
    const { key } = keys()

    it('answers null for what is absent, and only for that', async () => {
      expect(await desk().store.head(key('absent'), never)).toBeNull()
      expect(await desk().store.get(key('absent'), never)).toBeNull()
      await desk().put(key('present'), 'x')
      expect(await desk().store.head(key('present'), never)).not.toBeNull()
    })

    it('never takes a refused permission for absence', async ({ skip }) => {
      const { forbidden } = desk().subject
      if (forbidden === null) return skip('no credentials that are refused')
      await desk().put(key('secret'), 'x')
      for (const name of ['secret', 'not-there']) {
        expect(await failed(forbidden.head(key(name), never))).toMatchObject({ kind: 'denied', scope: 'site' })
        expect(await failed(forbidden.get(key(name), never))).toMatchObject({ kind: 'denied' })
      }
    })

    it('takes a missing bucket for the whole site’s outage, which ends when it is made, and for nothing else', async ({
      skip,
    }) => {
      const { nowhere, store } = desk().subject
      if (nowhere === null) return skip('no bucket of it can be missing')
      const { version } = await desk().put(key('elsewhere, too'), 'x')
      const query = { prefix: '', after: '', cursor: null, max: 1 }
      for (const act of [
        () => nowhere.head(key('any'), never),
        () => nowhere.get(key('any'), never),
        () => nowhere.list(query, never),
        () => nowhere.put(key('any'), desk().write('x'), absent, never),
        () => nowhere.remove(key('any'), version, never),
        ...(store.traits.history === 'none' ? [] : [() => nowhere.versions(key('any'), null, never)]),
      ]) {
        expect(await failed(act())).toMatchObject({ kind: 'denied', scope: 'site', patience: 'later' })
      }
    })

    it('opens a body together with what head says of it', async () => {
      const meta = await desk().put(key('both'), 'content', absent, { metadata: { a: 'b' } })
      const found = await desk().store.get(key('both'), never)
      expect(found!.meta).toEqual(meta)
      expect(await textOf(found!.body)).toBe('content')
    })

    it('lets a body lie unread', async () => {
      await desk().put(key('unread'), 'content')
      const opened = Array.from({ length: 20 }, () => desk().store.get(key('unread'), never))
      expect((await Promise.all(opened)).every((found) => found!.meta.size === 7)).toBe(true)
      expect(await desk().text(key('unread'))).toBe('content')
    })

    it('never passes for whole what its caller gave up: then a body is all there, or fails', async () => {
      const content = 'content '.repeat(32 * 1024)
      await desk().put(key('given-up'), content)
      for (const pieces of [0, 1]) {
        const ending = new AbortController()
        const found = await desk().store.get(key('given-up'), ending.signal)
        const reading: Reading = found!.body[Symbol.asyncIterator]()
        let read = 0
        for (let piece = 0; piece < pieces; piece++) read += (await reading.next()).value!.byteLength
        ending.abort()
        const outcome = await lengthOf(reading).catch((thrown: unknown) => thrown)
        if (typeof outcome === 'number') expect(read + outcome).toBe(content.length)
        else expect(outcome).toMatchObject({ name: 'Failure', kind: 'unreachable', scope: 'key' })
      }
    })

    it('reads ranges from the first byte to the last', async () => {
      await desk().put(key('range'), '0123456789')
      const ranges: [number, number][] = [
        [0, 1],
        [0, 10],
        [3, 7],
        [9, 10],
      ]
      for (const [start, end] of ranges) {
        const found = await desk().store.get(key('range'), never, { range: { start, end } })
        expect(await textOf(found!.body)).toBe('0123456789'.slice(start, end))
        expect(found!.meta.size).toBe(10)
      }
    })

    it('finishes reading the version that it opened, whatever is written meanwhile', async () => {
      const [first] = await desk().overwrite(key('during'), 'the first')
      const found = await desk().store.get(key('during'), never)
      await desk().put(key('during'), 'the other', since(first!.version))
      expect(await textOf(found!.body).catch(() => 'broken off')).toMatch(/^(the first|broken off)$/)
    })

    it('reads a pinned version after it was covered, where versions are kept', async () => {
      const [first, second] = await desk().overwrite(key('pinned'), 'first', 'second')
      const kept = desk().store.traits.history !== 'none'
      expect(await desk().text(key('pinned'), first!.version)).toBe(kept ? 'first' : null)
      expect(await desk().store.head(key('pinned'), never, first!.version)).toEqual(kept ? first : null)
      expect(await desk().text(key('pinned'), second!.version)).toBe('second')
    })

    it('reads a pinned version after it was deleted, where versions are kept', async () => {
      const [meta] = await desk().overwrite(key('pinned-deleted'), 'gone')
      await desk().remove(key('pinned-deleted'), meta!.version)
      const kept = desk().store.traits.history !== 'none'
      expect(await desk().text(key('pinned-deleted'), meta!.version)).toBe(kept ? 'gone' : null)
    })

    it('reads a range of a pinned version', async () => {
      const [first] = await desk().overwrite(key('pinned-range'), '0123456789', 'abcdefghij')
      const want = { version: first!.version, range: { start: 2, end: 4 } }
      const found = await desk().store.get(key('pinned-range'), never, want)
      if (desk().store.traits.history === 'none') expect(found).toBeNull()
      else expect(await textOf(found!.body)).toBe('23')
    })

    it('has no tags to tell of a version that is not there', async () => {
      const [elsewhere] = await desk().overwrite(key('elsewhere'), 'x')
      expect(await failed(desk().store.tags(key('nowhere'), elsewhere!.version, never))).toMatchObject({
        kind: 'absent',
      })
    })
  })
}

type Reading = AsyncIterator<Uint8Array, undefined>

async function lengthOf(reading: Reading): Promise<number> {
  for (let bytes = 0; ;) {
    const { done, value } = await reading.next()
    if (done === true) return bytes
    bytes += value.byteLength
  }
}
