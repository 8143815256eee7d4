import { createHash, randomBytes } from 'node:crypto'
import type { Bucket } from '@google-cloud/storage'
import { beforeAll, describe, expect, it } from 'vitest'
import { codeOf, Desk, pathOf, refused, save } from './desk.ts'

describe('what guards objects in Cloud Storage', () => {
  let desk: Desk
  const disabled = new Map<string, 'denied' | 'disabled'>()
  beforeAll(async () => {
    desk = await Desk.open({ kmsKeys: (name) => disabled.get(name) ?? 'granted' })
  })

  const patch = (bucket: Bucket, name: string, body: object) => desk.ask('PATCH', pathOf(bucket, name), { body })
  const remove = (bucket: Bucket, name: string, query = '') => desk.ask('DELETE', `${pathOf(bucket, name)}?${query}`)

  it('a hold keeps an object from being deleted, overwritten or made noncurrent, until it is released', async () => {
    for (const enabled of [false, true]) {
      const bucket = await desk.bucket({ versioning: { enabled } })
      for (const hold of ['temporaryHold', 'eventBasedHold']) {
        const { generation } = (await desk.put(bucket, hold, 'held')).json
        expect((await patch(bucket, hold, { [hold]: true })).json).toMatchObject({ [hold]: true, generation })
        const held = [403, 'objectUnderActiveHold']
        expect(refused(await remove(bucket, hold))).toEqual(held)
        expect(refused(await remove(bucket, hold, `generation=${generation}`))).toEqual(held)
        expect(refused(await desk.put(bucket, hold, 'other'))).toEqual(held)
        expect((await desk.ask('PUT', `/${bucket.name}/${hold}`, { body: 'x' })).text).toContain(
          'ObjectUnderActiveHold',
        )
        expect(refused(await desk.put(bucket, hold, 'other', '&ifGenerationMatch=0'))[0]).toBe(412)
        expect((await patch(bucket, hold, { metadata: { a: '1' } })).status).toBe(200)
        expect((await desk.read(bucket, hold)).text).toBe('held')
        const copied = await desk.ask('POST', `${pathOf(bucket, hold)}/rewriteTo/b/${bucket.name}/o/free`)
        expect(copied.json.resource).not.toHaveProperty(hold)
        expect((await patch(bucket, hold, { [hold]: false })).json).toMatchObject({ [hold]: false })
        expect((await desk.put(bucket, hold, 'other')).status).toBe(200)
      }
    }
  })

  it('an upload may hold its object from the beginning', async () => {
    const bucket = await desk.bucket()
    await save(bucket, 'born', 'x', { metadata: { temporaryHold: true } })
    expect(refused(await remove(bucket, 'born'))).toEqual([403, 'objectUnderActiveHold'])
  })

  it('a retention policy keeps what is there until its time; noncurrent it may become', async () => {
    const retentionPolicy = { retentionPeriod: '60' }
    const bucket = await desk.bucket({ retentionPolicy })
    const { json } = await desk.put(bucket, 'kept', 'x')
    expect(json['retentionExpirationTime']).toBe(new Date(desk.clock.nowMs + 60_000).toISOString())
    const retained = [403, 'retentionPolicyNotMet']
    desk.clock.nowMs += 59_999
    expect(refused(await remove(bucket, 'kept'))).toEqual(retained)
    expect(refused(await desk.put(bucket, 'kept', 'y'))).toEqual(retained)
    desk.clock.nowMs += 1
    expect((await desk.put(bucket, 'kept', 'y')).status).toBe(200)
    await bucket.setMetadata({ versioning: { enabled: true } })
    const { generation } = (await desk.head(bucket, 'kept')).json
    expect((await remove(bucket, 'kept')).status).toBe(204)
    expect(refused(await remove(bucket, 'kept', `generation=${generation}`))).toEqual(retained)
    await bucket.setMetadata({ retentionPolicy: null })
    expect((await remove(bucket, 'kept', `generation=${generation}`)).status).toBe(204)
  })

  it('the release of an event-based hold begins the retention period anew', async () => {
    const bucket = await desk.bucket({ retentionPolicy: { retentionPeriod: 60 } })
    await desk.put(bucket, 'event', 'x')
    const held = await patch(bucket, 'event', { eventBasedHold: true })
    expect(held.json).not.toHaveProperty('retentionExpirationTime')
    desk.clock.nowMs += 120_000
    const released = await patch(bucket, 'event', { eventBasedHold: false })
    expect(released.json['retentionExpirationTime']).toBe(new Date(desk.clock.nowMs + 60_000).toISOString())
    expect(refused(await remove(bucket, 'event'))).toEqual([403, 'retentionPolicyNotMet'])
  })

  it('bytes under a customer’s own key are read with that key alone; what is said of them, without', async () => {
    const bucket = await desk.bucket()
    const key = randomBytes(32)
    const secret = bucket.file('secret', { encryptionKey: key })
    await secret.save('bytes', { resumable: false, validation: false })
    expect((await secret.download({ validation: false }))[0].toString()).toBe('bytes')
    const keySha256 = createHash('sha256').update(key).digest('base64')
    const { json } = await desk.head(bucket, 'secret')
    expect(json).toMatchObject({ size: '5', customerEncryption: { encryptionAlgorithm: 'AES256', keySha256 } })
    for (const sum of ['crc32c', 'md5Hash']) expect(json).not.toHaveProperty(sum)
    const missing = [400, 'resourceIsEncryptedWithCustomerEncryptionKey']
    expect(refused(await desk.read(bucket, 'secret'))).toEqual(missing)
    const rewrite = `${pathOf(bucket, 'secret')}/rewriteTo/b/${bucket.name}/o/plain`
    expect(refused(await desk.ask('POST', rewrite))).toEqual(missing)
    const compose = { body: { sourceObjects: [{ name: 'secret' }] } }
    expect(refused(await desk.ask('POST', `${pathOf(bucket, 'plain')}/compose`, compose))).toEqual(missing)
    const other = keyHeaders(randomBytes(32))
    expect(refused(await desk.read(bucket, 'secret', '', other))).toEqual([400, 'customerEncryptionKeyIsIncorrect'])
    await desk.put(bucket, 'open', 'x')
    const uncalled = [400, 'resourceNotEncryptedWithCustomerEncryptionKey']
    expect(refused(await desk.read(bucket, 'open', '', other))).toEqual(uncalled)
    const source = Object.entries(keyHeaders(key)).map(([name, value]) => [
      name.replace('x-goog-', 'x-goog-copy-source-'),
      value,
    ])
    expect((await desk.ask('POST', rewrite, { headers: Object.fromEntries(source) })).status).toBe(200)
    expect((await desk.read(bucket, 'plain')).text).toBe('bytes')
  })

  it('a key that is none is refused before a byte is taken', async () => {
    const bucket = await desk.bucket()
    const right = keyHeaders(randomBytes(32))
    const wrong = [
      ['x-goog-encryption-algorithm', 'AES128', 'customerEncryptionAlgorithmIsInvalid'],
      ['x-goog-encryption-key', 'short', 'customerEncryptionKeyFormatIsInvalid'],
      ['x-goog-encryption-key-sha256', 'other', 'customerEncryptionKeySha256IsInvalid'],
    ] as const
    for (const [name, value, reason] of wrong) {
      expect(refused(await desk.put(bucket, 'wrong', 'x', '', { ...right, [name]: value }))).toEqual([400, reason])
    }
    expect(refused(await desk.put(bucket, 'wrong', 'x', '&kmsKeyName=k', right))).toEqual([400, 'invalid'])
  })

  it('a key of Cloud KMS that is denied or disabled lets nobody write or read bytes', async () => {
    const key = 'projects/p/locations/l/keyRings/r/cryptoKeys/k'
    const bucket = await desk.bucket({ encryption: { defaultKmsKeyName: key } })
    const { json } = await desk.put(bucket, 'kms', 'bytes')
    expect(json['kmsKeyName']).toBe(`${key}/cryptoKeyVersions/1`)
    const reasons = { denied: [403, 'forbidden'], disabled: [400, 'cloudKmsDisabledKey'] } as const
    for (const state of ['denied', 'disabled'] as const) {
      disabled.set(key, state)
      expect(refused(await desk.read(bucket, 'kms'))).toEqual(reasons[state])
      expect(refused(await desk.put(bucket, 'kms', 'other'))).toEqual(reasons[state])
      expect((await desk.head(bucket, 'kms')).status).toBe(200)
    }
    disabled.delete(key)
    expect((await desk.read(bucket, 'kms')).text).toBe('bytes')
  })

  it('where the requester pays, each request names who does', async () => {
    const bucket = await desk.bucket()
    await desk.put(bucket, 'paid', 'x')
    await bucket.setMetadata({ billing: { requesterPays: true } })
    const missing = [400, 'userProjectMissing']
    expect(refused(await desk.read(bucket, 'paid'))).toEqual(missing)
    expect(refused(await desk.put(bucket, 'paid', 'y'))).toEqual(missing)
    expect(refused(await remove(bucket, 'paid'))).toEqual(missing)
    expect((await desk.ask('GET', `/${bucket.name}/paid`)).text).toContain('<Code>UserProjectMissing</Code>')
    expect((await desk.read(bucket, 'paid', '&userProject=p')).text).toBe('x')
    const headers = { 'x-goog-user-project': 'p' }
    expect((await desk.ask('GET', `/${bucket.name}/paid`, { headers })).text).toBe('x')
    const target = `/upload/storage/v1/b/${bucket.name}/o?uploadType=resumable&name=session&userProject=p`
    const { location } = (await desk.ask('POST', target)).headers
    expect((await desk.ask('PUT', location!.slice(desk.url.length), { body: 'x' })).status).toBe(200)
    const paying = desk.storage.bucket(bucket.name, { userProject: 'p' })
    await paying.file('resumed').save('x', { resumable: true, validation: false })
    expect(await codeOf(bucket.file('resumed').getMetadata())).toBe(400)
    expect((await paying.file('resumed').getMetadata())[0].size).toBe('1')
  })
})

function keyHeaders(key: Buffer): Record<string, string> {
  return {
    'x-goog-encryption-algorithm': 'AES256',
    'x-goog-encryption-key': key.toString('base64'),
    'x-goog-encryption-key-sha256': createHash('sha256').update(key).digest('base64'),
  }
}
