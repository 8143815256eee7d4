import { createHash, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseKey } from '#shared/kernel/key.ts'
import type { ObjectStore } from '#shared/ports/object-store.ts'
import { absent, bytesOf, failed, never, since, textOf } from '#test/contract/subject.ts'
import { embedded, type Embedded } from './embedded.ts'
import { write } from './scripted.ts'

let server: Embedded
let store: ObjectStore
let grant: 'granted' | 'denied' | 'disabled' = 'granted'
let keys = 0
const key = () => parseKey(`refusals/${keys++}`)
beforeAll(async () => {
  server = await embedded({ kmsKeys: () => grant })
  store = server.store()
})
afterAll(() => server.close())

const patch = async (bucket: string, value: unknown) => {
  await server.raw('PATCH', `/storage/v1/b/${bucket}?userProject=p`, { body: JSON.stringify(value) })
}
const patchObject = async (name: string, value: unknown) => {
  const target = `/storage/v1/b/things/o/${encodeURIComponent(name)}`
  await server.raw('PATCH', target, { body: JSON.stringify(value) })
}

describe('what the embedded Cloud Storage refuses', () => {
  it.each(['temporaryHold', 'eventBasedHold'])('an object under a hold, which a person must end: %s', async (hold) => {
    const meta = await store.put(key(), write('x'), absent, never)
    await patchObject(meta.key, { [hold]: true })
    const { version } = (await store.head(meta.key, never))!
    for (const act of [
      () => store.remove(meta.key, version, never),
      () => store.put(meta.key, write('y'), since(version), never),
    ]) {
      const failure = await failed(act())
      expect(failure).toMatchObject({ kind: 'denied', scope: 'key', patience: 'never' })
      expect(failure.message).toContain('end its retention or hold')
    }
    expect(await textOf((await store.get(meta.key, never))!.body)).toBe('x')
  })

  it('an object that its bucket retains', async () => {
    const retaining = server.store({ bucket: 'plain' })
    const meta = await retaining.put(key(), write('x'), absent, never)
    await patch('plain', { retentionPolicy: { retentionPeriod: '3600' } })
    for (const act of [
      () => retaining.remove(meta.key, meta.version, never),
      () => retaining.put(meta.key, write('y'), since(meta.version), never),
    ])
      expect(await failed(act())).toMatchObject({ kind: 'denied', scope: 'key' })
    await patch('plain', { retentionPolicy: null })
    await retaining.remove(meta.key, meta.version, never)
  })

  it('the bytes of an object with a key of its own; what it is shows, without checksums', async () => {
    const secret = randomBytes(32)
    const name = key()
    await server.raw('POST', `/upload/storage/v1/b/things/o?uploadType=media&name=${encodeURIComponent(name)}`, {
      headers: {
        'x-goog-encryption-algorithm': 'AES256',
        'x-goog-encryption-key': secret.toString('base64'),
        'x-goog-encryption-key-sha256': createHash('sha256').update(secret).digest('base64'),
      },
      body: 'secret',
    })
    expect(await store.head(name, never)).toMatchObject({ size: 6, digests: {} })
    const found = await store.get(name, never)
    const failure = await failed(bytesOf(found!.body))
    expect(failure).toMatchObject({ kind: 'denied', scope: 'key' })
    expect(failure.message).toContain('encrypt it with a key of the bucket')
    const { objects } = await store.list({ prefix: name, after: '', cursor: null, max: 10 }, never)
    expect(objects).toMatchObject([{ key: name, digests: {} }])
  })

  it.each(['denied', 'disabled'] as const)(
    'a key of Cloud KMS: a write meets that of all the bucket, a read that of the object: %s',
    async (how) => {
      await patch('things', { encryption: { defaultKmsKeyName: 'projects/p/locations/l/keyRings/r/cryptoKeys/k' } })
      const meta = await store.put(key(), write('x'), absent, never)
      grant = how
      expect(await failed(store.put(key(), write('x'), absent, never))).toMatchObject({ kind: 'denied', scope: 'site' })
      const found = await store.get(meta.key, never)
      expect(await failed(bytesOf(found!.body))).toMatchObject({ kind: 'denied', scope: 'key' })
      grant = 'granted'
      await patch('things', { encryption: null })
    },
  )

  it('everything of a bucket that makes its readers pay', async () => {
    await patch('things', { billing: { requesterPays: true } })
    for (const act of [
      () => store.head(key(), never),
      () => store.put(key(), write('x'), absent, never),
      () => store.list({ prefix: '', after: '', cursor: null, max: 1 }, never),
    ]) {
      const failure = await failed(act())
      expect(failure).toMatchObject({ kind: 'denied', scope: 'site', patience: 'later' })
      expect(failure.message).toContain('makes its readers pay')
    }
    await patch('things', { billing: { requesterPays: false } })
  })

  it('a token that is not known, and none at all', async () => {
    for (const client of [{ token: 'another' }, { token: '' }]) {
      const failure = await failed(server.store({}, client).head(key(), never))
      expect(failure).toMatchObject({ kind: 'denied', scope: 'site' })
      expect(failure.message).toMatch(/identity of this function/)
    }
  })

  it('a bucket that is not there, and a control bucket that is not there, each by its name', async () => {
    const none = server.store({ bucket: 'none-such' })
    for (const act of [
      () => none.head(key(), never),
      () => none.list({ prefix: '', after: '', cursor: null, max: 1 }, never),
      () => none.put(key(), write('x'), absent, never),
    ]) {
      const failure = await failed(act())
      expect(failure).toMatchObject({ kind: 'denied', scope: 'site' })
      expect(failure.message).toContain('there is no bucket none-such; create it')
    }
    const yardless = server.store({ control: { bucket: 'no-yard' } })
    const { body, digests } = write('x')
    for (const act of [
      () => yardless.putPart(key(), 't', 1, body, digests, never),
      () => yardless.parts(key(), 't', never),
      () => yardless.commit(key(), 't', [], write('x'), absent, never),
    ]) {
      const failure = await failed(act())
      expect(failure).toMatchObject({ kind: 'denied', scope: 'site' })
      expect(failure.message).toContain('there is no bucket no-yard; create it')
    }
  })

  it('a storage class that it does not have', async () => {
    const act = store.put(key(), write('x', { storageClass: 'GLACIER' }), absent, never)
    expect(await failed(act)).toMatchObject({ kind: 'invalid', scope: 'key' })
  })

  it('a second write of one name within a second: the name’s own trouble and not the site’s', async () => {
    const paced = await embedded({ paced: true })
    const one = paced.store()
    const meta = await one.put(key(), write('x'), absent, never)
    expect(await failed(one.remove(meta.key, meta.version, never))).toMatchObject({ kind: 'throttled', scope: 'key' })
    await one.put(key(), write('x'), absent, never)
    await paced.close()
  })

  it('any write where it is too busy: it may have been done', async () => {
    const busy = await embedded({ throttle: { perSecond: 1 } })
    const outcomes = await Promise.allSettled(
      Array.from({ length: 4 }, () => busy.store().put(key(), write('x'), absent, never)),
    )
    const lost = outcomes.filter((one) => one.status === 'rejected')
    expect(lost.length).toBeGreaterThan(0)
    for (const { reason } of lost) expect(reason).toMatchObject({ kind: 'unknown', scope: 'key' })
    await busy.close()
  })
})
