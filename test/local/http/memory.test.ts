import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { expect, it } from 'vitest'

const size = 512 * 2 ** 20
const residentMax = 150_000_000

function* body(): Generator<Buffer> {
  const line = Buffer.alloc(65_521, 'what passes is not what stays; ')
  for (let at = 0; at < size; at += line.length) yield line.subarray(0, Math.min(line.length, size - at))
}

async function ask(url: string, method: string, send: Iterable<Buffer>): Promise<IncomingMessage> {
  const asked = request(url, { method, headers: method === 'PUT' ? { 'content-length': size } : {} })
  const answered = once(asked, 'response') as Promise<[IncomingMessage]>
  await pipeline(Readable.from(send), asked)
  return (await answered)[0]
}

it('half a gigabyte goes in and comes out whole, with less than 150 MB of memory', { timeout: 120_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'isobar-memory-'))
  const child = spawn(process.execPath, [join(import.meta.dirname, 'keeper.ts'), folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    const { value: url } = (await lines.next()) as { value: string }
    const put = await ask(`${url}/large`, 'PUT', body())
    put.resume()
    const sent = createHash('md5')
    for (const bytes of body()) sent.update(bytes)
    expect(put.headers.etag).toBe(sent.digest('hex'))
    const got = createHash('md5')
    for await (const bytes of await ask(`${url}/large`, 'GET', [])) got.update(bytes as Uint8Array)
    expect(got.digest('hex')).toBe(put.headers.etag)
    child.kill('SIGTERM')
    const { value: resident } = (await lines.next()) as { value: string }
    expect(Number(resident)).toBeLessThan(residentMax)
  } finally {
    child.kill('SIGKILL')
    await rm(folder, { recursive: true, force: true })
  }
})
