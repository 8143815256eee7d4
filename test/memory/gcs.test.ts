import { describe, expect, it } from 'vitest'
import { gcs } from '#shared/memory/profiles.ts'
import { benches, bytes, key, other, story } from './bench.ts'

describe('a bucket of Cloud Storage', () => {
  const bench = benches(gcs)
  const throttled = expect.objectContaining({ kind: 'throttled', scope: 'key' })

  it('numbers generations, always growing, even while the clock stands or steps back', () => {
    let nowMs = 1_800_000_000_000
    const { user } = bench({ now: () => nowMs })
    const put = () => Number(user.put(key, bytes('a')).id)
    const ids = [...Array.from({ length: 1500 }, put), ((nowMs -= 900), put()), ((nowMs += 5000), put())]
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids.toSorted((a, b) => a - b)).toEqual(ids)
    expect(ids.every(Number.isSafeInteger)).toBe(true)
  })

  it('keeps covered and deleted generations, oldest first', () => {
    const desk = bench()
    const metas = ['a', 'b'].map((text) => desk.user.put(key, bytes(text)))
    desk.user.delete(key)
    expect(story(desk)).toEqual(['-', '(b)', '(a)'])
    expect(desk.bucket.versions(key, null).versions.map(({ meta }) => meta)).toEqual(metas)
  })

  it('changes metadata in place: the same generation and date, and another version to pin nothing by', () => {
    const desk = bench()
    const first = desk.user.put(key, bytes('a'), { metadata: { m: '1' } })
    const patched = desk.user.patch(key, { metadata: { m: '2' } })!
    expect(patched).toMatchObject({ id: first.id, dateMs: first.dateMs, metadata: { m: '2' } })
    expect(patched.version).not.toBe(first.version)
    expect(desk.bucket.head(key, first.version)).toEqual(patched)
    expect(desk.changes.at(-1)).toMatchObject({ kind: 'patched', id: first.id })
    expect(story(desk)).toEqual(['a'])
  })

  it('holds a condition to the generation and its changes in place, so that none is written over unseen', () => {
    const desk = bench()
    const first = desk.user.put(key, bytes('a'))
    const patched = desk.user.patch(key, { metadata: { m: '2' } })
    expect(() => desk.bucket.put(key, desk.draft('b'), { if: 'unchanged', since: first.version })).toThrow(/expected/)
    desk.bucket.put(key, desk.draft('b'), { if: 'unchanged', since: patched!.version })
    expect(story(desk)).toEqual(['b', '(a)'])
    expect(desk.bucket.dump(key)[0]).toMatchObject({ metadata: { m: '2' } })
  })

  it('is empty when its live generation is removed by number', () => {
    const desk = bench()
    desk.user.put(key, bytes('a'))
    const second = desk.user.put(key, bytes('b'))
    expect(desk.user.removeVersion(key, second.version)).toBe(true)
    expect(story(desk)).toEqual(['-', '(a)'])
  })

  it('reports CRC32C always, and no MD5 of what was composed', () => {
    const { user, bucket, draft } = bench()
    const upload = user.begin(other)
    upload.part(bytes('123456789'))
    expect(upload.complete()).toMatchObject({ digests: { crc32c: '4waSgw==', md5: 'JfnnlDI7RTiF9RgfG2JNCw==' } })
    const part = bucket.putPart(key, 't', 1, bucket.content(bytes('123456789')), {})
    const meta = bucket.commit(key, 't', [part], draft(''), { if: 'absent' })
    expect(meta.digests).toEqual({ crc32c: '4waSgw==' })
    expect(meta.inParts).toBe(true)
  })

  it('takes one write per second to one name, a removal included, where it is paced', async () => {
    const { bucket, clock, draft, user } = bench({ paced: true })
    const first = bucket.put(key, draft('a'), { if: 'absent' })
    expect(() => bucket.put(key, draft('b'), { if: 'unchanged', since: first.version })).toThrow(throttled)
    expect(() => bucket.remove(key, first.version)).toThrow(throttled)
    bucket.put(other, draft('another name'), { if: 'absent' })
    await clock.pass(1000)
    bucket.remove(key, first.version)
    expect(() => bucket.put(key, draft('b'), { if: 'absent' })).toThrow(throttled)
    await clock.pass(1000)
    user.put(key, bytes('users are never refused'))
    user.delete(key)
    expect(() => bucket.put(key, draft('b'), { if: 'absent' })).toThrow(throttled)
  })

  it('takes any number where it is not', () => {
    const { bucket, draft } = bench()
    const first = bucket.put(key, draft('a'), { if: 'absent' })
    expect(bucket.put(key, draft('b'), { if: 'unchanged', since: first.version })).toMatchObject({ size: 1 })
  })
})
