import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bench, codeOf, openBench, refusal } from './bench.ts'

const stale = '"00000000000000000000000000000000"'
const failed = { status: 412, code: 'PreconditionFailed' }
const missing = { status: 404, code: 'NoSuchKey' }

describe('conditions of S3', () => {
  let bench: Bench
  beforeAll(async () => {
    bench = await openBench()
  })
  afterAll(() => bench.close())

  const put = (Bucket: string, Key: string, Body: string, more: object = {}) =>
    bench.client.send(new PutObjectCommand({ Bucket, Key, Body, ...more }))
  const remove = (Bucket: string, Key: string, more: object = {}) =>
    bench.client.send(new DeleteObjectCommand({ Bucket, Key, ...more }))

  async function begun(Bucket: string, Key: string): Promise<(more?: object) => Promise<unknown>> {
    const { UploadId } = await bench.client.send(new CreateMultipartUploadCommand({ Bucket, Key }))
    const part = { Bucket, Key, UploadId, PartNumber: 1 }
    const { ETag } = await bench.client.send(new UploadPartCommand({ ...part, Body: 'parts' }))
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] }
    return (more = {}) =>
      bench.client.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload, ...more }))
  }

  it('creates only where nothing shows, and over a delete marker', async () => {
    await put(bench.versioned, 'create', 'first', { IfNoneMatch: '*' })
    expect(await refusal(put(bench.versioned, 'create', 'second', { IfNoneMatch: '*' }))).toEqual(failed)
    await remove(bench.versioned, 'create')
    await put(bench.versioned, 'create', 'third', { IfNoneMatch: '*' })
    expect(await bench.text(bench.versioned, 'create')).toBe('third')
  })

  it('replaces only the ETag that is named, and nothing where nothing is', async () => {
    const { ETag } = await put(bench.plain, 'replace', 'first')
    expect(await refusal(put(bench.plain, 'replace', 'second', { IfMatch: stale }))).toEqual(failed)
    expect(await bench.text(bench.plain, 'replace')).toBe('first')
    await put(bench.plain, 'replace', 'second', { IfMatch: ETag })
    expect(await refusal(put(bench.plain, 'replace-none', 'x', { IfMatch: ETag }))).toEqual(missing)
    const unquoted = (await put(bench.plain, 'replace', 'third')).ETag!.replaceAll('"', '')
    await put(bench.plain, 'replace', 'fourth', { IfMatch: unquoted })
    expect(await bench.text(bench.plain, 'replace')).toBe('fourth')
  })

  it('finds nothing to replace under a delete marker', async () => {
    const { ETag } = await put(bench.versioned, 'replace-marker', 'first')
    await remove(bench.versioned, 'replace-marker')
    expect(await refusal(put(bench.versioned, 'replace-marker', 'x', { IfMatch: ETag }))).toEqual(missing)
  })

  it('refuses conditions on writes that S3 has none of', async () => {
    const none = { status: 501, code: 'NotImplemented' }
    expect(await refusal(put(bench.plain, 'odd', 'x', { IfNoneMatch: stale }))).toEqual(none)
    expect(await refusal(put(bench.plain, 'odd', 'x', { IfMatch: '*' }))).toEqual(none)
    expect(await refusal(put(bench.plain, 'odd', 'x', { IfMatch: stale, IfNoneMatch: '*' }))).toEqual(none)
  })

  it('lets one of twenty create and one of twenty replace', async () => {
    const race = async (name: string, more: object) => {
      const bodies = Array.from({ length: 20 }, (_, i) => `${name} ${i} `.repeat(5000))
      const outcomes = await Promise.allSettled(bodies.map((body) => put(bench.versioned, 'race', body, more)))
      const won = outcomes.flatMap((outcome, i) => (outcome.status === 'fulfilled' ? [bodies[i]] : []))
      expect(won).toHaveLength(1)
      expect(await bench.text(bench.versioned, 'race')).toBe(won[0])
      return outcomes.find((outcome) => outcome.status === 'fulfilled')!.value.ETag
    }
    const IfMatch = await race('creator', { IfNoneMatch: '*' })
    await race('replacer', { IfMatch })
  })

  it('answers a create that a deletion overtook with a conflict, and a replacement with absence', async () => {
    await put(bench.versioned, 'overtaken', 'first')
    await remove(bench.versioned, 'overtaken')
    const creating = await bench.halfway(bench.versioned, 'overtaken', { IfNoneMatch: '*' })
    const { ETag } = await put(bench.versioned, 'overtaken', 'second')
    const replacing = await bench.halfway(bench.versioned, 'overtaken', { IfMatch: ETag })
    await remove(bench.versioned, 'overtaken')
    expect(await refusal(creating())).toEqual({ status: 409, code: 'ConditionalRequestConflict' })
    expect(await refusal(replacing())).toEqual(missing)
  })

  it('answers a complete that a deletion overtook with a conflict', async () => {
    const complete = await begun(bench.versioned, 'mpu-overtaken')
    await put(bench.versioned, 'mpu-overtaken', 'meanwhile')
    await remove(bench.versioned, 'mpu-overtaken')
    const conflict = { status: 409, code: 'ConditionalRequestConflict' }
    expect(await refusal(complete({ IfNoneMatch: '*' }))).toEqual(conflict)
    expect(await refusal(complete({ IfMatch: stale }))).toEqual(missing)
  })

  it('looks at a complete’s condition when it completes', async () => {
    const create = await begun(bench.plain, 'mpu')
    const { ETag } = await put(bench.plain, 'mpu', 'meanwhile')
    expect(await refusal(create({ IfNoneMatch: '*' }))).toEqual(failed)
    expect(await refusal(create({ IfMatch: stale }))).toEqual(failed)
    expect(await bench.text(bench.plain, 'mpu')).toBe('meanwhile')
    const replace = await begun(bench.plain, 'mpu')
    await replace({ IfMatch: ETag })
    expect(await bench.text(bench.plain, 'mpu')).toBe('parts')
  })

  it('keeps an upload whose complete was refused', async () => {
    await put(bench.plain, 'mpu-kept', 'there')
    const complete = await begun(bench.plain, 'mpu-kept')
    expect(await refusal(complete({ IfNoneMatch: '*' }))).toEqual(failed)
    await complete()
    expect(await bench.text(bench.plain, 'mpu-kept')).toBe('parts')
  })

  it('copies under a condition on the target, and conditions on the source', async () => {
    const { ETag } = await put(bench.plain, 'from', 'from')
    const { ETag: former } = await put(bench.plain, 'to', 'to')
    const CopySource = `${bench.plain}/from`
    const copy = (more: object) =>
      bench.client.send(new CopyObjectCommand({ Bucket: bench.plain, Key: 'to', CopySource, ...more }))
    const past = new Date(Date.now() - 3_600_000)
    const future = new Date(Date.now() + 3_600_000)
    for (const more of [
      { IfNoneMatch: '*' },
      { IfMatch: stale },
      { CopySourceIfMatch: stale },
      { CopySourceIfNoneMatch: ETag },
      { CopySourceIfModifiedSince: future },
      { CopySourceIfUnmodifiedSince: past },
    ])
      expect(await refusal(copy(more)), JSON.stringify(more)).toEqual(failed)
    expect(await bench.text(bench.plain, 'to')).toBe('to')
    await copy({ IfMatch: former, CopySourceIfMatch: ETag, CopySourceIfUnmodifiedSince: past })
    expect(await bench.text(bench.plain, 'to')).toBe('from')
  })

  it('deletes only what is named, and tells what is not there from what is another', async () => {
    const { ETag } = await put(bench.versioned, 'delete', 'x')
    expect(await refusal(remove(bench.versioned, 'delete', { IfMatch: stale }))).toEqual(failed)
    expect(await refusal(remove(bench.versioned, 'delete-none', { IfMatch: ETag }))).toEqual(missing)
    await remove(bench.versioned, 'delete', { IfMatch: ETag })
    expect(await refusal(remove(bench.versioned, 'delete', { IfMatch: '*' }))).toEqual(failed)
    expect(await refusal(remove(bench.versioned, 'delete', { IfMatch: ETag }))).toEqual(failed)
    await put(bench.plain, 'delete-any', 'x')
    await remove(bench.plain, 'delete-any', { IfMatch: '*' })
    expect(await refusal(bench.text(bench.plain, 'delete-any'))).toEqual(missing)
  })

  it('asks each key of a bulk deletion for itself', async () => {
    const { ETag } = await put(bench.plain, 'bulk-a', 'a')
    await put(bench.plain, 'bulk-b', 'b')
    const Objects = [
      { Key: 'bulk-a', ETag },
      { Key: 'bulk-b', ETag },
    ]
    const answer = await bench.client.send(new DeleteObjectsCommand({ Bucket: bench.plain, Delete: { Objects } }))
    expect(answer.Deleted).toEqual([{ Key: 'bulk-a' }])
    expect(answer.Errors).toMatchObject([{ Key: 'bulk-b', Code: 'PreconditionFailed' }])
    expect(await bench.text(bench.plain, 'bulk-b')).toBe('b')
  })

  it('reads under conditions, ETags before dates', async () => {
    const { ETag } = await put(bench.plain, 'read', 'x')
    const past = new Date(Date.now() - 3_600_000)
    const future = new Date(Date.now() + 3_600_000)
    const get = (more: object) => bench.client.send(new GetObjectCommand({ Bucket: bench.plain, Key: 'read', ...more }))
    expect(await refusal(get({ IfMatch: stale }))).toEqual(failed)
    expect(await refusal(get({ IfUnmodifiedSince: past }))).toEqual(failed)
    expect(await refusal(get({ IfNoneMatch: ETag }))).toMatchObject({ status: 304 })
    expect(await refusal(get({ IfModifiedSince: future }))).toMatchObject({ status: 304 })
    for (const more of [
      { IfMatch: ETag, IfUnmodifiedSince: past },
      { IfNoneMatch: stale, IfModifiedSince: future },
      { IfModifiedSince: past },
      { IfUnmodifiedSince: future },
    ])
      expect((await get(more)).ETag).toBe(ETag)
    const unchanged = await bench.raw({ path: '/plain/read', headers: { 'if-none-match': ETag! } })
    expect(unchanged).toMatchObject({ status: 304, headers: { etag: ETag } })
    expect(unchanged.body).toHaveLength(0)
    expect(unchanged.headers['content-type'], 'the type of an error, in which nothing is wrong').toBeUndefined()
  })

  it('says that an aborted upload is gone', async () => {
    const { UploadId } = await bench.client.send(
      new CreateMultipartUploadCommand({ Bucket: bench.plain, Key: 'aborted' }),
    )
    const abort = () =>
      bench.client.send(new AbortMultipartUploadCommand({ Bucket: bench.plain, Key: 'aborted', UploadId }))
    await abort()
    expect(await refusal(abort())).toEqual({ status: 404, code: 'NoSuchUpload' })
  })

  it('refuses before it asks for a body that would be in vain', async () => {
    await put(bench.plain, 'early', 'there')
    const answer = await bench.raw({
      method: 'PUT',
      path: '/plain/early',
      payload: 'UNSIGNED-PAYLOAD',
      headers: { 'if-none-match': '*', 'content-length': '5000000000', expect: '100-continue' },
    })
    expect([answer.status, codeOf(answer)]).toEqual([412, 'PreconditionFailed'])
  })
})
