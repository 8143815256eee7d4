import { describe, expect, it } from 'vitest'
import type { Condition, ObjectMeta, Part, Write } from '#shared/ports/object-store.ts'
import { absent, bodyOf, bytesOf, type Desk, keys, never, failed, since } from './subject.ts'

const transfer = 'transfer-1'

/** Bytes that a store cannot mistake for another part's. */
function piece(desk: Desk, seed: number, size: number = Math.max(desk.store.traits.partBytesMin, 16)): Uint8Array {
  const bytes = new Uint8Array(size)
  // A loop, because parts have megabytes: `Uint8Array.from` takes a hundred times as long.
  for (let at = 0; at < size; at++) bytes[at] = (at * 31 + seed) & 0xff
  return bytes
}

function whole(...pieces: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(pieces))
}

export function partLaws(desk: () => Desk): void {
  const { key } = keys()
  const commit = async (
    name: string,
    parts: readonly Part[],
    content: Uint8Array,
    condition: Condition = absent,
    said: Partial<Omit<Write, 'body'>> = {},
  ): Promise<ObjectMeta> => {
    const { body: _, ...write } = desk().write(content, said)
    return desk().patiently(() => desk().store.commit(key(name), transfer, parts, write, condition, never))
  }

  describe('the ledger of parts', () => {
    it('is empty where nothing was begun', async () => {
      expect(await desk().store.parts(key('nothing'), transfer, never)).toEqual([])
    })

    it('lists the parts that it holds by number, as putting them answered, whatever came first', async () => {
      const [first, last] = [piece(desk(), 1), piece(desk(), 2, 5)]
      const second = await desk().putPart(key('listed'), transfer, 2, last)
      const one = await desk().putPart(key('listed'), transfer, 1, first)
      expect(one).toMatchObject({ number: 1, size: first.byteLength })
      expect(await desk().store.parts(key('listed'), transfer, never)).toEqual([one, second])
    })

    it('replaces a part by another of the same number', async () => {
      await desk().putPart(key('replaced'), transfer, 1, piece(desk(), 1))
      const other = await desk().putPart(key('replaced'), transfer, 1, piece(desk(), 2))
      expect(await desk().store.parts(key('replaced'), transfer, never)).toEqual([other])
      await commit('replaced', [other], piece(desk(), 2))
      const found = await desk().store.get(key('replaced'), never)
      expect(desk().digests(await bytesOf(found!.body))).toEqual(desk().digests(piece(desk(), 2)))
    })

    it('keeps transfers of one key apart', async () => {
      await desk().putPart(key('apart'), transfer, 1, piece(desk(), 1))
      expect(await desk().store.parts(key('apart'), 'transfer-2', never)).toEqual([])
    })

    it('refuses a part that arrived otherwise than it was sent, and does not list it', async () => {
      const digests = desk().digests(piece(desk(), 2))
      const act = desk().store.putPart(key('flipped'), transfer, 1, bodyOf(piece(desk(), 1)), digests, never)
      expect(await failed(act)).toMatchObject({ kind: 'corrupt' })
      expect(await desk().store.parts(key('flipped'), transfer, never)).toEqual([])
    })

    it('forgets a discarded transfer, and has nothing against forgetting it again', async () => {
      await desk().putPart(key('discarded'), transfer, 1, piece(desk(), 1))
      await desk().store.discard(key('discarded'), transfer, never)
      await desk().store.discard(key('discarded'), transfer, never)
      await desk().store.discard(key('nothing'), transfer, never)
      expect(await desk().store.parts(key('discarded'), transfer, never)).toEqual([])
    })
  })

  describe('commits of parts', () => {
    it('shows nothing before the commit and everything after it', async () => {
      const [first, last] = [piece(desk(), 1), piece(desk(), 2, 5)]
      const parts = [
        await desk().putPart(key('shown'), transfer, 1, first),
        await desk().putPart(key('shown'), transfer, 2, last),
      ]
      expect(await desk().store.head(key('shown'), never)).toBeNull()
      const said = { metadata: { a: 'b' }, headers: { contentType: 'x/y' }, tags: { t: 'v' } }
      const meta = await commit('shown', parts, whole(first, last), absent, said)
      expect(meta).toMatchObject({
        size: first.byteLength + 5,
        metadata: said.metadata,
        headers: said.headers,
        tagCount: 1,
      })
      expect(meta.digests).toMatchObject(desk().digests(whole(first, last)))
      expect(await desk().store.head(key('shown'), never)).toEqual(meta)
      const found = await desk().store.get(key('shown'), never)
      expect(desk().digests(await bytesOf(found!.body))).toEqual(desk().digests(whole(first, last)))
      expect(await desk().store.tags(key('shown'), meta.version, never)).toEqual(said.tags)
    })

    it('dates what it shows no earlier than the commit', async () => {
      const parts = [await desk().putPart(key('dated'), transfer, 1, piece(desk(), 1))]
      const [beside] = await desk().overwrite(key('beside'), 'written after the part, before the commit')
      const meta = await commit('dated', parts, piece(desk(), 1))
      expect(meta.dateMs).toBeGreaterThanOrEqual(beside!.dateMs)
    })

    it('takes its condition at the commit, not at the first part', async () => {
      const parts = [await desk().putPart(key('condition'), transfer, 1, piece(desk(), 1))]
      const [user] = await desk().overwrite(key('condition'), 'a user came first')
      expect(await failed(commit('condition', parts, piece(desk(), 1)))).toMatchObject({ kind: 'conflict' })
      expect(await desk().store.head(key('condition'), never)).toEqual(user)
    })

    it('replaces the version that it names, and no other', async () => {
      const [first, second] = await desk().overwrite(key('over'), 'first', 'second')
      const parts = [await desk().putPart(key('over'), transfer, 1, piece(desk(), 1))]
      expect(await failed(commit('over', parts, piece(desk(), 1), since(first!.version)))).toMatchObject({
        kind: 'conflict',
      })
      const meta = await commit('over', parts, piece(desk(), 1), since(second!.version))
      expect(await desk().store.head(key('over'), never)).toEqual(meta)
    })

    it('tells a whole that nobody summed alike by itself, in its history and in a listing', async () => {
      const parts = [await desk().putPart(key('unsummed'), transfer, 1, piece(desk(), 1))]
      await commit('unsummed', parts, piece(desk(), 1), absent, { digests: {} })
      const shown = (await desk().store.head(key('unsummed'), never))!
      const [told] = await desk().history(key('unsummed'))
      expect(told).toMatchObject({ version: shown.version, id: shown.id, dateMs: shown.dateMs })
      expect(told!.meta ?? shown).toEqual(shown)
      const [listed] = (await desk().list({ prefix: key('unsummed') })).objects
      expect(listed!.meta ?? shown).toEqual(shown)
      expect(shown.digests).toMatchObject(listed!.digests)
    })

    it('leaves the ledger empty', async () => {
      const parts = [await desk().putPart(key('after'), transfer, 1, piece(desk(), 1))]
      await commit('after', parts, piece(desk(), 1))
      expect(await desk().store.parts(key('after'), transfer, never)).toEqual([])
    })

    it('refuses a part that is missing, and one that was replaced since it was listed', async () => {
      const one = await desk().putPart(key('missing'), transfer, 1, piece(desk(), 1))
      const two = { ...one, number: 2 }
      const twice = whole(piece(desk(), 1), piece(desk(), 1))
      expect(await failed(commit('missing', [one, two], twice))).toMatchObject({ kind: 'absent', scope: 'key' })
      await desk().putPart(key('missing'), transfer, 1, piece(desk(), 2, 32 + desk().store.traits.partBytesMin))
      expect(await failed(commit('missing', [one], piece(desk(), 1)))).toMatchObject({ kind: 'absent', scope: 'key' })
      expect(await desk().store.head(key('missing'), never)).toBeNull()
    })

    it('refuses a whole that is not what its checksum says', async ({ skip }) => {
      if (!desk().subject.checksCommits) return skip('this store takes the checksum of a commit at its word')
      const parts = [await desk().putPart(key('corrupt'), transfer, 1, piece(desk(), 1))]
      expect(await failed(commit('corrupt', parts, piece(desk(), 2)))).toMatchObject({ kind: 'corrupt' })
      expect(await desk().store.head(key('corrupt'), never)).toBeNull()
    })

    it('lets one of two transfers create the key', async () => {
      const mine = await desk().putPart(key('two'), transfer, 1, piece(desk(), 1))
      const theirs = await desk().putPart(key('two'), 'transfer-2', 1, piece(desk(), 2))
      await commit('two', [mine], piece(desk(), 1))
      const { body: _, ...write } = desk().write(piece(desk(), 2))
      const act = desk().patiently(() => desk().store.commit(key('two'), 'transfer-2', [theirs], write, absent, never))
      // Azure has forgotten the other's blocks by now, and says all the same that it was the condition.
      expect(await failed(act)).toMatchObject({ kind: 'conflict', scope: 'key' })
      const found = await desk().store.get(key('two'), never)
      expect(desk().digests(await bytesOf(found!.body))).toEqual(desk().digests(piece(desk(), 1)))
    })
  })
}
