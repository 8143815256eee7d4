import { createHash } from 'node:crypto'
import { answered, blockId, both, put, type Question, refusal, same, textOf, type World } from './question.ts'

const md5 = (text: string | Buffer) => createHash('md5').update(text).digest('base64')
const wrongMd5 = Buffer.alloc(16).toString('base64')
const wrongCrc64 = Buffer.alloc(8, 7).toString('base64')
/** Of `Hello World`, as the service itself was recorded to send it. */
const hello = { text: 'Hello World', crc64: 'YeJLfssylmU=', md5: 'sQqNsWTgdUEFt6mb5y4/5Q==' }

/** Put Blob by hand. */
async function putRaw({ blob, raw }: World, headers: Record<string, string>, body: string | Buffer = hello.text) {
  const one = blob()
  const said = await raw('PUT', `/${one.name}`, { body, headers: { 'x-ms-blob-type': 'BlockBlob', ...headers } })
  return { one, said, exists: await one.exists() }
}

async function stageRaw({ blob, raw }: World, headers: Record<string, string>, body = hello.text) {
  const one = blob()
  const query = `comp=block&blockid=${encodeURIComponent(blockId(1))}`
  const said = await raw('PUT', `/${one.name}`, { query, body, headers })
  const waiting = await refusal(() => one.getBlockList('uncommitted'))
  return { one, said, waits: waiting === '200' }
}

async function range({ raw }: World, name: string, headers: Record<string, string>) {
  return raw('GET', `/${name}`, { headers })
}

export const checksums: readonly Question[] = [
  {
    ask: 'Put Blob with a wrong Content-MD5: 400 Md5Mismatch, and nothing is stored',
    async look(world) {
      const { said, exists } = await putRaw(world, { 'content-md5': wrongMd5 })
      return both(answered(said, '400 Md5Mismatch'), !exists)
    },
  },
  {
    ask: 'Put Blob with a wrong x-ms-content-crc64: 400 Crc64Mismatch, and nothing is stored',
    async look(world) {
      const { said, exists } = await putRaw(world, { 'x-ms-content-crc64': wrongCrc64 })
      return both(answered(said, '400 Crc64Mismatch'), !exists)
    },
  },
  {
    ask: 'Put Blob with the right CRC64, least significant byte first, goes through',
    async look(world) {
      const { said } = await putRaw(world, { 'x-ms-content-crc64': hello.crc64 })
      return answered(said, '201')
    },
  },
  {
    ask: 'Put Blob answers with the CRC64 and the MD5 that it found',
    async look(world) {
      const { said } = await putRaw(world, {})
      return same([said.headers['x-ms-content-crc64'], said.headers['content-md5']], [hello.crc64, hello.md5])
    },
  },
  {
    ask: 'Put Blob with a wrong x-ms-blob-content-md5: 400, for there it is checked',
    async look(world) {
      const { said, exists } = await putRaw(world, { 'x-ms-blob-content-md5': wrongMd5 })
      return both(answered(said, '400 Md5Mismatch'), !exists)
    },
  },
  {
    ask: 'an MD5 that is none: 400 InvalidMd5',
    async look(world) {
      const { said } = await putRaw(world, { 'content-md5': 'bm90IHNpeHRlZW4=' })
      return answered(said, '400 InvalidMd5')
    },
  },
  {
    ask: 'Put Blob keeps the MD5 that it found, and Head tells it',
    async look({ blob }) {
      const one = blob()
      await put(one, hello.text)
      return same(Buffer.from((await one.getProperties()).contentMD5 ?? []).toString('base64'), hello.md5)
    },
  },
  {
    ask: 'Put Block with a wrong MD5: 400 Md5Mismatch, and no block waits',
    async look(world) {
      const { said, waits } = await stageRaw(world, { 'content-md5': wrongMd5 })
      return both(answered(said, '400 Md5Mismatch'), !waits)
    },
  },
  {
    ask: 'Put Block with a wrong CRC64: 400 Crc64Mismatch, and no block waits',
    async look(world) {
      const { said, waits } = await stageRaw(world, { 'x-ms-content-crc64': wrongCrc64 })
      return both(answered(said, '400 Crc64Mismatch'), !waits)
    },
  },
  {
    ask: 'Put Block answers with the CRC64; with the MD5 where one was sent',
    async look(world) {
      const plain = await stageRaw(world, {})
      const summed = await stageRaw(world, { 'content-md5': hello.md5 })
      const found = [plain.said.headers['x-ms-content-crc64'], summed.said.headers['content-md5']]
      return same(found, [hello.crc64, hello.md5])
    },
  },
  {
    ask: 'Put Block List keeps an MD5 as it is stated, unchecked',
    async look({ blob }) {
      const one = blob()
      await one.stageBlock(blockId(1), 'bytes', 5)
      const blobContentMD5 = Buffer.from(wrongMd5, 'base64')
      await one.commitBlockList([blockId(1)], { blobHTTPHeaders: { blobContentMD5 } })
      return same(Buffer.from((await one.getProperties()).contentMD5 ?? []).toString('base64'), wrongMd5)
    },
  },
  {
    ask: 'a block list that states no MD5 leaves none',
    async look({ blob }) {
      const one = blob()
      await one.stageBlock(blockId(1), 'bytes', 5)
      await one.commitBlockList([blockId(1)])
      return same((await one.getProperties()).contentMD5, undefined)
    },
  },
  {
    ask: 'Put Block List with a wrong Content-MD5 of the list itself: 400 Md5Mismatch',
    async look({ blob, raw }) {
      const one = blob()
      await one.stageBlock(blockId(1), 'bytes', 5)
      const body = `<?xml version="1.0"?><BlockList><Latest>${blockId(1)}</Latest></BlockList>`
      const headers = { 'content-md5': wrongMd5 }
      const said = await raw('PUT', `/${one.name}`, { query: 'comp=blocklist', body, headers })
      return both(answered(said, '400 Md5Mismatch'), !(await one.exists()))
    },
  },
  {
    ask: 'a range read with its MD5, and with its CRC64',
    async look(world) {
      const { one } = await putRaw(world, {}, `....${hello.text}....`)
      const asked = { 'x-ms-range': `bytes=4-${3 + hello.text.length}` }
      const md5Said = await range(world, one.name, { ...asked, 'x-ms-range-get-content-md5': 'true' })
      const crcSaid = await range(world, one.name, { ...asked, 'x-ms-range-get-content-crc64': 'true' })
      const found = [md5Said.headers['content-md5'], crcSaid.headers['x-ms-content-crc64'], crcSaid.body.toString()]
      return same(found, [hello.md5, hello.crc64, hello.text])
    },
  },
  {
    ask: 'a range of 4 MiB is hashed, a longer one refused: 400',
    async look(world) {
      const bytes = Buffer.alloc(4 * 1024 * 1024 + 1, 'x')
      const { one } = await putRaw(world, {}, bytes)
      const hashed = (end: number) =>
        range(world, one.name, { 'x-ms-range': `bytes=0-${end}`, 'x-ms-range-get-content-md5': 'true' })
      const most = await hashed(bytes.length - 2)
      return both(
        same(most.headers['content-md5'], md5(bytes.subarray(1))),
        answered(await hashed(bytes.length - 1), '400'),
      )
    },
  },
  {
    ask: 'a range read tells the MD5 of the whole apart, in x-ms-blob-content-md5',
    async look(world) {
      const { one } = await putRaw(world, {})
      const said = await range(world, one.name, { 'x-ms-range': 'bytes=0-1' })
      return same([said.headers['x-ms-blob-content-md5'], said.headers['content-md5']], [hello.md5, undefined])
    },
  },
  {
    ask: 'a body cut short is not stored',
    async look(world) {
      const { blob, raw } = world
      const one = blob()
      await put(one, 'whole')
      const headers = { 'x-ms-blob-type': 'BlockBlob', 'content-length': '100000' }
      const told = await raw('PUT', `/${one.name}`, { body: 'cut', headers, cut: true }).catch(String)
      if (typeof told !== 'string') return answered(told, '400')
      return same(await textOf(one), 'whole')
    },
  },
  {
    ask: 'Put Block List answers with the sum of the list: its MD5 where one came, else its CRC64',
    async look({ blob, raw }) {
      const body = '<?xml version="1.0"?><BlockList></BlockList>'
      const md5 = createHash('md5').update(body).digest('base64')
      const sending = { query: 'comp=blocklist', body }
      const stated = await raw('PUT', `/${blob().name}`, { ...sending, headers: { 'content-md5': md5 } })
      const silent = await raw('PUT', `/${blob().name}`, sending)
      const sums = ({ headers }: typeof stated) => [headers['content-md5'], headers['x-ms-content-crc64'] !== undefined]
      return both(same(sums(stated), [md5, false]), same(sums(silent), [undefined, true]))
    },
  },
  {
    ask: 'a body that does not say how long it is: 411',
    async look({ blob, raw }) {
      const headers = { 'x-ms-blob-type': 'BlockBlob', 'transfer-encoding': 'chunked' }
      const said = await raw('PUT', `/${blob().name}`, { body: 'x', headers })
      return answered(said, '411')
    },
  },
  {
    ask: 'a structured body is refused, not stored with its frames',
    async look(world) {
      const { said, exists } = await putRaw(world, {
        'x-ms-structured-body': 'XSM/1.0; properties=crc64',
        'x-ms-structured-content-length': '3',
      })
      return both(answered(said, '400', '501'), !exists)
    },
  },
]
