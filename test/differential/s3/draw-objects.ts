import { contentOf, md5Hex, sumOf } from '#test/differential/content.ts'
import type { Operation } from '#test/differential/operation.ts'
import type { Named, S3Pen } from './draw.ts'
import { list, listOld } from './draw-listings.ts'
import { checksumFrom, past, propertiesFrom } from './said.ts'
import type { Version } from './state.ts'
import { encoded, ofBody } from './voice.ts'

const kinds = {
  put: 18,
  get: 14,
  head: 9,
  delete: 7,
  'delete several': 3,
  copy: 6,
  list: 8,
  'list as of old': 3,
  tags: 5,
  nowhere: 1,
} as const

export function drawObjects(pen: S3Pen): Operation {
  const kind = pen.chance.weighted<keyof typeof kinds>(kinds)
  switch (kind) {
    case 'put':
      return put(pen)
    case 'get':
    case 'head':
      return read(pen, kind)
    case 'delete':
      return remove(pen)
    case 'delete several':
      return removeSeveral(pen)
    case 'copy':
      return copy(pen, 'objects', null)
    case 'list':
      return list(pen)
    case 'list as of old':
      return listOld(pen)
    case 'tags':
      return tags(pen, 'objects', {})
    case 'nowhere':
      return nowhere(pen)
  }
}

const sizes = [0, 1, 5, 100, 1000, 1000, 70_000]

function put(pen: S3Pen): Operation {
  const { chance } = pen
  const bucket = pen.bucket()
  const key = pen.key()
  const bytes = contentOf(chance.pick(sizes), chance.int(0, 5))
  const headers = { ...propertiesFrom(chance), ...conditionFrom(pen, bucket, key) }
  const common = { theme: 'objects', kind: 'put', bucket, key, changes: [key], method: 'PUT' } as const
  if (chance.chance(0.08)) return pen.write({ ...common, ...inChunks(headers, bytes) })
  return pen.write({ ...common, headers: { ...headers, ...checksumFrom(chance, bytes) }, body: bytes })
}

function conditionFrom({ chance, state }: S3Pen, bucket: string, key: string): Record<string, string> {
  const live = state.live(bucket, key)
  if (chance.chance(0.12)) return { 'if-none-match': '*' }
  if (chance.chance(0.06)) return { 'if-match': `"${md5Hex(Buffer.from('another'))}"` }
  return chance.chance(0.1) ? { 'if-match': `"${live?.etag ?? md5Hex(Buffer.from('none'))}"` } : {}
}

/** As the SDKs send what they read from a stream: in frames, with the sum behind them. */
function inChunks(headers: Record<string, string>, bytes: Buffer) {
  const { 'content-encoding': encoding, ...others } = headers
  const sum = sumOf('CRC32', bytes)
  const frame = bytes.length === 0 ? [] : [Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]
  return {
    headers: {
      ...others,
      'content-encoding': encoding === undefined ? 'aws-chunked' : `aws-chunked,${encoding}`,
      'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
      'x-amz-decoded-content-length': String(bytes.length),
      'x-amz-trailer': 'x-amz-checksum-crc32',
    },
    body: Buffer.concat([...frame, Buffer.from(`0\r\nx-amz-checksum-crc32:${sum}\r\n\r\n`)]),
  }
}

function read(pen: S3Pen, kind: 'get' | 'head'): Operation {
  const bucket = pen.bucket()
  const key = pen.shownKey(bucket)
  const headers = readHeaders(pen, pen.state.live(bucket, key))
  return pen.write({ theme: 'objects', kind, bucket, key, method: kind.toUpperCase(), headers })
}

/** One each, or the two pairs whose order the documentation tells. */
const conditions: readonly ((etag: string) => Record<string, string>)[] = [
  (etag) => ({ 'if-match': etag }),
  () => ({ 'if-match': '"another"' }),
  (etag) => ({ 'if-none-match': etag }),
  () => ({ 'if-none-match': '"another"' }),
  () => ({ 'if-modified-since': past }),
  () => ({ 'if-unmodified-since': past }),
  (etag) => ({ 'if-match': etag, 'if-unmodified-since': past }),
  (etag) => ({ 'if-none-match': etag, 'if-modified-since': past }),
]

/** Ranges, conditions and the wish for a checksum, of a read. */
export function readHeaders({ chance }: S3Pen, version: Version | null): Record<string, string> {
  const etag = `"${version?.etag ?? 'none'}"`
  const headers: Record<string, string> = {}
  const empty = version?.size === 0
  const ranged = version !== null && (!empty || chance.chance(0.03)) && chance.chance(0.25)
  if (ranged)
    headers['range'] = chance.pick(['bytes=0-0', 'bytes=2-7', 'bytes=50-', 'bytes=-3', 'bytes=0-99999', 'bytes=90000-'])
  if (!ranged && chance.chance(0.15)) headers['x-amz-checksum-mode'] = 'ENABLED'
  // Two reasons not to answer have no order that the documentation tells.
  const conditional = !(ranged && empty) && chance.chance(0.25)
  return { ...headers, ...(conditional ? chance.pick(conditions)(etag) : {}) }
}

function remove(pen: S3Pen): Operation {
  const { chance, state } = pen
  const bucket = pen.bucket()
  const key = pen.removableKey(bucket)
  const etag = state.live(bucket, key)?.etag ?? 'none'
  const headers = chance.chance(0.04) ? { 'if-match': `"${chance.pick([etag, 'another'])}"` } : {}
  return pen.write({ theme: 'objects', kind: 'delete', bucket, key, changes: [key], method: 'DELETE', headers })
}

function removeSeveral(pen: S3Pen): Operation {
  const { chance } = pen
  const bucket = pen.bucket()
  const keys = [...new Set([pen.removableKey(bucket), pen.removableKey(bucket)])]
  // What is not told cannot be named later.
  const quiet = bucket === 'plain' && chance.chance(0.3) ? '<Quiet>true</Quiet>' : ''
  const body = `<Delete>${quiet}${keys.map((key) => `<Object><Key>${inXml(key)}</Key></Object>`).join('')}</Delete>`
  const headers = { 'content-md5': ofBody }
  const wish = { theme: 'objects', kind: 'delete several', bucket, changes: keys, method: 'POST' } as const
  return pen.write({ ...wish, query: { delete: '' }, headers, body })
}

export function inXml(text: string): string {
  return text.replace(/[&<>]/g, (mark) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[mark] ?? mark)
}

/** Of a version, where one is named. */
export function copy(pen: S3Pen, theme: 'objects' | 'versions', version: Named | null): Operation {
  const { chance, state } = pen
  const [from, bucket] = [version === null ? pen.bucket() : 'versioned', pen.bucket()]
  const source = version?.key ?? pen.shownKey(from)
  const key = pen.key()
  const etag = state.live(from, source)?.etag ?? 'none'
  const path = `/‹bucket ${from}›/${source.split('/').map(encoded).join('/')}`
  const headers: Record<string, string> = {
    'x-amz-copy-source': version === null ? path : `${path}?versionId=${version.id}`,
  }
  const expires = (version === null ? state.live(from, source) : version.version)?.expires === true
  if (expires || chance.chance(0.4))
    Object.assign(headers, propertiesFrom(chance), { 'x-amz-metadata-directive': 'REPLACE' })
  delete headers['x-amz-tagging']
  // Whether other tags alone are a change, the documentation does not tell.
  const onItself = from === bucket && source === key && headers['x-amz-metadata-directive'] === undefined
  if (!onItself && chance.chance(0.2))
    Object.assign(headers, { 'x-amz-tagging-directive': 'REPLACE', 'x-amz-tagging': chance.pick(['t=1', 'u=2&v=3']) })
  if (chance.chance(0.1)) headers['x-amz-copy-source-if-match'] = `"${chance.pick([etag, 'another'])}"`
  if (chance.chance(0.1)) headers['x-amz-copy-source-if-none-match'] = `"${chance.pick([etag, 'another'])}"`
  if (chance.chance(0.03)) headers['if-none-match'] = '*'
  const kind = version === null ? 'copy' : 'copy of a version'
  return pen.write({ theme, kind, bucket, key, changes: [key], method: 'PUT', headers })
}

/** Of what shows, or of a version. */
export function tags(
  pen: S3Pen,
  theme: 'objects' | 'versions',
  of: { readonly key?: string; readonly id?: string },
): Operation {
  const { chance } = pen
  const bucket = of.id === undefined ? pen.bucket() : 'versioned'
  const key = of.key ?? pen.shownKey(bucket)
  const query = { tagging: '', ...(of.id === undefined ? {} : { versionId: of.id }) }
  const method = chance.pick(['GET', 'GET', 'PUT', 'PUT', 'DELETE'])
  const verb = method === 'GET' ? 'get' : method === 'PUT' ? 'set' : 'clear'
  const kind = `${verb} tags${of.id === undefined ? '' : ' of a version'}`
  const common = { theme, kind, bucket, key, method, query }
  if (method !== 'PUT') return pen.write({ ...common, changes: method === 'GET' ? [] : [key] })
  const set = chance.pick([['a'], ['a', 'b c'], [], ['x+y=', 'z']])
  const body = `<Tagging><TagSet>${set.map((name, i) => `<Tag><Key>${name}</Key><Value>${i}</Value></Tag>`).join('')}</TagSet></Tagging>`
  const headers = { 'content-md5': ofBody }
  return pen.write({ ...common, changes: [key], headers, body })
}

/** What names nothing, or too much. */
function nowhere(pen: S3Pen): Operation {
  const { chance } = pen
  const common = { theme: 'objects', kind: 'nowhere', bucket: 'missing' } as const
  const method = chance.pick(['GET', 'PUT', 'DELETE', 'HEAD'])
  if (chance.chance(0.3)) return pen.write({ ...common, method: 'GET', query: { 'list-type': '2' } })
  if (chance.chance(0.8)) return pen.write({ ...common, key: 'a', method })
  return pen.write({ ...common, bucket: 'plain', key: 'k'.repeat(1025), method: 'PUT', body: 'x' })
}
