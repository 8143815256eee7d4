import type { Bucket } from '@google-cloud/storage'
import { beforeAll, describe, expect, it } from 'vitest'
import { Desk, type Heard, md5Of, pathOf, refused } from './desk.ts'

const crc32cOfBytes = '0G6ckg=='
const corrupt = [400, 'invalid']

describe('checksums of Cloud Storage', () => {
  let desk: Desk
  let bucket: Bucket
  beforeAll(async () => {
    desk = await Desk.open()
    bucket = await desk.bucket()
  })

  /** Each form of upload, with what it says of the whole in the resource and in headers. */
  const forms: Readonly<
    Record<string, (name: string, resource: object, headers: Record<string, string>) => Promise<Heard>>
  > = {
    'a simple upload': (name, resource, headers) => desk.put(bucket, name, 'bytes', '', headers),
    'a multipart upload': (name, resource, headers) =>
      desk.ask('POST', `/upload/storage/v1/b/${bucket.name}/o?uploadType=multipart&name=${name}`, {
        headers: { 'content-type': 'multipart/related; boundary=cut', ...headers },
        body: `--cut\r\n\r\n${JSON.stringify(resource)}\r\n--cut\r\n\r\nbytes\r\n--cut--`,
      }),
    'a resumable upload': async (name, resource, headers) => {
      const target = `/upload/storage/v1/b/${bucket.name}/o?uploadType=resumable&name=${name}`
      const { location } = (await desk.ask('POST', target, { body: resource })).headers
      return desk.ask('PUT', location!.slice(desk.url.length), { headers, body: 'bytes' })
    },
    'an XML upload': (name, resource, headers) =>
      desk.ask('PUT', `/${bucket.name}/${name}`, { headers, body: 'bytes' }),
  }

  for (const [form, upload] of Object.entries(forms)) {
    const name = form.replaceAll(' ', '-')

    it(`${form} is refused, and nothing is there, where the bytes are not those of the header`, async () => {
      for (const hash of [
        'crc32c=AAAAAA==',
        `md5=${md5Of('other')}`,
        `crc32c=${crc32cOfBytes},md5=${md5Of('other')}`,
        `crc32c=AAAAAA==, md5=${md5Of('bytes')}`,
        'crc32c=not base64',
      ]) {
        expect((await upload(name, {}, { 'x-goog-hash': hash })).status).toBe(400)
        expect((await desk.head(bucket, name)).status).toBe(404)
      }
      const right = `crc32c=${crc32cOfBytes},md5=${md5Of('bytes')}`
      expect((await upload(name, {}, { 'x-goog-hash': right })).status).toBe(200)
    })

    if (form === 'a simple upload' || form === 'an XML upload') continue
    it(`${form} is refused, and nothing is there, where the bytes are not those of the resource`, async () => {
      const other = `${name}-resource`
      for (const resource of [{ crc32c: 'AAAAAA==' }, { md5Hash: md5Of('other') }]) {
        expect(refused(await upload(other, resource, {}))).toEqual(corrupt)
        expect((await desk.head(bucket, other)).status).toBe(404)
      }
      expect((await upload(other, { crc32c: crc32cOfBytes, md5Hash: md5Of('bytes') }, {})).status).toBe(200)
    })
  }

  it('clients can tell which checksum failed', async () => {
    const crc = await desk.put(bucket, 'told', 'bytes', '', { 'x-goog-hash': 'crc32c=AAAAAA==' })
    expect(crc.json.error!.message).toBe(`Provided CRC32C "AAAAAA==" doesn't match calculated CRC32C "0G6ckg==".`)
    const xml = await desk.ask('PUT', `/${bucket.name}/told`, {
      headers: { 'content-md5': md5Of('other') },
      body: 'bytes',
    })
    expect([xml.status, /<Code>(.*)<\/Code>/.exec(xml.text)?.[1]]).toEqual([400, 'BadDigest'])
  })

  it('every object has its CRC32C, and one that came whole its MD5', async () => {
    await desk.put(bucket, 'one', 'by')
    await desk.put(bucket, 'two', 'tes')
    expect((await desk.head(bucket, 'one')).json).toMatchObject({ md5Hash: md5Of('by') })
    const sourceObjects = [{ name: 'one' }, { name: 'two' }]
    const composed = await desk.ask('POST', `${pathOf(bucket, 'composed')}/compose`, { body: { sourceObjects } })
    expect(composed.json).toMatchObject({ crc32c: crc32cOfBytes, componentCount: 2, size: '5' })
    expect(composed.json).not.toHaveProperty('md5Hash')
    const { headers, text } = await desk.read(bucket, 'composed')
    expect(headers['x-goog-hash']).toBe(`crc32c=${crc32cOfBytes}`)
    expect(text).toBe('bytes')
    const again = await desk.ask('POST', `${pathOf(bucket, 'more')}/compose`, {
      body: { sourceObjects: [{ name: 'composed' }, { name: 'one' }] },
    })
    expect(again.json).toMatchObject({ componentCount: 3 })
  })
})
