import { describe, expect, it } from 'vitest'
import type { Failure } from '#shared/kernel/failure.ts'
import { absent, bodyOf, bytes, bytesOf, type Desk, keys, never, failed, since } from './subject.ts'

const said = {
  headers: {
    contentType: 'text/plain; charset=utf-8',
    contentEncoding: 'identity',
    contentLanguage: 'de',
    contentDisposition: 'attachment; filename="a b.txt"',
    cacheControl: 'max-age=60',
  },
  metadata: { plain: 'value', 'with-dash': 'a=b; c', 'with.dot': '100%', under_score: 'grün ☃ 😀', digits0: '0' },
}

export function writeLaws(desk: () => Desk): void {
  describe('writes', () => {
    const { key } = keys()

    it('stores what it was given, answers with what it stored, and shows just that', async () => {
      const meta = await desk().put(key('new'), 'content', absent, said)
      expect(meta).toMatchObject({ key: key('new'), size: 7, tagCount: 0, ...said })
      expect(meta.digests).toMatchObject(desk().digests(bytes('content')))
      expect(await desk().store.head(key('new'), never)).toEqual(meta)
      expect(await desk().text(key('new'))).toBe('content')
    })

    it('creates only where nothing is', async () => {
      const meta = await desk().put(key('once'), 'first')
      expect(await failed(desk().put(key('once'), 'second'))).toMatchObject({ kind: 'conflict' })
      expect(await desk().store.head(key('once'), never)).toEqual(meta)
      expect(await desk().text(key('once'))).toBe('first')
    })

    it('replaces the version that it names', async () => {
      const [first, second] = await desk().overwrite(key('twice'), 'first', 'second')
      expect(second!.version).not.toBe(first!.version)
      expect(second!.id).not.toBe(first!.id)
      expect(second!.dateMs).toBeGreaterThanOrEqual(first!.dateMs)
      expect(await desk().text(key('twice'))).toBe('second')
    })

    it('leaves a version alone that is not the one it names', async () => {
      const [first, second] = await desk().overwrite(key('stale'), 'first', 'second')
      expect(await failed(desk().put(key('stale'), 'third', since(first!.version)))).toMatchObject({ kind: 'conflict' })
      expect(await desk().store.head(key('stale'), never)).toEqual(second)
    })

    it('does not create what it was to replace', async () => {
      const [elsewhere] = await desk().overwrite(key('elsewhere'), 'first')
      expect(await failed(desk().put(key('nowhere'), 'second', since(elsewhere!.version)))).toMatchObject({
        kind: 'conflict',
      })
      expect(await desk().store.head(key('nowhere'), never)).toBeNull()
    })

    it('takes a version for unchanged that came back with the same bytes only where the condition is their digest', async () => {
      const [first] = await desk().overwrite(key('aba'), 'a', 'b', 'a')
      const outcome = await desk()
        .put(key('aba'), 'c', since(first!.version))
        .then(
          () => 'replaced',
          (failure: Failure) => failure.kind,
        )
      expect(outcome).toBe(desk().subject.equalBytesSatisfy ? 'replaced' : 'conflict')
    })

    it('lets one of twenty create and refuses the others', async () => {
      const writers = Array.from({ length: 20 }, (_, i) => `writer ${i}`)
      const won = await race(writers.map((text) => desk().put(key('race'), text)))
      expect(won).toHaveLength(1)
      expect(await desk().text(key('race'))).toBe(writers[won[0]!])
    })

    it('lets one of twenty replace a version and refuses the others', async () => {
      const [first] = await desk().overwrite(key('race-over'), 'first')
      const writers = Array.from({ length: 20 }, (_, i) => `writer ${i}`)
      const won = await race(writers.map((text) => desk().put(key('race-over'), text, since(first!.version))))
      expect(won).toHaveLength(1)
      expect(await desk().text(key('race-over'))).toBe(writers[won[0]!])
    })

    it('holds an empty object, which is not an absent one', async () => {
      await desk().put(key('empty'), '')
      expect(await desk().store.head(key('empty'), never)).toMatchObject({ size: 0 })
      expect(await desk().text(key('empty'))).toBe('')
    })

    it('holds every value of a byte', async () => {
      const all = Uint8Array.from({ length: 256 }, (_, i) => i)
      await desk().store.put(key('bytes'), desk().write(all), absent, never)
      const found = await desk().store.get(key('bytes'), never)
      expect(await bytesOf(found!.body)).toEqual(all)
    })

    it('tells how many tags there are, and which', async () => {
      const meta = await desk().put(key('tagged'), 'x', absent, { tags: { stage: 'prod', owner: 'a.b' } })
      expect(meta.tagCount).toBe(2)
      expect(await desk().store.tags(key('tagged'), meta.version, never)).toEqual({ stage: 'prod', owner: 'a.b' })
    })

    it('dates by its own clock, in whole steps, no earlier than it last told the time', async () => {
      await desk().store.head(key('dated'), never)
      const before = desk().store.heard()!
      const { dateMs } = await desk().put(key('dated'), 'x')
      const step = desk().store.traits.dateGranularityMs
      expect(dateMs % step).toBe(0)
      expect(dateMs).toBeGreaterThan(before.dateMs - step)
      expect(before.dateMs % 1000).toBe(0)
      expect(desk().subject.clock.monotonic()).toBeGreaterThanOrEqual(before.atMonotonicMs)
    })
  })

  describe('writes that are refused', () => {
    const { key } = keys()
    const nothingAt = async (text: string) => expect(await desk().store.head(key(text), never)).toBeNull()

    it('refuses bytes that are not those of the checksum', async () => {
      expect(
        await failed(desk().put(key('flipped'), 'content', absent, { digests: desk().digests(bytes('kontent')) })),
      ).toMatchObject({ kind: 'corrupt' })
      await nothingAt('flipped')
    })

    it('refuses a body that ends early', async () => {
      const short = { body: bodyOf(bytes('conten'), 7) }
      expect(await failed(desk().put(key('short'), 'content', absent, short))).toMatchObject({ kind: 'corrupt' })
      await nothingAt('short')
    })

    it('refuses a body that does not end', async () => {
      const long = { body: bodyOf(bytes('contents'), 7) }
      expect(await failed(desk().put(key('long'), 'content', absent, long))).toMatchObject({ kind: 'corrupt' })
      await nothingAt('long')
    })

    it('stores nothing of a body that breaks off, and lets its failure pass', async () => {
      const broken = {
        size: 7,
        async *open() {
          yield bytes('con')
          throw new Error('the source broke')
        },
      }
      await expect(desk().put(key('broken'), 'content', absent, { body: broken })).rejects.toThrow('the source broke')
      await nothingAt('broken')
    })

    it('holds metadata up to its limit and refuses one byte more as this object’s own trouble', async () => {
      const most = desk().store.traits.metadataBytesMax
      const full = { metadata: { name: 'x'.repeat(most - 4) } }
      expect(await desk().put(key('full'), 'x', absent, full)).toMatchObject(full)
      const over = desk().put(key('over'), 'x', absent, { metadata: { name: 'x'.repeat(most - 3) } })
      expect(await failed(over)).toMatchObject({ kind: 'invalid', scope: 'key' })
      await nothingAt('over')
    })

    it('sends nothing for a caller who has gone', async () => {
      const gone = AbortSignal.abort(new Error('gone'))
      const act = desk().store.put(key('gone'), desk().write('x'), absent, gone)
      expect(await failed(act)).toMatchObject({ kind: 'unreachable' })
      await nothingAt('gone')
    })
  })
}

/** The places of those who won; all others must have been refused. */
async function race(acts: Promise<unknown>[]): Promise<number[]> {
  const outcomes = await Promise.allSettled(acts)
  const lost = outcomes.filter((outcome) => outcome.status === 'rejected')
  expect(lost.map(({ reason }) => (reason as Failure).kind)).toEqual(lost.map(() => 'conflict'))
  return outcomes.flatMap((outcome, i) => (outcome.status === 'fulfilled' ? [i] : []))
}
