import { gzipSync } from 'node:zlib'
import type { Bucket } from '@google-cloud/storage'
import { beforeAll, describe, expect, it } from 'vitest'
import { Desk, pathOf, refused, save } from './desk.ts'

describe('reads of Cloud Storage', () => {
  let desk: Desk
  let bucket: Bucket
  beforeAll(async () => {
    desk = await Desk.open()
    bucket = await desk.bucket()
    await desk.put(bucket, 'ten', '0123456789')
  })

  it('give the range that is asked for, of each API', async () => {
    const wanted = [
      ['bytes=5-9', 206, '56789', 'bytes 5-9/10'],
      ['bytes=0-0', 206, '0', 'bytes 0-0/10'],
      ['bytes=7-', 206, '789', 'bytes 7-9/10'],
      ['bytes=-4', 206, '6789', 'bytes 6-9/10'],
      ['bytes=8-99', 206, '89', 'bytes 8-9/10'],
      ['bytes=10-', 416, '', 'bytes */10'],
      ['bytes=x', 200, '0123456789', undefined],
    ] as const
    const paths = [`${pathOf(bucket, 'ten')}?alt=media`, `/download${pathOf(bucket, 'ten')}`, `/${bucket.name}/ten`]
    for (const [range, status, text, told] of wanted) {
      for (const path of paths) {
        const answer = await desk.ask('GET', path, { headers: { range } })
        expect([answer.status, answer.text, answer.headers['content-range']]).toEqual([status, text, told])
      }
    }
    await desk.put(bucket, 'empty', '')
    expect((await desk.read(bucket, 'empty')).headers['content-length']).toBe('0')
    expect((await desk.read(bucket, 'empty', '', { range: 'bytes=0-' })).status).toBe(416)
  })

  it('tell hash, generation and stored length in headers', async () => {
    const { json } = await desk.head(bucket, 'ten')
    expect((await desk.read(bucket, 'ten')).headers).toMatchObject({
      'x-goog-hash': `crc32c=${json['crc32c'] as string},md5=${json['md5Hash'] as string}`,
      'x-goog-generation': json.generation,
      'x-goog-metageneration': '1',
      'x-goog-stored-content-length': '10',
      'x-goog-stored-content-encoding': 'identity',
      'x-goog-storage-class': 'STANDARD',
      etag: json['etag'],
    })
  })

  it('give gzip as it was stored, whatever the client accepts', async () => {
    const zipped = gzipSync('plain')
    await save(bucket, 'zipped', zipped, { metadata: { contentEncoding: 'gzip' } })
    for (const headers of [{}, { 'accept-encoding': 'gzip' }, { 'accept-encoding': 'identity' }]) {
      const answer = await desk.read(bucket, 'zipped', '', headers)
      expect(answer.headers).toMatchObject({ 'content-encoding': 'gzip', 'content-length': String(zipped.length) })
    }
    expect((await bucket.file('zipped').download({ validation: false }))[0].toString()).toBe('plain')
  })

  it('of what is not there are refused', async () => {
    expect(refused(await desk.read(bucket, 'absent'))).toEqual([404, 'notFound'])
    expect(refused(await desk.read(bucket, 'ten', '&generation=1'))).toEqual([404, 'notFound'])
    expect(refused(await desk.read(bucket, 'ten', '&generation=x'))).toEqual([400, 'invalidParameter'])
    expect(refused(await desk.ask('GET', `${pathOf(bucket, 'ten')}?alt=xml`))).toEqual([400, 'invalidParameter'])
  })

  it('tell by their sentence whether the object or its bucket is not there', async () => {
    const missing = `No such object: ${bucket.name}/absent`
    const patch = await desk.ask('PATCH', pathOf(bucket, 'absent'), { body: {} })
    const source = { sourceObjects: [{ name: 'absent' }] }
    const compose = await desk.ask('POST', `${pathOf(bucket, 'x')}/compose`, { body: source })
    const remove = await desk.ask('DELETE', pathOf(bucket, 'absent'))
    for (const answer of [
      await desk.head(bucket, 'absent'),
      await desk.read(bucket, 'absent'),
      patch,
      compose,
      remove,
    ]) {
      expect(answer.json.error).toMatchObject({ code: 404, message: missing })
    }
    const nowhere = await desk.ask('GET', '/storage/v1/b/no-such-bucket/o/absent')
    expect(nowhere.json.error).toMatchObject({ code: 404, message: 'The specified bucket does not exist.' })
  })

  it('verbs and addresses that are not there say so', async () => {
    expect(refused(await desk.ask('POST', `/storage/v1/b/${bucket.name}/o?name=x`, { body: 'x' }))).toEqual([
      400,
      'wrongUrlForUpload',
    ])
    for (const verb of ['moveTo/o/x', `constructor/b/${bucket.name}/o/x`, `rewriteTo/b/${bucket.name}/o`, 'x']) {
      expect(refused(await desk.ask('POST', `${pathOf(bucket, 'ten')}/${verb}`))).toEqual([404, 'notFound'])
    }
    expect(refused(await desk.ask('GET', `${pathOf(bucket, 'ten')}/compose`))).toEqual([405, 'methodNotAllowed'])
    expect(refused(await desk.ask('HEAD', pathOf(bucket, 'ten')))[0]).toBe(405)
    for (const uploadType of ['', 'other']) {
      const target = `/upload/storage/v1/b/${bucket.name}/o?uploadType=${uploadType}`
      expect((await desk.ask('POST', target)).status).toBe(400)
    }
    expect((await desk.ask('GET', `/${bucket.name}`)).status).toBe(405)
  })
})
