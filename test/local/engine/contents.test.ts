import { open, rm, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Content, Piece } from '#local/servers/engine/model.ts'
import { Gone } from '#local/servers/engine/pieces.ts'
import { type Desk, desk, entry, files, pieces, place, put, text, whole } from './desk.ts'

const smallMax = 16 * 1024
const sizes = [0, 1, smallMax - 1, smallMax, smallMax + 1, 256 * 1024 - 1, 256 * 1024, 256 * 1024 + 1, 3_000_000]

describe('contents', () => {
  let at: Desk
  beforeEach(async () => {
    at = await desk()
  })

  it.each(sizes)('%i bytes come back as they went, however they were cut', async (size) => {
    const body = text(size)
    for (const cut of [size, 70_001, 9]) {
      if (size / Math.max(1, cut) > 50_000) continue
      const parts = Array.from({ length: cut === 0 ? 0 : Math.ceil(size / cut) }, (_, index) =>
        body.slice(index * cut, (index + 1) * cut),
      )
      const content = await at.engine.take(pieces(...parts), ['md5', 'crc32'])
      expect([content.size, content.sums.crc32]).toEqual([size, crc32(body).toString(16).padStart(8, '0')])
      const { id } = at.bucket.transact((change) => place(change, 'key', content))
      expect((await whole(at.engine.read(at.bucket.find('key', id)!.content))) === body).toBe(true)
    }
  })

  it('of up to 16 KiB make no file, larger ones one each', async () => {
    await put(at, 'small', text(smallMax))
    expect(await files(at.folder)).toEqual([])
    await put(at, 'large', text(smallMax + 1))
    expect(await files(at.folder)).toHaveLength(1)
  })

  it('survive the end of their engine', async () => {
    await put(at, 'small', text(10))
    await put(at, 'large', text(100_000))
    await at.engine.close()
    const { engine, bucket } = await desk(at)
    expect(await whole(engine.read(bucket.live('small')!.content))).toBe(text(10))
    expect((await whole(engine.read(bucket.live('large')!.content))) === text(100_000)).toBe(true)
  })

  it('are taken from memory that its owner uses again', async () => {
    async function* reusing() {
      const memory = Buffer.alloc(1000)
      for (let round = 0; round < 500; round++) yield memory.fill(97 + (round % 26))
    }
    const { bucket, engine } = at
    for (const count of [3, 500]) {
      const content = await engine.take(
        (async function* () {
          let round = 0
          for await (const bytes of reusing()) if (round++ < count) yield bytes
        })(),
        [],
      )
      bucket.transact((change) => place(change, 'key', content))
      const expected = Array.from({ length: count }, (_, round) => String.fromCharCode(97 + (round % 26)).repeat(1000))
      expect((await whole(engine.read(bucket.live('key')!.content))) === expected.join('')).toBe(true)
    }
  })

  it('that break off leave nothing, and their error is told', async () => {
    for (const size of [10, 20_000, 600_000]) {
      const breaking = (async function* () {
        yield Buffer.from(text(size))
        throw new Error('the client left')
      })()
      await expect(at.engine.take(breaking, ['md5'])).rejects.toThrow('the client left')
      expect(await files(at.folder)).toEqual([])
    }
  })

  it('that nobody adopts go when they are released', async () => {
    for (const size of [10, 20_000]) {
      const content = await at.engine.take(pieces(text(size)), [])
      await at.engine.release(content)
      expect(await files(at.folder)).toEqual([])
      expect(() => at.bucket.transact((change) => place(change, 'key', content))).toThrow(Gone)
      expect(at.bucket.live('key')).toBeNull()
    }
  })

  it('that were adopted stay when they are released', async () => {
    for (const size of [10, 20_000]) {
      const { content } = await put(at, 'key', text(size))
      await at.engine.release(content)
      expect(await whole(at.engine.read(at.bucket.live('key')!.content))).toBe(text(size))
    }
  })

  it('that nobody adopted are swept at the next start', async () => {
    await put(at, 'kept', text(30_000))
    const kept = await files(at.folder)
    await at.engine.take(pieces(text(20_000)), [])
    expect(await files(at.folder)).toHaveLength(2)
    await at.engine.close()
    await desk(at)
    expect(await files(at.folder)).toEqual(kept)
  })

  it('that were still read when their engine ended are gone at the next start', async () => {
    for (const size of [10, 20_000]) {
      const { content, id } = await put(at, 'key', text(size))
      at.engine.read(content)
      at.bucket.transact((change) => change.erase('key', id))
      await at.engine.close()
      at = await desk(at)
      expect(await files(at.folder)).toEqual([])
      expect(() => at.bucket.transact((change) => change.add(entry('copy', 1, { content })))).toThrow(Gone)
    }
  })

  it.each([0, 1, 4])('that the disk refuses at their step %i are refused, and leave nothing', async (step) => {
    const probe = await open(join(at.folder, 'index.sqlite'))
    const ofFiles = Object.getPrototypeOf(probe) as { write: (...all: unknown[]) => Promise<unknown> }
    await probe.close()
    const { write } = ofFiles
    let before = step
    const refusing = vi.spyOn(ofFiles, 'write').mockImplementation(async function (this: unknown, ...all) {
      if (before-- === 0) throw new Error('no space left')
      return Reflect.apply(write, this, all)
    })
    try {
      await expect(at.engine.take(pieces(text(1_100_000)), [])).rejects.toThrow('no space left')
    } finally {
      refusing.mockRestore()
    }
    expect(await files(at.folder)).toEqual([])
  })

  it('are read in any range, over the seams of their pieces', async () => {
    const parts = [text(5, 1), text(20_000, 2), text(0), text(300_000, 3), text(7, 4)]
    const contents: Content[] = []
    for (const part of parts) contents.push(await at.engine.take(pieces(part), []))
    const content = at.engine.join(contents)
    at.bucket.transact((change) => place(change, 'key', content))
    const all = parts.join('')
    const seams = [0, 1, 4, 5, 6, 20_004, 20_005, 20_006, 282_149, 320_004, 320_005, 320_006, all.length]
    for (const start of seams) {
      for (const end of seams.filter((seam) => seam >= start)) {
        const read = await whole(at.engine.read(at.bucket.live('key')!.content, { start, end }))
        expect([start, end, read === all.slice(start, end)]).toEqual([start, end, true])
      }
    }
  })

  it('refuse a range that is not theirs', async () => {
    const { content } = await put(at, 'key', 'abc')
    for (const [start, end] of [
      [-1, 2],
      [0, 4],
      [2, 1],
      [Number.NaN, 2],
    ] as const) {
      expect(() => at.engine.read(content, { start, end })).toThrow(RangeError)
    }
  })

  it('put together keep the sums that all have and that can be combined', async () => {
    const first = await at.engine.take(pieces('1234'), ['md5', 'sha256', 'crc32', 'crc32c', 'crc64nvme'])
    const second = await at.engine.take(pieces('56789'), ['md5', 'sha1', 'crc32', 'crc64nvme'])
    const both = at.engine.join([first, second])
    expect(both).toMatchObject({ size: 9, sums: { crc32: 'cbf43926', crc64nvme: 'ae8b14860a799888' } })
    expect(Object.keys(both.sums)).toEqual(['crc32', 'crc64nvme'])
    expect(at.engine.join([first]).sums).toEqual({
      crc32: first.sums.crc32,
      crc32c: first.sums.crc32c,
      crc64nvme: first.sums.crc64nvme,
    })
  })

  it('share their pieces, and a file goes with the last that holds it', async () => {
    const { content } = await put(at, 'first', text(20_000))
    at.bucket.transact((change) => place(change, 'second', change.live('first')!.content))
    at.bucket.transact((change) => place(change, 'twice', at.engine.join([content, content])))
    expect(await files(at.folder)).toHaveLength(1)
    for (const key of ['first', 'twice']) at.bucket.transact((change) => change.erase(key, change.live(key)!.id))
    expect(await whole(at.engine.read(at.bucket.live('second')!.content))).toBe(text(20_000))
    at.bucket.transact((change) => change.erase('second', change.live('second')!.id))
    await at.engine.close()
    expect(await files(at.folder)).toEqual([])
  })

  it('once erased are neither adopted any more nor read', async () => {
    for (const size of [10, 20_000]) {
      const { content, id } = await put(at, 'key', text(size))
      at.bucket.transact((change) => change.erase('key', id))
      expect(() => at.bucket.transact((change) => change.add(entry('copy', 1, { content })))).toThrow(Gone)
      expect(at.bucket.live('copy')).toBeNull()
      await expect(whole(at.engine.read(content))).rejects.toThrow(Gone)
    }
  })

  it('that are erased while they are read are read to their end, every piece of them', async () => {
    const parts = [text(700_000, 1), text(10, 2), text(700_000, 3), text(10, 4)]
    const contents: Content[] = []
    for (const part of parts) contents.push(await at.engine.take(pieces(part), []))
    const { id } = at.bucket.transact((change) => place(change, 'key', at.engine.join(contents)))
    const untouched = at.engine.read(at.bucket.live('key')!.content)
    const begun = at.engine.read(at.bucket.live('key')!.content)[Symbol.asyncIterator]()
    const first = await begun.next()
    at.bucket.transact((change) => change.erase('key', id))
    expect((await whole(untouched)) === parts.join('')).toBe(true)
    const rest = await whole({ [Symbol.asyncIterator]: () => begun })
    expect(Buffer.from(first.value as Uint8Array).toString() + rest === parts.join('')).toBe(true)
    await at.engine.close()
    expect(await files(at.folder)).toEqual([])
  })

  it('let go unread, or half-way, are held no longer', async () => {
    const { content, id } = await put(at, 'key', text(700_000))
    const unread = at.engine.read(content)
    const halfWay = at.engine.read(content)
    at.bucket.transact((change) => change.erase('key', id))
    expect(await files(at.folder)).toHaveLength(1)
    await unread[Symbol.asyncIterator]().return?.()
    for await (const _ of halfWay) break
    await at.engine.close()
    expect(await files(at.folder)).toEqual([])
  })

  it('never end early: a piece that was cut or lost from outside is an error', async () => {
    const { content } = await put(at, 'key', text(700_000))
    const [{ name }] = content.pieces as [Piece]
    const file = join(at.folder, 'pieces', name.slice(0, 2), name)
    await truncate(file, 699_999)
    await expect(whole(at.engine.read(content))).rejects.toThrow('found 699999 bytes')
    await rm(file)
    await expect(whole(at.engine.read(content))).rejects.toThrow('ENOENT')
  })

  it('use memory again only where their reader passes it back', async () => {
    const { content } = await put(at, 'key', text(3_000_000))
    const kept: Uint8Array[] = []
    for await (const bytes of at.engine.read(content)) kept.push(bytes)
    expect(Buffer.concat(kept).toString() === text(3_000_000)).toBe(true)
    const memories = new Set<ArrayBufferLike>()
    const source = at.engine.read(content)[Symbol.asyncIterator]()
    let read = ''
    for (let step = await source.next(); step.done !== true; step = await source.next(step.value)) {
      memories.add(step.value.buffer)
      read += Buffer.from(step.value).toString()
    }
    expect(read === text(3_000_000)).toBe(true)
    expect(memories.size).toBeLessThanOrEqual(3)
  })
})
