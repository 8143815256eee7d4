import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bench, codeOf, openBench, refusal } from './bench.ts'

const odd: readonly string[] = [
  ' ',
  'a b',
  'a+b',
  'a%2Fb',
  'a%b',
  'a//b',
  '/lead',
  '//two',
  'trail/',
  '.',
  '..',
  './x',
  '../x',
  'a/../b',
  'a/./b',
  'a/..',
  '%2e%2e/x',
  'dot.',
  'q?x#y\\z',
  `<&>"'`,
  '&amp;&#x41;',
  ' lead and trail ',
  'line\nbreak',
  'carriage\rreturn',
  'control\u0001\u001f\u007f\u0085',
  'zero\u0000byte',
  'tab\t',
  'not XML \ufffe\uffff',
  'emoji 😀',
  'caf\u00e9',
  'cafe\u0301',
  '\ufeffmark',
  'versionId=x',
  'a?versionId=null',
  'node',
  'node/leaf',
  '__proto__',
  'constructor',
  `${'s'.repeat(203)}/`.repeat(5) + 't'.repeat(4),
  '日'.repeat(341),
  Array.from({ length: 300 }, () => 'd').join('/'),
]

describe('keys of S3', () => {
  let bench: Bench
  beforeAll(async () => {
    bench = await openBench()
    await bench.client.send(new CreateBucketCommand({ Bucket: 'odd' }))
    await bench.client.send(new CreateBucketCommand({ Bucket: 'bystander' }))
  })
  afterAll(() => bench.close())

  const put = (Key: string, Bucket = 'odd') =>
    bench.client.send(new PutObjectCommand({ Bucket, Key, Body: `body of ${Key}` }))

  async function listed(Bucket = 'odd'): Promise<string[]> {
    const { Contents } = await bench.client.send(new ListObjectsV2Command({ Bucket, EncodingType: 'url' }))
    return (Contents ?? []).map(({ Key }) => decodeURIComponent(Key!.replaceAll('+', ' ')))
  }

  it('holds each for itself, gives it back, copies from it, and deletes it alone', async () => {
    const before = ['b', 'x', 'odd', 'secret']
    for (const key of before) await put(key, 'bystander')
    for (const key of odd) await put(key)
    expect((await listed()).toSorted()).toEqual(odd.toSorted())
    for (const key of odd) {
      expect(await bench.text('odd', key), key).toBe(`body of ${key}`)
      const CopySource = encodeURIComponent(`odd/${key}`)
      await bench.client.send(new CopyObjectCommand({ Bucket: 'bystander', Key: 'copy', CopySource }))
      expect(await bench.text('bystander', 'copy'), key).toBe(`body of ${key}`)
    }
    await bench.client.send(new DeleteObjectCommand({ Bucket: 'bystander', Key: 'copy' }))
    const left = new Set(odd)
    for (const key of odd.slice(0, 20)) {
      await bench.client.send(new DeleteObjectCommand({ Bucket: 'odd', Key: key }))
      left.delete(key)
      expect((await listed()).toSorted()).toEqual([...left].toSorted())
    }
    const Objects = [...left].map((Key) => ({ Key }))
    const answer = await bench.client.send(new DeleteObjectsCommand({ Bucket: 'odd', Delete: { Objects } }))
    expect(answer.Errors).toBeUndefined()
    for (const { Key } of Objects) left.delete(Key)
    expect((await listed()).toSorted()).toEqual([...left].toSorted())
    expect(await listed('bystander')).toEqual(before.toSorted())
  })

  it('takes no reference for a character that XML cannot hold', async () => {
    for (const key of ['bell\u0007', 'bell', 'bell&#7;']) await put(key, 'bystander')
    const body = '<Delete><Quiet>true</Quiet><Object><Key>bell&#x7;</Key></Object></Delete>'
    const md5 = { 'content-md5': (await import('node:crypto')).createHash('md5').update(body).digest('base64') }
    const answer = await bench.raw({
      method: 'POST',
      path: '/bystander',
      query: [['delete', '']],
      headers: md5,
      body,
    })
    expect(answer.status).toBe(200)
    expect(await listed('bystander')).toEqual(expect.arrayContaining(['bell', 'bell&#7;']))
    expect(await listed('bystander')).not.toContain('bell\u0007')
  })

  it('holds 1,024 bytes and refuses one more', async () => {
    await put('k'.repeat(1024))
    expect(await refusal(put('k'.repeat(1025)))).toEqual({ status: 400, code: 'KeyTooLongError' })
    expect(await refusal(put('日'.repeat(342)))).toEqual({ status: 400, code: 'KeyTooLongError' })
  })

  it('takes a plus in a path for a space, as S3 does', async () => {
    await put('one two')
    const answer = await bench.raw({ path: '/odd/one%20two', sentPath: '/odd/one+two' })
    expect(answer.body.toString()).toBe('body of one two')
  })

  it('refuses a path that is no text', async () => {
    for (const path of ['/odd/%ff', '/odd/%c3%28', '/odd/%ed%a0%80', '/odd/%', '/odd/%4', '/odd/%zz']) {
      const answer = await bench.raw({ method: 'PUT', path })
      expect([path, answer.status, codeOf(answer)]).toEqual([path, 400, 'InvalidURI'])
    }
  })

  it('finds a bucket before .localhost too', async () => {
    await put('virtual', 'bystander')
    const host = { host: `bystander.localhost:${bench.face.port}` }
    const answer = await bench.raw({ path: '/virtual', headers: host })
    expect(answer.body.toString()).toBe('body of virtual')
  })
})
