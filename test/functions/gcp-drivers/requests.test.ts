import { afterAll, beforeAll, expect, it } from 'vitest'
import { version } from '#shared/kernel/version.ts'
import { absent, failed, never } from '#test/contract/subject.ts'
import { Scripted } from '#test/functions/drivers/scripted.ts'
import { key, storeAt, write } from './scripted.ts'

let server: Scripted
beforeAll(async () => {
  server = await new Scripted().listen()
})
afterAll(() => server.close())

it('are sent once where the connection breaks: the transport below repeats nothing of its own accord', async () => {
  server.script = (_request, _answer, socket) => void socket.resetAndDestroy()
  const store = storeAt(server.endpoint)
  for (const act of [
    () => store.head(key, never),
    () => store.list({ prefix: '', after: '', cursor: null, max: 1 }, never),
    () => store.remove(key, version('1|1'), never),
    () => store.put(key, write('x'), absent, never),
  ]) {
    server.requests.length = 0
    await failed(act())
    expect(server.requests).toHaveLength(1)
  }
})

it.each([
  ['204 and nothing', 204, ''],
  ['200 and nothing', 200, ''],
  ['200 and a word', 200, 'null'],
])('takes %s for a deletion that was done', async (_, status, body) => {
  server.script = (_request, answer) => void answer.writeHead(status).end(body)
  await expect(storeAt(server.endpoint).remove(key, version('1|1'), never)).resolves.toBeUndefined()
})
