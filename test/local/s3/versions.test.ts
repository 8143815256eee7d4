import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketVersioningCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bench, codeOf, openBench, refusal, switchVersions } from './bench.ts'

describe('versions of S3', () => {
  let bench: Bench
  let Bucket: string
  beforeAll(async () => {
    bench = await openBench()
    Bucket = bench.versioned
  })
  afterAll(() => bench.close())

  const put = (Key: string, Body: string, Bucket = bench.versioned) =>
    bench.client.send(new PutObjectCommand({ Bucket, Key, Body }))
  const remove = (Key: string, VersionId?: string, Bucket = bench.versioned) =>
    bench.client.send(new DeleteObjectCommand({ Bucket, Key, VersionId }))
  const list = async (Prefix: string, more: object = {}) => {
    const page = await bench.client.send(new ListObjectVersionsCommand({ Bucket, Prefix, ...more }))
    const entries = [
      ...(page.Versions ?? []),
      ...(page.DeleteMarkers ?? []).map((marker) => ({ ...marker, ETag: 'marker' })),
    ]
    return { ...page, ids: entries.map(({ VersionId }) => VersionId!), entries }
  }

  it('keeps every version under an id of its own', async () => {
    const one = await put('kept', 'one')
    const two = await put('kept', 'two')
    expect(one.VersionId).not.toBe(two.VersionId)
    expect(await bench.text(Bucket, 'kept')).toBe('two')
    expect(await bench.text(Bucket, 'kept', one.VersionId)).toBe('one')
    expect(await refusal(bench.text(Bucket, 'kept', one.VersionId!.replace(/...$/, 'xyz')))).toEqual({
      status: 404,
      code: 'NoSuchVersion',
    })
    expect((await refusal(bench.text(Bucket, 'kept', 'no id'))).code).toBe('InvalidArgument')
  })

  it('covers what is deleted with a marker, and tells that it is there', async () => {
    const { VersionId } = await put('covered', 'x')
    const marker = await remove('covered')
    expect(marker).toMatchObject({ DeleteMarker: true })
    const path = `/${Bucket}/covered`
    for (const method of ['HEAD', 'GET']) {
      const headers = { 'x-amz-delete-marker': 'true', 'x-amz-version-id': marker.VersionId }
      expect(await bench.raw({ method, path })).toMatchObject({ status: 404, headers })
    }
    const named = await bench.raw({ path, query: [['versionId', marker.VersionId!]] })
    expect([named.status, codeOf(named), named.headers['x-amz-delete-marker']]).toEqual([
      405,
      'MethodNotAllowed',
      'true',
    ])
    expect(named.headers['last-modified']).toMatch(/GMT$/)
    expect(await bench.text(Bucket, 'covered', VersionId)).toBe('x')
    expect(await bench.raw({ method: 'HEAD', path: `/${Bucket}/never` })).not.toHaveProperty(
      'headers.x-amz-delete-marker',
    )
  })

  it('uncovers what a removed marker or version lay on', async () => {
    const one = await put('uncovered', 'one')
    const two = await put('uncovered', 'two')
    const marker = await remove('uncovered')
    expect(await remove('uncovered', marker.VersionId)).toMatchObject({
      DeleteMarker: true,
      VersionId: marker.VersionId,
    })
    expect(await bench.text(Bucket, 'uncovered')).toBe('two')
    expect(await remove('uncovered', two.VersionId)).not.toHaveProperty('DeleteMarker')
    expect(await bench.text(Bucket, 'uncovered')).toBe('one')
    await remove('uncovered', one.VersionId)
    expect((await refusal(bench.text(Bucket, 'uncovered'))).code).toBe('NoSuchKey')
    await remove('uncovered', one.VersionId)
  })

  it('covers what is not there, and what is covered already', async () => {
    await remove('nothing')
    await remove('nothing')
    const { DeleteMarkers } = await list('nothing')
    expect(DeleteMarkers!.map(({ IsLatest }) => IsLatest)).toEqual([true, false])
  })

  it('lists versions newest first, with one on top', async () => {
    const one = await put('listed/a', 'one')
    const two = await put('listed/a', 'two')
    const marker = await remove('listed/a')
    const other = await put('listed/b', 'three')
    const { Versions, DeleteMarkers } = await list('listed/')
    expect(Versions!.map(({ Key, VersionId, IsLatest }) => [Key, VersionId, IsLatest])).toEqual([
      ['listed/a', two.VersionId, false],
      ['listed/a', one.VersionId, false],
      ['listed/b', other.VersionId, true],
    ])
    expect(DeleteMarkers).toMatchObject([{ Key: 'listed/a', VersionId: marker.VersionId, IsLatest: true }])
  })

  it('goes on from any place, though what stood there is gone', async () => {
    const ids: string[] = []
    for (const text of ['1', '2', '3', '4']) ids.unshift((await put('paged', text)).VersionId!)
    const found: string[] = []
    const tops: (boolean | undefined)[] = []
    let at: object = {}
    for (let more = true, pages = 0; more && pages < 10; pages++) {
      const page = await list('paged', { MaxKeys: 1, ...at })
      found.push(...page.ids)
      tops.push(page.Versions![0]!.IsLatest)
      at = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker }
      if (pages === 1) await remove('paged', page.NextVersionIdMarker)
      more = page.IsTruncated === true
    }
    expect(found).toEqual(ids)
    expect(tops).toEqual([true, false, false, false])
    const behind = await list('paged', { KeyMarker: 'paged' })
    expect(behind.ids).toEqual([])
    expect((await refusal(list('paged', { KeyMarker: 'paged', VersionIdMarker: 'no id' }))).code).toBe(
      'InvalidArgument',
    )
  })

  it('rolls versions up by a delimiter', async () => {
    for (const key of ['rolled/x', 'rolled/y/1', 'rolled/y/2', 'rolled/z/1', 'rolled/zz']) await put(key, key)
    const all: string[] = []
    let at: object = {}
    for (let more = true, pages = 0; more && pages < 10; pages++) {
      const page = await list('rolled/', { Delimiter: '/', MaxKeys: 1, ...at })
      all.push(...(page.Versions ?? []).map(({ Key }) => Key!))
      all.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix!))
      at = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker }
      more = page.IsTruncated === true
    }
    expect(all).toEqual(['rolled/x', 'rolled/y/', 'rolled/z/', 'rolled/zz'])
  })

  it('reads, tags and copies one version by its id', async () => {
    const one = await put('one', 'one')
    const two = await put('one', 'two')
    const VersionId = one.VersionId
    const Tagging = { TagSet: [{ Key: 'k', Value: 'v' }] }
    await bench.client.send(new PutObjectTaggingCommand({ Bucket, Key: 'one', VersionId, Tagging }))
    const tags = async (VersionId?: string) =>
      (await bench.client.send(new GetObjectTaggingCommand({ Bucket, Key: 'one', VersionId }))).TagSet
    expect([await tags(VersionId), await tags(two.VersionId), await tags()]).toEqual([Tagging.TagSet, [], []])
    const CopySource = `${Bucket}/one?versionId=${VersionId}`
    const copied = await bench.client.send(new CopyObjectCommand({ Bucket, Key: 'one', CopySource }))
    expect(copied.CopySourceVersionId).toBe(VersionId)
    expect(await bench.text(Bucket, 'one')).toBe('one')
    expect(await bench.client.send(new HeadObjectCommand({ Bucket, Key: 'one' }))).toMatchObject({ TagCount: 1 })
  })

  it('copies no marker, named or not', async () => {
    const { VersionId } = await remove('marker')
    const copy = (suffix: string) =>
      bench.client.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/marker${suffix}` }))
    expect((await refusal(copy(''))).code).toBe('NoSuchKey')
    expect((await refusal(copy(`?versionId=${VersionId}`))).code).toBe('InvalidRequest')
  })

  it('calls what was there before versions null, and replaces it alone once they are suspended', async () => {
    const Bucket = 'in-turn'
    await bench.client.send(new CreateBucketCommand({ Bucket }))
    const versioning = async () => (await bench.client.send(new GetBucketVersioningCommand({ Bucket }))).Status
    const ids = async () => {
      const page = await bench.client.send(new ListObjectVersionsCommand({ Bucket }))
      return [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])].map(({ VersionId }) => VersionId)
    }
    expect(await versioning()).toBeUndefined()
    expect(await put('key', 'before', Bucket)).not.toHaveProperty('VersionId')
    await switchVersions(bench.client, Bucket, 'Enabled')
    const named = await put('key', 'named', Bucket)
    expect(await ids()).toEqual([named.VersionId, 'null'])
    expect(await bench.text(Bucket, 'key', 'null')).toBe('before')
    await switchVersions(bench.client, Bucket, 'Suspended')
    expect(await versioning()).toBe('Suspended')
    await put('key', 'after', Bucket)
    expect(await ids()).toEqual(['null', named.VersionId])
    expect(await bench.text(Bucket, 'key')).toBe('after')
    expect(await remove('key', undefined, Bucket)).toMatchObject({ DeleteMarker: true, VersionId: 'null' })
    expect(await ids()).toEqual([named.VersionId, 'null'])
    await remove('key', 'null', Bucket)
    expect(await bench.text(Bucket, 'key')).toBe('named')
  })

  it('leaves nothing of what is deleted in a bucket without versions', async () => {
    await put('gone', 'x', bench.plain)
    const answer = await remove('gone', undefined, bench.plain)
    expect([answer.VersionId, answer.DeleteMarker]).toEqual([undefined, undefined])
    const page = await bench.client.send(new ListObjectVersionsCommand({ Bucket: bench.plain, Prefix: 'gone' }))
    expect([page.Versions, page.DeleteMarkers]).toEqual([undefined, undefined])
  })

  it('deletes many at once, each by name or by id, and says little where it is asked to', async () => {
    const { VersionId } = await put('many-a', 'a')
    await put('many-b', 'b')
    const Objects = [{ Key: 'many-a', VersionId }, { Key: 'many-b' }, { Key: 'many-c', VersionId: 'no id' }]
    const answer = await bench.client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }))
    expect(answer.Deleted).toMatchObject([
      { Key: 'many-a', VersionId },
      { Key: 'many-b', DeleteMarker: true },
    ])
    expect(answer.Errors).toMatchObject([{ Key: 'many-c', Code: 'InvalidArgument' }])
    expect((await list('many-')).entries.map(({ Key, ETag }) => [Key, ETag === 'marker'])).toEqual([
      ['many-b', false],
      ['many-b', true],
    ])
    const quiet = await bench.client.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'many-b' }], Quiet: true } }),
    )
    expect(quiet.Deleted).toBeUndefined()
  })

  it('tells dates in whole seconds, the same on each wire', async () => {
    await put('dated', 'x')
    const { LastModified } = await bench.client.send(new HeadObjectCommand({ Bucket, Key: 'dated' }))
    const listed = await bench.raw({
      path: `/${Bucket}`,
      query: [
        ['prefix', 'dated'],
        ['versions', ''],
      ],
    })
    const [, date = ''] = /<LastModified>(.*?)</.exec(listed.body.toString()) ?? []
    expect(date).toMatch(/\.000Z$/)
    expect(Date.parse(date)).toBe(+LastModified!)
    expect(Math.abs(Date.now() - +LastModified!)).toBeLessThan(3000)
  })
})
