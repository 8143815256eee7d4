import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import {
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
  type UploadPartRequest,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bench, bytesOf, codeOf, MiB, openBench, refusal } from './bench.ts'

const first = bytesOf(5 * MiB, 1)
const last = bytesOf(1000, 2)
const whole = Buffer.concat([first, last])

function base64(algorithm: string, bytes: Uint8Array): string {
  return createHash(algorithm).update(bytes).digest('base64')
}

describe('uploads in parts', () => {
  let bench: Bench
  beforeAll(async () => {
    bench = await openBench()
  })
  afterAll(() => bench.close())

  interface Begun {
    readonly part: (PartNumber: number, Body: Uint8Array | string, more?: object) => Promise<CompletedPart>
    readonly complete: (
      Parts: CompletedPart[],
      more?: object,
    ) => Promise<{ ETag?: string | undefined; VersionId?: string | undefined }>
    readonly id: string
  }

  async function begin(Bucket: string, Key: string, more: object = {}): Promise<Begun> {
    const { client } = bench
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key, ...more }))
    return {
      id: UploadId!,
      async part(PartNumber, Body, more = {}) {
        const input = { Bucket, Key, UploadId, PartNumber, Body, ...more }
        return { PartNumber, ...(await client.send(new UploadPartCommand(input))) }
      },
      complete: (Parts, more = {}) =>
        client.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts }, ...more })),
    }
  }

  const head = (Key: string, more: object = {}) =>
    bench.client.send(new HeadObjectCommand({ Bucket: bench.plain, Key, ChecksumMode: 'ENABLED', ...more }))

  it('puts parts together in the order of numbers, under an ETag of their ETags', async () => {
    const { part, complete } = await begin(bench.plain, 'joined', { ContentType: 'text/odd', Metadata: { a: 'b' } })
    const two = await part(7, last)
    const one = await part(2, first)
    const { ETag } = await complete([one, two])
    const md5s = [first, last].map((bytes) => createHash('md5').update(bytes).digest())
    expect(ETag).toBe(`"${createHash('md5').update(Buffer.concat(md5s)).digest('hex')}-2"`)
    const got = await bench.client.send(new GetObjectCommand({ Bucket: bench.plain, Key: 'joined' }))
    expect(got).toMatchObject({ ETag, ContentType: 'text/odd', Metadata: { a: 'b' } })
    expect(Buffer.compare(await got.Body!.transformToByteArray(), whole)).toBe(0)
  })

  it('lets the last of one number stand', async () => {
    const { part, complete } = await begin(bench.plain, 'again')
    const { ETag } = await part(1, 'former')
    const latter = await part(1, 'latter')
    expect(await refusal(complete([{ PartNumber: 1, ETag }]))).toEqual({ status: 400, code: 'InvalidPart' })
    await complete([latter])
    expect(await bench.text(bench.plain, 'again')).toBe('latter')
  })

  it('refuses parts that are small, missing, out of order, or none', async () => {
    const { part, complete } = await begin(bench.plain, 'refused')
    const one = await part(1, 'small')
    const two = await part(2, 'smaller')
    const bad = async (parts: CompletedPart[]) => (await refusal(complete(parts))).code
    expect(await bad([one, two])).toBe('EntityTooSmall')
    expect(await bad([two, one])).toBe('InvalidPartOrder')
    expect(await bad([one, one])).toBe('InvalidPartOrder')
    expect(await bad([one, { ...two, PartNumber: 3 }])).toBe('InvalidPart')
    expect(await bad([{ ...one, ChecksumCRC32: 'AAAAAA==' }])).toBe('InvalidPart')
    expect(await bad([])).toBe('MalformedXML')
    expect(await refusal(head('refused'))).toMatchObject({ status: 404 })
    expect((await refusal(part(0, 'x'))).code).toBe('InvalidArgument')
    expect((await refusal(part(10_001, 'x'))).code).toBe('InvalidArgument')
  })

  it('forgets an upload once it is complete, and knows none under another key', async () => {
    const { part, complete, id } = await begin(bench.plain, 'once')
    const one = await part(1, 'x')
    const elsewhere = new UploadPartCommand({ Bucket: bench.plain, Key: 'other', UploadId: id, PartNumber: 1 })
    expect((await refusal(bench.client.send(elsewhere))).code).toBe('NoSuchUpload')
    await complete([one])
    expect((await refusal(complete([one]))).code).toBe('NoSuchUpload')
    expect((await refusal(part(1, 'y'))).code).toBe('NoSuchUpload')
  })

  it('knows the checksum of the whole from those of the parts', async () => {
    const CRC32 = hexToBase64(crc32(whole).toString(16).padStart(8, '0'))
    const upload = await begin(bench.plain, 'full', { ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT' })
    const parts = [await upload.part(1, first), await upload.part(2, last)]
    expect((await refusal(upload.complete(parts, { ChecksumCRC32: 'AAAAAA==' }))).code).toBe('BadDigest')
    expect(await upload.complete(parts, { ChecksumCRC32: CRC32, ChecksumType: 'FULL_OBJECT' })).toMatchObject({
      ChecksumCRC32: CRC32,
    })
    expect(await head('full')).toMatchObject({ ChecksumCRC32: CRC32, ChecksumType: 'FULL_OBJECT' })
  })

  it('computes a CRC64NVME of the whole where the upload named nothing', async () => {
    await bench.client.send(
      new PutObjectCommand({ Bucket: bench.plain, Key: 'at-once', Body: whole, ChecksumAlgorithm: 'CRC64NVME' }),
    )
    const upload = await begin(bench.plain, 'unnamed', { ChecksumAlgorithm: undefined })
    await upload.complete([await upload.part(1, first), await upload.part(2, last)])
    const { ChecksumCRC64NVME } = await head('at-once')
    expect(await head('unnamed')).toMatchObject({ ChecksumCRC64NVME, ChecksumType: 'FULL_OBJECT' })
  })

  it('makes a composite of the checksums of parts', async () => {
    const upload = await begin(bench.plain, 'composite', { ChecksumAlgorithm: 'SHA256' })
    const sums = { ChecksumAlgorithm: 'SHA256' }
    const parts = [await upload.part(1, first, sums), await upload.part(2, last, sums)]
    const digests = [first, last].map((bytes) => createHash('sha256').update(bytes).digest())
    const ChecksumSHA256 = `${base64('sha256', Buffer.concat(digests))}-2`
    const bare = parts.map(({ PartNumber, ETag }) => ({ PartNumber, ETag }))
    expect((await refusal(upload.complete(bare))).code).toBe('InvalidRequest')
    expect((await refusal(upload.complete(parts, { ChecksumType: 'FULL_OBJECT' }))).code).toBe('BadDigest')
    await upload.complete(parts, { ChecksumSHA256 })
    expect(await head('composite')).toMatchObject({ ChecksumSHA256, ChecksumType: 'COMPOSITE' })
  })

  it('takes no part by another algorithm than the one named, and no impossible type', async () => {
    const upload = await begin(bench.plain, 'mismatch', { ChecksumAlgorithm: 'SHA256' })
    expect((await refusal(upload.part(1, 'x', { ChecksumAlgorithm: 'CRC32C' }))).code).toBe('InvalidRequest')
    const impossible = { ChecksumAlgorithm: 'SHA1', ChecksumType: 'FULL_OBJECT' }
    expect((await refusal(begin(bench.plain, 'impossible', impossible))).code).toBe('InvalidRequest')
  })

  it('refuses a complete that expects another size', async () => {
    const { part, complete } = await begin(bench.plain, 'sized')
    const one = await part(1, 'four')
    expect((await refusal(complete([one], { MpuObjectSize: 5 }))).code).toBe('InvalidRequest')
    await complete([one], { MpuObjectSize: 4 })
  })

  it('dates and places an object by the beginning of its upload', async () => {
    const upload = await begin(bench.versioned, 'placed')
    bench.clock.aheadMs += 60_000
    const { VersionId: meanwhile } = await bench.client.send(
      new PutObjectCommand({ Bucket: bench.versioned, Key: 'placed', Body: 'meanwhile' }),
    )
    const { VersionId } = await upload.complete([await upload.part(1, 'begun before')])
    bench.clock.aheadMs = 0
    expect(await bench.text(bench.versioned, 'placed')).toBe('meanwhile')
    expect(await bench.text(bench.versioned, 'placed', VersionId)).toBe('begun before')
    const { Versions } = await bench.client.send(
      new ListObjectVersionsCommand({ Bucket: bench.versioned, Prefix: 'placed' }),
    )
    expect(Versions!.map((one) => [one.VersionId, one.IsLatest])).toEqual([
      [meanwhile, true],
      [VersionId, false],
    ])
    expect(+Versions![0]!.LastModified! - +Versions![1]!.LastModified!).toBeGreaterThanOrEqual(59_000)
  })

  it('completes under a delete marker that came meanwhile, and under a newer object of an unversioned bucket', async () => {
    const buried = await begin(bench.versioned, 'buried')
    await bench.client.send(new DeleteObjectCommand({ Bucket: bench.versioned, Key: 'buried' }))
    await buried.complete([await buried.part(1, 'x')])
    expect((await refusal(bench.text(bench.versioned, 'buried'))).code).toBe('NoSuchKey')
    const late = await begin(bench.plain, 'late')
    await bench.client.send(new PutObjectCommand({ Bucket: bench.plain, Key: 'late', Body: 'newer' }))
    await late.complete([await late.part(1, 'older')])
    expect(await bench.text(bench.plain, 'late')).toBe('newer')
  })

  it('tells of a part the checksum of its upload and the one it brought, not what its signature covers', async () => {
    const { part, id } = await begin(bench.plain, 'told')
    await part(1, 'signed by its SHA-256', { ChecksumAlgorithm: 'CRC32C' })
    const listed = await bench.client.send(new ListPartsCommand({ Bucket: bench.plain, Key: 'told', UploadId: id }))
    const told = Object.keys(listed.Parts![0]!).filter((name) => name.startsWith('Checksum'))
    expect(told.toSorted()).toEqual(['ChecksumCRC32C', 'ChecksumCRC64NVME'])
  })

  it('lists parts and uploads in pages', async () => {
    const { part, id } = await begin(bench.plain, 'paged/a')
    for (const number of [3, 1, 10_000]) await part(number, `part ${number}`)
    const input = { Bucket: bench.plain, Key: 'paged/a', UploadId: id }
    const page = await bench.client.send(new ListPartsCommand({ ...input, MaxParts: 2 }))
    expect(page).toMatchObject({ IsTruncated: true, NextPartNumberMarker: '3' })
    expect(page.Parts!.map(({ PartNumber, Size }) => [PartNumber, Size])).toEqual([
      [1, 6],
      [3, 6],
    ])
    const rest = await bench.client.send(new ListPartsCommand({ ...input, PartNumberMarker: '3' }))
    expect(rest.Parts!.map(({ PartNumber }) => PartNumber)).toEqual([10_000])
    expect(rest.IsTruncated).toBe(false)

    const other = await begin(bench.plain, 'paged/a')
    const third = await begin(bench.plain, 'paged/b')
    const found: (string | undefined)[] = []
    let at: object = {}
    for (let more = true, pages = 0; more && pages < 10; pages++) {
      const uploads = await bench.client.send(
        new ListMultipartUploadsCommand({ Bucket: bench.plain, Prefix: 'paged/', MaxUploads: 1, ...at }),
      )
      found.push(...uploads.Uploads!.map(({ UploadId }) => UploadId))
      at = { KeyMarker: uploads.NextKeyMarker, UploadIdMarker: uploads.NextUploadIdMarker }
      more = uploads.IsTruncated === true
    }
    expect(found).toEqual([id, other.id, third.id])
  })

  it('copies an object into a part, whole or a range of a large one', async () => {
    await bench.client.send(new PutObjectCommand({ Bucket: bench.plain, Key: 'source', Body: whole }))
    await bench.client.send(new PutObjectCommand({ Bucket: bench.plain, Key: 'small', Body: 'small' }))
    const { complete, id } = await begin(bench.plain, 'put-together')
    const copy = async (PartNumber: number, source: string, CopySourceRange?: string) => {
      const input = { Bucket: bench.plain, Key: 'put-together', UploadId: id, PartNumber }
      const { CopyPartResult } = await bench.client.send(
        new UploadPartCopyCommand({ ...input, CopySource: `${bench.plain}/${source}`, CopySourceRange }),
      )
      return { PartNumber, ETag: CopyPartResult?.ETag }
    }
    expect((await refusal(copy(1, 'small', 'bytes=0-1'))).code).toBe('InvalidRequest')
    expect((await refusal(copy(1, 'source', `bytes=0-${whole.byteLength}`))).code).toBe('InvalidArgument')
    const parts = [await copy(1, 'source'), await copy(2, 'source', 'bytes=5242880-5242889')]
    await complete(parts)
    const got = await bench.client.send(new GetObjectCommand({ Bucket: bench.plain, Key: 'put-together' }))
    const expected = Buffer.concat([whole, last.subarray(0, 10)])
    expect(Buffer.compare(await got.Body!.transformToByteArray(), expected)).toBe(0)
  })

  it('reads one part of an object by its number', async () => {
    const { part, complete } = await begin(bench.plain, 'by-part')
    await complete([await part(1, first), await part(2, last)])
    const read = (Key: string, PartNumber: number) =>
      bench.client.send(new GetObjectCommand({ Bucket: bench.plain, Key, PartNumber, ChecksumMode: 'ENABLED' }))
    const got = await read('by-part', 2)
    expect(got).toMatchObject({ PartsCount: 2, ContentRange: `bytes 5242880-5243879/${whole.byteLength}` })
    expect(Buffer.compare(await got.Body!.transformToByteArray(), last)).toBe(0)
    expect(await refusal(read('by-part', 3))).toEqual({ status: 416, code: 'InvalidPartNumber' })
    await bench.client.send(new PutObjectCommand({ Bucket: bench.plain, Key: 'one-part', Body: 'all' }))
    expect(await (await read('one-part', 1)).Body!.transformToString()).toBe('all')
  })

  it('refuses a complete that names one thing twice', async () => {
    const { part, id } = await begin(bench.plain, 'doubled')
    const { ETag } = await part(1, 'x')
    const body = `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>${ETag}</ETag><ETag>y</ETag></Part></CompleteMultipartUpload>`
    const answer = await bench.raw({ method: 'POST', path: '/plain/doubled', query: [['uploadId', id]], body })
    expect([answer.status, codeOf(answer)]).toEqual([400, 'MalformedXML'])
  })

  it('says that it cannot hold an object of a hundred thousand pieces, and leaves the upload', async () => {
    const small = await openBench({ partBytesMin: 1 })
    try {
      const { client } = small
      const joined = async (Key: string, part: (place: UploadPartRequest) => Promise<CompletedPart>) => {
        const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket: 'plain', Key }))
        const Parts: CompletedPart[] = []
        for (let PartNumber = 1; PartNumber <= 47; PartNumber++) {
          Parts.push({ PartNumber, ETag: (await part({ Bucket: 'plain', Key, UploadId, PartNumber })).ETag })
        }
        const MultipartUpload = { Parts }
        await client.send(new CompleteMultipartUploadCommand({ Bucket: 'plain', Key, UploadId, MultipartUpload }))
      }
      const copied = (CopySource: string) => async (place: UploadPartRequest) =>
        (await client.send(new UploadPartCopyCommand({ ...place, CopySource }))).CopyPartResult!
      await joined('one', (place) => client.send(new UploadPartCommand({ ...place, Body: 'x' })))
      await joined('two', copied('plain/one'))
      expect(await refusal(joined('three', copied('plain/two')))).toEqual({ status: 501, code: 'NotImplemented' })
      const { Uploads } = await client.send(new ListMultipartUploadsCommand({ Bucket: 'plain' }))
      expect(Uploads?.map(({ Key }) => Key)).toEqual(['three'])
    } finally {
      await small.close()
    }
  })
})

function hexToBase64(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64')
}
