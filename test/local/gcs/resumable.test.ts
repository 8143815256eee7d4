import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Bucket } from '@google-cloud/storage'
import { beforeAll, describe, expect, it } from 'vitest'
import { Desk, type Heard, md5Of, refused } from './desk.ts'

const quantum = 256 * 1024
const bytes = randomBytes(3 * quantum + 17)

describe('resumable uploads of Cloud Storage', () => {
  let desk: Desk
  let bucket: Bucket
  beforeAll(async () => {
    desk = await Desk.open()
    bucket = await desk.bucket()
  })

  const begin = async (name: string, resource: object = {}, headers = {}): Promise<string> => {
    const target = `/upload/storage/v1/b/${bucket.name}/o?uploadType=resumable&name=${name}`
    const { status, headers: told } = await desk.ask('POST', target, { body: resource, headers })
    expect(status).toBe(200)
    return told.location!.slice(desk.url.length)
  }
  const send = (session: string, range: string, body: Uint8Array | string = '', headers = {}): Promise<Heard> =>
    desk.ask('PUT', session, { headers: { 'content-range': `bytes ${range}`, ...headers }, body })
  const chunk = (session: string, start: number, end: number, total: number | '*') =>
    send(session, `${start}-${end - 1}/${total}`, bytes.subarray(start, end))
  const ask = async (session: string) => {
    const { status, headers } = await send(session, '*/*')
    return [status, headers.range]
  }
  const isStored = async (name: string) => {
    const { json } = await desk.head(bucket, name)
    expect(json).toMatchObject({ size: String(bytes.length), md5Hash: md5Of(bytes) })
  }

  it('goes in pieces of 256 KiB, in order, and appears when it is whole, with its MD5', async () => {
    const session = await begin('pieces', { metadata: { k: 'v' } }, { 'x-upload-content-type': 'text/x-odd' })
    expect(await ask(session)).toEqual([308, undefined])
    for (let at = 0; at < 3 * quantum; at += quantum) {
      const { status, headers } = await chunk(session, at, at + quantum, '*')
      expect([status, headers.range]).toEqual([308, `bytes=0-${at + quantum - 1}`])
      expect(await ask(session)).toEqual([308, `bytes=0-${at + quantum - 1}`])
      expect((await desk.head(bucket, 'pieces')).status).toBe(404)
    }
    const { status, json } = await chunk(session, 3 * quantum, bytes.length, bytes.length)
    expect(status).toBe(200)
    expect(json).toMatchObject({ name: 'pieces', contentType: 'text/x-odd', metadata: { k: 'v' } })
    await isStored('pieces')
  })

  it('takes the whole in one request, however its range is written', async () => {
    for (const range of [`0-${bytes.length - 1}/${bytes.length}`, `0-*/${bytes.length}`, '0-*/*']) {
      const name = `whole-${encodeURIComponent(range.replaceAll('/', '-'))}`
      expect((await send(await begin(name), range, bytes)).status).toBe(200)
      expect((await desk.head(bucket, decodeURIComponent(name))).json).toMatchObject({ md5Hash: md5Of(bytes) })
    }
    expect((await desk.ask('PUT', await begin('bare'), { body: bytes })).status).toBe(200)
    expect((await send(await begin('nothing'), '*/0')).json).toMatchObject({ size: '0', crc32c: 'AAAAAA==' })
  })

  it('keeps of an unfinished piece what fills multiples of 256 KiB', async () => {
    const session = await begin('odd')
    expect((await chunk(session, 0, 100, '*')).headers.range).toBeUndefined()
    expect((await chunk(session, 0, quantum + 100, '*')).headers.range).toBe(`bytes=0-${quantum - 1}`)
    expect((await chunk(session, quantum, bytes.length, bytes.length)).status).toBe(200)
    await isStored('odd')
  })

  it('says 308 in a header to a client that asks for that', async () => {
    const session = await begin('override')
    const headers = { 'x-guploader-no-308': 'yes' }
    const first = await send(session, `0-${quantum - 1}/*`, bytes.subarray(0, quantum), headers)
    expect([first.status, first.headers['x-http-status-code-override']]).toEqual([200, '308'])
    expect(first.headers.range).toBe(`bytes=0-${quantum - 1}`)
    const range = `${quantum}-${bytes.length - 1}/${bytes.length}`
    const last = await send(session, range, bytes.subarray(quantum), headers)
    expect([last.status, last.headers['x-http-status-code-override']]).toEqual([200, undefined])
    await isStored('override')
  })

  it('passes over what it holds already, and refuses a gap', async () => {
    const session = await begin('again')
    await chunk(session, 0, quantum, '*')
    expect(refused(await chunk(session, 2 * quantum, 3 * quantum, '*'))).toEqual([400, 'invalid'])
    expect((await chunk(session, 0, 2 * quantum, '*')).headers.range).toBe(`bytes=0-${2 * quantum - 1}`)
    expect((await chunk(session, quantum, bytes.length, bytes.length)).status).toBe(200)
    await isStored('again')
  })

  /** A request whose body stops half-way and waits. */
  const slowly = (session: string, start: number, end: number, total: number | '*'): ClientRequest => {
    const { hostname, port } = new URL(desk.url)
    const headers = { 'content-length': end - start, 'content-range': `bytes ${start}-${end - 1}/${total}` }
    const sent = request({ hostname, port, method: 'PUT', path: session, headers })
    sent.on('error', () => {})
    sent.write(bytes.subarray(start, end - 1000))
    return sent
  }
  const soon = () =>
    new Promise((resolve) => {
      setTimeout(resolve, 20)
    })

  it('goes on from where a connection broke', async () => {
    const session = await begin('broken')
    const sent = slowly(session, 0, 2 * quantum + 2000, bytes.length)
    await soon()
    sent.destroy()
    let held: unknown[] = []
    for (let tries = 0; tries < 100 && held[1] === undefined; tries++) {
      await soon()
      held = await ask(session)
    }
    const end = Number(/-(\d+)$/.exec(String(held[1]))![1]) + 1
    expect(end % quantum).toBe(0)
    expect((await chunk(session, end, bytes.length, bytes.length)).status).toBe(200)
    await isStored('broken')
  })

  it('a request that was overtaken puts nothing down', async () => {
    const session = await begin('overtaken')
    const sent = slowly(session, 0, 2 * quantum, '*')
    await soon()
    await chunk(session, 0, quantum, '*')
    await chunk(session, quantum, 2 * quantum, '*')
    const answer = once(sent, 'response') as Promise<[IncomingMessage]>
    sent.end(bytes.subarray(2 * quantum - 1000, 2 * quantum))
    const [{ statusCode }] = await answer
    expect(statusCode).toBe(400)
    expect(await ask(session)).toEqual([308, `bytes=0-${2 * quantum - 1}`])
    expect((await chunk(session, 2 * quantum, bytes.length, bytes.length)).status).toBe(200)
    await isStored('overtaken')
  })

  it('refuses a body that is not as long as it said, and keeps nothing of it', async () => {
    const session = await begin('length')
    const short = await send(session, `0-${2 * quantum - 1}/*`, bytes.subarray(0, quantum))
    expect(refused(short)).toEqual([400, 'invalid'])
    expect(refused(await send(session, `0-*/${quantum}`, bytes))).toEqual([400, 'invalid'])
    expect(await ask(session)).toEqual([308, undefined])
    const promised = await begin('promised', {}, { 'x-upload-content-length': String(bytes.length) })
    expect(refused(await send(promised, `0-9/10`, bytes.subarray(0, 10)))).toEqual([400, 'invalid'])
  })

  it('refuses a range that says nothing', async () => {
    const session = await begin('range')
    for (const range of ['x', '-5/10', '0-9', '*', '0-9/x', '']) {
      const answer = await send(session, range, 'x')
      expect(refused(answer)).toEqual([400, 'invalid'])
      expect(answer.json.error!.message).toContain('Content-Range')
    }
    for (const range of ['9-0/10', '0-10/10'])
      expect(refused(await send(session, range, 'x'))).toEqual([400, 'invalid'])
    expect(await ask(session)).toEqual([308, undefined])
  })

  it('answers who lost the last answer with the object, and ends only when its total is reached', async () => {
    const session = await begin('lost')
    await chunk(session, 0, 3 * quantum, '*')
    expect((await send(session, `*/${bytes.length}`)).status).toBe(308)
    const { json } = await chunk(session, 3 * quantum, bytes.length, bytes.length)
    for (const range of ['*/*', `*/${bytes.length}`]) {
      const again = await send(session, range)
      expect([again.status, again.json.generation]).toEqual([200, json.generation])
    }
    expect((await chunk(session, 3 * quantum, bytes.length, bytes.length)).json.generation).toBe(json.generation)
    const exact = await begin('exact')
    await chunk(exact, 0, quantum, '*')
    expect((await send(exact, `*/${quantum}`)).json).toMatchObject({ size: String(quantum) })
  })

  it('two that end one session at once are told of one object', async () => {
    const session = await begin('ended')
    await chunk(session, 0, quantum, '*')
    await chunk(session, quantum, 2 * quantum, '*')
    const ends = await Promise.all([1, 2].map(() => send(session, `*/${2 * quantum}`)))
    const { generation } = (await desk.head(bucket, 'ended')).json
    expect(ends.map(({ status, json }) => [status, json.generation])).toEqual([1, 2].map(() => [200, generation]))
  })

  it('a session that is cancelled, unknown, or a week old is gone', async () => {
    const session = await begin('cancelled')
    await chunk(session, 0, quantum, '*')
    expect((await desk.ask('DELETE', session)).status).toBe(499)
    expect(await ask(session)).toEqual([404, undefined])
    expect((await desk.head(bucket, 'cancelled')).status).toBe(404)
    expect(await ask(session.replace(/upload_id=.*/, 'upload_id=unknown'))).toEqual([404, undefined])
    const old = await begin('old')
    desk.clock.nowMs += 7 * 24 * 60 * 60 * 1000
    expect(await ask(old)).toEqual([404, undefined])
  })

  it('checks the whole at the end, and begins anew where it is not what was promised', async () => {
    const session = await begin('corrupt', { crc32c: 'AAAAAA==' })
    await chunk(session, 0, 3 * quantum, '*')
    expect(refused(await chunk(session, 3 * quantum, bytes.length, bytes.length))).toEqual([400, 'invalid'])
    expect(await ask(session)).toEqual([404, undefined])
    const headed = await begin('headed')
    await chunk(headed, 0, 3 * quantum, '*')
    const range = `${3 * quantum}-${bytes.length - 1}/${bytes.length}`
    const wrong = await send(headed, range, bytes.subarray(3 * quantum), { 'x-goog-hash': `md5=${md5Of('other')}` })
    expect(wrong.status).toBe(400)
    expect((await desk.head(bucket, 'headed')).status).toBe(404)
  })

  it('serves the SDK, in one piece and in many, with its own checks on', async () => {
    for (const options of [{}, { chunkSize: quantum }]) {
      const name = `sdk-${Object.keys(options).length}`
      const target = bucket.file(name).createWriteStream({ resumable: true, validation: 'crc32c', ...options })
      await pipeline(Readable.from([bytes.subarray(0, 300_001), bytes.subarray(300_001)]), target)
      const [got] = await bucket.file(name).download()
      expect(createHash('md5').update(got).digest('base64')).toBe(md5Of(bytes))
    }
  })
})
