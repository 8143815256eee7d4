import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import type { Readable, Writable } from 'node:stream'
import { afterAll, describe, expect, it } from 'vitest'
import { openEngine } from '#local/servers/engine/engine.ts'
import type { Bucket, Content, Engine, Entry } from '#local/servers/engine/model.ts'
import { numberOf } from '#test/number-of.ts'
import { files } from './desk.ts'

/** The proof asks for more than a suite has time for. */
const rounds = numberOf('ISOBAR_DEATHS', 40)
const writer = join(import.meta.dirname, 'writer.ts')

/** What the writers were acknowledged, over all rounds, and what their last words leave open. */
class Acknowledged {
  readonly added = new Set<string>()
  readonly erased = new Set<string>()
  readonly parts = new Map<string, string>()
  count = 0

  hear([word, ...rest]: string[]): void {
    const name = JSON.stringify(rest.slice(0, 2))
    if (word === 'added') this.added.add(name)
    else if (word === 'erasing') this.added.delete(name)
    else if (word === 'erased') this.erased.add(name)
    else if (word === 'replacing') this.parts.delete(name)
    else if (word === 'held') this.parts.set(name, rest[2]!)
    else if (word === 'ending') {
      for (const part of this.parts.keys()) if ((JSON.parse(part) as string[])[0] === rest[0]) this.parts.delete(part)
    }
    this.count++
  }
}

interface Writer {
  readonly child: ChildProcessByStdio<Writable, Readable, null>
  readonly byClock: boolean
}

/** Every other one dies between two steps of its own, the rest wherever the clock finds them. */
function startWriter(folder: string, seed: number): Writer {
  const byClock = seed % 2 === 0
  const step = byClock ? [] : [String(Math.floor(Math.random() * 1500))]
  const all = [writer, folder, String(seed), ...step]
  return { child: spawn(process.execPath, all, { stdio: ['pipe', 'pipe', 'inherit'] }), byClock }
}

/** Lets a writer work until it is killed, at a moment of nobody's choosing. */
async function killOne({ child, byClock }: Writer, heard: Acknowledged): Promise<void> {
  const ended = once(child, 'exit')
  child.stdin.write('go')
  for await (const line of createInterface({ input: child.stdout })) {
    const words = JSON.parse(line) as string[]
    if (words[0] !== 'ready') heard.hear(words)
    else if (byClock) setTimeout(() => child.kill('SIGKILL'), Math.random() * 120)
  }
  expect(await ended).toEqual([null, 'SIGKILL'])
}

function all(bucket: Bucket): Entry[] {
  const query = { prefix: '', delimiter: null, after: null, max: 100_000, sorted: 'utf8', newestFirst: true } as const
  return [...bucket.list({ ...query, what: 'all' }).entries]
}

/** Each piece of it, as it was summed before it was written. */
async function isWhole(
  engine: Engine,
  { content, attributes }: Pick<Entry, 'content' | 'attributes'>,
): Promise<boolean> {
  const md5s = attributes['md5s'] as string[]
  const sizes = (attributes['sizes'] as number[] | undefined) ?? [content.size]
  let start = 0
  for (const [index, size] of sizes.entries()) {
    const hash = createHash('md5')
    for await (const bytes of engine.read(content, { start, end: start + size })) hash.update(bytes)
    if (hash.digest('hex') !== md5s[index]) return false
    start += size
  }
  return start === content.size
}

function filesOf(contents: readonly Content[]): string[] {
  const large = contents.flatMap(({ pieces }) => pieces.flatMap(({ name, size }) => (size > 16 * 1024 ? [name] : [])))
  return [...new Set(large)].toSorted()
}

/** What SQLite itself says of its tables and indexes. */
function soundness(folder: string): unknown {
  const database = new DatabaseSync(join(folder, 'index.sqlite'), { readOnly: true })
  try {
    return database.prepare('PRAGMA integrity_check').get()?.['integrity_check']
  } finally {
    database.close()
  }
}

/** What is wrong with what the dead left, in words; nothing is right. */
async function complaints(folder: string, heard: Acknowledged): Promise<unknown[]> {
  const engine = await openEngine({ folder, now: Date.now })
  // A writer may have died before it made one.
  engine.createBucket('bucket', {})
  const bucket = engine.bucket('bucket')!
  const entries = all(bucket)
  const parts = [...bucket.uploads('')].flatMap(({ id }) =>
    bucket.parts(id).map((part) => Object.assign({ of: id }, part)),
  )
  const there = new Set(entries.map(({ key, id }) => JSON.stringify([key, id])))
  const held = new Map(parts.map((part) => [JSON.stringify([part.of, part.name]), part.attributes['md5s']]))
  const found: unknown[] = [
    ...[...heard.added].filter((name) => !there.has(name)).map((name) => `acknowledged and gone: ${name}`),
    ...[...heard.erased].filter((name) => there.has(name)).map((name) => `erased and there: ${name}`),
    ...[...heard.parts]
      .filter(([name, md5]) => JSON.stringify(held.get(name)) !== JSON.stringify([md5]))
      .map(([name]) => `a part that was held and is not: ${name}`),
  ]
  for (const one of [...entries, ...parts]) if (!(await isWhole(engine, one))) found.push(['torn', one])
  const [kept, known] = [await files(folder), filesOf([...entries, ...parts].map(({ content }) => content))]
  if (kept.join() !== known.join()) found.push(['files', kept, 'known', known])
  await engine.close()
  if (soundness(folder) !== 'ok') found.push(soundness(folder))
  return found
}

describe('an engine whose process is killed', () => {
  let folder: string
  let next: Writer
  afterAll(async () => {
    next.child.kill('SIGKILL')
    await rm(folder, { recursive: true, force: true })
  })

  it(
    `loses nothing acknowledged, shows nothing torn, leaves no orphan: ${rounds} deaths`,
    async () => {
      folder = await mkdtemp(join(tmpdir(), 'isobar-killed-'))
      const heard = new Acknowledged()
      const seed = Math.floor(Math.random() * 1e9)
      next = startWriter(folder, seed)
      for (let round = 0; round < rounds; round++) {
        const dying = next
        next = startWriter(folder, seed + round + 1)
        await killOne(dying, heard)
        expect({ seed, round, complaints: await complaints(folder, heard) }).toEqual({ seed, round, complaints: [] })
      }
      expect(heard.count).toBeGreaterThan(rounds * 5)
    },
    rounds * 4_500,
  )
})
