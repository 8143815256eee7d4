import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetBucketLocationCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bench, codeOf, openBench, refusal } from './bench.ts'

describe('buckets of S3', () => {
  let bench: Bench
  beforeAll(async () => {
    bench = await openBench()
  })
  afterAll(() => bench.close())

  const create = (Bucket: string, more: object = {}) => bench.client.send(new CreateBucketCommand({ Bucket, ...more }))

  it('creates a bucket once, lists it, tells where it is, and removes it when nothing is left in it', async () => {
    await create('one')
    await create('one')
    const { Buckets } = await bench.client.send(new ListBucketsCommand({}))
    expect(Buckets!.map(({ Name }) => Name)).toEqual(['one', 'plain', 'versioned'])
    const head = await bench.client.send(new HeadBucketCommand({ Bucket: 'one' }))
    expect(head.BucketRegion).toBe('us-east-1')
    const { LocationConstraint } = await bench.client.send(new GetBucketLocationCommand({ Bucket: 'one' }))
    expect(LocationConstraint || undefined).toBeUndefined()
    await bench.client.send(new PutObjectCommand({ Bucket: 'one', Key: 'k', Body: 'x' }))
    const remove = () => bench.client.send(new DeleteBucketCommand({ Bucket: 'one' }))
    expect(await refusal(remove())).toEqual({ status: 409, code: 'BucketNotEmpty' })
    await bench.client.send(new DeleteObjectCommand({ Bucket: 'one', Key: 'k' }))
    await remove()
    expect(await refusal(remove())).toEqual({ status: 404, code: 'NoSuchBucket' })
    expect(await refusal(bench.client.send(new HeadBucketCommand({ Bucket: 'one' })))).toMatchObject({ status: 404 })
  })

  it('refuses names that no bucket has', async () => {
    for (const name of ['ab', 'Upper', '-lead', 'trail-', 'a..b', '127.0.0.1', 'x'.repeat(64), 'under_score']) {
      const answer = await bench.raw({ method: 'PUT', path: `/${name}` })
      expect([name, answer.status, codeOf(answer)]).toEqual([name, 400, 'InvalidBucketName'])
    }
  })

  it('stands in one region, and says which', async () => {
    const CreateBucketConfiguration = { LocationConstraint: 'eu-west-3' } as const
    expect((await refusal(create('elsewhere', { CreateBucketConfiguration }))).code).toBe(
      'IllegalLocationConstraintException',
    )
    const there = await openBench({ region: 'eu-west-3' })
    const place = await there.client.send(new GetBucketLocationCommand({ Bucket: there.plain }))
    expect(place.LocationConstraint).toBe('eu-west-3')
    const again = there.client.send(new CreateBucketCommand({ Bucket: there.plain }))
    expect(await refusal(again)).toEqual({ status: 409, code: 'BucketAlreadyOwnedByYou' })
    await there.close()
  })

  it('shows nothing of a write whose bucket went while it came', async () => {
    await create('brief')
    const goOn = await bench.halfway('brief', 'late')
    await bench.client.send(new DeleteBucketCommand({ Bucket: 'brief' }))
    expect(await refusal(goOn())).toEqual({ status: 404, code: 'NoSuchBucket' })
    await create('brief')
    const again = await bench.halfway('brief', 'late')
    await bench.client.send(new DeleteBucketCommand({ Bucket: 'brief' }))
    await create('brief')
    await refusal(again())
    expect((await bench.raw({ path: '/brief/late' })).status).toBe(404)
  })

  it('takes no versioning state but the two', async () => {
    const put = (VersioningConfiguration: object) =>
      refusal(bench.client.send(new PutBucketVersioningCommand({ Bucket: 'plain', VersioningConfiguration })))
    expect((await put({ Status: 'Off' })).code).toBe('IllegalVersioningConfigurationException')
    expect((await put({})).code).toBe('IllegalVersioningConfigurationException')
    expect((await put({ Status: 'Enabled', MFADelete: 'Enabled' })).code).toBe('MalformedXML')
  })
})
