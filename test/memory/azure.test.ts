import { describe, expect, it } from 'vitest'
import { azure, withoutHistory } from '#shared/memory/profiles.ts'
import { benches, bytes, key, other, story, textOf } from './bench.ts'

describe('a container of Azure', () => {
  const bench = benches(azure)

  it('names versions by a time that is their date, and that never repeats, even while the clock stands', async () => {
    const { user, clock } = bench()
    const metas = Array.from({ length: 1500 }, () => user.put(key, bytes('a')))
    await clock.pass(2000)
    metas.push(user.put(key, bytes('a')))
    const ids = metas.map(({ id }) => id as string)
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids.toSorted()).toEqual(ids)
    expect(metas.map(({ id }) => Date.parse(id))).toEqual(metas.map(({ dateMs }) => dateMs))
    expect(ids[0]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z$/)
  })

  it('changes the ETag with every write, so that equal bytes satisfy no condition', () => {
    const { user, bucket, draft } = bench()
    const first = user.put(key, bytes('a'))
    user.put(key, bytes('a'))
    expect(() => bucket.put(key, draft('b'), { if: 'unchanged', since: first.version })).toThrow(
      expect.objectContaining({ kind: 'conflict' }),
    )
  })

  it('keeps what is covered or deleted as previous versions, oldest first, and no record of the deletion', () => {
    const desk = bench()
    const metas = ['a', 'b'].map((text) => desk.user.put(key, bytes(text)))
    desk.user.delete(key)
    desk.user.delete(key)
    desk.user.delete(other)
    expect(story(desk)).toEqual(['-', '(b)', '(a)'])
    const { versions } = desk.bucket.versions(key, null)
    expect(versions.map(({ id }) => id)).toEqual(metas.map(({ id }) => id))
    expect(versions.some(({ current, deleteMarker }) => current || deleteMarker)).toBe(false)
    expect(desk.changes.map(({ kind }) => kind)).toEqual(['put', 'put', 'delete'])
    expect(desk.changes.at(-1)).toMatchObject({ id: metas[1]!.id, meta: metas[1] })
  })

  it('undeletes by copying, which is a new version with the old metadata', () => {
    const desk = bench()
    const first = desk.user.put(key, bytes('a'), { metadata: { m: '1' }, tags: { t: '2' } })
    desk.user.delete(key)
    expect(desk.user.undelete(key)).toBe(true)
    expect(desk.bucket.head(key)).toMatchObject({ metadata: { m: '1' }, tagCount: 1, digests: first.digests })
    expect(desk.bucket.head(key)!.id).not.toBe(first.id)
    expect(story(desk)).toEqual(['a', '(a)'])
  })

  it('lists a version that was removed for good until its retention ends, and reads it no more', async () => {
    const desk = bench()
    const first = desk.user.put(key, bytes('a'))
    desk.user.put(key, bytes('b'))
    expect(desk.user.removeVersion(key, first.version)).toBe(true)
    expect(desk.user.removeVersion(key, first.version)).toBe(false)
    expect(desk.user.restore(key, first.version)).toBeNull()
    expect(desk.bucket.head(key, first.version)).toBeNull()
    expect(desk.bucket.read(key, first.version)).toBeNull()
    expect(desk.bucket.versions(key, null).versions.map(({ id }) => id)).toContain(first.id)
    expect(desk.bucket.dump(key)[0]).toMatchObject({ softDeleted: true })
    await desk.clock.pass(1000)
    desk.bucket.expire(500)
    expect(story(desk)).toEqual(['b'])
  })

  it('refuses to remove the current version by its id', () => {
    const desk = bench()
    const meta = desk.user.put(key, bytes('a'))
    expect(desk.user.removeVersion(key, meta.version)).toBe(false)
    expect(textOf(desk)).toBe('a')
  })

  it('makes a new version of changed metadata, and keeps the old', () => {
    const desk = bench()
    const first = desk.user.put(key, bytes('a'), { metadata: { m: '1' }, headers: { contentType: 'x/y' } })
    const patched = desk.user.patch(key, { metadata: { m: '2' } })!
    expect(patched).toMatchObject({ metadata: { m: '2' }, headers: { contentType: 'x/y' }, digests: first.digests })
    expect(patched.id).not.toBe(first.id)
    expect(desk.bucket.head(key, first.version)).toEqual(first)
    expect(desk.changes.at(-1)).toMatchObject({ kind: 'patched', id: patched.id })
  })

  it('reports the MD5 of what came in one request, and of a block list only what the writer says, unchecked', () => {
    const { user, bucket, draft } = bench()
    expect(user.put(key, bytes('123456789')).digests).toEqual({ md5: 'JfnnlDI7RTiF9RgfG2JNCw==' })
    const upload = user.begin(other)
    upload.part(bytes('123456789'))
    const meta = upload.complete()
    expect(meta).toMatchObject({ inParts: false, size: 9 })
    expect(meta.digests).toEqual({})
    const stated = user.begin(other, { md5: 'whatever' })
    expect(stated.complete().digests).toEqual({ md5: 'whatever' })
    const part = bucket.putPart(key, 't', 1, bucket.content(bytes('b')), {})
    const head = bucket.head(key)!
    const write = draft('', { digests: { md5: 'as it says' } })
    const committed = bucket.commit(key, 't', [part], write, { if: 'unchanged', since: head.version })
    expect(committed.digests).toEqual({ md5: 'as it says' })
  })

  it('copies what was said of a block list and says no more', () => {
    const { user } = bench()
    const upload = user.begin(key)
    upload.part(bytes('123456789'))
    upload.complete()
    expect(user.copy(key, other)!.digests).toEqual({})
    expect(user.patch(key, { metadata: { m: '1' } })!.digests).toEqual({})
  })

  it('dates an upload in blocks by its end', async () => {
    const desk = bench()
    const upload = desk.user.begin(key)
    await desk.clock.pass(5000)
    desk.user.put(key, bytes('quick'))
    upload.part(bytes('slow'))
    upload.complete()
    expect(story(desk)).toEqual(['slow', '(quick)'])
  })

  it('loses the blocks that wait under a name with any write to it', () => {
    const { user, bucket, draft } = bench()
    const part = bucket.putPart(key, 't', 1, bucket.content(bytes('b')), {})
    user.put(other, bytes('elsewhere'))
    expect(bucket.parts(key, 't')).toEqual([part])
    const user1 = user.put(key, bytes('a'))
    expect(bucket.parts(key, 't')).toEqual([])
    const late = () => bucket.commit(key, 't', [part], draft(''), { if: 'unchanged', since: user1.version })
    expect(late).toThrow(expect.objectContaining({ kind: 'absent', scope: 'key' }))
  })
})

describe('a container of Azure without versions', () => {
  const bench = benches(withoutHistory(azure))

  it('has no version ids: the ETag alone names what shows', () => {
    const desk = bench()
    const [first, second] = ['a', 'a'].map((text) => desk.user.put(key, bytes(text)))
    expect(second!.id).not.toBe(first!.id)
    expect(second!.version).toBe(`${second!.id}|${second!.id}`)
    expect(desk.bucket.head(key, first!.version)).toBeNull()
    expect(story(desk)).toEqual(['a'])
  })
})
