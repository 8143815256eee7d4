/**
 * Writes at random until it is killed, and says on standard output what it is about to undo and what it was acknowledged.
 * `node writer.ts FOLDER SEED [STEP]` begins when it is told anything on standard input; see crash.test.ts.
 */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { writeSync } from 'node:fs'
import { openEngine } from '#local/servers/engine/engine.ts'
import type { Content } from '#local/servers/engine/model.ts'
import { dieAt } from './die-at.ts'

const [folder = '', seed = '', step = ''] = process.argv.slice(2)
let state = Number(seed)
/** Mulberry32. */
function chance(below: number): number {
  state = (state + 0x6d2b79f5) | 0
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
  return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
}

/** One write to a pipe outlives the process that made it. */
function say(...words: readonly (string | number)[]): void {
  writeSync(1, `${JSON.stringify(words)}\n`)
}

// It is started ahead of its turn: the one before may not have ended.
await once(process.stdin, 'data')
process.stdin.destroy()
if (step !== '') await dieAt(Number(step))
const engine = await openEngine({ folder, now: Date.now })
engine.createBucket('bucket', {})
const bucket = engine.bucket('bucket')!

async function take(): Promise<{ content: Content; md5: string }> {
  // Mostly small, so that death comes mostly while the index changes.
  const size = chance(4) === 0 ? chance(600 * 1024) : chance(2048)
  const bytes = Buffer.alloc(size, `${seed} ${chance(1e9)} `)
  const md5 = createHash('md5').update(bytes).digest('hex')
  async function* body() {
    for (let at = 0; at < size; at += 50_000) yield bytes.subarray(at, at + 50_000)
  }
  return { content: await engine.take(body(), []), md5 }
}

const keys = Array.from({ length: 8 }, (_, index) => `key ${index}`)
const anyKey = () => keys[chance(keys.length)]!

function add(key: string, content: Content, md5s: readonly string[]): void {
  const id = bucket.transact((change) => {
    const order = change.nextOrder()
    const former = change.live(key)
    if (former !== null) change.update(key, former.id, { live: false, leftMs: 1 })
    const versions = { key, id: String(order), order, live: true, marker: false, dateMs: 1, leftMs: null }
    change.add({ ...versions, content, attributes: { md5s: [...md5s] } })
    return String(order)
  })
  say('added', key, id)
}

async function put(): Promise<void> {
  const { content, md5 } = await take()
  add(anyKey(), content, [md5])
}

async function copy(): Promise<void> {
  const source = bucket.live(anyKey())
  if (source !== null) add(anyKey(), source.content, source.attributes['md5s'] as string[])
}

async function erase(): Promise<void> {
  const key = anyKey()
  const versions = [...bucket.versions(key)]
  for (const { id } of versions.slice(4 + chance(4))) {
    say('erasing', key, id)
    bucket.transact((change) => change.erase(key, id))
    say('erased', key, id)
  }
}

async function uploadPart(): Promise<void> {
  const id = `upload ${chance(3)}`
  const { content, md5 } = await take()
  const name = `${chance(4)}`
  say('replacing', id, name)
  bucket.transact((change) => {
    if (change.upload(id) === null) change.beginUpload({ id, key: anyKey(), order: 1, dateMs: 1, attributes: {} })
    change.putPart(id, { name, dateMs: 1, content, attributes: { md5s: [md5] } })
  })
  say('held', id, name, md5)
}

async function complete(): Promise<void> {
  const id = `upload ${chance(3)}`
  const parts = bucket.parts(id)
  const key = bucket.upload(id)?.key
  if (key === undefined) return
  say('ending', id)
  const added = bucket.transact((change) => {
    const order = change.nextOrder()
    const content = engine.join(parts.map(({ content }) => content))
    const md5s = parts.flatMap(({ attributes }) => attributes['md5s'] as string[])
    change.add({
      key,
      id: String(order),
      order,
      live: false,
      marker: false,
      dateMs: 1,
      leftMs: 1,
      content,
      attributes: { md5s, sizes: parts.map(({ content }) => content.size) },
    })
    change.endUpload(id)
    return String(order)
  })
  say('added', key, added)
}

async function giveUp(): Promise<void> {
  await engine.release((await take()).content)
}

const acts = [put, put, copy, erase, uploadPart, uploadPart, complete, giveUp]
say('ready')
async function work(): Promise<never> {
  for (;;) await acts[chance(acts.length)]!()
}
await Promise.all([work(), work()])
