import { beforeEach, expect, it } from 'vitest'
import { MemoryQueue } from '#shared/memory/queue.ts'

let nowMs: number
let queue: MemoryQueue<{ readonly text: string }>

beforeEach(() => {
  nowMs = 0
  queue = new MemoryQueue({ clock: { monotonic: () => nowMs }, visibilityMs: 100 })
})

const received = () => queue.receive()?.message.text ?? null

it('a message is handed out no sooner than its delay', async () => {
  await queue.send({ text: 'a' }, 10)
  nowMs = 9
  expect(received()).toBeNull()
  nowMs = 10
  expect(received()).toBe('a')
})

it('what is not acknowledged is handed out again, and no sooner than it was agreed', async () => {
  await queue.send({ text: 'a' }, 0)
  expect(received()).toBe('a')
  nowMs = 99
  expect(received()).toBeNull()
  nowMs = 100
  expect(received()).toBe('a')
  expect(queue.size).toBe(1)
})

it('what is acknowledged is gone, and stays gone when it is acknowledged twice', async () => {
  await queue.send({ text: 'a' }, 0)
  const delivery = queue.receive()!
  delivery.acknowledge()
  delivery.acknowledge()
  nowMs = 1_000
  expect(received()).toBeNull()
  expect(queue.size).toBe(0)
})

it('two equal messages are two', async () => {
  await queue.send({ text: 'a' }, 0)
  await queue.send({ text: 'a' }, 0)
  queue.receive()!.acknowledge()
  expect(queue.size).toBe(1)
  expect(received()).toBe('a')
})

it('the one that has been due for longest comes first, and equals in the order in which they were sent', async () => {
  for (const [text, delayMs] of [
    ['c', 5],
    ['a', 1],
    ['b', 1],
  ] as const)
    await queue.send({ text }, delayMs)
  expect(queue.dueMs).toBe(1)
  nowMs = 10
  expect([received(), received(), received(), received()]).toEqual(['a', 'b', 'c', null])
})

it('a message keeps what it was when it was sent', async () => {
  const message = { text: 'then' }
  await queue.send(message, 0)
  message.text = 'now'
  const first = queue.receive()!.message
  expect(first.text).toBe('then')
  nowMs = 100
  expect(queue.receive()!.message).not.toBe(first)
})
