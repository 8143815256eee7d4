import type { Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { ObjectMeta, ObjectStore } from '#shared/ports/object-store.ts'
import { absent, bench, failed, key, never, write } from './bench.ts'
import { answer, object, refusal, type Script, type ScriptedServer } from './scripted-server.ts'

const listed = `<ListPartsResult><IsTruncated>false</IsTruncated><Part><PartNumber>1</PartNumber><Size>20</Size><ETag>"p"</ETag></Part></ListPartsResult>`
const begun = '<InitiateMultipartUploadResult><UploadId>copy</UploadId></InitiateMultipartUploadResult>'
const staged = '<CompleteMultipartUploadResult><ETag>"whole-1"</ETag></CompleteMultipartUploadResult>'
const copied = '<CopyPartResult><ETag>"c"</ETag></CopyPartResult>'

function uploads(target: string): Buffer {
  const prefix = decodeURIComponent(/[?&]prefix=([^&]*)/.exec(target)![1]!)
  const upload = `<Upload><Key>${prefix}</Key><UploadId>parts</UploadId></Upload>`
  return answer(
    200,
    {},
    `<ListMultipartUploadsResult><IsTruncated>false</IsTruncated>${upload}</ListMultipartUploadsResult>`,
  )
}

const landed = '<CompleteMultipartUploadResult><ETag>"copy-1"</ETag></CompleteMultipartUploadResult>'

function history(version: string): string {
  const entry = `<Key>a key</Key><VersionId>${version}</VersionId><IsLatest>true</IsLatest><ETag>"e"</ETag>`
  const dated = '<LastModified>2026-11-24T09:00:00.000Z</LastModified><Size>1</Size>'
  return `<ListVersionsResult><IsTruncated>false</IsTruncated><Version>${entry}${dated}</Version></ListVersionsResult>`
}

interface Manners {
  /** Of the copy of a part. */
  readonly copy?: (socket: Socket) => void | Promise<void>
  /** The upload is given up. */
  readonly ended?: () => void
  /** What lies on top of the key, look by look. */
  readonly tops?: string[]
  /** Of a HEAD of the key itself. */
  readonly head?: Buffer
}

/** An S3 in which the parts lie aside already, so that a commit has only to put them in their place. */
function script({ copy, ended, tops = [], head = refusal('HEAD', 404, '') }: Manners): Script {
  return async ({ method, target, headers }, socket) => {
    if (headers.has('x-amz-copy-source')) return copy === undefined ? void socket.write(copies) : copy(socket)
    if (target.includes('versions')) return void socket.write(answer(200, {}, history(tops.shift() ?? 'v1')))
    if (method === 'HEAD') return void socket.write(target.startsWith('/bucket/a') ? head : refusal(method, 404, ''))
    if (method === 'DELETE' && target.includes('uploadId=copy')) ended?.()
    if (method === 'DELETE') return void socket.write(answer(204))
    if (method === 'PUT') return void socket.write(answer(200, { etag: '"ledger"' }))
    const whole = target.includes('uploadId=copy')
      ? answer(200, { 'x-amz-version-id': 'v9' }, landed)
      : answer(200, {}, staged)
    if (method === 'POST') return void socket.write(target.includes('uploads') ? answer(200, {}, begun) : whole)
    if (target.includes('uploadId')) return void socket.write(answer(200, {}, listed))
    socket.write(target.includes('uploads') ? uploads(target) : refusal(method, 404, 'NoSuchKey'))
  }
}

const copies = answer(200, {}, copied)

/** No law here is about silence. */
const unhurried = { connectMs: 20_000, silenceMs: 20_000 }

async function commit(store: ObjectStore, signal: AbortSignal = never): Promise<ObjectMeta> {
  const { body: _, ...said } = write()
  return store.commit(key, 'transfer', [{ number: 1, size: 20, digests: {} }], said, absent, signal)
}

const asked = (server: ScriptedServer, method: string, target: string) =>
  server.requests.filter((request) => request.method === method && request.target.includes(target)).length

describe('a whole that S3 copies in parts', () => {
  it('is given up only when no copy is under way: one that landed later would be kept and paid for', async () => {
    let [sent, answered, answeredAtEnd] = [0, 0, -1]
    const copy = async (socket: Socket) => {
      const fails = ++sent === 3
      if (!fails) await wait(100)
      answered++
      socket.write(fails ? refusal('PUT', 403, 'AccessDenied') : copies)
    }
    const ended = () => void (answeredAtEnd = answered)
    const { store } = await bench(script({ copy, ended }), { copyBytesMax: 1 }, unhurried)
    expect(await failed(commit(store))).toMatchObject({ kind: 'denied' })
    expect({ sent, answeredAtEnd }).toEqual({ sent: 8, answeredAtEnd: 8 })
  })

  it('is given up also where its caller has left: its parts lie in the user’s own bucket', async () => {
    const leaving = new AbortController()
    const { store, server } = await bench(script({ copy: () => leaving.abort() }), { copyBytesMax: 1 }, unhurried)
    expect(await failed(commit(store, leaving.signal))).toMatchObject({ kind: 'unreachable', scope: 'key' })
    expect(asked(server, 'DELETE', '/bucket/a%20key')).toBe(1)
  })

  it('is not done where something else came to lie on top meanwhile, whatever the condition says', async () => {
    const { store, server } = await bench(script({ tops: ['v1', 'v2'] }), { copyBytesMax: 1 }, unhurried)
    const failure = await failed(commit(store))
    expect(failure).toMatchObject({ kind: 'conflict', message: expect.stringContaining('something newer came') })
    expect(asked(server, 'POST', 'uploadId=copy')).toBe(0)
    expect(asked(server, 'DELETE', 'uploadId=copy')).toBe(1)
  })

  it('is what shows', async () => {
    const head = answer(200, { ...object, etag: '"copy-1"', 'x-amz-version-id': 'v9', 'content-length': '20' })
    const { store, server } = await bench(script({ head }), { copyBytesMax: 1 }, unhurried)
    expect(await commit(store)).toMatchObject({ version: 'copy-1|v9', size: 20 })
    expect(asked(server, 'DELETE', '/bucket/')).toBe(0)
  })

  it('is unknown once it has landed and does not show, or cannot be looked at, and nothing of it is undone', async () => {
    const heads = [refusal('HEAD', 503, ''), refusal('HEAD', 403, ''), refusal('HEAD', 404, ''), answer(200, object)]
    for (const head of heads) {
      const { store, server } = await bench(script({ head }), { copyBytesMax: 1 }, unhurried)
      const failure = await failed(commit(store))
      expect(failure).toMatchObject({ kind: 'unknown', scope: 'key', message: expect.stringContaining('written, but') })
      expect(asked(server, 'DELETE', '/bucket/')).toBe(0)
    }
  })
})
