import { beforeAll, describe, expect, it } from 'vitest'
import { codeOf, Desk, refused, save } from './desk.ts'

describe('buckets of Cloud Storage', () => {
  let desk: Desk
  beforeAll(async () => {
    desk = await Desk.open()
  })

  it('are made once, shown, listed, and removed when they are empty', async () => {
    const { storage } = desk
    const [bucket] = await storage.createBucket('made', { location: 'eu', versioning: { enabled: true } })
    expect(await codeOf(storage.createBucket('made'))).toBe(409)
    expect((await bucket.getMetadata())[0]).toMatchObject({
      name: 'made',
      location: 'EU',
      storageClass: 'STANDARD',
      metageneration: '1',
      versioning: { enabled: true },
      timeCreated: new Date(desk.clock.nowMs).toISOString(),
    })
    expect((await storage.getBuckets({ prefix: 'ma' }))[0].map(({ name }) => name)).toEqual(['made'])
    await save(bucket, 'x', 'x')
    await bucket.file('x').delete()
    expect(await codeOf(bucket.delete())).toBe(409)
    const [[old]] = await bucket.getFiles({ versions: true })
    await old!.delete()
    await bucket.delete()
    expect((await bucket.exists())[0]).toBe(false)
    expect(refused(await desk.put(bucket, 'x', 'x'))).toEqual([404, 'notFound'])
  })

  it('change by patch, under their metageneration', async () => {
    const bucket = await desk.bucket()
    const patch = (query: string) =>
      desk.ask('PATCH', `/storage/v1/b/${bucket.name}?${query}`, { body: { versioning: { enabled: true } } })
    expect(refused(await patch('ifMetagenerationMatch=2'))).toEqual([412, 'conditionNotMet'])
    expect((await patch('ifMetagenerationNotMatch=1')).status).toBe(304)
    expect((await bucket.getMetadata())[0].versioning?.enabled).toBe(false)
    expect((await patch('ifMetagenerationMatch=1')).json).toMatchObject({
      metageneration: '2',
      versioning: { enabled: true },
    })
  })
})
