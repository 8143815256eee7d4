import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bench, openBench, refusal } from './bench.ts'

describe('troubles of S3 that a test may ask for', () => {
  let bench: Bench
  let Bucket: string
  beforeAll(async () => {
    bench = await openBench()
    Bucket = bench.versioned
  })
  afterAll(() => bench.close())

  const put = (Key: string, more: object = {}) =>
    bench.client.send(new PutObjectCommand({ Bucket, Key, Body: 'x', ...more }))
  const head = (Key: string, more: object = {}) => bench.client.send(new HeadObjectCommand({ Bucket, Key, ...more }))
  const get = (Key: string, more: object = {}) => bench.client.send(new GetObjectCommand({ Bucket, Key, ...more }))
  const copy = (Key: string, more: object = {}) =>
    bench.client.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/${Key}`, ...more }))

  it.each(['GLACIER', 'DEEP_ARCHIVE'] as const)(
    'tells of an object in %s and does not read it',
    async (StorageClass) => {
      await put('archived', { StorageClass })
      expect(await head('archived')).toMatchObject({ StorageClass })
      expect(await refusal(get('archived'))).toEqual({ status: 403, code: 'InvalidObjectState' })
      expect(await refusal(copy('archived'))).toEqual({ status: 403, code: 'ObjectNotInActiveTierError' })
    },
  )

  it('neither tells nor reads without the customer’s key', async () => {
    await put('secret')
    const key = { SSECustomerAlgorithm: 'AES256', SSECustomerKey: 'k'.repeat(32) }
    expect(await refusal(head('secret', key))).toMatchObject({ status: 400 })
    bench.face.outcomes.begin('customer-key', { bucket: Bucket, key: 'secret' })
    expect(await refusal(head('secret'))).toMatchObject({ status: 400 })
    expect(await refusal(get('secret'))).toEqual({ status: 400, code: 'InvalidRequest' })
    expect(await refusal(copy('secret'))).toEqual({ status: 400, code: 'InvalidRequest' })
    expect(await (await get('secret', key)).Body!.transformToString()).toBe('x')
    bench.face.outcomes.end('customer-key', { bucket: Bucket, key: 'secret' })
    await get('secret')
  })

  it('denies what takes a key that may not be used', async () => {
    await put('kms')
    bench.face.outcomes.begin('kms-denied', { bucket: Bucket, key: 'kms' })
    const denied = { status: 403, code: 'AccessDenied' }
    expect(await refusal(get('kms'))).toEqual(denied)
    expect(await refusal(copy('kms'))).toEqual(denied)
    expect(await refusal(put('kms'))).toEqual(denied)
    expect(await refusal(head('kms', { ChecksumMode: 'ENABLED' }))).toMatchObject({ status: 403 })
    await head('kms')
    await expect(get('kms')).rejects.toThrow(/kms:Decrypt/)
    bench.face.outcomes.end('kms-denied', { bucket: Bucket, key: 'kms' })
  })

  it('removes no locked version, and writes over it', async () => {
    const { VersionId } = await put('locked')
    bench.face.outcomes.begin('locked', { bucket: Bucket, key: 'locked' })
    const remove = (VersionId?: string) =>
      bench.client.send(new DeleteObjectCommand({ Bucket, Key: 'locked', VersionId }))
    expect(await refusal(remove(VersionId))).toEqual({ status: 403, code: 'AccessDenied' })
    await put('locked')
    await remove()
    await get('locked', { VersionId })
    bench.face.outcomes.end('locked', { bucket: Bucket, key: 'locked' })
    await remove(VersionId)
  })

  it('answers only requesters who pay, wherever in the bucket', async () => {
    await put('paid')
    bench.face.outcomes.begin('requester-pays', { bucket: Bucket })
    const list = (more: object) => bench.client.send(new ListObjectsV2Command({ Bucket, ...more }))
    expect(await refusal(get('paid'))).toEqual({ status: 403, code: 'AccessDenied' })
    expect(await refusal(list({}))).toEqual({ status: 403, code: 'AccessDenied' })
    await get('paid', { RequestPayer: 'requester' })
    await list({ RequestPayer: 'requester' })
    bench.face.outcomes.end('requester-pays', { bucket: Bucket })
    await get('paid')
  })

  it('slows one place down and no other', async () => {
    await put('slow')
    bench.face.outcomes.begin('throttled', { bucket: Bucket, key: 'slow' })
    expect(await refusal(get('slow'))).toEqual({ status: 503, code: 'SlowDown' })
    expect(await refusal(put('slow'))).toEqual({ status: 503, code: 'SlowDown' })
    await put('slow-not')
    bench.face.outcomes.end('throttled', { bucket: Bucket, key: 'slow' })
    await get('slow')
  })

  it('slows down whoever asks more often than it is told to bear', async () => {
    const paced = await openBench({ throttle: { writesPerSecond: 5 } })
    const writes = Array.from({ length: 12 }, (_, i) =>
      paced.client.send(new PutObjectCommand({ Bucket: paced.plain, Key: `k${i}`, Body: 'x' })).then(
        () => 'written',
        (error: Error) => error.name,
      ),
    )
    const outcomes = await Promise.all(writes)
    expect(new Set(outcomes)).toEqual(new Set(['written', 'SlowDown']))
    await Promise.all(
      Array.from({ length: 12 }, () => paced.client.send(new ListObjectsV2Command({ Bucket: paced.plain }))),
    )
    await paced.close()
  })
})
