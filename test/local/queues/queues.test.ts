import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type EmbeddedQueue, Queues } from '#local/queues/queues.ts'

const options = { visibilityMs: 100, receivesMax: 3 }

let folder: string
let nowMs: number
let queues: Queues
let queue: EmbeddedQueue

const open = () => {
  queues = new Queues(join(folder, 'queues.sqlite'), () => nowMs)
  queue = queues.queue('short', options)
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'isobar-queues-'))
  nowMs = 1_000
  open()
})

afterEach(() => {
  queues.close()
  rmSync(folder, { recursive: true })
})

const received = (most = 10) => queue.receive(most).map(({ body }) => body)

describe('a message', () => {
  it('is handed out no sooner than its delay, exactly as it was sent', async () => {
    await queue.send({ text: 'é\u0000"' }, 10)
    nowMs += 9
    expect(received()).toEqual([])
    nowMs += 1
    expect(received()).toEqual(['{"text":"é\\u0000\\""}'])
    queue.put('no JSON, \u0000 and all', 0)
    expect(received()).toEqual(['no JSON, \u0000 and all'])
  })

  it('that is not acknowledged is handed out again, and no sooner than it was agreed', () => {
    queue.put('a', 0)
    expect(received()).toEqual(['a'])
    nowMs += 99
    expect(received()).toEqual([])
    nowMs += 1
    expect(queue.receive(1)).toMatchObject([{ body: 'a', receives: 2 }])
    expect(queue.size).toBe(1)
  })

  it('that is acknowledged is gone', () => {
    queue.put('a', 0)
    expect(queue.receive(1)[0]!.acknowledge()).toBe(true)
    nowMs += 1_000
    expect(received()).toEqual([])
    expect(queue.size).toBe(0)
  })

  it('that came back meanwhile is no longer whoever’s who had it: neither to acknowledge nor to give back', () => {
    queue.put('a', 0)
    const [late] = queue.receive(1)
    nowMs += 100
    const [second] = queue.receive(1)
    expect(late!.acknowledge()).toBe(false)
    late!.giveBack(0)
    expect(received()).toEqual([])
    expect(second!.acknowledge()).toBe(true)
  })

  it('that is given back comes again when it was said', () => {
    queue.put('a', 0)
    queue.receive(1)[0]!.giveBack(30)
    nowMs += 29
    expect(received()).toEqual([])
    nowMs += 1
    expect(received()).toEqual(['a'])
  })

  it('that was handed out too often is put aside whole, and none after it waits for that', () => {
    queue.put('poison', 0)
    for (const receives of [1, 2, 3]) {
      expect(queue.receive(1)).toMatchObject([{ body: 'poison', receives }])
      nowMs += 100
    }
    queue.put('good', 0)
    expect(received()).toEqual(['good'])
    expect(queue.deadLetters()).toEqual([{ id: 1, body: 'poison', receives: 3, sentMs: 1_000 }])
    expect(queue.size).toBe(1)
  })

  it('that was put aside is due again once it is redriven, with all its tries', () => {
    queue.put('mended', 0)
    for (const _ of [1, 2, 3, 4]) {
      queue.receive(1)
      nowMs += 100
    }
    expect(queue.deadLetters()).toHaveLength(1)
    expect(queue.redrive()).toBe(1)
    expect(queue.deadLetters()).toEqual([])
    expect(queue.receive(1)).toMatchObject([{ body: 'mended', receives: 1 }])
  })

  it('stays in its own queue', () => {
    const other = queues.queue('long', options)
    queue.put('a', 0)
    expect(other.receive(1)).toEqual([])
    expect([queue.size, other.size]).toEqual([1, 0])
    expect(other.redrive()).toBe(0)
  })
})

it('the ones that have been due for longest come first, equals in the order in which they were sent, and no more than asked for', () => {
  for (const [body, delayMs] of [
    ['c', 5],
    ['a', 1],
    ['b', 1],
  ] as const)
    queue.put(body, delayMs)
  expect(queue.dueMs).toBe(1_001)
  nowMs += 10
  expect([received(2), received(2), received(2)]).toEqual([['a', 'b'], ['c'], []])
})

it('what waits, is held or is dead outlives the process, and the wait goes on meanwhile', () => {
  queue.put('waits', 500)
  queue.put('held', 0)
  queue.receive(1)
  queues.close()
  nowMs += 100
  open()
  expect(queue.receive(10)).toMatchObject([{ body: 'held', receives: 2 }])
  nowMs += 400
  expect(received()).toEqual(['held', 'waits'])
})

it('a file that another process has is refused', () => {
  expect(() => new Queues(join(folder, 'queues.sqlite'), () => nowMs)).toThrow('is in use by another process')
})

it('nothing that was sent is gone, and nothing acknowledged comes back, after a kill at any moment', async () => {
  queues.close()
  const file = join(folder, 'queues.sqlite')
  const script = `
    import { writeSync } from 'node:fs'
    import { Queues } from ${JSON.stringify(import.meta.resolve('#local/queues/queues.ts'))}
    const queue = new Queues(${JSON.stringify(file)}, Date.now).queue('short', { visibilityMs: 0, receivesMax: 1000 })
    for (let i = 0; i < 100000; i++) {
      queue.put(String(i), 0)
      writeSync(1, '+' + i + '\\n')
      if (i % 3 === 0) continue
      const [delivery] = queue.receive(1)
      if (delivery.acknowledge()) writeSync(1, '-' + delivery.body + '\\n')
    }`
  for (let round = 0; round < 3; round++) {
    rmSync(file, { force: true })
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let said = ''
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      if (said.length > 2_000 * (round + 1)) child.kill('SIGKILL')
    })
    await once(child, 'close')
    const lines = said.split('\n').slice(0, -1)
    const gone = new Set(lines.filter((line) => line.startsWith('-')).map((line) => line.slice(1)))
    const due = lines.filter((line) => line.startsWith('+')).map((line) => line.slice(1))
    nowMs = Date.now() + 1_000
    open()
    const left = new Set(queue.receive(1e6).map(({ body }) => body))
    expect(due.filter((body) => !gone.has(body) && !left.has(body)).length).toBeLessThanOrEqual(1) // Acknowledged, and killed before it could say so.
    expect([...gone].filter((body) => left.has(body))).toEqual([])
    queues.close()
  }
  open()
})
