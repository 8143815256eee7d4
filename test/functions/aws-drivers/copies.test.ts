import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { absent, bench, failed, key, never, write } from './bench.ts'
import { answer, refusal } from './scripted-server.ts'

const listed = `<ListPartsResult><IsTruncated>false</IsTruncated><Part><PartNumber>1</PartNumber><Size>20</Size><ETag>"p"</ETag></Part></ListPartsResult>`
const begun = '<InitiateMultipartUploadResult><UploadId>copy</UploadId></InitiateMultipartUploadResult>'
const staged = '<CompleteMultipartUploadResult><ETag>"whole-1"</ETag></CompleteMultipartUploadResult>'
const copied = '<CopyPartResult><ETag>"c"</ETag></CopyPartResult>'

function uploads(target: string): Buffer {
  const prefix = decodeURIComponent(/[?&]prefix=([^&]*)/.exec(target)![1]!)
  const upload = `<Upload><Key>${prefix}</Key><UploadId>parts</UploadId></Upload>`
  return answer(
    200,
    {},
    `<ListMultipartUploadsResult><IsTruncated>false</IsTruncated>${upload}</ListMultipartUploadsResult>`,
  )
}

describe('a whole that S3 copies in parts', () => {
  it('is given up only when no copy is under way: one that landed later would be kept and paid for', async () => {
    let [sent, answered, answeredAtAbort] = [0, 0, -1]
    const { store } = await bench(
      async ({ method, target, headers }, socket) => {
        if (headers.has('x-amz-copy-source')) {
          const fails = ++sent === 3
          if (!fails) await wait(100)
          answered++
          return void socket.write(fails ? refusal(method, 403, 'AccessDenied') : answer(200, {}, copied))
        }
        if (method === 'DELETE' && target.includes('uploadId=copy')) answeredAtAbort = answered
        if (method === 'DELETE') return void socket.write(answer(204))
        if (method === 'PUT') return void socket.write(answer(200, { etag: '"ledger"' }))
        if (method === 'POST') return void socket.write(answer(200, {}, target.includes('uploads') ? begun : staged))
        if (target.includes('uploadId')) return void socket.write(answer(200, {}, listed))
        socket.write(target.includes('uploads') ? uploads(target) : refusal(method, 404, 'NoSuchKey'))
      },
      { copyBytesMax: 1 },
    )
    const { body: _, ...said } = write()
    const act = store.commit(key, 'transfer', [{ number: 1, size: 20, digests: {} }], said, absent, never)
    expect(await failed(act)).toMatchObject({ kind: 'denied' })
    expect({ sent, answeredAtAbort }).toEqual({ sent: 8, answeredAtAbort: 8 })
  })
})
