import { Agent } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bench, codeOf, openBench } from './bench.ts'
import type { ChunkSigner, RawAnswer } from './raw.ts'

const crc = 'y/Q5Jg=='
const digits = '123456789'

/** Chunks as one that signs each would send them; `bend` may change what is sent after it was signed. */
function signed(signer: ChunkSigner, pieces: readonly string[], trailer: string | null, bend = (text: string) => text) {
  let previous = signer.seed
  let body = ''
  for (const piece of [...pieces, '']) {
    previous = signer.chunk(previous, piece)
    body += `${piece.length.toString(16)};chunk-signature=${previous}\r\n`
    if (piece !== '') body += `${bend(piece)}\r\n`
  }
  if (trailer === null) return `${body}\r\n`
  const signature = signer.trailer(previous, `${trailer}\n`)
  return `${body}${trailer}\r\nx-amz-trailer-signature:${signature}\r\n\r\n`
}

describe('bodies in aws-chunked form', () => {
  let bench: Bench
  beforeAll(async () => {
    bench = await openBench()
  })
  afterAll(() => bench.close())

  const outcome = async (answer: RawAnswer): Promise<string> => {
    if (answer.status === 200) return bench.text(bench.plain, 'chunked')
    const { status } = await bench.raw({ method: 'HEAD', path: '/plain/chunked' })
    expect(status).toBe(404)
    return codeOf(answer)
  }

  const unsigned = async (body: string, more: Record<string, string> = {}) => {
    await bench.raw({ method: 'DELETE', path: '/plain/chunked' })
    const headers = {
      'content-encoding': 'aws-chunked',
      'x-amz-trailer': 'x-amz-checksum-crc32',
      'x-amz-decoded-content-length': '9',
      ...more,
    }
    const payload = 'STREAMING-UNSIGNED-PAYLOAD-TRAILER'
    return outcome(await bench.raw({ method: 'PUT', path: '/plain/chunked', headers, body, payload }))
  }

  const chunkwise = async (
    trailer: string | null,
    make: (signer: ChunkSigner) => string,
    length = String(digits.length),
  ) => {
    await bench.raw({ method: 'DELETE', path: '/plain/chunked' })
    const headers = {
      'content-encoding': 'aws-chunked',
      'x-amz-decoded-content-length': length,
      ...(trailer === null ? {} : { 'x-amz-trailer': 'x-amz-checksum-crc32' }),
    }
    const payload = `STREAMING-AWS4-HMAC-SHA256-PAYLOAD${trailer === null ? '' : '-TRAILER'}`
    return outcome(await bench.raw({ method: 'PUT', path: '/plain/chunked', headers, payload, chunks: make }))
  }

  it('takes chunks of any size with the checksum after them', async () => {
    expect(await unsigned(`4\r\n1234\r\n5\r\n56789\r\n0\r\nx-amz-checksum-crc32:${crc}\r\n\r\n`)).toBe(digits)
  })

  it('refuses bytes that are not those of the trailer', async () => {
    expect(await unsigned(`9\r\n123456780\r\n0\r\nx-amz-checksum-crc32:${crc}\r\n\r\n`)).toBe('BadDigest')
  })

  it('refuses a trailer that is missing, another, or one too many', async () => {
    expect(await unsigned(`9\r\n${digits}\r\n0\r\n\r\n`)).toBe('MalformedTrailerError')
    expect(await unsigned(`9\r\n${digits}\r\n0\r\nx-amz-checksum-sha1:${crc}\r\n\r\n`)).toBe('MalformedTrailerError')
    const one = `x-amz-checksum-crc32:${crc}\r\n`
    expect(await unsigned(`9\r\n${digits}\r\n0\r\n${one}${one}\r\n`)).toBe('MalformedTrailerError')
  })

  it('refuses framing that ends early, does not fit, or goes on', async () => {
    const end = `0\r\nx-amz-checksum-crc32:${crc}\r\n\r\n`
    for (const body of [
      `9\r\n${digits}\r\n`,
      `a\r\n${digits}\r\n${end}`,
      `8\r\n${digits}\r\n${end}`,
      `no\r\n${digits}\r\n${end}`,
      `9\r\n${digits}\r\n${end}more`,
      'x'.repeat(10_000),
      '',
    ])
      expect(await unsigned(body), body.slice(0, 40)).toBe('IncompleteBody')
  })

  it('refuses more or fewer bytes than were announced', async () => {
    const body = `9\r\n${digits}\r\n0\r\nx-amz-checksum-crc32:${crc}\r\n\r\n`
    expect(await unsigned(body, { 'x-amz-decoded-content-length': '8' })).toBe('IncompleteBody')
    expect(await unsigned(body, { 'x-amz-decoded-content-length': '10' })).toBe('IncompleteBody')
  })

  it('takes signed chunks, with a signed trailer and without', async () => {
    expect(await chunkwise(null, (signer) => signed(signer, ['1234', '56789'], null))).toBe(digits)
    const trailer = `x-amz-checksum-crc32:${crc}`
    expect(await chunkwise(trailer, (signer) => signed(signer, ['1234', '56789'], trailer))).toBe(digits)
  })

  it('refuses a chunk that is not what was signed', async () => {
    const bent = (signer: ChunkSigner) => signed(signer, ['1234', '56789'], null, (text) => text.replace('5', '6'))
    expect(await chunkwise(null, bent)).toBe('SignatureDoesNotMatch')
  })

  it('refuses what stands between two chunks', async () => {
    const more = (signer: ChunkSigner) => signed(signer, ['1234', '56789'], null).replace('1234\r\n', '1234more\r\n')
    expect(await chunkwise(null, more)).toBe('IncompleteBody')
  })

  it('refuses chunks that were left out or changed places', async () => {
    const cut = (signer: ChunkSigner) => signed(signer, ['1234', '56789'], null).replace(/^4;[^]*?\r\n1234\r\n/, '')
    expect(await chunkwise(null, cut, '5')).toBe('SignatureDoesNotMatch')
    const swapped = (signer: ChunkSigner) => {
      const [, first = '', second = '', rest = ''] =
        /^(4;.*\r\n.*\r\n)(5;.*\r\n.*\r\n)([^]*)$/.exec(signed(signer, ['1234', '56789'], null)) ?? []
      return second + first + rest
    }
    expect(await chunkwise(null, swapped)).toBe('SignatureDoesNotMatch')
  })

  it('refuses a trailer that is not what was signed', async () => {
    const trailer = `x-amz-checksum-crc32:${crc}`
    const bent = (signer: ChunkSigner) => signed(signer, [digits], trailer).replace(crc, 'AAAAAA==')
    expect(await chunkwise(trailer, bent)).toBe('SignatureDoesNotMatch')
  })

  it.each([
    ['a chunk size that is none', 'zz\r\n'],
    ['a line that does not end', 'a'.repeat(5000)],
    ['no line break after a chunk', '1\r\nxyz'],
  ])('refused half-way for %s leave their connection to the next request', async (_, begin) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    try {
      const headers = { 'x-amz-trailer': 'x-amz-checksum-crc32', 'x-amz-decoded-content-length': '9' }
      const payload = 'STREAMING-UNSIGNED-PAYLOAD-TRAILER'
      const body = begin + 'q'.repeat(2_000_000)
      const refused = await bench.raw({ method: 'PUT', path: '/plain/halfway', headers, body, payload, agent })
      expect([refused.status, codeOf(refused)]).toEqual([400, 'IncompleteBody'])
      const next = await Promise.race([bench.raw({ path: '/plain', agent }), pause(3000)])
      expect(next?.status, 'the answer to the next request').toBe(200)
    } finally {
      agent.destroy()
    }
  })
})
