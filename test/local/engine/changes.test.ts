import { DatabaseSync } from 'node:sqlite'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { Statement } from '#local/servers/engine/database.ts'
import { openEngine } from '#local/servers/engine/engine.ts'
import type { Transaction } from '#local/servers/engine/model.ts'
import { Gone } from '#local/servers/engine/pieces.ts'
import { type Desk, desk, entry, files, pieces, place, put, text, whole } from './desk.ts'

describe('a change', () => {
  let at: Desk
  beforeEach(async () => {
    at = await desk()
  })

  it('that throws undoes everything: entries, uploads, orders and who holds which piece', async () => {
    const before = await put(at, 'key', text(20_000))
    at.bucket.transact((change) => change.beginUpload({ id: 'u', key: 'key', order: 1, dateMs: 1, attributes: {} }))
    const taken = await at.engine.take(pieces(text(30_000)), [])
    let given = 0
    const acts = (change: Transaction) => {
      given = change.nextOrder()
      change.erase('key', before.id)
      change.add(entry('key', given, { content: taken }))
      change.beginUpload({ id: 'w', key: 'key', order: 1, dateMs: 1, attributes: {} })
      change.putPart('u', { name: '1', dateMs: 1, content: taken, attributes: {} })
      change.endUpload('u')
      throw new Error('refused')
    }
    expect(() => at.bucket.transact(acts)).toThrow('refused')
    expect([...at.bucket.versions('key')].map(({ id }) => id)).toEqual([before.id])
    expect([...at.bucket.uploads('')].map(({ id }) => id)).toEqual(['u'])
    expect(await whole(at.engine.read(at.bucket.live('key')!.content))).toBe(text(20_000))
    expect(at.bucket.transact((change) => change.nextOrder())).toBe(given)
    // Still nobody's, so it can be adopted, or released.
    expect(await whole(at.engine.read(taken))).toBe(text(30_000))
    await at.engine.release(taken)
    expect(await files(at.folder)).toHaveLength(1)
  })

  it('that cannot be committed undoes everything, and no byte is gone', async () => {
    const { id } = await put(at, 'key', text(20_000))
    const content = await at.engine.take(pieces(text(30_000)), [])
    const ofDatabases = DatabaseSync.prototype as { exec: (sql: string) => void }
    const { exec } = ofDatabases
    const full = vi.spyOn(ofDatabases, 'exec').mockImplementation(function (this: unknown, sql) {
      if (sql === 'COMMIT') throw new Error('the disk is full')
      Reflect.apply(exec, this, [sql])
    })
    try {
      const replace = () =>
        at.bucket.transact((change) => {
          change.erase('key', id)
          change.add(entry('key', 1, { content }))
        })
      expect(replace).toThrow('the disk is full')
    } finally {
      full.mockRestore()
    }
    expect(await whole(at.engine.read(at.bucket.live('key')!.content))).toBe(text(20_000))
    await at.engine.release(content)
    expect(await files(at.folder)).toHaveLength(1)
  })

  it('sees what it wrote itself', () => {
    at.bucket.transact((change) => {
      change.add(entry('key', 5))
      expect(change.live('key')?.id).toBe('v5')
      change.update('key', 'v5', { live: false, leftMs: 9 })
      expect([change.live('key'), change.newest('key')?.leftMs]).toEqual([null, 9])
    })
  })

  it('changes what it names of an entry, and nothing else', () => {
    const added = entry('key', 5, { attributes: { a: [1, { b: null }], c: '\u0000 é 💚' }, marker: true, live: false })
    at.bucket.transact((change) => change.add(added))
    expect(at.bucket.find('key', 'v5')).toEqual(added)
    at.bucket.transact((change) => change.update('key', 'v5', { dateMs: 77 }))
    expect(at.bucket.find('key', 'v5')).toEqual({ ...added, dateMs: 77 })
    at.bucket.transact((change) => change.update('key', 'v5', { attributes: {}, leftMs: 3 }))
    expect(at.bucket.find('key', 'v5')).toEqual({ ...added, dateMs: 77, leftMs: 3, attributes: {} })
    expect(() => at.bucket.transact((change) => change.update('key', 'v6', {}))).toThrow('found no version v6')
  })

  it('never leaves two live entries of a key, nor two of one id or order', () => {
    at.bucket.transact((change) => change.add(entry('key', 5)))
    const refused = [
      entry('key', 6),
      entry('key', 5, { id: 'x', live: false }),
      entry('key', 6, { id: 'v5', live: false }),
    ]
    for (const one of refused) expect(() => at.bucket.transact((change) => change.add(one))).toThrow('UNIQUE')
    expect([...at.bucket.versions('key')]).toHaveLength(1)
  })

  it('cannot wait, and cannot go on when it has ended', () => {
    expect(() => at.bucket.transact(async (change) => change.add(entry('key', 5)))).toThrow('synchronous')
    expect(at.bucket.live('key')).toBeNull()
    let kept: Transaction | undefined
    at.bucket.transact((change) => {
      kept = change
    })
    expect(() => kept?.add(entry('key', 5))).toThrow('has ended')
    expect(() => kept?.nextOrder()).toThrow('has ended')
    expect(() => at.bucket.transact(() => at.bucket.transact(() => 1))).toThrow('transaction')
    expect(at.bucket.transact(() => 1)).toBe(1)
  })

  it('gives orders that only grow: over standing and turned-back clocks, buckets, removals and restarts', async () => {
    const orders: number[] = []
    const next = ({ bucket }: Pick<Desk, 'bucket'>) => orders.push(bucket.transact((change) => change.nextOrder()))
    next(at)
    next(at)
    at.clock.nowMs -= 1000
    next(at)
    at.engine.removeBucket('bucket')
    at.engine.createBucket('bucket', {})
    next({ bucket: at.engine.bucket('bucket')! })
    await at.engine.close()
    const again = await desk(at)
    next(again)
    at.clock.nowMs += 5000
    next(again)
    expect(orders).toEqual([...orders].toSorted((a, b) => a - b))
    expect(new Set(orders).size).toBe(orders.length)
  })

  it('takes the microsecond of the clock for an order where that is free', () => {
    at.clock.nowMs = 1_800_000_000_000
    expect(at.bucket.transact((change) => change.nextOrder())).toBe(1_800_000_000_000_000)
    at.clock.nowMs += 0.25
    expect(at.bucket.transact((change) => [change.nextOrder(), change.nextOrder()])).toEqual([
      1_800_000_000_000_250, 1_800_000_000_000_251,
    ])
  })
})

describe('versions of a key', () => {
  it('come newest first, and stay true while their reader erases them', async () => {
    const at = await desk()
    at.bucket.transact((change) => {
      for (let order = 1; order <= 300; order++) change.add(entry('key', (order * 11) % 301, { live: false }))
      change.add(entry('key2', 1))
    })
    const orders = [...at.bucket.versions('key')].map(({ order }) => order)
    expect(orders).toEqual(Array.from({ length: 300 }, (_, index) => 300 - index))
    at.bucket.transact((change) => {
      for (const { id } of change.versions('key')) change.erase('key', id)
    })
    expect([[...at.bucket.versions('key')], at.bucket.live('key2')?.order]).toEqual([[], 1])
  })

  it('are not read, twenty thousand of them, to write one more', async () => {
    const at = await desk()
    at.bucket.transact((change) => {
      for (let order = 1; order <= 20_000; order++) change.add(entry('key', order, { live: order === 20_000 }))
    })
    const content = await at.engine.take(pieces('one more'), [])
    const [all, one] = [vi.spyOn(Statement.prototype, 'all'), vi.spyOn(Statement.prototype, 'one')]
    try {
      at.bucket.transact((change) => place(change, 'key', content))
      expect(all.mock.results).toEqual([])
      expect(one.mock.results.length).toBeLessThan(10)
    } finally {
      all.mockRestore()
      one.mockRestore()
    }
    expect(at.bucket.live('key')!.content.size).toBe(8)
  })
})

describe('an upload', () => {
  let at: Desk
  beforeEach(async () => {
    at = await desk()
    at.bucket.transact((change) =>
      change.beginUpload({ id: 'u', key: 'key', order: 3, dateMs: 4, attributes: { type: 'text' } }),
    )
  })

  const part = async (name: string, body: string) => {
    const content = await at.engine.take(pieces(body), ['crc32'])
    at.bucket.transact((change) => change.putPart('u', { name, dateMs: 9, content, attributes: { of: body.length } }))
  }

  it('shows its parts in the order of their names as bytes, and is found by id', async () => {
    for (const name of ['b', '💚', '\uffff', 'a', 'ab', '']) await part(name, name)
    expect(at.bucket.parts('u').map(({ name }) => name)).toEqual(['', 'a', 'ab', 'b', '\uffff', '💚'])
    expect(at.bucket.parts('u')[1]).toMatchObject({ dateMs: 9, content: { size: 1 }, attributes: { of: 1 } })
    const upload = { id: 'u', key: 'key', order: 3, dateMs: 4, attributes: { type: 'text' } }
    expect(at.bucket.upload('u')).toEqual(upload)
    expect([at.bucket.upload('w'), at.bucket.parts('w')]).toEqual([null, []])
  })

  it('replaces a part of the same name, whose bytes go', async () => {
    await part('1', text(20_000, 1))
    await part('1', text(20_000, 2))
    expect(at.bucket.parts('u')).toHaveLength(1)
    expect(await whole(at.engine.read(at.bucket.parts('u')[0]!.content))).toBe(text(20_000, 2))
    await at.engine.close()
    expect(await files(at.folder)).toHaveLength(1)
  })

  it.each(['before', 'after'] as const)('ends %s its parts are put together, and those stay', async (when) => {
    const bodies = [text(20_000, 1), text(5, 2), text(30_000, 3)]
    for (const [index, body] of bodies.entries()) await part(String(index), body)
    await part('unused', text(40_000))
    at.bucket.transact((change) => {
      const contents = change.parts('u').flatMap(({ name, content }) => (name === 'unused' ? [] : [content]))
      if (when === 'before') change.endUpload('u')
      change.add(entry('key', change.upload('u')?.order ?? 3, { content: at.engine.join(contents) }))
      if (when === 'after') change.endUpload('u')
    })
    expect([at.bucket.upload('u'), at.bucket.parts('u')]).toEqual([null, []])
    expect(await whole(at.engine.read(at.bucket.live('key')!.content))).toBe(bodies.join(''))
    await at.engine.close()
    expect(await files(at.folder)).toHaveLength(2)
  })

  it('that is gone takes no part, and its end is no error', async () => {
    at.bucket.transact((change) => change.endUpload('u'))
    at.bucket.transact((change) => change.endUpload('u'))
    await expect(part('1', 'late')).rejects.toThrow('upload u is gone')
  })

  it('is listed by key below its prefix, those of one key by their order', () => {
    at.bucket.transact((change) => {
      for (let count = 0; count < 200; count++) {
        change.beginUpload({ id: `x${count}`, key: `x/${count % 2}`, order: 999 - count, dateMs: 0, attributes: {} })
      }
      change.beginUpload({ id: 'y', key: 'y', order: 1, dateMs: 0, attributes: {} })
      change.beginUpload({ id: 'z', key: 'x/💚', order: 1, dateMs: 0, attributes: {} })
    })
    const below = [...at.bucket.uploads('x/')].map(({ id }) => id)
    const byOrder = (parity: number) => Array.from({ length: 100 }, (_, index) => `x${199 - index * 2 - (1 - parity)}`)
    expect(below).toEqual([...byOrder(0), ...byOrder(1), 'z'])
    expect([...at.bucket.uploads('')]).toHaveLength(203)
  })
})

describe('a bucket', () => {
  it('is made once, keeps its date and what is said of it, and is listed by name', async () => {
    const at = await desk()
    expect(at.engine.createBucket('another', { x: 1 })).toBe(true)
    expect(at.engine.createBucket('another', { x: 2 })).toBe(false)
    const another = at.engine.bucket('another')!
    expect([another.name, another.createdMs, another.attributes]).toEqual(['another', at.clock.nowMs, { x: 1 }])
    another.setAttributes({ y: 2 })
    expect([another.attributes, at.engine.bucket('another')!.attributes]).toEqual([{ y: 2 }, { y: 2 }])
    expect(at.engine.buckets().map(({ name }) => name)).toEqual(['another', 'bucket'])
    expect(at.engine.bucket('none')).toBeNull()
  })

  it('shares no key and no upload with another', async () => {
    const at = await desk()
    at.engine.createBucket('another', {})
    await put(at, 'key', 'a')
    at.bucket.transact((change) => change.beginUpload({ id: 'u', key: 'key', order: 1, dateMs: 1, attributes: {} }))
    const another = at.engine.bucket('another')!
    const query = {
      prefix: '',
      delimiter: null,
      after: null,
      max: 9,
      sorted: 'utf8',
      what: 'all',
      newestFirst: true,
    } as const
    expect([another.live('key'), another.upload('u'), another.list(query).entries]).toEqual([null, null, []])
  })

  it('that holds an entry is not removed; one that holds uploads is, and their bytes go', async () => {
    const at = await desk()
    const { id } = await put(at, 'key', text(20_000))
    expect(at.engine.removeBucket('bucket')).toBe(false)
    const content = await at.engine.take(pieces(text(30_000)), [])
    at.bucket.transact((change) => {
      change.beginUpload({ id: 'u', key: 'key', order: 1, dateMs: 1, attributes: {} })
      change.putPart('u', { name: '1', dateMs: 1, content, attributes: {} })
      change.erase('key', id)
    })
    expect(at.engine.removeBucket('bucket')).toBe(true)
    expect([at.engine.bucket('bucket'), at.engine.removeBucket('bucket')]).toEqual([null, false])
    await at.engine.close()
    expect(await files(at.folder)).toEqual([])
  })

  it('that was removed is empty for who still holds it, and takes nothing, even under its name anew', async () => {
    const at = await desk()
    at.engine.removeBucket('bucket')
    expect([at.bucket.live('key'), [...at.bucket.versions('key')]]).toEqual([null, []])
    for (const again of [false, true]) {
      if (again) at.engine.createBucket('bucket', {})
      expect(() => at.bucket.transact((change) => change.add(entry('key', 1)))).toThrow(Gone)
      expect(() => at.bucket.setAttributes({})).toThrow(Gone)
      expect(() => at.bucket.attributes).toThrow(Gone)
    }
    expect(at.engine.bucket('bucket')!.live('key')).toBeNull()
  })

  it('refuses a key that is no text, instead of keeping another', async () => {
    const at = await desk()
    expect(() => at.bucket.transact((change) => change.add(entry('half \ud83d', 1)))).toThrow('surrogate')
    expect(() => at.bucket.live('half \ud83d')).toThrow('surrogate')
  })
})

describe('a folder', () => {
  it('is one engine’s alone, and free again when that has closed', async () => {
    const { folder, engine } = await desk()
    await expect(openEngine({ folder, now: () => 0 })).rejects.toThrow('in use by another process')
    await engine.close()
    await engine.close()
    await (await openEngine({ folder, now: () => 0 })).close()
  })
})
