import type { Bucket } from '@google-cloud/storage'
import { beforeAll, describe, expect, it } from 'vitest'
import { Desk, pathOf, refused, save } from './desk.ts'

const fixed = {
  contentType: 'text/x-odd; charset=utf-8',
  cacheControl: 'max-age=9',
  contentDisposition: 'attachment; filename="grün 日本.txt"',
  contentEncoding: 'zstd',
  contentLanguage: 'fr',
  customTime: '2026-01-02T03:04:05.678Z',
}
const metadata = { MixedCase: 'Value IN Case', é: '日本 😀', 'with-dash': 'a=b; c', empty: '', ' ': '\n' }

describe('what is said of an object in Cloud Storage', () => {
  let desk: Desk
  let bucket: Bucket
  beforeAll(async () => {
    desk = await Desk.open()
    bucket = await desk.bucket()
  })

  const patch = (name: string, body: object, method = 'PATCH') => desk.ask(method, pathOf(bucket, name), { body })

  it('comes back as it was said, by each form of upload', async () => {
    for (const resumable of [false, true]) {
      await save(bucket, 'said', 'x', { resumable, metadata: { ...fixed, metadata } })
      expect((await desk.head(bucket, 'said')).json).toMatchObject({ ...fixed, metadata })
    }
    const { headers } = await desk.read(bucket, 'said')
    expect(headers).toMatchObject({ 'content-type': fixed.contentType, 'content-encoding': 'zstd' })
    expect(headers['content-disposition']).toBe(Buffer.from(fixed.contentDisposition).toString('latin1'))
  })

  it('keeps names that mean something to a language', async () => {
    const body = '{"metadata":{"__proto__":"a","constructor":"b","toString":"c"}}'
    await desk.put(bucket, 'language', 'x')
    await desk.ask('PATCH', pathOf(bucket, 'language'), { body })
    const { text } = await desk.head(bucket, 'language')
    expect(text).toContain('"metadata":{"__proto__":"a","constructor":"b","toString":"c"}')
    await desk.ask('POST', `${pathOf(bucket, 'language')}/rewriteTo/b/${bucket.name}/o/copied`)
    expect((await desk.head(bucket, 'copied')).text).toContain('"__proto__":"a"')
  })

  it('a patch changes what it names, removes what it names as null, and leaves the rest', async () => {
    await save(bucket, 'patch', 'x', { metadata: { ...fixed, metadata: { a: '1', b: '2' } } })
    expect((await patch('patch', { metadata: { a: null, c: '3' } })).json['metadata']).toEqual({ b: '2', c: '3' })
    const { json } = await patch('patch', { contentType: null, cacheControl: 'no-store', metadata: null })
    expect(json).toMatchObject({ contentEncoding: 'zstd', cacheControl: 'no-store' })
    expect(json).not.toHaveProperty('contentType')
    expect(json).not.toHaveProperty('metadata')
    expect((await desk.read(bucket, 'patch')).headers['content-type']).toBe('application/octet-stream')
  })

  it('an update removes what it does not name', async () => {
    await save(bucket, 'update', 'x', { metadata: { ...fixed, metadata: { a: '1' } } })
    const { json } = await patch('update', { contentType: 'text/plain', metadata: { b: '2' } }, 'PUT')
    expect(json).toMatchObject({ contentType: 'text/plain', metadata: { b: '2' }, metageneration: '2' })
    expect(Object.keys(json['metadata'] as object)).toEqual(['b'])
    for (const field of ['cacheControl', 'contentEncoding', 'customTime']) expect(json).not.toHaveProperty(field)
  })

  it('holds 8 KiB of metadata in UTF-8, names and values, and not one byte more', async () => {
    const full = { name: 'é'.repeat(4094) }
    const upload = (name: string, said: object) =>
      desk.ask('POST', `/upload/storage/v1/b/${bucket.name}/o?uploadType=resumable&name=${name}`, {
        body: { metadata: said },
      })
    expect((await upload('full', full)).status).toBe(200)
    expect(refused(await upload('full', { name: `${full.name}x` }))).toEqual([400, 'invalid'])
    await desk.put(bucket, 'full', 'x')
    expect((await patch('full', { metadata: full })).status).toBe(200)
    expect(refused(await patch('full', { metadata: { x: '' } }))).toEqual([400, 'invalid'])
    expect((await desk.head(bucket, 'full')).json).toMatchObject({ metadata: full, metageneration: '2' })
    const headers = { 'x-goog-meta-name': 'x'.repeat(8189) }
    const xml = await desk.ask('PUT', `/${bucket.name}/full`, { headers, body: 'x' })
    expect([xml.status, /<Code>(.*)<\/Code>/.exec(xml.text)?.[1]]).toEqual([400, 'MetadataTooLarge'])
  })

  it('is refused, naming the field, where it is no resource', async () => {
    await desk.put(bucket, 'wrong', 'x')
    const wrong = [
      [{ contentType: 7 }, 'contentType'],
      [{ metadata: 'x' }, 'metadata'],
      [{ metadata: { a: 1 } }, 'metadata.a'],
      [{ customTime: 'yesterday' }, 'customTime'],
      [{ temporaryHold: 'yes' }, 'temporaryHold'],
      [{ storageClass: 'NEARLINE' }, 'storageClass'],
    ] as const
    for (const [body, field] of wrong) {
      const answer = await patch('wrong', body)
      expect(refused(answer)).toEqual([400, 'invalid'])
      expect(answer.json.error!.message).toContain(field)
    }
    expect(refused(await desk.ask('PATCH', pathOf(bucket, 'wrong'), { body: '{' }))).toEqual([400, 'parseError'])
    expect((await desk.head(bucket, 'wrong')).json.metageneration).toBe('1')
  })

  it('tells size, class, dates, links and an ETag that each change makes another', async () => {
    const { json } = await desk.put(bucket, 'facts', 'bytes')
    const date = new Date(desk.clock.nowMs).toISOString()
    expect(json).toMatchObject({
      kind: 'storage#object',
      id: `${bucket.name}/facts/${json.generation}`,
      selfLink: `${desk.url}${pathOf(bucket, 'facts')}`,
      mediaLink: `${desk.url}/download${pathOf(bucket, 'facts')}?generation=${json.generation}&alt=media`,
      bucket: bucket.name,
      size: '5',
      storageClass: 'STANDARD',
      timeCreated: date,
      updated: date,
      timeStorageClassUpdated: date,
    })
    const etags = [
      json['etag'],
      (await patch('facts', {})).json['etag'],
      (await desk.put(bucket, 'facts', 'bytes')).json['etag'],
    ]
    expect(new Set(etags).size).toBe(3)
  })

  it('is dated by the store’s clock, which every answer tells', async () => {
    const { headers } = await desk.put(bucket, 'dated', 'x')
    expect(headers.date).toBe(new Date(desk.clock.nowMs).toUTCString())
  })
})
