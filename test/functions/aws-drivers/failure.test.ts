import { describe, expect, it } from 'vitest'
import type { FailureKind, FailureScope } from '#shared/kernel/failure.ts'
import type { ObjectStore } from '#shared/ports/object-store.ts'
import { absent, bench, failed, key, never, pinned, since, write } from './bench.ts'
import { answer, refusal } from './scripted-server.ts'

type Act = (store: ObjectStore) => Promise<unknown>

const put: Act = (store) => store.put(key, write(), absent, never)
const replace: Act = (store) => store.put(key, write(), since, never)
const remove: Act = (store) => store.remove(key, pinned, never)
const head: Act = (store) => store.head(key, never)
const get: Act = (store) => store.get(key, never)
const list: Act = (store) => store.list({ prefix: '', after: '', cursor: null, max: 10 }, never)
const versions: Act = (store) => store.versions(key, null, never)
const tags: Act = (store) => store.tags(key, pinned, never)

const all: Readonly<Record<string, Act>> = { put, replace, remove, head, get, list, versions, tags }
const reads = ['head', 'get', 'list', 'versions', 'tags']

interface Outcome {
  readonly status: number
  readonly code: string
  readonly more?: string
  readonly kind: FailureKind
  readonly scope: FailureScope
  /** Words that its reader needs. */
  readonly says: RegExp
  readonly acts?: readonly string[]
}

const message = (text: string) => `<Message>${text}</Message>`

const outcomes: Readonly<Record<string, Outcome>> = {
  'a condition that does not hold': {
    status: 412,
    code: 'PreconditionFailed',
    kind: 'conflict',
    scope: 'key',
    says: /condition.*look again/,
    acts: ['put', 'replace', 'remove'],
  },
  'a race, which says nothing of what is there': {
    status: 409,
    code: 'ConditionalRequestConflict',
    kind: 'conflict',
    scope: 'key',
    says: /says nothing of what is there; look again/,
    acts: ['put', 'replace', 'remove'],
  },
  'a version that is gone before it could be replaced': {
    status: 404,
    code: 'NoSuchKey',
    kind: 'conflict',
    scope: 'key',
    says: /look again/,
    acts: ['replace', 'remove'],
  },
  'tags of a version that is gone': {
    status: 404,
    code: 'NoSuchVersion',
    kind: 'absent',
    scope: 'key',
    says: /no longer there/,
    acts: ['tags'],
  },
  'a missing bucket': {
    status: 404,
    code: 'NoSuchBucket',
    kind: 'denied',
    scope: 'site',
    says: /no such bucket; create it/,
  },
  'a missing permission': { status: 403, code: 'AccessDenied', kind: 'denied', scope: 'site', says: /role.*policy/ },
  'requesters who pay': {
    status: 403,
    code: 'AccessDenied',
    more: message('Access Denied'),
    kind: 'denied',
    scope: 'site',
    says: /whether requesters pay/,
  },
  'credentials that are not known': {
    status: 403,
    code: 'InvalidAccessKeyId',
    kind: 'denied',
    scope: 'site',
    says: /credentials/,
  },
  'credentials that ended': { status: 400, code: 'ExpiredToken', kind: 'denied', scope: 'site', says: /credentials/ },
  'a signature that differs': {
    status: 403,
    code: 'SignatureDoesNotMatch',
    kind: 'denied',
    scope: 'site',
    says: /credentials/,
  },
  'clocks too far apart': { status: 403, code: 'RequestTimeTooSkewed', kind: 'denied', scope: 'site', says: /clock/ },
  'a bucket of another region': {
    status: 301,
    code: 'PermanentRedirect',
    kind: 'denied',
    scope: 'site',
    says: /region/,
  },
  'an archived object': {
    status: 403,
    code: 'InvalidObjectState',
    kind: 'denied',
    scope: 'key',
    says: /restore it/,
    acts: ['get', 'head'],
  },
  'a key that may not be used': {
    status: 403,
    code: 'AccessDenied',
    more: message('not authorized to perform: kms:Decrypt'),
    kind: 'denied',
    scope: 'key',
    says: /encryption key/,
    acts: ['get', 'head', 'put'],
  },
  'a key that is disabled': {
    status: 400,
    code: 'KMS.DisabledException',
    kind: 'denied',
    scope: 'key',
    says: /encryption key/,
    acts: ['get', 'put'],
  },
  'a customer’s own key': {
    status: 400,
    code: 'InvalidRequest',
    more: message('stored using a form of Server Side Encryption.'),
    kind: 'denied',
    scope: 'key',
    says: /customer holds its encryption key/,
    acts: ['get', 'head'],
  },
  'an object lock': {
    status: 403,
    code: 'AccessDenied',
    more: message('Access Denied because object protected by object lock.'),
    kind: 'denied',
    scope: 'key',
    says: /object lock/,
    acts: ['put', 'remove'],
  },
  'a body that is too large': {
    status: 400,
    code: 'EntityTooLarge',
    more: '<ProposedSize>99</ProposedSize><MaxSizeAllowed>9</MaxSizeAllowed>',
    kind: 'invalid',
    scope: 'key',
    says: /found 99 bytes, expected at most 9/,
    acts: ['put'],
  },
  'a body that is too large, said without sizes': {
    status: 400,
    code: 'EntityTooLarge',
    kind: 'invalid',
    scope: 'key',
    says: /found 7 bytes/,
    acts: ['put'],
  },
  'metadata that is too large': {
    status: 400,
    code: 'MetadataTooLarge',
    more: '<Size>3000</Size><MaxSizeAllowed>2048</MaxSizeAllowed>',
    kind: 'invalid',
    scope: 'key',
    says: /metadata.*found 3000 bytes, expected at most 2048/,
    acts: ['put'],
  },
  // On a file system: no request was under way, and looking again would never end.
  'a key that is a folder of another, where keys are files': {
    status: 409,
    code: 'ExistingObjectIsDirectory',
    kind: 'invalid',
    scope: 'key',
    says: /keeps keys as files and folders.*rename/,
    acts: ['put'],
  },
  'a key below another, where keys are files': {
    status: 409,
    code: 'ObjectParentIsFile',
    kind: 'invalid',
    scope: 'key',
    says: /keeps keys as files and folders.*rename/,
    acts: ['put'],
  },
  'a key that is too long': {
    status: 400,
    code: 'KeyTooLongError',
    kind: 'invalid',
    scope: 'key',
    says: /key.*found 5 bytes/,
    acts: ['put', 'get'],
  },
  'bytes that differ from their checksum': {
    status: 400,
    code: 'BadDigest',
    kind: 'corrupt',
    scope: 'key',
    says: /what the checksum says; nothing was stored/,
    acts: ['put'],
  },
  // A HEAD has no code to tell it by; there it counts as an outage, which waits as long.
  'too many requests': {
    status: 503,
    code: 'SlowDown',
    kind: 'throttled',
    scope: 'site',
    says: /come back later/,
    acts: ['get', 'put', 'remove', 'list'],
  },
  'too many requests, by status': {
    status: 429,
    code: 'Whatever',
    kind: 'throttled',
    scope: 'site',
    says: /come back later/,
  },
  'a store without conditions': {
    status: 501,
    code: 'NotImplemented',
    kind: 'denied',
    scope: 'site',
    says: /conditions/,
  },
  'a request that the store takes for malformed': {
    status: 400,
    code: 'InvalidArgument',
    kind: 'invalid',
    scope: 'key',
    says: /400 InvalidArgument/,
  },
}

describe('refusals of S3', () => {
  for (const [name, { status, code, more, kind, scope, says, acts = Object.keys(all) }] of Object.entries(outcomes)) {
    it(`classifies ${name} as ${kind} of the ${scope}, and says what to do`, async () => {
      const { store } = await bench(({ method }, socket) => void socket.write(refusal(method, status, code, more)))
      for (const act of acts) {
        const failure = await failed(all[act]!(store))
        expect({ act, kind: failure.kind, scope: failure.scope }).toEqual({ act, kind, scope })
        expect(failure.message).toMatch(says)
        expect(failure.cause).toBeInstanceOf(Error)
      }
    })
  }

  it('keeps a hostile key on one line', async () => {
    const { store } = await bench((_, socket) => void socket.write(refusal('GET', 403, 'AccessDenied')))
    const hostile = 'a\nb\u2028c' as typeof key
    expect((await failed(store.get(hostile, never))).message).toContain('get "a\\nb\\u2028c" at here: 403 AccessDenied')
  })

  it('takes a code that is a property of every object for a code', async () => {
    const { store } = await bench(({ method }, socket) => void socket.write(refusal(method, 400, 'Constructor')))
    expect(await failed(store.get(key, never))).toMatchObject({ kind: 'invalid' })
  })
})

describe('troubles of a store', () => {
  for (const status of [500, 502, 503, 504]) {
    it(`does not know of a write that was answered with ${status}, nor of anything else than its reach after a read`, async () => {
      const { store } = await bench(({ method }, socket) => void socket.write(refusal(method, status, 'InternalError')))
      for (const act of ['put', 'replace', 'remove']) {
        expect(await failed(all[act]!(store))).toMatchObject({ kind: 'unknown', scope: 'key' })
      }
      for (const act of reads) {
        // Whether a HEAD was slowed down or not served, nobody says, and nobody needs to know.
        const kind = status === 503 && act === 'head' ? 'throttled' : 'unreachable'
        expect(await failed(all[act]!(store))).toMatchObject({ kind, scope: 'site' })
      }
    })
  }

  it('never takes a stranger’s 404 for absence', async () => {
    const page = '<!doctype html><p>Not here<br></html>'
    const { store } = await bench(({ method }, socket) => {
      socket.write(answer(404, { 'content-type': 'text/html' }, method === 'HEAD' ? '' : page))
    })
    expect(await failed(store.get(key, never))).toMatchObject({ kind: 'unreachable', scope: 'site' })
    expect(await failed(store.head(key, never))).toMatchObject({ kind: 'denied', scope: 'site' })
    expect(await failed(store.put(key, write(), since, never))).toMatchObject({ kind: 'unreachable', scope: 'site' })
  })

  it('hears the date of every answer, refusals too, and keeps the newest', async () => {
    const dates = [
      'Tue, 24 Nov 2026 10:00:05 GMT',
      'Tue, 24 Nov 2026 10:00:09 GMT',
      'Tue, 24 Nov 2026 10:00:07 GMT',
      'now',
    ]
    const { store } = await bench((_, socket) => void socket.write(answer(403, { date: dates.shift() ?? '' })))
    expect(store.heard()).toBeNull()
    const told: unknown[] = []
    for (let i = 0; i < 4; i++) {
      await failed(store.list({ prefix: '', after: '', cursor: null, max: 1 }, never))
      told.push(new Date(store.heard()!.dateMs).getUTCSeconds())
    }
    expect(told).toEqual([5, 9, 9, 9])
  })

  it('asks once, whatever the answer', async () => {
    const { store, server } = await bench(({ method }, socket) => void socket.write(refusal(method, 503, 'SlowDown')))
    for (const act of ['put', 'remove', 'get', 'list']) await failed(all[act]!(store))
    expect(server.requests).toHaveLength(4)
  })
})

describe('absence', () => {
  it('is what S3 says of this key, or of a version under a delete marker', async () => {
    const marker = { 'x-amz-delete-marker': 'true' }
    const { store } = await bench(
      ({ target }, socket) => void socket.write(answer(target.includes('versionId') ? 405 : 404, marker)),
    )
    expect(await store.head(key, never)).toBeNull()
    expect(await store.head(key, never, pinned)).toBeNull()
    expect(await store.get(key, never)).toBeNull()
    expect(await store.get(key, never, { version: pinned })).toBeNull()
  })

  it('is not believed of HEAD before the bucket is seen', async () => {
    const { store, server } = await bench((request, socket) => {
      const asksBucket = /^\/bucket\/?(?:\?|$)/.test(request.target)
      socket.write(asksBucket ? answer(200) : refusal(request.method, 404, 'NoSuchKey'))
    })
    expect(await store.head(key, never)).toBeNull()
    expect(await store.head(key, never)).toBeNull()
    expect(server.requests.map(({ method }) => method)).toEqual(['HEAD', 'HEAD', 'HEAD'])
  })

  it('is what a pinned version is once another has its name', async () => {
    const { store, server } = await bench(
      ({ method }, socket) => void socket.write(refusal(method, 412, 'PreconditionFailed')),
    )
    expect(await store.head(key, never, pinned)).toBeNull()
    expect(await store.get(key, never, { version: pinned })).toBeNull()
    expect(server.requests[0]!.headers.get('if-match')).toBe('"25f9e794323b453885f5181f1b624d0b"')
    expect(server.requests[0]!.target).toContain('versionId=v1')
  })
})
