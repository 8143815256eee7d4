import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { absent, bench, bodyOf, failed, key, never, pinned, storeAt, write } from './bench.ts'
import { answer, object } from './scripted-server.ts'

const MiB = 1024 ** 2
const large = () => write(bodyOf(Buffer.alloc(MiB, 7)))
const told = (method: string) => answer(200, { ...object, ...(method === 'HEAD' ? { 'content-length': '7' } : {}) })

async function settled(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 200 && !holds(); i++) await wait(10)
  expect(holds()).toBe(true)
}

describe('connections', () => {
  it('that do not come about in time are the whole site’s trouble, and the request was not sent', async () => {
    const silent = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void silent.close())
    await once(silent, 'listening')
    const store = storeAt(`https://127.0.0.1:${(silent.address() as AddressInfo).port}`, {}, { connectMs: 100 })
    const acts = {
      put: () => store.put(key, write(), absent, never),
      'large put': () => store.put(key, large(), absent, never),
      remove: () => store.remove(key, pinned, never),
      head: () => store.head(key, never),
    }
    for (const [verb, act] of Object.entries(acts)) {
      const { kind, scope, message } = await failed(act())
      expect({ verb, kind, scope }).toEqual({ verb, kind: 'unreachable', scope: 'site' })
      expect(message).toContain('not sent, ECONNECTIONLATE')
    }
  })

  it('are not waited for: as many requests as a store and its control bucket let through are under way at once', async () => {
    const many = 200
    const { store } = await bench(
      (_, socket) => {
        waiting.push(() => socket.write(told('HEAD')))
        if (waiting.length === many) for (const go of waiting) go()
      },
      {},
      { connectMs: 10_000, silenceMs: 10_000 },
    )
    const waiting: (() => void)[] = []
    const looks = Array.from({ length: many }, async () => store.head(key, never))
    expect(await Promise.all(looks)).toHaveLength(many)
  })

  it('are used again, also by a large body that was asked for, and closed by us once they lie idle', async () => {
    const ports = new Set<number | undefined>()
    const { store, server } = await bench(
      async ({ method, headers, body }, socket) => {
        ports.add(socket.remotePort)
        if (headers.has('expect')) socket.write('HTTP/1.1 100 Continue\r\n\r\n')
        if (method === 'PUT') await body()
        socket.write(told(method))
      },
      {},
      { idleMs: 100 },
    )
    await store.put(key, large(), absent, never)
    await store.put(key, write(), absent, never)
    expect(ports.size).toBe(1)
    await settled(() => server.connections === 0)
    await store.head(key, never)
    expect(ports.size).toBe(2)
  })

  it('get a large body after a while from which nobody asks for it, and once, where it is asked for after all', async () => {
    const pieces = [1, 2, 3, 4].map((letter) => Buffer.alloc(MiB / 4, letter))
    const body = {
      size: MiB,
      async *open() {
        for (const piece of pieces) {
          yield piece
          await wait(50)
        }
      },
    }
    const { store, server } = await bench(
      async ({ method, body }, socket) => {
        if (method === 'PUT') {
          await once(socket, 'data')
          socket.write('HTTP/1.1 100 Continue\r\n\r\n')
          await body()
        }
        socket.write(told(method))
      },
      {},
      { silenceMs: 10_000 },
    )
    await store.put(key, write(body), absent, never)
    expect(Buffer.concat(pieces).equals(await server.requests[0]!.body())).toBe(true)
  })
})
