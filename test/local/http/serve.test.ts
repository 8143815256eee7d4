import { once } from 'node:events'
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Answer } from '#local/servers/http/answer.ts'
import { type Request, serve, type ServeOptions, type Serving } from '#local/servers/http/serve.ts'
import { small } from '#local/servers/http/small.ts'
import { dialled, type Line } from './dialled.ts'

const nowMs = Date.UTC(2026, 10, 25, 4, 5, 6, 789)
const done: Answer = { status: 200, headers: {}, body: 'done' }

describe('a server', () => {
  const open: Serving[] = []
  const lines: Line[] = []
  afterEach(async () => {
    for (const { socket } of lines.splice(0)) socket.destroy()
    for (const serving of open.splice(0)) await serving.close()
  })

  async function start(
    handle: (request: Request) => Promise<Answer>,
    options: Partial<ServeOptions> = {},
  ): Promise<Serving> {
    const failed = (error: unknown): Answer => ({ status: 500, headers: {}, body: `failed: ${String(error)}` })
    const serving = await serve(handle, { now: () => nowMs, failed, ...options })
    open.push(serving)
    return serving
  }

  function dial(serving: Serving): Line {
    const line = dialled(serving.port)
    lines.push(line)
    return line
  }

  it('listens on the loopback address and no other', async () => {
    const serving = await start(async () => done)
    expect(serving.url).toBe(`http://127.0.0.1:${serving.port}`)
    const others = Object.values(networkInterfaces()).flatMap((all) => all ?? [])
    for (const { address } of others.filter(({ internal, family }) => !internal && family === 'IPv4')) {
      expect(await once(connect(serving.port, address), 'error')).toMatchObject([{ code: 'ECONNREFUSED' }])
    }
  })

  it('takes the port it is told, and says so where that is taken', async () => {
    const { port } = await start(async () => done)
    await expect(start(async () => done, { port })).rejects.toThrow('EADDRINUSE')
  })

  it('says what it is, and the time of the clock it was given', async () => {
    const { url } = await start(async () => done)
    const { headers } = await fetch(url)
    expect(headers.get('server')).toBe('isobar-local (for development)')
    expect(headers.get('date')).toBe('Wed, 25 Nov 2026 04:05:06 GMT')
  })

  it('hands over target and headers as they were sent', async () => {
    const seen: Request[] = []
    const serving = await start(async (request) => {
      seen.push(request)
      return done
    })
    const line = dial(serving)
    const target = '/a/../b//./%2e%2E/c%2Fd?x=1&x=2&a=+%20'
    line.send(`GET ${target} HTTP/1.1\r\nhost: x\r\nX-One: 1\r\nx-one: 2\r\nx-bytes: \xc3\xa9\r\n\r\n`)
    await line.hears('done')
    const [{ method, target: raw, rawHeaders, headers }] = seen as [Request]
    expect([method, raw, headers['x-bytes']]).toEqual(['GET', target, '\xc3\xa9'])
    expect(rawHeaders).toEqual(['host', 'x', 'X-One', '1', 'x-one', '2', 'x-bytes', '\xc3\xa9'])
  })

  it('loses no header where there are very many, and refuses those of more than 64 KiB', async () => {
    const serving = await start(async ({ headers }) => ({ ...done, body: `${Object.keys(headers).length} of them` }))
    const many = Array.from({ length: 3000 }, (_, index) => `h${index}: 1\r\n`).join('')
    const line = dial(serving)
    line.send(`GET / HTTP/1.1\r\nhost: x\r\n${many}\r\n`)
    await line.hears('3001 of them')
    const other = dial(serving)
    other.send(`GET / HTTP/1.1\r\nhost: x\r\nlong: ${'x'.repeat(65_536)}\r\n\r\n`)
    expect(await other.end()).toMatch(/^HTTP\/1.1 431 /)
  })

  it('invites a body only when it is asked for', async () => {
    const serving = await start(async (request) => ({
      ...done,
      body: Buffer.from(await small(request, 10)).toString(),
    }))
    const line = dial(serving)
    line.send('PUT /a HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\nexpect: 100-continue\r\n\r\n')
    expect(await line.hears('\r\n\r\n')).toBe('HTTP/1.1 100 Continue\r\n\r\n')
    line.send('abc')
    await line.hears('\r\n\r\nabc')
  })

  it('refuses before the body is invited, and then begins no other request on what may be its bytes', async () => {
    let asked = 0
    const serving = await start(async () => {
      asked++
      return { status: 412, headers: {}, body: 'no' }
    })
    const line = dial(serving)
    line.send('PUT /a HTTP/1.1\r\nhost: x\r\ncontent-length: 35\r\nexpect: 100-continue\r\n\r\n')
    const heard = await line.end()
    expect(heard).toMatch(/^HTTP\/1.1 412 /)
    expect(heard).toMatch(/connection: close/i)
    expect(asked).toBe(1)
  })

  describe.each([
    ['reads nothing of a large body', null, 0],
    ['stops after its first bytes', 'break', 1],
    ['stops after 70,000 bytes', 'break', 70_000],
    ['leaves it after its first bytes and does not say so', 'silence', 1],
    ['leaves it after 70,000 bytes and does not say so', 'silence', 70_000],
  ])('of a handler that %s', (_, how, after) => {
    const read = async (body: Request['body']) => {
      const steps = body[Symbol.asyncIterator]()
      for (let size = 0; size < after;) {
        const step = await steps.next()
        if (step.done !== true) size += step.value.length
      }
      if (how === 'break') await steps.return?.()
    }

    it.each(['answers', 'throws'])('that then %s is heard, and the connection goes on', async (end) => {
      const serving = await start(async ({ target, body }) => {
        if (target === '/next') return done
        await read(body)
        if (end === 'throws') throw new Error('refused')
        return { status: 500, headers: {}, body: 'refused' }
      })
      const line = dial(serving)
      line.send('PUT /a HTTP/1.1\r\nhost: x\r\ncontent-length: 5000000\r\n\r\n')
      line.send('x'.repeat(1_000_000))
      await line.hears('refused')
      line.send('x'.repeat(4_000_000))
      line.send('GET /next HTTP/1.1\r\nhost: x\r\n\r\n')
      const heard = await Promise.race([line.hears('done'), pause(3000, 'no answer to the next request')])
      expect(heard).toMatch(/^HTTP\/1.1 500 [^]*HTTP\/1.1 200 /)
    })
  })

  it('waits a minute for the rest of a body that it has answered, and no longer', async () => {
    const serving = await start(async () => done)
    const [one, other] = [dial(serving), dial(serving)]
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const until = async (comes: () => boolean) => {
      for (let turn = 0; turn < 10_000 && !comes(); turn++) await nextTurn()
    }
    try {
      for (const line of [one, other]) {
        line.send('PUT /a HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n')
        await line.hears('done')
      }
      await until(() => vi.getTimerCount() === 2)
      vi.advanceTimersByTime(59_999)
      one.send('0\r\n\r\n')
      await until(() => vi.getTimerCount() === 1)
      expect(other.socket.destroyed).toBe(false)
      vi.advanceTimersByTime(1)
      await until(() => other.socket.destroyed)
      expect(other.socket.destroyed, 'whether who went on is left').toBe(true)
      one.forget()
      one.send('GET /a HTTP/1.1\r\nhost: x\r\n\r\n')
      await one.hears('done')
    } finally {
      vi.useRealTimers()
    }
  })

  it('tells who reads a body that the client has left', async () => {
    const told: unknown[] = []
    const serving = await start(async (request) => {
      try {
        await small(request, 100)
      } catch (error) {
        told.push(error)
        throw error
      }
      return done
    })
    for (const framing of ['content-length: 9', 'transfer-encoding: chunked']) {
      const other = dial(serving)
      other.send(
        `PUT /a HTTP/1.1\r\nhost: x\r\n${framing}\r\n\r\n${framing.includes('chunked') ? '3\r\nabc\r\n' : 'abc'}`,
      )
      await pause(20)
      other.socket.destroy()
      await vi.waitUntil(() => told.length > 0)
      expect(told.splice(0)).toMatchObject([{ name: 'ClientGone' }])
    }
  })

  it('tells it too where the client had left before the body was asked for', async () => {
    let left: () => void = () => {}
    const gone = new Promise<void>((resolve) => {
      left = resolve
    })
    let told: unknown = null
    const serving = await start(async (request) => {
      await gone
      await pause(30)
      try {
        await small(request, 100)
      } catch (error) {
        told = error
      }
      return done
    })
    const line = dial(serving)
    line.send('PUT /a HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nabc')
    await pause(20)
    line.socket.destroy()
    left()
    await vi.waitUntil(() => told !== null)
    expect(told).toMatchObject({ name: 'ClientGone' })
  })

  it('answers in the words of its face where the handler throws', async () => {
    const { url } = await start(async () => {
      throw new Error('broken')
    })
    const answer = await fetch(url)
    expect([answer.status, await answer.text()]).toEqual([500, 'failed: Error: broken'])
  })

  it('answers so too where the answer cannot be begun: a header that is none, a body whose first step throws', async () => {
    const broken = (): AsyncIterable<Uint8Array> => ({
      [Symbol.asyncIterator]: () => ({ next: async () => Promise.reject(new Error('gone')) }),
    })
    for (const bad of [
      { ...done, headers: { 'x-name': 'snow \u2603' } },
      { ...done, headers: { etag: '1' }, body: broken() },
    ]) {
      const { url } = await start(async () => bad)
      const answer = await fetch(url)
      expect([answer.status, answer.headers.get('etag')]).toEqual([500, null])
      expect(await answer.text()).toMatch(/^failed: .*(?:Invalid character|gone)/)
    }
  })

  it('ends the connection where nothing can be answered, and serves the next', async () => {
    const serving = await start(
      async ({ target }) => {
        if (target === '/next') return done
        throw new Error('broken')
      },
      {
        failed: () => {
          throw new Error('broken again')
        },
      },
    )
    await expect(fetch(serving.url)).rejects.toThrow('fetch failed')
    expect(await (await fetch(`${serving.url}/next`)).text()).toBe('done')
  })

  it('never lets a body that broke off pass for a whole one', async () => {
    async function* breaking() {
      yield Buffer.from('abc')
      throw new Error('the disk is gone')
    }
    async function* short() {
      yield Buffer.from('abc')
    }
    for (const headers of [{ 'content-length': 10 }, {}]) {
      const { url } = await start(async () => ({ status: 200, headers, body: breaking() }))
      await expect(fetch(url).then(async (answer) => answer.text())).rejects.toThrow('terminated')
    }
    const { url } = await start(async () => ({ status: 200, headers: { 'content-length': 10 }, body: short() }))
    await expect(fetch(url).then(async (answer) => answer.text())).rejects.toThrow('terminated')
  })

  it('says how long a body is where it knows, also one that is not there', async () => {
    const bodies: Readonly<Record<string, Answer['body']>> = {
      '/text': 'é',
      '/bytes': Uint8Array.of(0, 255),
      '/none': null,
    }
    const { url } = await start(async ({ target }) => ({ ...done, body: bodies[target]! }))
    for (const [target, length] of [
      ['/text', 2],
      ['/bytes', 2],
      ['/none', 0],
    ] as const) {
      expect((await fetch(url + target)).headers.get('content-length')).toBe(String(length))
    }
    expect(Buffer.from(await (await fetch(`${url}/bytes`)).arrayBuffer()).toString('hex')).toBe('00ff')
  })

  it('sends no body to a HEAD, nor beside 204 and 304, and lets go what was to be read', async () => {
    let gone = 0
    const body = (): AsyncIterable<Uint8Array> => ({
      [Symbol.asyncIterator]: () => ({
        next: async () => ({ done: false, value: Buffer.from('never') }),
        return: async () => {
          gone++
          return { done: true, value: undefined }
        },
      }),
    })
    const serving = await start(async ({ target }) => ({
      status: Number(target.slice(1)),
      headers: target === '/200' ? { 'content-length': 12 } : {},
      body: body(),
    }))
    const line = dial(serving)
    for (const ask of ['HEAD /200', 'GET /204', 'GET /304']) {
      line.forget()
      line.send(`${ask} HTTP/1.1\r\nhost: x\r\n\r\n`)
      const heard = await line.hears('\r\n\r\n')
      expect(heard.endsWith('\r\n\r\n')).toBe(true)
      expect(/content-length: 12/.test(heard)).toBe(ask === 'HEAD /200')
    }
    expect(gone).toBe(3)
  })

  it.each([
    ['a header has no such name', { 'a b': '1' }],
    ['a header has no such value', { 'x-name': 'snow \u2603' }],
    ['it is longer than was said', { 'content-length': 4 }],
  ])('lets go a body that it cannot send: %s', async (_, headers) => {
    async function* endless() {
      for (;;) yield Buffer.from('abc')
    }
    const body = endless()
    const letGo = vi.spyOn(body, 'return')
    const { url } = await start(async () => ({ status: 200, headers, body }))
    await fetch(url)
      .then(async (answer) => answer.text())
      .catch(() => 'broken off')
    expect(letGo).toHaveBeenCalled()
  })

  it('reads no further than its client takes, and stops where that leaves', async () => {
    let given = 0
    let gone = false
    const source: AsyncIterableIterator<Uint8Array> = {
      [Symbol.asyncIterator]: () => source,
      next: async () => {
        given++
        return { done: false, value: Buffer.alloc(100_000) }
      },
      return: async () => {
        gone = true
        return { done: true, value: undefined }
      },
    }
    const serving = await start(async () => ({ status: 200, headers: {}, body: source }))
    const line = dial(serving)
    line.send('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
    await line.hears('HTTP/1.1 200')
    line.socket.pause()
    await pause(100)
    const settled = given
    await pause(100)
    expect(given).toBe(settled)
    line.socket.destroy()
    await vi.waitUntil(() => gone)
  })

  it('passes each step back when it is sent, so that its memory serves again', async () => {
    const passed: unknown[] = []
    async function* reusing(): AsyncGenerator<Uint8Array, void, Uint8Array | undefined> {
      const memory = Buffer.alloc(50_000)
      for (let round = 0; round < 40; round++) {
        const back: unknown = yield memory.fill(97 + (round % 26))
        passed.push(back === memory)
      }
    }
    const { url } = await start(async () => ({ status: 200, headers: {}, body: reusing() }))
    const rounds = Array.from({ length: 40 }, (_, round) => String.fromCharCode(97 + (round % 26)).repeat(50_000))
    expect((await (await fetch(url)).text()) === rounds.join('')).toBe(true)
    expect(passed).toEqual(rounds.map(() => true))
  })

  it('keeps connections, and its end ends them, when those at work have noticed', async () => {
    let noticed = false
    const serving = await start(async ({ target, body }) => {
      if (target === '/first') return done
      try {
        for await (const _ of body) noticed = false
      } finally {
        await pause(30)
        noticed = true
      }
      return done
    })
    const [idle, busy] = [dial(serving), dial(serving)]
    idle.send('GET /first HTTP/1.1\r\nhost: x\r\n\r\n')
    expect(await idle.hears('done')).toMatch(/connection: keep-alive/i)
    busy.send('PUT /a HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nabc')
    await pause(20)
    await serving.close()
    expect(noticed).toBe(true)
    await Promise.all([idle.end(), busy.end()])
    await expect(fetch(serving.url)).rejects.toThrow('fetch failed')
  })
})
