import {
  CopyObjectCommand,
  DeleteObjectTaggingCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bench, codeOf, openBench, refusal } from './bench.ts'

describe('what an object of S3 carries', () => {
  let bench: Bench
  beforeAll(async () => {
    bench = await openBench()
  })
  afterAll(() => bench.close())

  const put = (Key: string, more: object = {}) =>
    bench.client.send(new PutObjectCommand({ Bucket: bench.plain, Key, Body: 'x', ...more }))
  const head = (Key: string) => bench.client.send(new HeadObjectCommand({ Bucket: bench.plain, Key }))
  const copy = (Key: string, from: string, more: object = {}) =>
    bench.client.send(
      new CopyObjectCommand({ Bucket: bench.plain, Key, CopySource: `${bench.plain}/${from}`, ...more }),
    )
  const tags = async (Key: string) =>
    (await bench.client.send(new GetObjectTaggingCommand({ Bucket: bench.plain, Key }))).TagSet

  const headers = {
    CacheControl: 'max-age=9, private',
    ContentDisposition: 'attachment; filename="a b.txt"',
    ContentEncoding: 'gzip',
    ContentLanguage: 'fr, de',
    ContentType: 'text/x-odd; charset=utf-8',
  }
  const Metadata = { plain: 'a=b; c', 'with-dash': 'Value IN Case', 'with.dot': '', under_score: '100%' }

  it('gives back every header and every entry of metadata as they were sent', async () => {
    await put('all', { ...headers, Metadata: { ...Metadata, UPPER: 'Name' } })
    expect(await head('all')).toMatchObject({ ...headers, Metadata: { ...Metadata, upper: 'Name' } })
    expect(await bench.client.send(new GetObjectCommand({ Bucket: bench.plain, Key: 'all' }))).toMatchObject(headers)
    expect((await head('all')).StorageClass).toBeUndefined()
  })

  it('keeps an Expires that is no date', async () => {
    await bench.raw({ method: 'PUT', path: '/plain/expires', headers: { expires: 'tomorrow, perhaps' } })
    const { headers } = await bench.raw({ method: 'HEAD', path: '/plain/expires' })
    expect(headers).toMatchObject({ expires: 'tomorrow, perhaps', 'content-type': 'binary/octet-stream' })
    expect(headers).not.toHaveProperty('content-encoding')
  })

  it.each([
    ['raw UTF-8 as the words of its bytes', 'ÄMÄZÕÑ S3', '=?UTF-8?B?w4PChE3Dg8KEWsODwpXDg8KRIFMz?='],
    ['ASCII as it is', 'AMAZONS3', 'AMAZONS3'],
    ['an encoded word as it was sent', '=?UTF-8?B?w6kg5pel5pys?=', '=?UTF-8?B?w6kg5pel5pys?='],
    ['mostly ASCII in the readable form', '=?utf-8?b?bmHDr3ZlIHRleHQ=?=', '=?UTF-8?Q?na=C3=AFve_text?='],
    ['an encoded word that was ASCII all along', '=?UTF-8?Q?plain_text?=', 'plain text'],
    ['what only looks like a word', '=?nowhere?Q?x?= =?UTF-8?Q?=ZZ?=', '=?nowhere?Q?x?= =?UTF-8?Q?=ZZ?='],
    ['a line break within a word', '=?UTF-8?Q?a=0Ab?=', '=?UTF-8?Q?a=0Ab?='],
  ])('shows %s', async (_, sent, shown) => {
    const put = await bench.raw({ method: 'PUT', path: '/plain/word', headers: { 'x-amz-meta-word': sent } })
    expect(put.status).toBe(200)
    const { headers } = await bench.raw({ method: 'HEAD', path: '/plain/word' })
    expect(headers['x-amz-meta-word']).toBe(shown)
  })

  it('parts a long value into words of at most 75 letters, none within a letter', async () => {
    const value = '日本語😀'.repeat(30)
    const sent = `=?UTF-8?B?${Buffer.from(value).toString('base64')}?=`
    await bench.raw({ method: 'PUT', path: '/plain/long-word', headers: { 'x-amz-meta-word': sent } })
    const { headers } = await bench.raw({ method: 'HEAD', path: '/plain/long-word' })
    const words = String(headers['x-amz-meta-word']).split(' ')
    expect(words.length).toBeGreaterThan(5)
    expect(Math.max(...words.map((word) => word.length))).toBeLessThanOrEqual(75)
    const decoded = words.map((word) => Buffer.from(word.slice(10, -2), 'base64').toString())
    expect(decoded.join('')).toBe(value)
    await bench.raw({
      method: 'PUT',
      path: '/plain/long-word',
      headers: { 'x-amz-meta-word': String(headers['x-amz-meta-word']) },
    })
    const again = await bench.raw({ method: 'HEAD', path: '/plain/long-word' })
    expect(again.headers['x-amz-meta-word']).toBe(headers['x-amz-meta-word'])
  })

  it('holds two kilobytes of metadata, names and values, and refuses one byte more', async () => {
    await put('most', { Metadata: { name: 'v'.repeat(2044) } })
    expect(await refusal(put('over', { Metadata: { name: 'v'.repeat(2045) } }))).toEqual({
      status: 400,
      code: 'MetadataTooLarge',
    })
    expect(await refusal(head('over'))).toMatchObject({ status: 404 })
  })

  it('joins lines of one name', async () => {
    await put('lines', { Metadata: { list: 'a,b' } })
    expect((await head('lines')).Metadata).toEqual({ list: 'a,b' })
  })

  it('shows a storage class other than its own, and refuses one that it does not know', async () => {
    await put('class', { StorageClass: 'STANDARD_IA' })
    expect((await head('class')).StorageClass).toBe('STANDARD_IA')
    expect((await refusal(put('class', { StorageClass: 'CHEAP' }))).code).toBe('InvalidStorageClass')
  })

  it('copies what an object carries, or what the request says instead', async () => {
    await put('from', { ...headers, Metadata, Tagging: 'a=1', StorageClass: 'STANDARD_IA' })
    await copy('same', 'from')
    expect(await head('same')).toMatchObject({ ...headers, Metadata, TagCount: 1 })
    expect((await head('same')).StorageClass).toBeUndefined()
    await copy('other', 'from', {
      MetadataDirective: 'REPLACE',
      Metadata: { fresh: '1' },
      TaggingDirective: 'REPLACE',
      Tagging: 'b=2',
      StorageClass: 'GLACIER_IR',
    })
    const other = await head('other')
    expect(other).toMatchObject({ Metadata: { fresh: '1' }, StorageClass: 'GLACIER_IR' })
    expect([other.ContentEncoding, await tags('other')]).toEqual([undefined, [{ Key: 'b', Value: '2' }]])
    expect((await refusal(copy('odd', 'from', { MetadataDirective: 'MERGE' }))).code).toBe('InvalidArgument')
  })

  it('refuses a copy onto itself that would change nothing', async () => {
    await put('itself', { Metadata })
    expect(await refusal(copy('itself', 'itself'))).toEqual({ status: 400, code: 'InvalidRequest' })
    await copy('itself', 'itself', { StorageClass: 'STANDARD_IA' })
    await copy('itself', 'itself', { MetadataDirective: 'REPLACE', Metadata: { a: '1' } })
    expect((await head('itself')).Metadata).toEqual({ a: '1' })
  })

  it('reads a source that is encoded in any way, and knows what is none', async () => {
    const Key = 'dir/a+b %2F?é'
    await put(Key)
    for (const source of [
      encodeURIComponent(`plain/${Key}`),
      `/plain/${encodeURIComponent(Key)}`,
      'plain/dir/a%2Bb+%252F%3F%C3%A9',
    ]) {
      await bench.client.send(new CopyObjectCommand({ Bucket: bench.plain, Key: 'copied', CopySource: source }))
      await bench.raw({ method: 'DELETE', path: '/plain/copied' })
    }
    const from = (CopySource: string) =>
      refusal(bench.client.send(new CopyObjectCommand({ Bucket: bench.plain, Key: 'copied', CopySource })))
    expect((await from('plain')).code).toBe('InvalidArgument')
    expect((await from('plain/')).code).toBe('InvalidArgument')
    expect((await from('nowhere/key')).code).toBe('NoSuchBucket')
    expect((await from('plain/no-key')).code).toBe('NoSuchKey')
    expect((await from('plain/%zz')).code).toBe('InvalidURI')
  })

  it('takes tags with an object and alone, and counts them', async () => {
    await put('tags', { Tagging: 'a=1&b%20c=d%2Be&empty' })
    expect(await tags('tags')).toEqual([
      { Key: 'a', Value: '1' },
      { Key: 'b c', Value: 'd+e' },
      { Key: 'empty', Value: '' },
    ])
    expect((await head('tags')).TagCount).toBe(3)
    const TagSet = [
      { Key: 'é', Value: '日本 + = / : . _ - @' },
      { Key: '__proto__', Value: 'x' },
    ]
    await bench.client.send(new PutObjectTaggingCommand({ Bucket: bench.plain, Key: 'tags', Tagging: { TagSet } }))
    expect(await tags('tags')).toEqual(TagSet)
    await bench.client.send(new DeleteObjectTaggingCommand({ Bucket: bench.plain, Key: 'tags' }))
    expect([await tags('tags'), (await head('tags')).TagCount]).toEqual([[], undefined])
  })

  it('refuses tags that are too many, too long, doubled, or of other letters', async () => {
    const set = async (pairs: [string, string][]) => {
      const TagSet = pairs.map(([Key, Value]) => ({ Key, Value }))
      const input = { Bucket: bench.plain, Key: 'strict', Tagging: { TagSet } }
      return (await refusal(bench.client.send(new PutObjectTaggingCommand(input)))).code
    }
    await put('strict')
    expect(await set(Array.from({ length: 11 }, (_, i) => [`k${i}`, 'v']))).toBe('BadRequest')
    expect(await set([['k'.repeat(129), 'v']])).toBe('InvalidTag')
    expect(await set([['k', 'v'.repeat(257)]])).toBe('InvalidTag')
    expect(await set([['', 'v']])).toBe('InvalidTag')
    expect(await set([['k#', 'v']])).toBe('InvalidTag')
    expect(await set([['k', '<v>']])).toBe('InvalidTag')
    expect(await set([['aws:k', 'v']])).toBe('InvalidTag')
    expect(
      await set([
        ['k', '1'],
        ['k', '2'],
      ]),
    ).toBe('InvalidTag')
    const answer = await bench.raw({ method: 'PUT', path: '/plain/strict', headers: { 'x-amz-tagging': 'k=1&k=2' } })
    expect([answer.status, codeOf(answer)]).toEqual([400, 'InvalidArgument'])
  })

  it('refuses a header that asks for what it does not do', async () => {
    for (const [name, value] of [
      ['x-amz-acl', 'public-read'],
      ['x-amz-object-lock-mode', 'COMPLIANCE'],
      ['x-amz-server-side-encryption', 'aws:kms'],
      ['x-amz-server-side-encryption-customer-key', 'secret'],
      ['x-amz-website-redirect-location', '/elsewhere'],
    ] as const) {
      const answer = await bench.raw({ method: 'PUT', path: '/plain/asks', headers: { [name]: value } })
      expect([name, answer.status, codeOf(answer)]).toEqual([name, 501, 'NotImplemented'])
    }
    await put('asks', { ACL: 'private', ServerSideEncryption: 'AES256' })
  })
})
