import { createHash } from 'node:crypto'
import type { Bucket } from '@google-cloud/storage'
import { beforeAll, describe, expect, it } from 'vitest'
import { Desk, type Heard, md5Of } from './desk.ts'

const partBytesMin = 5 * 1024 * 1024
const large = Buffer.alloc(partBytesMin, 'large part ')

describe('the XML API of Cloud Storage', () => {
  let desk: Desk
  let bucket: Bucket
  beforeAll(async () => {
    desk = await Desk.open()
    bucket = await desk.bucket()
  })

  const codeIn = ({ status, text }: Heard) => [status, /<Code>(.*)<\/Code>/.exec(text)?.[1]]
  const path = (name: string) => `/${bucket.name}/${name}`
  const begin = async (name: string, headers = {}): Promise<string> => {
    const { text } = await desk.ask('POST', `${path(name)}?uploads`, { headers })
    return `${path(name)}?uploadId=${/<UploadId>(.*)<\/UploadId>/.exec(text)![1]!}`
  }
  const put = (upload: string, number: number, body: Uint8Array | string, headers = {}) =>
    desk.ask('PUT', `${upload}&partNumber=${number}`, { body, headers })
  const etag = (body: Uint8Array | string) => `"${createHash('md5').update(body).digest('hex')}"`
  const complete = (upload: string, parts: readonly (readonly [number, string])[]) => {
    const list = parts.map(([number, etag]) => `<Part><PartNumber>${number}</PartNumber><ETag>${etag}</ETag></Part>`)
    return desk.ask('POST', upload, { body: `<CompleteMultipartUpload>${list.join('')}</CompleteMultipartUpload>` })
  }

  it('puts, shows and removes an object with all that is said of it', async () => {
    const said = {
      'content-type': 'text/x-odd',
      'cache-control': 'max-age=9',
      'content-disposition': 'inline; filename="a b"',
      'content-encoding': 'zstd',
      'content-language': 'de',
      'x-goog-meta-k': 'Value IN Case',
    }
    const stored = await desk.ask('PUT', path('one'), { headers: said, body: 'bytes' })
    const told = {
      'x-goog-hash': `crc32c=0G6ckg==,md5=${md5Of('bytes')}`,
      'x-goog-stored-content-length': '5',
      'x-goog-metageneration': '1',
      etag: etag('bytes'),
    }
    expect(stored).toMatchObject({ status: 200, headers: told })
    for (const method of ['GET', 'HEAD']) {
      const shown = await desk.ask(method, path('one'))
      expect(shown).toMatchObject({ status: 200, headers: { ...said, ...told, 'content-length': '5' } })
      expect(shown.headers['x-goog-generation']).toBe(stored.headers['x-goog-generation'])
      expect(shown.text).toBe(method === 'GET' ? 'bytes' : '')
    }
    const { json } = await desk.head(bucket, 'one')
    expect(json).toMatchObject({ contentEncoding: 'zstd', metadata: { k: 'Value IN Case' } })
    expect((await desk.ask('DELETE', path('one'))).status).toBe(204)
    for (const method of ['GET', 'DELETE']) {
      expect(codeIn(await desk.ask(method, path('one')))).toEqual([404, 'NoSuchKey'])
    }
    expect((await desk.ask('HEAD', path('one'))).status).toBe(404)
    expect(codeIn(await desk.ask('GET', '/no-such-bucket/one'))).toEqual([404, 'NoSuchBucket'])
  })

  it('letters outside ASCII go in and out as UTF-8, and what no header holds breaks none', async () => {
    const value = Buffer.from('grün 日本').toString('latin1')
    await desk.ask('PUT', path('letters'), { headers: { 'x-goog-meta-k': value }, body: 'x' })
    expect((await desk.head(bucket, 'letters')).json).toMatchObject({ metadata: { k: 'grün 日本' } })
    expect((await desk.ask('GET', path('letters'))).headers['x-goog-meta-k']).toBe(value)
    const metadata = { 'line\nbreak': 'x', broken: 'a\r\nset-cookie: b', wide: '日本' }
    const body = { metadata, contentDisposition: 'a\r\nset-cookie: b' }
    await desk.ask('PATCH', `/storage/v1/b/${bucket.name}/o/letters`, { body })
    const { status, headers } = await desk.ask('GET', path('letters'))
    expect([status, headers['set-cookie'], headers['x-goog-meta-broken']]).toEqual([200, undefined, 'a  set-cookie: b'])
  })

  it('joins parts in their order, and the object has a CRC32C and no MD5', async () => {
    const upload = await begin('parts', { 'content-type': 'text/x-odd', 'x-goog-meta-k': 'v' })
    expect((await put(upload, 2, 'last')).headers.etag).toBe(etag('last'))
    await put(upload, 1, 'replaced')
    await put(upload, 1, large)
    await put(upload, 7, 'left out')
    const listed = await desk.ask('GET', upload)
    expect([...listed.text.matchAll(/<PartNumber>(\d+)</g)].map(([, number]) => number)).toEqual(['1', '2', '7'])
    const page = await desk.ask('GET', `${upload}&max-parts=1&part-number-marker=1`)
    expect(page.text).toContain('<PartNumber>2</PartNumber>')
    expect(page.text).toContain('<IsTruncated>true</IsTruncated>')
    expect((await desk.head(bucket, 'parts')).status).toBe(404)
    const done = await complete(upload, [
      [1, etag(large)],
      [2, etag('last').replaceAll('"', '&quot;')],
    ])
    expect(done.status).toBe(200)
    const { json } = await desk.head(bucket, 'parts')
    expect(json).toMatchObject({ size: String(partBytesMin + 4), contentType: 'text/x-odd', metadata: { k: 'v' } })
    expect(json).not.toHaveProperty('md5Hash')
    const { text, headers } = await desk.read(bucket, 'parts')
    expect(md5Of(text)).toBe(md5Of(Buffer.concat([large, Buffer.from('last')])))
    expect(headers['x-goog-hash']).toBe(`crc32c=${json['crc32c'] as string}`)
    expect(codeIn(await put(upload, 1, 'x'))).toEqual([404, 'NoSuchUpload'])
  })

  it('refuses a list that is not what was put', async () => {
    const upload = await begin('lists')
    await put(upload, 1, 'small')
    await put(upload, 2, 'last')
    const parts = { one: [1, etag('small')], two: [2, etag('last')] } as const
    expect(codeIn(await complete(upload, [[1, etag('other')]]))).toEqual([400, 'InvalidPart'])
    expect(codeIn(await complete(upload, [[3, etag('last')]]))).toEqual([400, 'InvalidPart'])
    expect(codeIn(await complete(upload, [parts.two, parts.one]))).toEqual([400, 'InvalidPartOrder'])
    expect(codeIn(await complete(upload, [parts.two, parts.two]))).toEqual([400, 'InvalidPartOrder'])
    expect(codeIn(await complete(upload, [parts.one, parts.two]))).toEqual([400, 'EntityTooSmall'])
    const deep = `${'<Part>'.repeat(150)}${'</Part>'.repeat(150)}`
    for (const body of [
      '',
      '<',
      '<a/>',
      '<CompleteMultipartUpload/>',
      '<!DOCTYPE a><CompleteMultipartUpload/>',
      `<CompleteMultipartUpload>${deep}</CompleteMultipartUpload>`,
      '<CompleteMultipartUpload><__proto__/></CompleteMultipartUpload>',
    ]) {
      expect(codeIn(await desk.ask('POST', upload, { body }))).toEqual([400, 'MalformedXML'])
    }
    const entity = `<!DOCTYPE a [<!ENTITY two "2">]><CompleteMultipartUpload><Part><PartNumber>2</PartNumber><ETag>${etag('last')}</ETag></Part></CompleteMultipartUpload>`
    expect(codeIn(await desk.ask('POST', upload, { body: entity }))).toEqual([400, 'MalformedXML'])
    expect((await desk.head(bucket, 'lists')).status).toBe(404)
    expect((await complete(upload, [parts.two])).status).toBe(200)
    expect((await desk.read(bucket, 'lists')).text).toBe('last')
  })

  it('refuses a part that is damaged or out of bounds', async () => {
    const upload = await begin('damaged')
    expect(codeIn(await put(upload, 1, 'bytes', { 'x-goog-hash': 'crc32c=AAAAAA==' }))).toEqual([400, 'CrcMismatch'])
    expect(codeIn(await put(upload, 1, 'bytes', { 'content-md5': md5Of('other') }))).toEqual([400, 'BadDigest'])
    for (const number of [0, 10_001, 1.5]) expect((await put(upload, number, 'x')).status).toBe(400)
    expect((await desk.ask('GET', upload)).text).not.toContain('<Part>')
  })

  it('forgets an upload that is aborted, and knows none by another name', async () => {
    const upload = await begin('aborted')
    await put(upload, 1, 'x')
    expect(codeIn(await desk.ask('GET', upload.replace('aborted', 'other')))).toEqual([404, 'NoSuchUpload'])
    expect((await desk.ask('DELETE', upload)).status).toBe(204)
    expect(codeIn(await put(upload, 1, 'x'))).toEqual([404, 'NoSuchUpload'])
  })

  it('says that an upload in parts takes no preconditions, at every step', async () => {
    const upload = await begin('plain')
    await put(upload, 1, 'x')
    const headers = { 'x-goog-if-generation-match': '0' }
    for (const [method, target] of [
      ['POST', `${path('plain')}?uploads`],
      ['PUT', `${upload}&partNumber=1`],
      ['POST', upload],
    ] as const) {
      expect(codeIn(await desk.ask(method, target, { headers }))).toEqual([400, 'NotImplemented'])
    }
    expect((await desk.head(bucket, 'plain')).status).toBe(404)
  })

  it('an upload is no session of the JSON API, nor the other way round', async () => {
    const id = /uploadId=(.*)/.exec(await begin('mixed'))![1]
    const session = `/upload/storage/v1/b/${bucket.name}/o?uploadType=resumable&name=mixed`
    expect((await desk.ask('PUT', `${session}&upload_id=${id}`, { body: 'x' })).status).toBe(404)
    const { location } = (await desk.ask('POST', session)).headers
    const other = new URL(location!).searchParams.get('upload_id')
    expect(codeIn(await put(`${path('mixed')}?uploadId=${other}`, 1, 'x'))).toEqual([404, 'NoSuchUpload'])
  })

  it('shows names in XML as they are', async () => {
    const { text } = await desk.ask('POST', `/${bucket.name}/a%26%3Cb%3E/c?uploads`)
    expect(text).toContain('<Key>a&amp;&lt;b&gt;/c</Key>')
  })
})
