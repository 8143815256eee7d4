import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { type AwsIdentity, federatedRole } from '#aws/drivers/identity.ts'
import { systemClock } from '#functions/runtime.ts'
import type { FailureKind } from '#shared/kernel/failure.ts'
import { timed } from '#shared/layers/timed.ts'
import type { ObjectStore } from '#shared/ports/object-store.ts'
import { absent, bench, bodyOf, failed, key, never, pinned, since, storeAt, write } from './bench.ts'
import { answer, object, refusal } from './scripted-server.ts'

const query = { prefix: '', after: '', cursor: null, max: 10 }
const part = (store: ObjectStore) => store.putPart(key, 'transfer', 1, bodyOf(Buffer.from('part')), {}, never)

const writes: Readonly<Record<string, (store: ObjectStore) => Promise<unknown>>> = {
  put: (store) => store.put(key, write(), absent, never),
  replace: (store) => store.put(key, write(), since, never),
  remove: (store) => store.remove(key, pinned, never),
  putPart: part,
}
const reads: Readonly<Record<string, (store: ObjectStore) => Promise<unknown>>> = {
  head: (store) => store.head(key, never),
  get: (store) => store.get(key, never),
  list: (store) => store.list(query, never),
  listVersions: (store) => store.listVersions(query, never),
  parts: (store) => store.parts(key, 'transfer', never),
}

async function expectUnreachable(store: ObjectStore, acts: typeof reads): Promise<void> {
  for (const [verb, act] of Object.entries(acts)) {
    const { kind, scope } = await failed(act(store))
    expect({ verb, kind, scope }).toEqual({ verb, kind: 'unreachable', scope: 'site' })
  }
}

/** Uploads are found, so that a part is the first write of its transfer. */
const uploads = `<ListMultipartUploadsResult><IsTruncated>false</IsTruncated>UPLOADS</ListMultipartUploadsResult>`

function listsUploads(target: string): Buffer | null {
  const prefix = /[?&]prefix=([^&]*)/.exec(target)?.[1]
  if (!target.includes('uploads') || prefix === undefined) return null
  const upload = `<Upload><Key>${decodeURIComponent(prefix)}</Key><UploadId>u1</UploadId><Initiated>2026-11-24T09:00:00Z</Initiated></Upload>`
  return answer(200, {}, uploads.replace('UPLOADS', upload))
}

describe('an answer that is lost', () => {
  it('makes a write unknown that the store took before it closed', async () => {
    const { store, server } = await bench(async (request, socket) => {
      const listed = request.method === 'GET' ? listsUploads(request.target) : null
      if (listed !== null) return void socket.write(listed)
      await request.body()
      socket.destroy()
    })
    for (const [verb, act] of Object.entries(writes)) {
      const { kind, scope } = await failed(act(store))
      expect({ verb, kind, scope }).toEqual({ verb, kind: 'unknown', scope: 'key' })
    }
    await expectUnreachable(store, { head: reads['head']!, get: reads['get']!, list: reads['list']! })
    expect(await server.requests[0]!.body()).toEqual(Buffer.from('content'))
  })

  it('makes a write unknown whose answer breaks off, within its head or its body', async () => {
    for (const half of ['HTTP/1.1 200 OK\r\nconte', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n<Half']) {
      const { store } = await bench(({ target, method }, socket) => {
        const listed = half.includes('<') && method === 'GET' ? listsUploads(target) : null
        socket.end(listed ?? half)
      })
      for (const verb of ['put', 'replace', 'remove']) {
        expect(await failed(writes[verb]!(store))).toMatchObject({ kind: 'unknown', scope: 'key' })
      }
      expect(await failed(store.list(query, never))).toMatchObject({ kind: 'unreachable', scope: 'site' })
    }
  })

  it('makes a write unknown where nothing comes before the connection is given up for silent', async () => {
    const { store } = await bench(({ target, method }, socket) => {
      const listed = method === 'GET' ? listsUploads(target) : null
      if (listed !== null) socket.write(listed)
    })
    expect(await failed(store.put(key, write(), absent, never))).toMatchObject({ kind: 'unknown' })
    expect(await failed(part(store))).toMatchObject({ kind: 'unknown' })
    expect(await failed(store.head(key, never))).toMatchObject({ kind: 'unreachable', scope: 'site' })
  })

  it('makes a write unknown that its caller gave up, and tells nothing of the site', async () => {
    const { store } = await bench(() => undefined, {}, { silenceMs: 60_000 })
    const leave = () => AbortSignal.timeout(50)
    const put = await failed(store.put(key, write(), absent, leave()))
    expect(put).toMatchObject({
      kind: 'unknown',
      scope: 'key',
      message: expect.stringContaining('ended by the caller'),
    })
    expect(await failed(store.remove(key, pinned, leave()))).toMatchObject({ kind: 'unknown', scope: 'key' })
    expect(await failed(store.head(key, leave()))).toMatchObject({ kind: 'unreachable', scope: 'key' })
    expect(await failed(store.list(query, leave()))).toMatchObject({ kind: 'unreachable', scope: 'key' })
  })

  it('is not that of a caller who had gone before: nothing is sent', async () => {
    const { store, server } = await bench(() => undefined)
    const gone = AbortSignal.abort(new Error('gone'))
    for (const act of [store.put(key, write(), absent, gone), store.remove(key, pinned, gone), store.head(key, gone)]) {
      expect(await failed(act)).toMatchObject({
        kind: 'unreachable',
        scope: 'key',
        message: expect.stringContaining('not sent'),
      })
    }
    expect(server.requests).toHaveLength(0)
  })

  it('is unknown where a write was acknowledged and then could not be looked at', async () => {
    for (const look of [503, 404, 403]) {
      const { store } = await bench(({ method }, socket) => {
        socket.write(
          method === 'PUT'
            ? answer(200, { etag: object.etag, 'x-amz-version-id': 'v1' })
            : refusal(method, look, 'Any'),
        )
      })
      const failure = await failed(store.put(key, write(), absent, never))
      expect(failure).toMatchObject({ kind: 'unknown', scope: 'key', message: expect.stringContaining('written, but') })
    }
  })

  it('is unknown where S3 had begun to say yes to a copy and then failed', async () => {
    const { store } = await bench((request, socket) => {
      const { method, target, headers } = request
      const error = '<?xml version="1.0"?><Error><Code>InternalError</Code></Error>'
      const parts = `<ListPartsResult><IsTruncated>false</IsTruncated><Part><PartNumber>1</PartNumber><Size>4</Size><ETag>"p"</ETag></Part></ListPartsResult>`
      if (headers.has('x-amz-copy-source')) return void socket.write(answer(200, {}, error))
      if (target.includes('uploadId') && method === 'GET') return void socket.write(answer(200, {}, parts))
      if (method === 'GET') return void socket.write(listsUploads(target) ?? refusal(method, 404, 'NoSuchKey'))
      const complete = '<CompleteMultipartUploadResult><ETag>"whole-1"</ETag></CompleteMultipartUploadResult>'
      socket.write(answer(200, { etag: '"x"' }, method === 'POST' ? complete : ''))
    })
    const { body: _, ...said } = write()
    const act = store.commit(key, 'transfer', [{ number: 1, size: 4, digests: {} }], said, absent, never)
    expect(await failed(act)).toMatchObject({
      kind: 'unknown',
      scope: 'key',
      message: expect.stringContaining('InternalError'),
    })
  })

  it('is no lost write where the parts were put together aside: nothing of that shows', async () => {
    const { store } = await bench(({ method, target }, socket) => {
      const parts = `<ListPartsResult><IsTruncated>false</IsTruncated><Part><PartNumber>1</PartNumber><Size>4</Size><ETag>"p"</ETag></Part></ListPartsResult>`
      if (method === 'POST') return void socket.destroy()
      if (method === 'PUT') return void socket.write(answer(200, { etag: '"ledger"' }))
      socket.write(
        target.includes('uploadId') ? answer(200, {}, parts) : (listsUploads(target) ?? refusal(method, 404, '')),
      )
    })
    const { body: _, ...said } = write()
    const act = store.commit(key, 'transfer', [{ number: 1, size: 4, digests: {} }], said, absent, never)
    expect(await failed(act)).toMatchObject({
      kind: 'unreachable',
      scope: 'site',
      message: expect.stringContaining('commit "a key"'),
    })
  })
})

/** An address where nobody listens. */
async function nobody(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return `http://127.0.0.1:${port}`
}

describe('a store that cannot be reached', () => {
  it('has not been sent a write whose connection was refused', async () => {
    const store = storeAt(await nobody())
    await expectUnreachable(store, { ...writes, ...reads })
    expect((await failed(store.remove(key, pinned, never))).message).toMatch(
      /not sent, ECONNREFUSED; check the site's endpoint/,
    )
  })

  it('has not been sent a write where its name means nothing', async () => {
    const store = storeAt('http://no-such-host.invalid')
    await expectUnreachable(store, { put: writes['put']!, head: reads['head']! })
  })

  it('is denied, and not sent anything, where there are no credentials', async () => {
    const none = Object.assign(new Error('none'), { name: 'CredentialsProviderError' })
    const missing = async () => readFile(join(import.meta.dirname, 'no-such-token'))
    for (const look of [async () => Promise.reject(none), missing]) {
      await expectNotSent(async () => (await look()) as never, 'denied')
    }
  })

  it('is unreachable, and not sent anything, where whoever says who we are does not answer', async () => {
    const address = await nobody()
    const { hostname, port } = new URL(address)
    await expectNotSent(async () => {
      await once(connect(Number(port), hostname), 'connect')
      throw new Error('somebody listens')
    }, 'unreachable')
    vi.stubEnv('AWS_ENDPOINT_URL_STS', address)
    onTestFinished(() => void vi.unstubAllEnvs())
    const role = federatedRole('arn:aws:iam::1:role/r', 'there', async () => 'token', { region: 'us-east-1' })
    await expectNotSent(role, 'unreachable')
  })
})

async function expectNotSent(credentials: () => Promise<AwsIdentity>, kind: FailureKind): Promise<void> {
  const { store, server } = await bench(() => undefined, {}, { credentials })
  for (const act of Object.values(writes)) {
    const failure = await failed(act(store))
    expect(failure).toMatchObject({ kind, scope: 'site', message: expect.stringContaining('not sent') })
  }
  expect(server.requests).toHaveLength(0)
}

describe('an answer that is none', () => {
  it('is unreadable where its XML is malformed, and unreadable is unreachable, never empty', async () => {
    const nonsense = [
      '<ListBucketResult><Contents>',
      'not xml',
      '<html><body>captive portal</html>',
      '{}',
      '<a>&x;</a>',
      '<a b=>',
    ]
    for (const body of nonsense) {
      const { store } = await bench((_, socket) => void socket.write(answer(200, {}, body)))
      for (const act of ['list', 'listVersions', 'parts']) {
        const outcome = await reads[act]!(store).then(
          (found) => JSON.stringify(found),
          (thrown: { kind: string }) => thrown.kind,
        )
        expect({ body, act, outcome }).toEqual({ body, act, outcome: 'unreachable' })
      }
    }
  })

  it('is unreadable where entries lack what every entry has', async () => {
    const entry =
      '<Contents><Key>a</Key><ETag>"e"</ETag><LastModified>2026-11-24T09:00:00.000Z</LastModified><Size>1</Size></Contents>'
    const lacking = [
      ...['<ETag>"e"</ETag>', '<Size>1</Size>', '<LastModified>2026-11-24T09:00:00.000Z</LastModified>'].map((piece) =>
        entry.replace(piece, ''),
      ),
      `${entry}<EncodingType>url</EncodingType>`.replace('<Key>a', '<Key>%'),
      `${entry}<IsTruncated>true</IsTruncated>`,
    ]
    for (const content of lacking) {
      const { store } = await bench(
        (_, socket) => void socket.write(answer(200, {}, `<ListBucketResult>${content}</ListBucketResult>`)),
      )
      expect(await failed(store.list(query, never))).toMatchObject({ kind: 'unreachable', scope: 'site' })
    }
  })

  it('is unreadable where an object has neither ETag nor date, or another piece than was asked for', async () => {
    for (const name of ['etag', 'last-modified']) {
      const { [name as 'etag']: _, ...rest } = object
      const { store } = await bench((_, socket) => void socket.write(answer(200, rest)))
      expect(await failed(store.head(key, never))).toMatchObject({ kind: 'unreachable' })
      expect(await failed(store.get(key, never))).toMatchObject({ kind: 'unreachable' })
    }
    const { store } = await bench((_, socket) => void socket.write(answer(200, object, '123456789')))
    expect(await failed(store.get(key, never, { range: { start: 2, end: 4 } }))).toMatchObject({ kind: 'unreachable' })
  })

  it('is given up within the time of its layer where its head, its words or its body never end', async () => {
    const endings: ((socket: Socket) => void)[] = [
      (socket) => trickle(socket, 'HTTP/1.1 200 OK\r\n', 'x-more: 1\r\n'),
      (socket) => trickle(socket, 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n', '5\r\n<a>.\n\r\n'),
      (socket) => trickle(socket, 'HTTP/1.1 500 OK\r\ntransfer-encoding: chunked\r\n\r\n', '5\r\n<a>.\n\r\n'),
    ]
    for (const end of endings) {
      const { store } = await bench((_, socket) => end(socket), {}, { silenceMs: 60_000 })
      const bounded = timed(store, systemClock, { lookMs: 150, writeMs: 150 })
      const began = performance.now()
      expect(await failed(bounded.list(query, never))).toMatchObject({ kind: 'unreachable', scope: 'site' })
      expect(await failed(bounded.put(key, write(), absent, never))).toMatchObject({ kind: 'unknown' })
      expect(performance.now() - began).toBeLessThan(1000)
    }
  })

  it('is given up in bounded memory where its words never end', async () => {
    const head = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n'
    const mebibyte = `100000\r\n${'x'.repeat(1024 * 1024)}\r\n`
    const { store } = await bench((_, socket) => {
      socket.write(head)
      const more = () =>
        void (socket.destroyed || (socket.write(mebibyte) ? setImmediate(more) : socket.once('drain', more)))
      more()
    })
    const failure = await failed(store.list(query, never))
    expect(failure).toMatchObject({ kind: 'unreachable', message: expect.stringContaining('more than 16777216 bytes') })
  })

  it('is unreadable where its head is huge', async () => {
    const { store } = await bench(
      (_, socket) => void socket.write(answer(200, { ...object, 'x-amz-meta-a': 'x'.repeat(100_000) })),
    )
    expect(await failed(store.head(key, never))).toMatchObject({ kind: 'unreachable', scope: 'site' })
    expect(await failed(store.put(key, write(), absent, never))).toMatchObject({ kind: 'unknown', scope: 'key' })
  })
})

function trickle(socket: Socket, head: string, drop: string): void {
  socket.write(head)
  const timer = setInterval(() => socket.write(drop), 5)
  socket.on('close', () => clearInterval(timer))
}

it('tells what may have been done from what was not, where everything is lost at once', async () => {
  const { store } = await bench((_, socket) => void socket.destroy())
  // A part is sent only once its upload was found.
  const { putPart, ...sent } = writes
  for (const [verb, act] of Object.entries(sent)) {
    const { kind, scope } = await failed(act(store))
    expect({ verb, kind, scope }).toEqual({ verb, kind: 'unknown', scope: 'key' })
  }
  await expectUnreachable(store, { ...reads, putPart: putPart! })
})
