import { beforeEach, describe, expect, it } from 'vitest'
import { TooManyPieces } from '#local/servers/engine/contents.ts'
import type { Content } from '#local/servers/engine/model.ts'
import { Gone } from '#local/servers/engine/pieces.ts'
import { type Desk, desk, files, pieces, place, text, whole } from './desk.ts'

const smallMax = 16 * 1024

describe('contents of very many pieces', () => {
  let at: Desk
  beforeEach(async () => {
    at = await desk()
  })

  const taken = async (size: number, seed: number) => at.engine.take(pieces(text(size, seed)), ['crc32c'])
  const placed = (key: string, content: Content) => at.bucket.transact((change) => place(change, key, content))
  /** The content and the content again, so many times over. */
  const doubled = (content: Content, times: number): Content =>
    times === 0 ? content : doubled(at.engine.join([content, content]), times - 1)

  it('are packed into few, which hold the same bytes whatever becomes of the many', async () => {
    const sizes = [1, 700, 3, smallMax, 1, 40_000, 90, smallMax - 90, 5]
    const parts = sizes.map((size, seed) => text(size, seed)).join('')
    const once: Content[] = []
    for (const [seed, size] of sizes.entries()) once.push(await taken(size, seed))
    const many = doubled(at.engine.join(once), 7)
    placed('many', many)
    const packed = at.engine.pack(at.bucket.live('many')!.content)
    expect([packed.size, packed.sums]).toEqual([many.size, many.sums])
    expect([many.pieces.length, packed.pieces.length]).toEqual([9 * 128, 5 * 128 + 1])
    placed('packed', packed)
    at.bucket.transact((change) => change.erase('many', change.live('many')!.id))
    await at.engine.close()
    at = await desk(at)
    const { content } = at.bucket.live('packed')!
    expect((await whole(at.engine.read(content))) === parts.repeat(128)).toBe(true)
    expect(await files(at.folder)).toHaveLength(1)
  })

  it('are packed from 1,025 pieces on; below, no byte moves', async () => {
    const most = doubled(await taken(3, 1), 10)
    expect(at.engine.pack(most)).toBe(most)
    const more = at.engine.join([most, await taken(2, 2)])
    expect(at.engine.pack(more)).toMatchObject({ size: 3074, pieces: [{ size: 3074 }] })
  })

  it('are gone when they are packed and released', async () => {
    const packed = at.engine.pack(doubled(await taken(3, 1), 11))
    await at.engine.release(packed)
    expect(() => placed('released', packed)).toThrow(Gone)
  })

  it('refuse to be packed where a piece of them is gone', async () => {
    const first = await taken(3, 1)
    const { id } = placed('first', first)
    const many = doubled(first, 11)
    at.bucket.transact((change) => change.erase('first', id))
    expect(() => at.engine.pack(many)).toThrow(Gone)
  })

  it('are refused from 100,001 pieces on, before they are looked at', async () => {
    const one = await taken(20_000, 1)
    const half = doubled(one, 15)
    const most = at.engine.join([half, half, half, ...[10, 9, 7, 5].map((times) => doubled(one, times))])
    expect(most.pieces).toHaveLength(100_000)
    expect(() => at.engine.join([most, one])).toThrow(TooManyPieces)
    let looked = 0
    const seen = {
      ...half,
      get pieces() {
        looked++
        return half.pieces
      },
    }
    expect(() => at.engine.join(Array.from({ length: 1000 }, () => seen))).toThrow(TooManyPieces)
    expect(looked).toBeLessThan(20)
  })
})
