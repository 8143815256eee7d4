import type { Bucket } from '@google-cloud/storage'
import { beforeAll, describe, expect, it } from 'vitest'
import { Desk, pathOf, refused } from './desk.ts'

describe('generations of Cloud Storage', () => {
  let desk: Desk
  let plain: Bucket
  let versioned: Bucket
  beforeAll(async () => {
    desk = await Desk.open()
    plain = await desk.bucket()
    versioned = await desk.bucket({ versioning: { enabled: true } })
  })

  it('count microseconds of the store’s clock, and grow however that clock stands or steps back', async () => {
    const seen: string[] = []
    const put = async (name: string) => seen.push((await desk.put(plain, name, 'x')).json.generation!)
    await put('grows')
    expect(seen).toEqual([String(desk.clock.nowMs * 1000)])
    await put('grows')
    desk.clock.nowMs -= 60_000
    await put('grows')
    await put('other')
    desk.clock.nowMs += 120_000
    await put('grows')
    expect(seen.toSorted((a, b) => Number(a) - Number(b))).toEqual(seen)
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen.at(-1)).toBe(String(desk.clock.nowMs * 1000))
    const { json } = await desk.head(plain, 'grows')
    expect(json).toMatchObject({ timeCreated: new Date(desk.clock.nowMs).toISOString() })
  })

  it('what is overwritten or deleted stays as noncurrent, and tells when it left', async () => {
    desk.clock.nowMs += 1000
    const first = (await desk.put(versioned, 'kept', 'one')).json.generation!
    desk.clock.nowMs += 1000
    const second = (await desk.put(versioned, 'kept', 'two')).json.generation!
    const leftMs = desk.clock.nowMs
    desk.clock.nowMs += 1000
    await versioned.file('kept').delete()
    expect((await desk.head(versioned, 'kept')).status).toBe(404)
    expect(await desk.generations(versioned, 'kept')).toEqual([
      ['kept', false, first],
      ['kept', false, second],
    ])
    const timeDeleted = async (generation: string) =>
      (await desk.head(versioned, 'kept', `&generation=${generation}`)).json['timeDeleted']
    expect(await timeDeleted(first)).toBe(new Date(leftMs).toISOString())
    expect(await timeDeleted(second)).toBe(new Date(desk.clock.nowMs).toISOString())
    expect((await desk.read(versioned, 'kept', `&generation=${first}`)).text).toBe('one')
    expect((await desk.put(versioned, 'kept', 'three', '&ifGenerationMatch=0')).status).toBe(200)
    expect(await desk.generations(versioned, 'kept')).toHaveLength(3)
  })

  it('without versioning what is overwritten or deleted is gone', async () => {
    const first = (await desk.put(plain, 'gone', 'one')).json.generation!
    await desk.put(plain, 'gone', 'two')
    expect(refused(await desk.read(plain, 'gone', `&generation=${first}`))).toEqual([404, 'notFound'])
    await plain.file('gone').delete()
    expect(await desk.generations(plain, 'gone')).toEqual([])
  })

  it('a generation that is deleted by its name is gone for good, and only that one', async () => {
    const one = (await desk.put(versioned, 'pick', 'one')).json.generation!
    const two = (await desk.put(versioned, 'pick', 'two')).json.generation!
    const three = (await desk.put(versioned, 'pick', 'three')).json.generation!
    await versioned.file('pick', { generation: two }).delete()
    expect((await desk.generations(versioned, 'pick')).map(([, , generation]) => generation)).toEqual([one, three])
    await versioned.file('pick', { generation: three }).delete()
    expect(await desk.generations(versioned, 'pick')).toEqual([['pick', false, one]])
    expect((await desk.head(versioned, 'pick')).status).toBe(404)
    const missing = await desk.ask('DELETE', `${pathOf(versioned, 'pick')}?generation=${three}`)
    expect(refused(missing)).toEqual([404, 'notFound'])
  })

  it('versioning that is switched off keeps what it kept, and keeps no more', async () => {
    const bucket = await desk.bucket({ versioning: { enabled: true } })
    const one = (await desk.put(bucket, 'name', 'one')).json.generation!
    await desk.put(bucket, 'name', 'two')
    await bucket.setMetadata({ versioning: { enabled: false } })
    const three = (await desk.put(bucket, 'name', 'three')).json.generation!
    expect((await desk.generations(bucket)).map(([, , generation]) => generation)).toEqual([one, three])
  })

  it('a patch grows the metageneration and leaves generation and bytes', async () => {
    const { generation } = (await desk.put(plain, 'meta', 'bytes')).json
    desk.clock.nowMs += 5000
    await plain.file('meta').setMetadata({ metadata: { a: '1' } })
    const { json } = await desk.head(plain, 'meta')
    expect(json).toMatchObject({ generation, metageneration: '2', updated: new Date(desk.clock.nowMs).toISOString() })
    expect(json['timeCreated']).toBe(new Date(desk.clock.nowMs - 5000).toISOString())
    expect((await desk.put(plain, 'meta', 'bytes')).json.metageneration).toBe('1')
  })

  it('a noncurrent generation can be patched and copied from', async () => {
    const old = (await desk.put(versioned, 'old', 'one')).json.generation!
    await desk.put(versioned, 'old', 'two')
    const patched = await desk.ask('PATCH', `${pathOf(versioned, 'old')}?generation=${old}`, {
      body: { metadata: { a: '1' } },
    })
    expect(patched.json).toMatchObject({ generation: old, metageneration: '2' })
    const target = `${pathOf(versioned, 'old')}/rewriteTo/b/${versioned.name}/o/back?sourceGeneration=${old}`
    expect((await desk.ask('POST', target)).json.resource).toMatchObject({ metadata: { a: '1' } })
    expect((await desk.read(versioned, 'back')).text).toBe('one')
    expect((await desk.read(versioned, 'old')).text).toBe('two')
  })

  it('generations and sessions outlive a restart', async () => {
    const before = await Desk.open()
    const bucket = await before.bucket({ versioning: { enabled: true } })
    const first = (await before.put(bucket, 'name', 'one')).json.generation!
    const target = `/upload/storage/v1/b/${bucket.name}/o?uploadType=resumable&name=name`
    const session = (await before.ask('POST', target)).headers.location!.slice(before.url.length)
    const quantum = Buffer.alloc(256 * 1024, 'q')
    await before.ask('PUT', session, { headers: { 'content-range': 'bytes 0-262143/*' }, body: quantum })
    await before.close()
    before.clock.nowMs -= 60_000
    const after = await Desk.open({}, before)
    const status = await after.ask('PUT', session, { headers: { 'content-range': 'bytes */*' } })
    expect([status.status, status.headers.range]).toEqual([308, 'bytes=0-262143'])
    const done = await after.ask('PUT', session, {
      headers: { 'content-range': 'bytes 262144-262145/262146' },
      body: 'ok',
    })
    expect(done.json).toMatchObject({ size: '262146' })
    expect(Number(done.json.generation)).toBeGreaterThan(Number(first))
    expect((await after.read(bucket, 'name', `&generation=${first}`)).text).toBe('one')
  })
})
