import {
  CreateBucketCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  type ListObjectsV2Output,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bench, openBench, refusal } from './bench.ts'

/** In the order of UTF-8 bytes, which is not that of UTF-16, nor of any language. */
const ordered = ['B', 'a-b', 'a.b', 'a/b', 'a/c', 'a0', 'b', 'z', '\u00e9', '\uff5e', '\u{1f600}']
const Bucket = 'listed'

describe('listings of S3', () => {
  let bench: Bench
  beforeAll(async () => {
    bench = await openBench()
    await bench.client.send(new CreateBucketCommand({ Bucket }))
    for (const Key of ordered.toReversed()) {
      await bench.client.send(new PutObjectCommand({ Bucket, Key, Body: Key, StorageClass: 'STANDARD_IA' }))
    }
  })
  afterAll(() => bench.close())

  const list = (more: object = {}) => bench.client.send(new ListObjectsV2Command({ Bucket, ...more }))
  const keysOf = ({ Contents }: ListObjectsV2Output) => (Contents ?? []).map(({ Key }) => Key)
  const prefixesOf = ({ CommonPrefixes }: ListObjectsV2Output) => (CommonPrefixes ?? []).map(({ Prefix }) => Prefix)

  async function pages(more: object): Promise<{ keys: unknown[]; sizes: (number | undefined)[] }> {
    const keys: unknown[] = []
    const sizes: (number | undefined)[] = []
    let ContinuationToken: string | undefined
    for (let i = 0; i < 30; i++) {
      const page = await list({ ...more, ContinuationToken })
      keys.push(...keysOf(page), ...prefixesOf(page))
      sizes.push(page.KeyCount)
      if (page.IsTruncated !== true) break
      ContinuationToken = page.NextContinuationToken
    }
    return { keys, sizes }
  }

  it('lists in the order of UTF-8 bytes, whole and in pages of any size', async () => {
    expect(keysOf(await list())).toEqual(ordered)
    for (const MaxKeys of [1, 2, 3, 11]) {
      const { keys, sizes } = await pages({ MaxKeys })
      expect(keys).toEqual(ordered)
      expect(Math.max(...sizes.map(Number))).toBe(MaxKeys)
    }
  })

  it('tells of each what a reader must know', async () => {
    const { Contents, KeyCount, MaxKeys, IsTruncated, Name } = await list({ Prefix: 'a0', FetchOwner: true })
    expect({ KeyCount, MaxKeys, IsTruncated, Name }).toEqual({
      KeyCount: 1,
      MaxKeys: 1000,
      IsTruncated: false,
      Name: Bucket,
    })
    expect(Contents).toMatchObject([{ Size: 2, StorageClass: 'STANDARD_IA', ChecksumType: 'FULL_OBJECT' }])
    expect(Contents![0]!.ETag).toMatch(/^"[0-9a-f]{32}"$/)
    expect(Contents![0]!.Owner!.ID).toMatch(/^[0-9a-f]{64}$/)
    expect((await list()).Contents![0]!.Owner).toBeUndefined()
  })

  it('rolls up what follows a delimiter, and counts each roll once', async () => {
    const page = await list({ Delimiter: '/' })
    expect(keysOf(page)).toEqual(ordered.filter((key) => !key.includes('/')))
    expect([prefixesOf(page), page.KeyCount]).toEqual([['a/'], 10])
    const { keys } = await pages({ Delimiter: '/', MaxKeys: 1 })
    expect(keys).toEqual(['B', 'a-b', 'a.b', 'a/', 'a0', 'b', 'z', '\u00e9', '\uff5e', '\u{1f600}'])
    expect(keysOf(await list({ Delimiter: '/', Prefix: 'a/' }))).toEqual(['a/b', 'a/c'])
  })

  it('starts behind a key, there or not', async () => {
    expect(keysOf(await list({ StartAfter: 'a/b' }))).toEqual(ordered.slice(4))
    expect(keysOf(await list({ StartAfter: 'a/bb' }))).toEqual(ordered.slice(4))
    expect(prefixesOf(await list({ StartAfter: 'a/b', Delimiter: '/' }))).toEqual(['a/'])
    expect(prefixesOf(await list({ StartAfter: 'a/', Delimiter: '/' }))).toEqual([])
  })

  it('encodes names where it is asked to, a space as a plus', async () => {
    await bench.client.send(new PutObjectCommand({ Bucket: 'plain', Key: 'enc/a b+é*/\n', Body: 'x' }))
    const page = await bench.client.send(
      new ListObjectsV2Command({ Bucket: 'plain', Prefix: 'enc/a b', EncodingType: 'url' }),
    )
    expect(page).toMatchObject({
      EncodingType: 'url',
      Prefix: 'enc/a+b',
      Contents: [{ Key: 'enc/a+b%2B%C3%A9*/%0A' }],
    })
    expect((await refusal(list({ EncodingType: 'rot13' }))).code).toBe('InvalidArgument')
  })

  it('answers a page of none as the end, and one of more than a thousand as a thousand', async () => {
    expect(await list({ MaxKeys: 0 })).toMatchObject({ KeyCount: 0, IsTruncated: false })
    expect((await list({ MaxKeys: 5000 })).MaxKeys).toBe(1000)
    expect((await refusal(list({ MaxKeys: -1 }))).code).toBe('InvalidArgument')
  })

  it('refuses a token that is none of its own', async () => {
    for (const ContinuationToken of ['nonsense', '', 'x'.repeat(3000)]) {
      expect((await refusal(list({ ContinuationToken }))).code).toBe('InvalidArgument')
    }
  })

  it('pages in the older form too, by the last key or the last roll', async () => {
    const found: unknown[] = []
    let Marker: string | undefined
    for (let i = 0; i < 30; i++) {
      const page = await bench.client.send(new ListObjectsCommand({ Bucket, Delimiter: '/', MaxKeys: 1, Marker }))
      found.push(...keysOf(page), ...prefixesOf(page))
      if (page.IsTruncated !== true) break
      Marker = page.NextMarker
    }
    expect(found).toHaveLength(10)
    const plain = await bench.client.send(new ListObjectsCommand({ Bucket, MaxKeys: 2 }))
    expect([plain.IsTruncated, plain.NextMarker]).toEqual([true, undefined])
    const next = await bench.client.send(new ListObjectsCommand({ Bucket, Marker: 'a-b' }))
    expect(keysOf(next)).toEqual(ordered.slice(2))
  })

  it('tells dates in whole seconds with their milliseconds written out', async () => {
    const { body } = await bench.raw({ path: `/${Bucket}`, query: [['list-type', '2']] })
    const dates = [...body.toString().matchAll(/<LastModified>(.*?)</g)].map(([, date]) => date!)
    expect(dates).toHaveLength(ordered.length)
    for (const date of dates) expect(date).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/)
  })
})
