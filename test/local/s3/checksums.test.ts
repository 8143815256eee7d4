import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { crc32 } from 'node:zlib'
import {
  type ChecksumAlgorithm,
  CopyObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bench, bytesOf, codeOf, openBench, refusal } from './bench.ts'

/** Of the nine digits "123456789": the check values that the catalogues of CRCs print. */
const digits = '123456789'
const known: Readonly<Record<string, string>> = {
  CRC32: hex('cbf43926'),
  CRC32C: hex('e3069283'),
  CRC64NVME: hex('ae8b14860a799888'),
  SHA1: createHash('sha1').update(digits).digest('base64'),
  SHA256: createHash('sha256').update(digits).digest('base64'),
}

function hex(text: string): string {
  return Buffer.from(text, 'hex').toString('base64')
}

describe('checksums of S3', () => {
  let bench: Bench
  beforeAll(async () => {
    bench = await openBench()
  })
  afterAll(() => bench.close())

  const head = (Key: string, more: object = {}) =>
    bench.client.send(new HeadObjectCommand({ Bucket: bench.plain, Key, ChecksumMode: 'ENABLED', ...more }))
  const nothingAt = async (Key: string) => expect(await refusal(head(Key))).toMatchObject({ status: 404 })
  const put = (key: string, headers: Record<string, string>, body = digits) =>
    bench.raw({ method: 'PUT', path: `/plain/${key}`, headers, body })

  it.each(Object.keys(known))('takes %s, keeps it, and gives it back where it is asked for', async (algorithm) => {
    const Key = `kept-${algorithm}`
    const name = `Checksum${algorithm}` as const
    const ChecksumAlgorithm = algorithm as ChecksumAlgorithm
    const answer = await bench.client.send(
      new PutObjectCommand({ Bucket: bench.plain, Key, Body: digits, ChecksumAlgorithm }),
    )
    expect(answer).toMatchObject({ [name]: known[algorithm], ChecksumType: 'FULL_OBJECT' })
    expect(await head(Key)).toMatchObject({ [name]: known[algorithm], ChecksumType: 'FULL_OBJECT' })
    expect(await head(Key, { ChecksumMode: undefined })).not.toHaveProperty(name)
    const got = await bench.client.send(
      new GetObjectCommand({ Bucket: bench.plain, Key, ChecksumMode: 'ENABLED', Range: 'bytes=1-3' }),
    )
    expect(got).not.toHaveProperty(name)
    expect(await got.Body!.transformToString()).toBe('234')
  })

  it.each(Object.keys(known))('refuses bytes that are not those of their %s, and shows nothing', async (algorithm) => {
    const header = `x-amz-checksum-${algorithm.toLowerCase()}`
    const answer = await put(`wrong-${algorithm}`, { [header]: known[algorithm]! }, '123456780')
    expect([answer.status, codeOf(answer)]).toEqual([400, 'BadDigest'])
    await nothingAt(`wrong-${algorithm}`)
    const odd = await put(`odd-${algorithm}`, { [header]: 'AAAA' })
    expect([odd.status, codeOf(odd)]).toEqual([400, 'InvalidRequest'])
  })

  it('checks Content-MD5, and tells one that is none', async () => {
    const md5 = createHash('md5').update(digits).digest('base64')
    expect((await put('md5', { 'content-md5': md5 })).status).toBe(200)
    expect(codeOf(await put('md5-wrong', { 'content-md5': md5 }, 'others'))).toBe('BadDigest')
    expect(codeOf(await put('md5-odd', { 'content-md5': 'not an md5' }))).toBe('InvalidDigest')
    await nothingAt('md5-wrong')
  })

  it('checks the SHA-256 that the signature covers', async () => {
    const payload = createHash('sha256').update('others').digest('hex')
    const answer = await bench.raw({ method: 'PUT', path: '/plain/forged', body: digits, payload })
    expect([answer.status, codeOf(answer)]).toEqual([400, 'XAmzContentSHA256Mismatch'])
    await nothingAt('forged')
  })

  it('computes a CRC64NVME where the writer says none', async () => {
    await put('unsaid', {})
    expect(await head('unsaid')).toMatchObject({ ChecksumCRC64NVME: known['CRC64NVME'], ChecksumType: 'FULL_OBJECT' })
  })

  it('takes one checksum of a body and no more', async () => {
    const two = { 'x-amz-checksum-crc32': known['CRC32']!, 'x-amz-checksum-sha1': known['SHA1']! }
    expect(codeOf(await put('two', two))).toBe('InvalidRequest')
    expect(codeOf(await put('none', { 'x-amz-sdk-checksum-algorithm': 'CRC32' }))).toBe('InvalidRequest')
  })

  it('keeps a streamed body byte for byte, and leaves the framing out of the encoding', async () => {
    const bytes = bytesOf(1_500_017, 3)
    const Body = Readable.from([bytes.subarray(0, 70_000), bytes.subarray(70_000)])
    await bench.client.send(
      new PutObjectCommand({
        Bucket: bench.plain,
        Key: 'stream',
        Body,
        ContentLength: bytes.byteLength,
        ContentEncoding: 'zstd',
      }),
    )
    const got = await bench.client.send(new GetObjectCommand({ Bucket: bench.plain, Key: 'stream' }))
    expect(got.ContentEncoding).toBe('zstd')
    expect(Buffer.compare(await got.Body!.transformToByteArray(), bytes)).toBe(0)
    expect((await head('stream')).ChecksumCRC32).toBe(hex(crc32(bytes).toString(16).padStart(8, '0')))
  })

  it('copies a checksum with its object, and computes another where it is asked to', async () => {
    await put('copied', { 'x-amz-checksum-sha1': known['SHA1']! })
    const copy = (Key: string, more: object) =>
      bench.client.send(
        new CopyObjectCommand({ Bucket: bench.plain, Key, CopySource: `${bench.plain}/copied`, ...more }),
      )
    await copy('copy-same', {})
    await copy('copy-other', { ChecksumAlgorithm: 'CRC32C' })
    expect(await head('copy-same')).toMatchObject({ ChecksumSHA1: known['SHA1'] })
    expect(await head('copy-other')).toMatchObject({ ChecksumCRC32C: known['CRC32C'] })
  })
})
