import type { Bucket } from '@google-cloud/storage'
import { beforeAll, describe, expect, it } from 'vitest'
import { codeOf, Desk, pathOf, refused, save } from './desk.ts'

const MiB = 1024 * 1024

describe('copies within Cloud Storage', () => {
  let desk: Desk
  let bucket: Bucket
  let other: Bucket
  beforeAll(async () => {
    desk = await Desk.open()
    bucket = await desk.bucket()
    other = await desk.bucket({ storageClass: 'NEARLINE' })
  })

  const rewrite = (from: string, to: string, query = '', body: object | string = '', target = bucket) =>
    desk.ask('POST', `${pathOf(bucket, from)}/rewriteTo/b/${target.name}/o/${encodeURIComponent(to)}?${query}`, {
      body,
    })

  it('keep what is said of the source, or say everything anew', async () => {
    const said = { contentType: 'text/x-odd', cacheControl: 'max-age=9', metadata: { old: '1' } }
    await save(bucket, 'from', 'bytes', { metadata: said })
    await rewrite('from', 'kept')
    expect((await desk.head(bucket, 'kept')).json).toMatchObject(said)
    await rewrite('from', 'anew', '', { metadata: { fresh: '1' } })
    const { json } = await desk.head(bucket, 'anew')
    expect(json).toMatchObject({ metadata: { fresh: '1' }, size: '5', metageneration: '1' })
    expect(json).not.toHaveProperty('contentType')
    expect(json).not.toHaveProperty('cacheControl')
  })

  it('have the class of their bucket, or the one that is asked for', async () => {
    await save(bucket, 'class', 'bytes')
    expect((await rewrite('class', 'there', '', '', other)).json.resource).toMatchObject({ storageClass: 'NEARLINE' })
    expect((await rewrite('class', 'class', '', { storageClass: 'ARCHIVE' })).json.resource).toMatchObject({
      storageClass: 'ARCHIVE',
    })
    expect(refused(await rewrite('class', 'class', '', { storageClass: 'COLD' }))).toEqual([400, 'invalid'])
    expect((await desk.read(bucket, 'class')).text).toBe('bytes')
  })

  it('outlive their source', async () => {
    const large = Buffer.alloc(MiB, 'bytes ')
    await save(bucket, 'source', large)
    await rewrite('source', 'copy', '', '', other)
    await desk.ask('POST', `${pathOf(bucket, 'joined')}/compose`, {
      body: { sourceObjects: [{ name: 'source' }, { name: 'source' }] },
    })
    await bucket.file('source').delete()
    expect((await desk.read(other, 'copy')).text).toBe(large.toString())
    expect((await desk.read(bucket, 'joined')).text).toBe(large.toString().repeat(2))
  })

  it('in several calls, each of as many bytes as asked, pin the generation that they began with', async () => {
    await save(bucket, 'long', Buffer.alloc(2 * MiB + 1, 'a'))
    const first = await rewrite('long', 'done', `maxBytesRewrittenPerCall=${MiB}`)
    expect(first.json).toMatchObject({ done: false, totalBytesRewritten: String(MiB), objectSize: String(2 * MiB + 1) })
    expect((await desk.head(bucket, 'done')).status).toBe(404)
    const token = (answer: typeof first) => `maxBytesRewrittenPerCall=${MiB}&rewriteToken=${answer.json.rewriteToken}`
    const second = await rewrite('long', 'done', token(first))
    expect(second.json).toMatchObject({ done: false, totalBytesRewritten: String(2 * MiB) })
    expect((await rewrite('long', 'done', token(second))).json).toMatchObject({ done: true })
    await save(bucket, 'long', Buffer.alloc(2 * MiB, 'b'))
    expect(refused(await rewrite('long', 'done', token(second)))).toEqual([404, 'notFound'])
    for (const query of ['maxBytesRewrittenPerCall=1', 'rewriteToken=x', 'rewriteToken=e30']) {
      expect(refused(await rewrite('long', 'done', query))).toEqual([400, 'invalidParameter'])
    }
  })

  it('of what is not there are refused, and so are those to where nothing can be', async () => {
    expect(refused(await rewrite('absent', 'to'))).toEqual([404, 'notFound'])
    expect(refused(await rewrite('absent', 'to', 'sourceGeneration=1'))).toEqual([404, 'notFound'])
    await save(bucket, 'there', 'x')
    expect(refused(await rewrite('there', '..'))).toEqual([400, 'invalid'])
    const nowhere = { name: 'no-such-bucket' } as Bucket
    expect(refused(await rewrite('there', 'to', '', '', nowhere))).toEqual([404, 'notFound'])
  })

  it('a compose takes 1 to 32 sources, each of a name that can be and with its generation, and says what its destination says', async () => {
    await save(bucket, 'piece', 'ab')
    const { generation } = (await desk.head(bucket, 'piece')).json
    const compose = (sourceObjects: object[], destination = {}) =>
      desk.ask('POST', `${pathOf(bucket, 'whole')}/compose`, { body: { sourceObjects, destination } })
    expect(refused(await compose([]))).toEqual([400, 'invalid'])
    expect(refused(await compose(Array.from({ length: 33 }, () => ({ name: 'piece' }))))).toEqual([400, 'invalid'])
    expect(refused(await compose([{ name: 'piece' }, { name: 'absent' }]))).toEqual([404, 'notFound'])
    expect(refused(await compose([{ name: 'piece' }, { name: '\ud800' }]))).toEqual([400, 'invalid'])
    expect(refused(await compose([{ name: 'piece', generation: '1' }]))).toEqual([404, 'notFound'])
    const sources = Array.from({ length: 32 }, () => ({ name: 'piece', generation }))
    const said = { contentType: 'text/x-odd', metadata: { k: 'v' } }
    expect((await compose(sources, said)).json).toMatchObject({ ...said, componentCount: 32, size: '64' })
    expect((await desk.read(bucket, 'whole')).text).toBe('ab'.repeat(32))
  })

  it('a compose of composed objects is done or refused at once, however often it is repeated', async () => {
    const compose = (name: string) =>
      desk.ask('POST', `${pathOf(bucket, name)}/compose`, {
        body: { sourceObjects: Array.from({ length: 32 }, () => ({ name })) },
      })
    await save(bucket, 'again', 'ab')
    for (const size of [64, 2048, 64 * 1024, 2 * MiB, 64 * MiB]) {
      expect((await compose('again')).json).toMatchObject({ size: String(size) })
      if (size === 2 * MiB) expect((await desk.read(bucket, 'again')).text === 'ab'.repeat(MiB)).toBe(true)
    }
    await save(bucket, 'large', Buffer.alloc(20_000))
    for (const size of [640_000, 20_480_000, 655_360_000]) {
      expect((await compose('large')).json).toMatchObject({ size: String(size) })
    }
    const { json } = await compose('large')
    expect([json.error?.code, json.error?.message]).toEqual([400, expect.stringContaining('expected at most 100000')])
    expect((await desk.head(bucket, 'large')).json).toMatchObject({ size: '655360000' })
  })

  it('copyTo copies in one call, under the same conditions', async () => {
    const said = { contentType: 'text/x-odd', metadata: { a: '1' } }
    await save(bucket, 'copied', 'bytes', { metadata: said })
    const copy = (query: string, body: object | string = '') =>
      desk.ask('POST', `${pathOf(bucket, 'copied')}/copyTo/b/${bucket.name}/o/copied?${query}`, { body })
    expect(refused(await copy('ifGenerationMatch=0'))).toEqual([412, 'conditionNotMet'])
    expect(refused(await copy('ifSourceGenerationMatch=1'))).toEqual([412, 'conditionNotMet'])
    expect((await copy('')).json).toMatchObject({ kind: 'storage#object', ...said })
    const { json } = await desk.head(bucket, 'copied')
    const changed = { ...json, metadata: { a: '2' } }
    expect((await copy('', changed)).json).toMatchObject({ contentType: 'text/x-odd', metadata: { a: '2' }, size: '5' })
    expect((await desk.read(bucket, 'copied')).text).toBe('bytes')
  })

  it('are what the SDK’s copy, move and combine make', async () => {
    await save(bucket, 'sdk', 'bytes', { metadata: { metadata: { k: 'v' } } })
    await bucket.file('sdk').copy(other.file('sdk-copy'))
    expect((await desk.head(other, 'sdk-copy')).json).toMatchObject({ metadata: { k: 'v' } })
    await bucket.file('sdk').move('sdk-moved')
    expect((await bucket.file('sdk').exists())[0]).toBe(false)
    await bucket.combine(['sdk-moved', 'sdk-moved'], bucket.file('sdk-combined'))
    expect((await bucket.file('sdk-combined').download({ validation: false }))[0].toString()).toBe('bytesbytes')
    const preconditionOpts = { ifGenerationMatch: 0 }
    expect(await codeOf(other.file('sdk-copy').copy(bucket.file('sdk-moved'), { preconditionOpts }))).toBe(412)
  })
})
