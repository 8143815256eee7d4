import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { relatedParts } from '#local/servers/gcs/related.ts'
import { Desk, refused } from './desk.ts'

const boundary = 'a=b'
const type = `multipart/related; type="application/json"; boundary="${boundary}"`
const document = '{"name":"x"}'

/** In pieces of this many bytes. */
async function* cut(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text, 'latin1')
  for (let at = 0; at < bytes.length; at += size) yield Uint8Array.from(bytes.subarray(at, at + size))
}

function bodyOf(media: string, { preamble = '', end = `\r\n--${boundary}--`, epilogue = '' } = {}): string {
  return `${preamble}--${boundary}\r\nContent-Type: application/json\r\n\r\n${document}\r\n--${boundary}\r\nContent-Type: text/x-odd\r\n\r\n${media}${end}${epilogue}`
}

async function read(body: string, size: number, contentType = type): Promise<[string, string | null, string]> {
  const { document, mediaType, media } = await relatedParts(contentType, cut(body, size))
  const all: Buffer[] = []
  for await (const bytes of media) all.push(Buffer.from(bytes))
  return [document, mediaType, Buffer.concat(all).toString('latin1')]
}

describe('bodies of type multipart/related', () => {
  const medias = [
    '',
    'x',
    'bytes',
    '\r\n',
    `\r\n--${boundary.slice(0, -1)}`,
    '\r\n--\r\n--',
    '\r\n\r\n\r\n',
    '\r\n-'.repeat(50),
    'long '.repeat(1000),
  ]

  it('are the same bytes, wherever the pieces are cut', async () => {
    for (const media of medias) {
      for (const size of [1, 2, 3, 5, 7, 11, 64, 100_000]) {
        expect(await read(bodyOf(media), size)).toEqual([document, 'text/x-odd', media])
      }
    }
  })

  it('may have something before the first boundary and behind the last', async () => {
    const body = bodyOf('bytes', { preamble: 'before\r\n', epilogue: '\r\nbehind' })
    expect(await read(body, 7)).toEqual([document, 'text/x-odd', 'bytes'])
  })

  it('are refused where anything is missing, and never taken for whole', async () => {
    const whole = bodyOf('bytes')
    for (let length = 0; length < whole.length; length++) {
      await expect(read(whole.slice(0, length), 9)).rejects.toMatchObject({ kind: 'parseError' })
    }
  })

  it('are refused with a third part, an encoded part, a header without a name, or no boundary', async () => {
    const third = bodyOf(`bytes\r\n--${boundary}\r\n\r\nmore`)
    const encoded = bodyOf('bytes').replace('text/x-odd', 'text/x-odd\r\nContent-Transfer-Encoding: base64')
    const nameless = bodyOf('bytes').replace('Content-Type: text', ': text')
    for (const body of [third, encoded, nameless]) {
      await expect(read(body, 50)).rejects.toMatchObject({ kind: 'parseError' })
    }
    for (const contentType of [
      '',
      'multipart/related',
      'multipart/mixed; boundary=x',
      'multipart/related; boundary=',
    ]) {
      await expect(read(bodyOf('bytes'), 50, contentType)).rejects.toMatchObject({ kind: 'parseError' })
    }
  })

  it('hold no more of a resource than a resource may have', async () => {
    const body = bodyOf('bytes').replace(document, `"${'x'.repeat(70_000)}"`)
    await expect(read(body, 1000)).rejects.toMatchObject({ kind: 'parseError' })
  })

  it('refused half-way leave their connection to the next request', async () => {
    const desk = await Desk.open()
    const bucket = await desk.bucket()
    const rest = '['.repeat(2_000_000)
    const plain = 'content-type: application/json\r\n\r\n'
    for (const [begin, reason] of [
      [`--cut\r\n${plain}`, 'parseError'],
      ['--cut\r\nno header\r\n\r\n', 'parseError'],
      [`--cut\r\n${plain}{\r\n--cut\r\n\r\n`, 'parseError'],
      [`--cut\r\n${plain}{"name":".."}\r\n--cut\r\n\r\n`, 'invalid'],
    ] as const) {
      const answer = await desk.ask('POST', `/upload/storage/v1/b/${bucket.name}/o?uploadType=multipart`, {
        headers: { 'content-type': 'multipart/related; boundary=cut' },
        body: begin + rest,
      })
      expect([begin, ...refused(answer)]).toEqual([begin, 400, reason])
      const next = await Promise.race([desk.ask('GET', `/storage/v1/b/${bucket.name}`), pause(3000)])
      expect([begin, next?.status]).toEqual([begin, 200])
    }
  })
})
