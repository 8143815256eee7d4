import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEngine } from '#local/servers/engine/engine.ts'
import type { Attributes, Bucket, Content, Engine, Entry, Transaction } from '#local/servers/engine/model.ts'
import { atEndOfFile } from '#test/end-of-file.ts'

/** An engine on a folder of its own, with one bucket and a clock that stands still until it is moved. */
export interface Desk {
  readonly folder: string
  readonly clock: { nowMs: number }
  readonly engine: Engine
  readonly bucket: Bucket
}

export async function desk(before?: Desk): Promise<Desk> {
  const folder = before?.folder ?? (await mkdtemp(join(tmpdir(), 'isobar-engine-')))
  const clock = before?.clock ?? { nowMs: 1_700_000_000_000 }
  const engine = await openEngine({ folder, now: () => clock.nowMs })
  engine.createBucket('bucket', {})
  atEndOfFile(async () => {
    await engine.close()
    await rm(folder, { recursive: true, force: true })
  })
  return { folder, clock, engine, bucket: engine.bucket('bucket')! }
}

export async function* pieces(...all: (Uint8Array | string)[]): AsyncGenerator<Uint8Array> {
  for (const one of all) yield Buffer.from(one)
}

export async function whole(body: AsyncIterable<Uint8Array>): Promise<string> {
  const all: Uint8Array[] = []
  for await (const bytes of body) all.push(Uint8Array.from(bytes))
  return Buffer.concat(all).toString('latin1')
}

/** Letters in an order that shows a misplaced piece. */
export function text(size: number, seed = 0): string {
  const line = Array.from({ length: 251 }, (_, index) => String.fromCharCode(97 + ((index * 7 + seed) % 26))).join('')
  return line.repeat(Math.ceil(size / line.length)).slice(0, size)
}

export function entry(key: string, order: number, more: Partial<Entry> = {}): Entry {
  const nothing: Content = { size: 0, sums: {}, pieces: [] }
  return {
    key,
    id: `v${order}`,
    order,
    live: true,
    marker: false,
    dateMs: order,
    leftMs: null,
    content: nothing,
    attributes: {},
    ...more,
  }
}

/** What a versioned bucket does with a put: the former live one is put aside. */
export function place(change: Transaction, key: string, content: Content, attributes: Attributes = {}): Entry {
  const former = change.live(key)
  if (former !== null) change.update(key, former.id, { live: false })
  const added = entry(key, change.nextOrder(), { content, attributes })
  change.add(added)
  return added
}

export async function put({ engine, bucket }: Desk, key: string, body: string): Promise<Entry> {
  const content = await engine.take(pieces(body), ['md5'])
  return bucket.transact((change) => place(change, key, content))
}

/** The files that contents live in, finished and unfinished. */
export async function files(folder: string): Promise<string[]> {
  const all = await readdir(folder, { recursive: true, withFileTypes: true })
  return all
    .filter((file) => file.isFile() && !file.name.startsWith('index.sqlite'))
    .map(({ name }) => name)
    .toSorted()
}
