import { describe, expect, it } from 'vitest'
import { s3, withoutHistory } from '#shared/memory/profiles.ts'
import { benches, bytes, key, other, story, textOf } from './bench.ts'

describe('a bucket of S3', () => {
  const bench = benches(s3)

  it('dates in whole seconds', () => {
    const { user, clock } = bench()
    clock.tick()
    const first = user.put(key, bytes('a'))
    clock.tick()
    const second = user.put(key, bytes('b'))
    expect(first.dateMs % 1000).toBe(0)
    expect(second.dateMs).toBe(first.dateMs)
  })

  it('names a version by the digest of its content, so that equal bytes have one name', () => {
    const { user } = bench()
    const [first, , third] = ['a', 'b', 'a'].map((text) => user.put(key, bytes(text)))
    expect(third!.id).toBe(first!.id)
    expect(third!.version).not.toBe(first!.version)
  })

  it('lets equal bytes satisfy a condition, and pins each version all the same', () => {
    const desk = bench()
    const first = desk.user.put(key, bytes('a'), { metadata: { turn: 'first' } })
    desk.user.put(key, bytes('b'))
    desk.user.put(key, bytes('a'), { metadata: { turn: 'third' } })
    expect(desk.bucket.head(key, first.version)).toEqual(first)
    desk.bucket.put(key, desk.draft('c'), { if: 'unchanged', since: first.version })
    expect(story(desk)).toEqual(['c', '(a)', '(b)', '(a)'])
  })

  it('puts a dated marker over what is deleted, and over nothing at all', () => {
    const desk = bench()
    desk.user.put(key, bytes('a'))
    desk.user.delete(key)
    desk.user.delete(key)
    desk.user.delete(other)
    expect(story(desk)).toEqual(['marker', '(marker)', '(a)'])
    expect(story(desk, other)).toEqual(['marker'])
    expect(desk.changes.map(({ kind }) => kind)).toEqual(['put', 'delete-marker', 'delete-marker', 'delete-marker'])
  })

  it('shows again what lay below when the version on top is removed for good', () => {
    const desk = bench()
    const first = desk.user.put(key, bytes('a'))
    const second = desk.user.put(key, bytes('b'))
    expect(desk.user.removeVersion(key, second.version)).toBe(true)
    expect(desk.bucket.head(key)).toEqual(first)
    expect(desk.bucket.head(key, second.version)).toBeNull()
    expect(desk.changes.at(-1)).toMatchObject({ kind: 'removed-version', id: second.id, current: false, by: null })
    expect(desk.user.removeVersion(key, second.version)).toBe(false)
  })

  it('undeletes by removing the markers', () => {
    const desk = bench()
    desk.user.put(key, bytes('a'))
    expect(desk.user.undelete(key)).toBe(false)
    desk.user.delete(key)
    const [marker] = desk.bucket.versions(key, null).versions
    expect(marker).toMatchObject({ deleteMarker: true, current: true })
    expect(desk.user.removeVersion(key, marker!.version)).toBe(true)
    expect(textOf(desk)).toBe('a')
    desk.user.delete(key)
    desk.user.delete(key)
    expect(desk.user.undelete(key)).toBe(true)
    expect(story(desk)).toEqual(['a'])
    expect(desk.changes.at(-1)).toMatchObject({ kind: 'removed-version', deleteMarker: true, meta: null })
  })

  it('dates and orders a user’s upload in parts by its beginning, so that it may be born behind a newer version', async () => {
    const desk = bench()
    const upload = desk.user.begin(key, { metadata: { slow: 'yes' } })
    upload.part(bytes('slow '))
    await desk.clock.pass(5000)
    const quick = desk.user.put(key, bytes('quick'))
    upload.part(bytes('upload'))
    const late = upload.complete()
    expect(story(desk)).toEqual(['quick', '(slow upload)'])
    expect(late.dateMs).toBeLessThan(quick.dateMs)
    expect(late).toMatchObject({ inParts: true, metadata: { slow: 'yes' } })
    expect(late.id).toMatch(/-2$/)
    expect(desk.changes.at(-1)).toMatchObject({ kind: 'put', current: false, id: late.id })
    expect(desk.changes.at(-1)!.atMs - late.dateMs).toBeGreaterThanOrEqual(5000)
  })

  it('buries such an upload below a deletion that it outlived', () => {
    const desk = bench()
    desk.user.put(key, bytes('a'))
    const upload = desk.user.begin(key)
    desk.user.delete(key)
    upload.complete()
    expect(desk.bucket.head(key)).toBeNull()
    expect(story(desk)).toEqual(['marker', '()', '(a)'])
  })

  it('dates our own commit by the commit, and as one upload', async () => {
    const { bucket, clock, draft } = bench()
    const part = bucket.putPart(key, 't', 1, bucket.content(bytes('part')), {})
    await clock.pass(5000)
    const meta = bucket.commit(key, 't', [part], draft('part'), { if: 'absent' })
    expect(meta).toMatchObject({ inParts: false, digests: { md5: expect.any(String) } })
    expect(meta.dateMs).toBeGreaterThan(clock.now() - 1000)
  })

  it('reports CRC64NVME always, and MD5 of what came in one request', () => {
    const { user } = bench()
    const upload = user.begin(other)
    upload.part(bytes('123456789'))
    expect(user.put(key, bytes('123456789')).digests).toEqual({
      crc64nvme: 'rosUhgp5mIg=',
      md5: 'JfnnlDI7RTiF9RgfG2JNCw==',
    })
    expect(upload.complete().digests).toEqual({ crc64nvme: 'rosUhgp5mIg=' })
  })

  it('lists neither metadata nor checksums, but for the ETag that is one', () => {
    const { user, bucket } = bench()
    const { digests } = user.put(key, bytes('a'), { metadata: { a: 'b' } })
    const query = { prefix: '', after: '', cursor: null, max: 10 }
    expect(bucket.list(query).objects).toMatchObject([{ meta: null, digests: { md5: digests.md5 } }])
    expect(bucket.list(query).objects[0]!.digests).not.toHaveProperty('crc64nvme')
    expect(bucket.versions(key, null).versions).toMatchObject([{ meta: null }])
  })

  it('changes metadata only by copying the object over itself', () => {
    const desk = bench()
    desk.user.put(key, bytes('a'), { metadata: { a: '1', b: '2' } })
    const patched = desk.user.patch(key, { metadata: { a: '3' } })
    expect(patched).toMatchObject({ metadata: { a: '3' } })
    expect(story(desk)).toEqual(['a', '(a)'])
    expect(desk.changes.map(({ kind }) => kind)).toEqual(['put', 'put'])
  })

  it('forgets a lone delete marker, and keeps one that covers something', async () => {
    const desk = bench()
    desk.user.put(key, bytes('a'))
    desk.user.delete(key)
    desk.user.delete(other)
    await desk.clock.pass(10_000)
    desk.bucket.expire(20_000)
    expect(story(desk)).toEqual(['marker', '(a)'])
    desk.bucket.expire(5000)
    expect(desk.bucket.dump()).toEqual([])
    expect(desk.changes.slice(3).every(({ kind, by }) => kind === 'removed-version' && by === 'lifecycle')).toBe(true)
  })
})

describe('the lifecycle of a bucket of S3', () => {
  const bench = benches(s3)

  it('spares what shows again, however long it was covered', async () => {
    const desk = bench()
    desk.user.put(key, bytes('a'))
    desk.user.delete(key)
    await desk.clock.pass(10_000)
    desk.user.undelete(key)
    desk.bucket.expire(5000)
    expect(story(desk)).toEqual(['a'])
  })

  it('spares a lone delete marker that is young, and counts a covered one from the day it was covered', async () => {
    const desk = bench()
    desk.user.delete(key)
    desk.user.delete(other)
    desk.bucket.expire(5000)
    expect(story(desk, other)).toEqual(['marker'])
    await desk.clock.pass(10_000)
    desk.user.put(key, bytes('a'))
    desk.bucket.expire(5000)
    expect(story(desk)).toEqual(['a', '(marker)'])
    expect(story(desk, other)).toEqual(['-'])
  })
})

describe('a bucket of S3 without versions', () => {
  const bench = benches(withoutHistory(s3))

  it('keeps nothing of what is covered or deleted', () => {
    const desk = bench()
    desk.user.put(key, bytes('a'))
    desk.user.put(key, bytes('b'))
    expect(story(desk)).toEqual(['b'])
    desk.user.delete(key)
    desk.user.delete(key)
    expect(story(desk)).toEqual(['-'])
    expect(desk.changes.map(({ kind }) => kind)).toEqual(['put', 'put', 'delete'])
  })

  it('pins by the ETag, so that the same bytes written again are the same version', () => {
    const { user, bucket } = bench()
    const first = user.put(key, bytes('a'))
    user.put(key, bytes('b'))
    expect(bucket.head(key, first.version)).toBeNull()
    const third = user.put(key, bytes('a'))
    expect(bucket.head(key, first.version)).toEqual(third)
  })
})
