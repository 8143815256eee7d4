import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { BlobClient, BlobSASPermissions, ContainerClient, StorageSharedKeyCredential } from '@azure/storage-blob'
import { describe, expect, it } from 'vitest'
import { numberOf } from '#test/number-of.ts'
import { account, accountKey, credentials, type Kind, kinds, region, token } from './doors.ts'
import { presign } from './s3/raw.ts'

/** More than the memory that it may take. */
const size = numberOf('ISOBAR_LARGE_MB', 192) * 2 ** 20
const residentMax = 150_000_000

/** Where a plain HTTP client puts one object and gets it. */
interface Door {
  readonly put: string
  readonly get: string
  readonly headers: Readonly<Record<string, string>>
}

async function azureDoor(url: string, name: string, key: string): Promise<Door> {
  const blob = new BlobClient(`${url}/large/object`, new StorageSharedKeyCredential(name, key))
  const permissions = BlobSASPermissions.parse('rcw')
  const signed = await blob.generateSasUrl({ permissions, expiresOn: new Date(Date.now() + 3_600_000) })
  return { put: signed, get: signed, headers: { 'x-ms-blob-type': 'BlockBlob', 'x-ms-version': '2025-11-05' } }
}

const doors: Readonly<Record<Kind, (url: string) => Promise<Door>>> = {
  async s3(url) {
    const asked = { path: '/large/object', credentials, region, nowMs: Date.now(), seconds: 3_600 }
    const signed = (method: string) => url + presign({ ...asked, method, port: Number(new URL(url).port) })
    return { put: signed('PUT'), get: signed('GET'), headers: {} }
  },
  azure: (url) => azureDoor(`${url}/${account}`, account, accountKey),
  async gcs(url) {
    const headers = { authorization: `Bearer ${token}` }
    const named = JSON.stringify({ name: 'large' })
    await fetch(`${url}/storage/v1/b?project=isobar`, { method: 'POST', headers, body: named })
    const put = `${url}/upload/storage/v1/b/large/o?uploadType=media&name=object`
    return { put, get: `${url}/storage/v1/b/large/o/object?alt=media`, headers }
  },
}

function* body(): Generator<Buffer> {
  const line = Buffer.alloc(65_521, 'what passes is not what stays; ')
  for (let at = 0; at < size; at += line.length) yield line.subarray(0, Math.min(line.length, size - at))
}

async function ask(url: string, method: string, headers: Door['headers']): Promise<IncomingMessage> {
  const length = method === 'GET' ? {} : { 'content-length': String(size) }
  const asked = request(url, { method, headers: { ...headers, ...length } })
  Readable.from(method === 'GET' ? [] : body()).pipe(asked)
  const [answer] = (await once(asked, 'response')) as [IncomingMessage]
  return answer
}

/** There and back, whole. Answers the seconds that it took. */
async function roundTrip({ put, get, headers }: Door): Promise<number> {
  const began = performance.now()
  const written = await ask(put, put.includes('uploadType') ? 'POST' : 'PUT', headers)
  const answer = Buffer.concat(await Array.fromAsync(written as AsyncIterable<Buffer>)).toString()
  expect([written.statusCode, answer]).toEqual([expect.toBeOneOf([200, 201]), expect.any(String)])
  const got = createHash('md5')
  for await (const bytes of await ask(get, 'GET', headers)) got.update(bytes as Uint8Array)
  const seconds = (performance.now() - began) / 1000
  const sent = createHash('md5')
  for (const bytes of body()) sent.update(bytes)
  expect(got.digest('hex')).toBe(sent.digest('hex'))
  return seconds
}

/** An embedded cloud in a process of its own, for as long as it is asked. */
async function during<T>(kind: Kind, act: (url: string, ended: () => Promise<number>) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'isobar-large-'))
  const program = join(import.meta.dirname, 'embedded.ts')
  const child: ChildProcess = spawn(process.execPath, [program, kind, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]()
    const said = async () => ((await lines.next()) as { value: string }).value
    return await act(await said(), async () => {
      child.kill('SIGTERM')
      return Number(await said())
    })
  } finally {
    child.kill('SIGKILL')
    await rm(folder, { recursive: true, force: true })
  }
}

describe(`an object of ${size / 2 ** 20} MiB goes in and comes out whole`, () => {
  it.each(kinds)('at the embedded %s, with less than 150 MB of memory', { timeout: 300_000 }, async (kind) => {
    await during(kind, async (url, ended) => {
      await roundTrip(await doors[kind](url))
      expect(await ended()).toBeLessThan(residentMax)
    })
  })
})

/** The account that every Azurite has. */
const azurite = {
  url: process.env['ISOBAR_AZURITE'] ?? '',
  account: 'devstoreaccount1',
  key: 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==',
}
const rounds = 3

/** By turns, so that what else this machine does strikes all alike. */
async function medians(all: Readonly<Record<string, Door>>): Promise<Readonly<Record<string, number>>> {
  const times = new Map(Object.keys(all).map((name) => [name, [] as number[]]))
  for (let round = 0; round < rounds; round++)
    for (const [name, door] of Object.entries(all)) times.get(name)!.push(await roundTrip(door))
  return Object.fromEntries([...times].map(([name, taken]) => [name, taken.toSorted((a, b) => a - b)[rounds >> 1]!]))
}

it('ISOBAR_AZURITE is where Azurite listens: no embedded cloud is slower', { timeout: 900_000 }, async ({ skip }) => {
  skip(azurite.url === '', 'no address was given')
  const address = `${azurite.url}/${azurite.account}`
  const theirs = new ContainerClient(`${address}/large`, new StorageSharedKeyCredential(azurite.account, azurite.key))
  await theirs.createIfNotExists()
  await during('s3', (s3) =>
    during('azure', (azure) =>
      during('gcs', async (gcs) => {
        const ours = { s3: await doors.s3(s3), azure: await doors.azure(azure), gcs: await doors.gcs(gcs) }
        const taken = await medians({ azurite: await azureDoor(address, azurite.account, azurite.key), ...ours })
        const slower = kinds.filter((kind) => taken[kind]! > taken['azurite']!)
        expect({ slower, taken }).toEqual({ slower: [], taken })
        console.log(`${size / 2 ** 20} MiB there and back, seconds: ${JSON.stringify(taken)}`)
      }),
    ),
  )
})
