import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bench, bytesOf, codeOf, MiB, openBench, refusal } from './bench.ts'

describe('reads of S3', () => {
  let bench: Bench
  beforeAll(async () => {
    bench = await openBench()
    const { client, plain: Bucket } = bench
    await client.send(new PutObjectCommand({ Bucket, Key: 'digits', Body: '0123456789' }))
    await client.send(new PutObjectCommand({ Bucket, Key: 'empty', Body: new Uint8Array() }))
    await client.send(new PutObjectCommand({ Bucket, Key: 'large', Body: bytesOf(8 * MiB, 7) }))
  })
  afterAll(() => bench.close())

  const range = (Key: string, Range: string) =>
    bench.client.send(new GetObjectCommand({ Bucket: bench.plain, Key, Range }))

  it.each([
    ['bytes=5-9', '56789', 'bytes 5-9/10'],
    ['bytes=-4', '6789', 'bytes 6-9/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=8-99', '89', 'bytes 8-9/10'],
    ['bytes=-99', '0123456789', 'bytes 0-9/10'],
  ])('answers %s with just that', async (asked, text, told) => {
    const got = await range('digits', asked)
    expect(got).toMatchObject({ ContentRange: told, ContentLength: text.length, AcceptRanges: 'bytes' })
    expect(got.$metadata.httpStatusCode).toBe(206)
    expect(await got.Body!.transformToString()).toBe(text)
    const head = await bench.client.send(new HeadObjectCommand({ Bucket: bench.plain, Key: 'digits', Range: asked }))
    expect(head).toMatchObject({ ContentRange: told, ContentLength: text.length })
  })

  it('refuses a range beyond the end, and says where that is', async () => {
    expect(await refusal(range('digits', 'bytes=50-60'))).toEqual({ status: 416, code: 'InvalidRange' })
    expect(await refusal(range('digits', 'bytes=-0'))).toMatchObject({ status: 416 })
    expect(await refusal(range('empty', 'bytes=0-'))).toMatchObject({ status: 416 })
    const answer = await bench.raw({ path: '/plain/digits', headers: { range: 'bytes=10-' } })
    expect(answer.headers['content-range']).toBe('bytes */10')
    expect(answer.body.toString()).toContain('<ActualObjectSize>10</ActualObjectSize>')
  })

  it('answers the whole where a range is none, or several', async () => {
    for (const asked of ['bytes=9-5', 'bytes=0-1,4-5', 'lines=1-2', 'bytes=x-']) {
      const got = await range('digits', asked)
      expect([asked, got.$metadata.httpStatusCode, await got.Body!.transformToString()]).toEqual([
        asked,
        200,
        '0123456789',
      ])
    }
  })

  it('refuses a part beside a range, and a number that no part has', async () => {
    const get = (more: object) =>
      refusal(bench.client.send(new GetObjectCommand({ Bucket: bench.plain, Key: 'digits', ...more })))
    expect((await get({ PartNumber: 1, Range: 'bytes=0-1' })).code).toBe('InvalidRequest')
    expect((await get({ PartNumber: 0 })).code).toBe('InvalidArgument')
    expect((await get({ PartNumber: 2 })).code).toBe('InvalidPartNumber')
  })

  it('tells on HEAD what it tells on GET, without a body', async () => {
    for (const path of ['/plain/digits', '/plain/nothing', '/nowhere/key']) {
      const [head, get] = [await bench.raw({ method: 'HEAD', path }), await bench.raw({ path })]
      expect(head.status).toBe(get.status)
      expect(head.body).toHaveLength(0)
      if (head.status === 200) {
        const told = (headers: object) => ({ ...headers, date: '', 'x-amz-request-id': '' })
        expect(told(head.headers)).toEqual(told(get.headers))
      }
      expect(head.headers['x-amz-request-id']).toMatch(/^[0-9A-F]{16}$/)
    }
    expect(codeOf(await bench.raw({ path: '/nowhere/key' }))).toBe('NoSuchBucket')
  })

  it('reads to its end what is deleted meanwhile', async () => {
    const { Body } = await bench.client.send(new GetObjectCommand({ Bucket: bench.plain, Key: 'large' }))
    await bench.raw({ method: 'DELETE', path: '/plain/large' })
    expect(Buffer.compare(await Body!.transformToByteArray(), bytesOf(8 * MiB, 7))).toBe(0)
  })

  it('refuses a parameter that asks for what it does not do', async () => {
    for (const name of ['response-content-type', 'acl', 'torrent', 'x-amz-odd']) {
      const answer = await bench.raw({ path: '/plain/digits', query: [[name, 'x']] })
      expect([name, answer.status, codeOf(answer)]).toEqual([name, 501, 'NotImplemented'])
    }
  })

  it('says that it is for development', async () => {
    expect((await bench.raw({ path: '/plain/digits' })).headers['server']).toContain('development')
  })
})
