import { setTimeout as wait } from 'node:timers/promises'
import { inspect } from 'node:util'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Failure, FailureKind, FailureScope } from '#shared/kernel/failure.ts'
import { version } from '#shared/kernel/version.ts'
import type { ObjectStore } from '#shared/ports/object-store.ts'
import { absent, bytesOf, failed, never } from '#test/contract/subject.ts'
import { lostAnswerLaws, verbsOf } from '#test/functions/drivers/lost-answers.ts'
import { type Script, Scripted } from '#test/functions/drivers/scripted.ts'
import { key, refusing, resource, saying, site, storeAt, token, write } from './scripted.ts'

let server: Scripted
let store: ObjectStore
beforeAll(async () => {
  server = await new Scripted().listen()
})
beforeEach(() => {
  server.requests.length = 0
  server.onHead = null
  store = storeAt(server.endpoint)
})
afterAll(() => server.close())

const pinned = version('1764000000000001|1')
const query = { prefix: '', after: '', cursor: null, max: 10 }

const subject = { server: () => server, store: () => store, key, pinned, write }
const { reads, writes } = verbsOf(subject)

async function outcome(act: () => Promise<unknown>): Promise<[FailureKind, FailureScope]> {
  const failure = await failed(act())
  expectOneClearLine(failure)
  return [failure.kind, failure.scope]
}

function expectOneClearLine(failure: Failure): void {
  expect(failure.site).toBe(site)
  expect(failure.message).toMatch(/^\w+ ("a\/b\.txt" )?at gcs: /)
  expect(failure.message).not.toMatch(/[\n\r]|GaxiosError|\bat .*\.js/)
  expect(failure.message.length).toBeLessThan(600)
}

const crc = 'Provided CRC32C "AAAAAA==" doesn\'t match calculated CRC32C "n03x6A==".'
const md5 = 'Provided MD5 hash "a" doesn\'t match calculated MD5 hash "b".'
const hold = (kind: string) =>
  `Object 'things/a' is under active ${kind} hold and cannot be deleted, overwritten or archived until hold is removed.`
const kms = 'Permission denied on Cloud KMS key. Please ensure that your Cloud Storage service account has access.'

describe('what Cloud Storage refuses', () => {
  it.each<[number, string, string, FailureKind, FailureScope]>([
    [401, 'authError', 'Invalid Credentials', 'denied', 'site'],
    [401, 'required', 'Login Required', 'denied', 'site'],
    [403, 'forbidden', 'x does not have storage.objects.get access to it.', 'denied', 'site'],
    [403, 'SomethingNew', '', 'denied', 'site'],
    [403, 'rateLimitExceeded', 'Slow down', 'throttled', 'site'],
    [403, 'quotaExceeded', 'Quota', 'throttled', 'site'],
    [400, 'userProjectMissing', 'No user project', 'denied', 'site'],
    [400, 'required', 'Bucket is a requester pays bucket but no user project provided.', 'denied', 'site'],
    [400, 'resourceIsEncryptedWithCustomerEncryptionKey', '', 'denied', 'key'],
    [400, 'invalid', 'Something else', 'invalid', 'key'],
    [405, 'methodNotAllowed', '', 'invalid', 'key'],
    [412, 'conditionNotMet', '', 'conflict', 'key'],
    [409, 'conflict', '', 'conflict', 'key'],
  ])('means the same whatever was asked: %i %s %j is %s of the %s', async (status, reason, message, kind, scope) => {
    server.script = refusing(status, reason, message)
    for (const act of Object.values({ ...reads, ...writes })) expect(await outcome(act)).toEqual([kind, scope])
  })

  it.each<[number, string, string, FailureKind, FailureScope]>([
    [400, 'invalid', crc, 'corrupt', 'key'],
    [400, 'invalid', md5, 'corrupt', 'key'],
    [403, 'forbidden', hold('Temporary'), 'denied', 'key'],
    [403, 'forbidden', hold('Event-Based'), 'denied', 'key'],
    [403, 'objectUnderActiveHold', '', 'denied', 'key'],
    [403, 'retentionPolicyNotMet', '', 'denied', 'key'],
    [413, 'uploadTooLarge', '', 'invalid', 'key'],
    [429, 'rateLimitExceeded', 'The object exceeded the rate limit', 'throttled', 'key'],
    [403, 'forbidden', kms, 'denied', 'site'],
    [400, 'cloudKmsDisabledKey', '', 'denied', 'site'],
    [503, 'backendError', '', 'unknown', 'key'],
    [500, 'internalError', '', 'unknown', 'key'],
    [408, 'uploadBrokenConnection', '', 'unknown', 'key'],
    [404, 'notFound', 'No such object: things/a', 'conflict', 'key'],
  ])('means of a write: %i %s %j is %s of the %s', async (status, reason, message, kind, scope) => {
    server.script = refusing(status, reason, message)
    const { putPart, ...named } = writes
    for (const act of Object.values(named)) expect(await outcome(act)).toEqual([kind, scope])
    // A part that meets no condition of its own has no version to be compared with.
    expect(await outcome(putPart!)).toEqual([status === 404 ? 'absent' : kind, scope])
  })

  it.each<[number, string, string, FailureKind, FailureScope]>([
    [429, 'rateLimitExceeded', '', 'throttled', 'site'],
    [503, 'backendError', '', 'throttled', 'site'],
    [500, 'internalError', '', 'unreachable', 'site'],
    [403, 'forbidden', kms, 'denied', 'key'],
    [400, 'cloudKmsDisabledKey', '', 'denied', 'key'],
    [400, 'invalid', crc, 'invalid', 'key'],
  ])('means of a read: %i %s %j is %s of the %s', async (status, reason, message, kind, scope) => {
    server.script = refusing(status, reason, message)
    for (const act of Object.values(reads)) expect(await outcome(act)).toEqual([kind, scope])
  })

  it('is the bucket’s and never the key’s, where the bucket is not there', async () => {
    server.script = refusing(404, 'notFound', 'The specified bucket does not exist.')
    for (const act of Object.values({ ...reads, ...writes })) expect(await outcome(act)).toEqual(['denied', 'site'])
  })

  it('takes a key for absent only where Cloud Storage names it, or its bucket answers', async () => {
    server.script = refusing(404, 'notFound', 'No such object: things/a/b.txt')
    expect(await store.head(key, never)).toBeNull()
    expect(await store.get(key, never)).toBeNull()
    expect(server.requests).toHaveLength(2)
    const elsewhere: Script = (_request, answer) => void answer.writeHead(404).end('<html>Not here</html>')
    server.script = elsewhere
    expect(await outcome(reads['head']!)).toEqual(['denied', 'site'])
    const listing = (request: { url: string }) => request.url.startsWith('/storage/v1/b/things/o?')
    const there = saying({ kind: 'storage#objects' })
    server.script = (request, ...rest) => (listing(request) ? there : elsewhere)(request, ...rest)
    expect(await store.head(key, never)).toBeNull()
    const page: Script = (_request, answer) => void answer.writeHead(200).end('<html>Welcome</html>')
    server.script = (request, ...rest) => (listing(request) ? page : elsewhere)(request, ...rest)
    expect(await outcome(reads['head']!)).toEqual(['unreachable', 'site'])
  })

  it('tells the status, the reason, its sentence and a remedy', async () => {
    server.script = refusing(403, 'forbidden', hold('Temporary'))
    const { message } = await failed(store.remove(key, pinned, never))
    expect(message).toBe(
      `remove "a/b.txt" at gcs: refused with 403 forbidden: ${hold('Temporary')}; end its retention or hold, then replicate the key`,
    )
  })

  it('knows the time from a refusal as from any answer, and never goes back', async () => {
    const dateMs = Date.UTC(2026, 10, 25, 4, 31)
    const at = (ms: number): Script => {
      return (_request, answer) => void answer.writeHead(412, { date: new Date(ms).toUTCString() }).end('{}')
    }
    server.script = at(dateMs)
    expect(store.heard()).toBeNull()
    await failed(store.put(key, write('x'), absent, never))
    expect(store.heard()).toMatchObject({ dateMs })
    server.script = at(dateMs - 5000)
    await failed(store.put(key, write('x'), absent, never))
    expect(store.heard()).toMatchObject({ dateMs })
  })

  it('is told without the credentials, whatever is kept as its cause', async () => {
    for (const script of [
      refusing(401, 'authError', 'Invalid Credentials'),
      (_request: unknown, _answer: unknown, socket: { destroy(): void }) => socket.destroy(),
    ]) {
      server.script = script
      for (const act of Object.values({ ...reads, ...writes })) {
        expect(inspect(await failed(act()), { depth: 12, showHidden: true })).not.toContain(token)
      }
    }
    expect(server.requests[0]!.headers.authorization).toBe(`Bearer ${token}`)
  })

  it('is asked once: neither the driver nor what lies below it tries anything again, or goes elsewhere', async () => {
    const elsewhere = await new Scripted().listen()
    const redirecting: Script = (_request, answer) =>
      void answer.writeHead(307, { location: `${elsewhere.endpoint}/storage/v1/b/things/o/x` }).end()
    for (const script of [
      refusing(500, 'internalError'),
      refusing(503, 'backendError'),
      refusing(429, 'rateLimitExceeded'),
      refusing(408, 'requestTimeout'),
      refusing(401, 'authError'),
      redirecting,
    ]) {
      server.script = script
      for (const act of Object.values({ ...reads, ...writes })) {
        server.requests.length = 0
        await failed(act())
        expect(server.requests).toHaveLength(1)
      }
    }
    expect(elsewhere.requests).toEqual([])
    await elsewhere.close()
  })
})

describe('answers that are lost', () => {
  const half = '{"name":"a/b.txt","gener'
  lostAnswerLaws(subject, outcome, [
    ['504 of a proxy', (_request, answer) => void answer.writeHead(504).end()],
    [
      'half of a body',
      (_request, _answer, socket) => void socket.end(`HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n${half}`),
    ],
    [
      'half of a body in pieces',
      (_request, _answer, socket) =>
        void socket.end(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n18\r\n${half}\r\n`),
    ],
    [
      'a body packed wrongly',
      (_request, answer) => void answer.writeHead(200, { 'content-encoding': 'gzip' }).end(half),
    ],
  ])

  it('leave nothing in doubt where the request was not sent whole', async () => {
    server.onHead = (socket) => void socket.resetAndDestroy()
    const large = write(new Uint8Array(0))
    const body = {
      size: 256 * 1024 * 1024,
      async *open() {
        for (let i = 0; i < 256; i++) yield Buffer.alloc(1024 * 1024)
      },
    }
    expect(await outcome(() => store.put(key, { ...large, body }, absent, never))).toEqual(['unreachable', 'site'])
  })

  it('never were, where nobody listens or no such host is', async () => {
    const gone = await new Scripted().listen()
    const { endpoint } = gone
    await gone.close()
    for (const address of [endpoint, 'http://no-such-host.invalid']) {
      store = storeAt(address)
      for (const act of Object.values({ ...reads, ...writes }))
        expect(await outcome(act)).toEqual(['unreachable', 'site'])
      expect((await failed(store.head(key, never))).message).toMatch(/not sent, E\w+.*look at the network/)
    }
  })

  it('are given up where nothing moves, and not where a body only takes its time', async () => {
    server.script = () => undefined
    store = storeAt(server.endpoint, { silenceMs: 120 })
    expect(await outcome(writes['put']!)).toEqual(['unknown', 'key'])
    expect(await outcome(reads['head']!)).toEqual(['unreachable', 'site'])
    expect((await failed(store.head(key, never))).message).toContain('no answer within 120 ms')
    server.script = saying(resource({ size: '6' }))
    const slow = {
      size: 6,
      async *open() {
        for (const letter of 'slowly') {
          await wait(50)
          yield Buffer.from(letter)
        }
      },
    }
    expect(await store.put(key, { ...write('slowly'), body: slow }, absent, never)).toMatchObject({ size: 6 })
  })
})

describe('answers that never end', () => {
  beforeEach(async () => {
    server.closeIdle()
    for (let i = 0; i < 100 && (await server.connections) > 0; i++) await wait(5)
  })

  const trickle: Script = (_request, answer) => {
    answer.writeHead(200, { 'content-type': 'application/json' })
    const timer = setInterval(() => answer.write('{"a":'), 5)
    answer.on('close', () => clearInterval(timer))
  }

  it('are ended by the signal, and leave no connection open', async () => {
    server.script = trickle
    for (const [act, kind] of [
      [(signal: AbortSignal) => store.head(key, signal), 'unreachable'],
      [(signal: AbortSignal) => store.list(query, signal), 'unreachable'],
      [(signal: AbortSignal) => store.put(key, write('x'), absent, signal), 'unknown'],
    ] as const) {
      expect(await failed(act(AbortSignal.timeout(60)))).toMatchObject({ kind, scope: 'key' })
    }
    await expect.poll(() => server.connections, { timeout: 1000 }).toBe(0)
  })

  it('are given up within the silence that is allowed, though they drip', async () => {
    server.script = trickle
    store = storeAt(server.endpoint, { silenceMs: 100 })
    expect(await outcome(reads['head']!)).toEqual(['unreachable', 'site'])
  })

  it('are not read on where they are not what was asked for, or too much', async () => {
    for (const range of [{ start: 1, end: 3 }, undefined]) {
      server.script = (request, ...rest) =>
        (request.url.includes('alt=media') ? trickle : saying(resource()))(request, ...rest)
      const found = await store.get(key, never, range === undefined ? {} : { range })
      // By a loop, which leaves an iterator alone that has failed.
      const reading = (async () => {
        for await (const piece of found!.body) expect(piece.byteLength).toBeGreaterThan(0)
      })()
      expect(await failed(reading)).toMatchObject({ kind: 'corrupt' })
    }
    server.closeIdle()
    await expect.poll(() => server.connections, { timeout: 1000 }).toBe(0)
  })

  it('are given up at 64 MiB', async () => {
    server.script = (_request, answer) => {
      answer.writeHead(200, { 'content-type': 'application/json' })
      const more = () => {
        while (!answer.destroyed && answer.write(Buffer.alloc(1024 * 1024, ' ')));
        if (!answer.destroyed) answer.once('drain', more)
      }
      more()
    }
    expect((await failed(store.head(key, never))).message).toMatch(/an answer of more than 67108864 bytes/)
    await expect.poll(() => server.connections, { timeout: 1000 }).toBe(0)
  })

  it('are a refusal all the same where their status says so', async () => {
    server.script = (_request, answer) => {
      answer.writeHead(403)
      const timer = setInterval(() => answer.write(Buffer.alloc(32 * 1024)), 1)
      answer.on('close', () => clearInterval(timer))
    }
    expect(await outcome(reads['head']!)).toEqual(['denied', 'site'])
  })
})

describe('answers that are not Cloud Storage’s', () => {
  const text =
    (body: string): Script =>
    (_request, answer) =>
      void answer.writeHead(200, { 'content-type': 'application/json' }).end(body)

  it.each<[string, Script]>([
    ['nothing', text('')],
    ['no JSON', text('nonsense')],
    ['a page in HTML', text('<!DOCTYPE html><html><body>Log in</body></html>')],
    ['half of a resource', text('{"name":"a/b.txt"')],
    [
      'no UTF-8',
      (_request, answer) => {
        const text = Buffer.from(JSON.stringify(resource({ metadata: { a: 'X' } })))
        text[text.indexOf('"X"') + 1] = 0xff
        answer.writeHead(200).end(text)
      },
    ],
    ['a list', saying([])],
    ['null', saying(null)],
    ['a text', saying('x')],
    ['another object', saying(resource({ name: 'other' }))],
    ['no name', saying(resource({ name: undefined }))],
    ['no generation', saying(resource({ generation: undefined }))],
    ['a generation that is a number', saying(resource({ generation: 5 }))],
    ['a generation that is negative', saying(resource({ generation: '-5' }))],
    ['a size that is none', saying(resource({ size: '1e3' }))],
    ['a date that is none', saying(resource({ timeCreated: 'yesterday' }))],
    ['metadata that is a text', saying(resource({ metadata: 'x' }))],
    ['metadata that is not text', saying(resource({ metadata: { a: 1 } }))],
    ['a checksum that is not text', saying(resource({ crc32c: 1 }))],
  ])('are no object: %s', async (_what, script) => {
    server.script = script
    for (const act of [reads['head']!, reads['get']!, reads['tags']!])
      expect(await outcome(act)).toEqual(['unreachable', 'site'])
    expect(await outcome(writes['put']!)).toEqual(['unknown', 'key'])
  })

  it.each<[string, unknown]>([
    ['a list', []],
    ['items that are no list', { items: {} }],
    ['items that are no objects', { items: [1] }],
    ['an item without a name', { items: [resource({ name: undefined })] }],
    ['an item whose name is too long', { items: [resource({ name: 'x'.repeat(1025) })] }],
    ['a next page that is empty', { items: [], nextPageToken: '' }],
    ['a next page that is a number', { items: [], nextPageToken: 1 }],
  ])('are no listing: %s', async (what, value) => {
    server.script = saying(value)
    const { list, versions, listVersions, parts } = reads
    if (what === 'a list') {
      // It has no items and no next page: nothing that could be taken for an object.
      expect(await store.list(query, never)).toEqual({ objects: [], next: null })
      return
    }
    for (const act of [list!, versions!, listVersions!, parts!])
      expect(await outcome(act)).toEqual(['unreachable', 'site'])
  })

  it('are no listing that goes on: the same page again', async () => {
    server.script = saying({ items: [], nextPageToken: 'same' })
    const { next } = await store.list(query, never)
    expect(await outcome(() => store.list({ ...query, cursor: next }, never))).toEqual(['unreachable', 'site'])
    expect(await outcome(reads['parts']!)).toEqual(['unreachable', 'site'])
  })

  it('are no body: other bytes than there are, or a whole where a part was asked for', async () => {
    const media =
      (status: number, body: string): Script =>
      (request, ...rest) =>
        request.url.includes('alt=media')
          ? void rest[0].writeHead(status).end(body)
          : saying(resource())(request, ...rest)
    const reading = async (range?: { start: number; end: number }) =>
      bytesOf((await store.get(key, never, range === undefined ? {} : { range }))!.body)
    server.script = media(200, 'content')
    expect(Buffer.from(await reading()).toString()).toBe('content')
    for (const [status, body, range] of [
      [200, 'conten', undefined],
      [200, 'contents', undefined],
      [200, 'content', { start: 1, end: 3 }],
      [206, 'ont', { start: 1, end: 3 }],
      [206, 'content', undefined],
    ] as const) {
      server.script = media(status, body)
      expect(await failed(reading(range))).toMatchObject({ kind: 'corrupt', scope: 'key' })
    }
  })

  it('are not unpacked on their way: bytes are asked for, and taken, as they are stored', async () => {
    const packed = gzipSync('content')
    server.script = (request, ...rest) =>
      request.url.includes('alt=media')
        ? void rest[0].writeHead(200, { 'content-encoding': 'gzip' }).end(packed)
        : saying(resource({ size: String(packed.byteLength), contentEncoding: 'gzip' }))(request, ...rest)
    const found = await store.get(key, never)
    expect(Buffer.from(await bytesOf(found!.body))).toEqual(packed)
    expect(server.requests.at(-1)!.headers['accept-encoding']).toBe('gzip')
  })

  it('are refused as versions and cursors of this site', async () => {
    for (const one of ['', '1', '1|', '|1', '1|2|3', 'x|y', '1|1\n']) {
      expect(await failed(store.remove(key, version(one), never))).toMatchObject({ kind: 'invalid', scope: 'key' })
    }
    for (const cursor of ['', 'x', '[]', '["a"]', 'null', '{}'])
      expect(await failed(store.list({ ...query, cursor }, never))).toMatchObject({ kind: 'invalid' })
    expect(server.requests).toEqual([])
  })
})
