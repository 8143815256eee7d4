import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { type RestError, StorageSharedKeyCredential } from '@azure/storage-blob'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { azureContainer } from '#azure/drivers/client.ts'
import type { Failure, FailureKind, FailureScope } from '#shared/kernel/failure.ts'
import { parseKey } from '#shared/kernel/key.ts'
import { version } from '#shared/kernel/version.ts'
import type { ObjectStore } from '#shared/ports/object-store.ts'
import { absent, failed, never } from '#test/contract/subject.ts'
import { lostAnswerLaws, verbsOf } from '#test/functions/drivers/lost-answers.ts'
import { Scripted } from '#test/functions/drivers/scripted.ts'
import { key, refusing, site, storeAt, write } from './scripted.ts'

let server: Scripted
let store: ObjectStore
beforeAll(async () => {
  server = await new Scripted().listen()
})
beforeEach(() => {
  server.requests.length = 0
  store = storeAt(server.endpoint)
})
afterAll(() => server.close())

const pinned = version('0x1|2026-11-25T04:31:00.1234567Z|m')
const subject = { server: () => server, store: () => store, key, pinned, write }
const { reads, writes } = verbsOf(subject)

async function outcome(act: () => Promise<unknown>): Promise<[FailureKind, FailureScope]> {
  const failure = await failed(act())
  expectOneClearLine(failure)
  return [failure.kind, failure.scope]
}

function expectOneClearLine(failure: Failure): void {
  expect(failure.site).toBe(site)
  expect(failure.message).toMatch(/^blob: \w+/)
  expect(failure.message).not.toMatch(/[\n\r]|RestError|\bat .*\.js/)
  expect(failure.message.length).toBeLessThan(300)
}

describe('what Azure refuses', () => {
  it.each<[number, string, FailureKind, FailureScope]>([
    [404, 'ContainerNotFound', 'denied', 'site'],
    [409, 'ContainerBeingDeleted', 'denied', 'site'],
    [403, 'AuthenticationFailed', 'denied', 'site'],
    [403, 'AuthorizationFailure', 'denied', 'site'],
    [403, 'AuthorizationPermissionMismatch', 'denied', 'site'],
    [403, 'KeyVaultEncryptionKeyNotFound', 'denied', 'site'],
    [403, 'KeyVaultAccessTokenCannotBeAcquired', 'denied', 'site'],
    [503, 'ServerBusy', 'throttled', 'site'],
    [429, 'TooManyRequests', 'throttled', 'site'],
    [409, 'BlobUsesCustomerSpecifiedEncryption', 'denied', 'key'],
    [400, 'FeatureVersionMismatch', 'invalid', 'site'],
  ])('means the same whatever was asked: %i %s is %s of the %s', async (status, code, kind, scope) => {
    server.script = refusing(status, code)
    for (const act of Object.values({ ...reads, ...writes })) expect(await outcome(act)).toEqual([kind, scope])
  })

  it.each<[number, string, FailureKind, FailureScope]>([
    [412, 'ConditionNotMet', 'conflict', 'key'],
    [409, 'BlobAlreadyExists', 'conflict', 'key'],
    [404, 'BlobNotFound', 'conflict', 'key'],
    [412, 'LeaseIdMissing', 'denied', 'key'],
    [409, 'SnapshotsPresent', 'denied', 'key'],
    [409, 'BlobImmutableDueToPolicy', 'denied', 'key'],
    [409, 'BlobArchived', 'denied', 'key'],
    [409, 'InvalidBlobType', 'denied', 'key'],
    [400, 'InvalidBlobOrBlock', 'denied', 'key'],
    [400, 'MetadataTooLarge', 'invalid', 'key'],
    [400, 'InvalidMetadata', 'invalid', 'key'],
    [413, 'RequestBodyTooLarge', 'invalid', 'key'],
    [400, 'SomethingNew', 'invalid', 'key'],
    [409, 'SomethingNew', 'denied', 'key'],
    [400, 'Md5Mismatch', 'corrupt', 'key'],
    [400, 'Crc64Mismatch', 'corrupt', 'key'],
  ])('means of a write: %i %s is %s of the %s', async (status, code, kind, scope) => {
    server.script = refusing(status, code)
    for (const act of Object.values(writes)) expect(await outcome(act)).toEqual([kind, scope])
  })

  it('is the whole site’s where a read is refused for its headers, for they are ours alone', async () => {
    server.script = refusing(400, 'InvalidHeaderValue')
    for (const act of Object.values(reads)) expect(await outcome(act)).toEqual(['invalid', 'site'])
    for (const act of Object.values(writes)) expect(await outcome(act)).toEqual(['invalid', 'key'])
  })

  it('says that an archived object cannot be read, and what to do', async () => {
    server.script = refusing(409, 'BlobArchived')
    const failure = await failed(store.get(key, never))
    expect(failure).toMatchObject({ kind: 'denied', scope: 'key' })
    expect(failure.message).toBe(
      'blob: get "a/b.txt": found BlobArchived (409), expected a tier that can be read; rehydrate it',
    )
  })

  it('is told on one line, whatever the key holds', async () => {
    server.script = refusing(409, 'BlobArchived')
    const odd = parseKey('a\u0085b\u2028c\u2029d\u202Ee\nf')
    const { message } = await failed(store.head(odd, never))
    expect(message).toMatch(/^blob: head "a\\u0085b\\u2028c\\u2029d\\u202ee\\nf": found BlobArchived/)
  })

  it('takes for absent only what Azure calls so', async () => {
    server.script = refusing(404, 'BlobNotFound')
    expect(await store.head(key, never)).toBeNull()
    expect(await store.get(key, never)).toBeNull()
    expect(await store.parts(key, 't', never)).toEqual([])
    server.script = (_request, answer) => void answer.writeHead(404).end()
    for (const act of [reads['head']!, reads['get']!]) expect(await outcome(act)).toEqual(['unreachable', 'site'])
  })

  it('speaks of clocks where they are the trouble, and not where they are right', async () => {
    const at = (ms: number) => ({ date: new Date(Date.now() + ms).toUTCString() })
    server.script = refusing(403, 'AuthenticationFailed', at(0))
    expect((await failed(store.head(key, never))).message).not.toContain('clock')
    server.script = refusing(403, 'AuthenticationFailed', at(3_600_000))
    expect((await failed(store.head(key, never))).message).toMatch(
      /expected our clock, 3\d{3} s behind the store’s, to be right; set it/,
    )
  })

  it('knows the time from a refusal as from any answer', async () => {
    const dateMs = Date.UTC(2026, 10, 25, 4, 31)
    server.script = refusing(412, 'ConditionNotMet', { date: new Date(dateMs).toUTCString() })
    expect(store.heard()).toBeNull()
    await failed(store.put(key, write('x'), absent, never))
    expect(store.heard()).toMatchObject({ dateMs })
    server.script = refusing(412, 'ConditionNotMet', { date: new Date(dateMs - 5000).toUTCString() })
    await failed(store.put(key, write('x'), absent, never))
    expect(store.heard()).toMatchObject({ dateMs })
  })

  it('keeps the SDK’s error as the cause, and no credentials in it', async () => {
    server.script = refusing(412, 'LeaseIdMissing')
    const { cause } = await failed(store.remove(key, pinned, never))
    expect(cause).toMatchObject({ name: 'RestError', statusCode: 412 })
    expect(server.requests[0]!.headers.authorization).toMatch(/^SharedKey account:/)
    const { request, response } = cause as RestError
    for (const headers of [request?.headers, response?.request.headers]) {
      expect(headers?.get('x-ms-client-request-id')).toMatch(/^isobar-/)
      expect(headers?.get('authorization')).toBeUndefined()
    }
  })

  it('is asked once: the driver tries nothing again', async () => {
    for (const [status, code] of [
      [500, 'InternalError'],
      [503, 'ServerBusy'],
      [408, 'RequestTimeout'],
    ] as const) {
      server.script = refusing(status, code)
      for (const act of Object.values({ ...reads, ...writes })) {
        server.requests.length = 0
        await failed(act())
        const asked = server.requests.map(({ method, url }) => `${method} ${url}`)
        expect(asked).toEqual([...new Set(asked)])
      }
    }
  })
})

describe('answers that are lost', () => {
  lostAnswerLaws(subject, outcome, [
    ['500', refusing(500, 'InternalError')],
    ['500 for want of time', refusing(500, 'OperationTimedOut')],
    ['503 without a reason', (_request, answer) => void answer.writeHead(503).end('<html>')],
    [
      'half of an error',
      (_request, _answer, socket) => void socket.end('HTTP/1.1 500 No\r\nContent-Length: 900\r\n\r\n<Er'),
    ],
  ])

  it('never were, where nobody listens or no such host is', async () => {
    const gone = await new Scripted().listen()
    const { endpoint } = gone
    await gone.close()
    for (const address of [endpoint, 'http://no-such-host.invalid']) {
      store = storeAt(address)
      for (const act of Object.values({ ...reads, ...writes }))
        expect(await outcome(act)).toEqual(['unreachable', 'site'])
      expect((await failed(store.head(key, never))).message).toMatch(/not sent, found no connection \(E\w+\)/)
    }
  })
})

describe('connections', () => {
  it('that do not come about in time are the whole site’s trouble, and the write was not sent', async () => {
    const silent = createServer().listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const credential = new StorageSharedKeyCredential('account', 'a2V5')
    const endpoint = `https://127.0.0.1:${(silent.address() as AddressInfo).port}/account`
    const container = azureContainer({ account: 'account', endpoint, credential, container: 'things', connectMs: 100 })
    const failure = await failed(storeAt(endpoint, { container }).put(key, write('x'), absent, never))
    expect(failure).toMatchObject({ kind: 'unreachable', scope: 'site' })
    expect(failure.message).toContain('not sent, found no connection (ECONNECTIONLATE)')
    silent.close()
  })
})

describe('answers that are not Azure’s', () => {
  const listing =
    (body: string): Scripted['script'] =>
    (_request, answer) =>
      void answer.writeHead(200, { 'content-type': 'application/xml' }).end(body)

  it.each([
    ['nothing', ''],
    ['no XML', 'nonsense'],
    ['a page in HTML', '<!DOCTYPE html><html><body>Log in<br></body></html>'],
    ['half of a listing', '<?xml version="1.0"?><EnumerationResults><Blobs><Blob><Name>a'],
    ['another document', '<?xml version="1.0"?><Error><Code>Oh</Code></Error>'],
    [
      'an entry without a name',
      '<?xml version="1.0"?><EnumerationResults><Blobs><Blob><Properties/></Blob></Blobs></EnumerationResults>',
    ],
    [
      'an entry without a version',
      '<?xml version="1.0"?><EnumerationResults><Blobs><Blob><Name>a</Name><Properties><Content-Length>1</Content-Length></Properties></Blob></Blobs></EnumerationResults>',
    ],
  ])('are no listing: %s', async (_what, body) => {
    server.script = listing(body)
    for (const act of [reads['list']!, reads['listVersions']!])
      expect(await outcome(act)).toEqual(['unreachable', 'site'])
  })

  it('are no object: an answer that names no version', async () => {
    server.script = (_request, answer) => void answer.writeHead(200, { 'content-length': '0' }).end()
    for (const act of [reads['head']!, reads['get']!]) expect(await outcome(act)).toEqual(['unreachable', 'site'])
  })

  it('say where versioning is off although it should be on, and wait until it is: the write was done', async () => {
    server.script = (_request, answer) =>
      void answer.writeHead(201, { etag: '"0x1"', 'last-modified': new Date().toUTCString() }).end()
    const failure = await failed(store.put(key, write('x'), absent, never))
    expect(failure).toMatchObject({ kind: 'denied', scope: 'site', patience: 'later' })
    expect(failure.message).toMatch(/no version id .* turn versioning on/)
  })
})
