import { contentOf, sumOf } from '#test/differential/content.ts'
import type { Operation, Theme } from '#test/differential/operation.ts'
import type { Stream } from '#test/simulation/random.ts'
import { objectsOf, type GcsPen, uploadsOf } from './draw.ts'

const kinds = {
  put: 20,
  'put bytes': 6,
  get: 14,
  head: 12,
  patch: 0.5,
  delete: 7,
  copy: 6,
  list: 12,
  nowhere: 1,
} as const

export function drawObjects(pen: GcsPen): Operation {
  const kind = pen.chance.weighted<keyof typeof kinds>(kinds)
  switch (kind) {
    case 'put':
      return put(pen)
    case 'put bytes':
      return putBytes(pen)
    case 'get':
    case 'head':
      return read(pen, kind)
    case 'patch':
      return patch(pen)
    case 'delete':
      return remove(pen)
    case 'copy':
      return copy(pen, 'objects', null)
    case 'list':
      return list(pen, 'objects')
    case 'nowhere':
      return nowhere(pen)
  }
}

/** What writers say beside the bytes. */
export function resourceFrom(chance: Stream): Record<string, unknown> {
  const said: Record<string, unknown> = {
    contentType: chance.pick(['text/plain', 'application/json; charset=utf-8', 'x/y']),
  }
  const maybe = (p: number, name: string, values: readonly unknown[]) => {
    if (chance.chance(p)) said[name] = chance.pick(values)
  }
  maybe(0.2, 'cacheControl', ['no-cache', 'max-age=60, public'])
  maybe(0.2, 'contentDisposition', ['inline', 'attachment; filename="a b.txt"'])
  maybe(0.15, 'contentLanguage', ['en', 'de-CH, fr'])
  maybe(0.1, 'contentEncoding', ['x-own'])
  maybe(0.4, 'metadata', [{ a: '1' }, { a: 'two words', 'B-c': 'é日本' }, { 'a b': '', x: '<&>"' }])
  return said
}

/** Without metadata: fake-gcs-server writes it into what copies of the object share. */
function fieldsFrom(chance: Stream): Record<string, unknown> {
  return { ...resourceFrom(chance), metadata: undefined }
}

const sizes = [0, 1, 5, 100, 1000, 1000, 70_000]
const boundary = 'these-parts-belong-together'

/** The resource and the bytes in one request. */
function put(pen: GcsPen): Operation {
  const { chance } = pen
  const [bucket, key] = [pen.bucket(), pen.key()]
  const bytes = contentOf(chance.pick(sizes), chance.int(0, 5))
  const wrong = Buffer.from('other bytes')
  const sums = {
    ...(chance.chance(0.4) ? { crc32c: sumOf('CRC32C', chance.chance(0.15) ? wrong : bytes) } : {}),
    ...(chance.chance(0.2) ? { md5Hash: sumOf('MD5', chance.chance(0.05) ? wrong : bytes) } : {}),
  }
  const resource = { name: key, ...resourceFrom(chance), ...sums }
  const head = `--${boundary}\r\ncontent-type: application/json\r\n\r\n${JSON.stringify(resource)}\r\n--${boundary}\r\ncontent-type: ${String(resource['contentType' as keyof typeof resource])}\r\n\r\n`
  const body = Buffer.concat([Buffer.from(head), bytes, Buffer.from(`\r\n--${boundary}--`)])
  const query = { uploadType: 'multipart', ...pen.condition(bucket, key) }
  const headers = { 'content-type': `multipart/related; boundary=${boundary}` }
  const wish = {
    theme: 'objects',
    kind: 'put',
    bucket,
    key,
    changes: [key],
    method: 'POST',
    path: uploadsOf(bucket),
  } as const
  return pen.ask({ ...wish, query, headers, body })
}

function putBytes(pen: GcsPen): Operation {
  const { chance } = pen
  const [bucket, key] = [pen.bucket(), pen.key()]
  const body = contentOf(chance.pick(sizes), chance.int(0, 5))
  const query = { uploadType: 'media', name: key, ...pen.condition(bucket, key) }
  const headers = { 'content-type': chance.pick(['text/plain', 'image/png']) }
  const wish = {
    theme: 'objects',
    kind: 'put bytes',
    bucket,
    key,
    changes: [key],
    method: 'POST',
    path: uploadsOf(bucket),
  } as const
  return pen.ask({ ...wish, query, headers, body })
}

function read(pen: GcsPen, kind: 'get' | 'head'): Operation {
  const bucket = pen.bucket()
  const key = pen.shownKey(bucket)
  const path = [...objectsOf(bucket), key]
  const common = { theme: 'objects', bucket, key, method: 'GET', path } as const
  if (kind === 'head') return pen.ask({ ...common, kind })
  const range = rangeFrom(pen, pen.state.live(bucket, key)?.size ?? 0)
  return pen.ask({
    ...common,
    kind: 'range' in range ? 'get a range' : 'get',
    query: { alt: 'media' },
    headers: range,
  })
}

export function rangeFrom({ chance }: GcsPen, size: number): Record<string, string> {
  if ((size === 0 && !chance.chance(0.03)) || !chance.chance(0.3)) return {}
  return { range: chance.pick(['bytes=0-0', 'bytes=2-7', 'bytes=50-', 'bytes=-3', 'bytes=0-99999', 'bytes=90000-']) }
}

/** What it names changes. */
function patch(pen: GcsPen): Operation {
  const { chance } = pen
  const bucket = pen.bucket()
  const key = pen.shownKey(bucket)
  const headers = { 'content-type': 'application/json' }
  const wish = { theme: 'objects', kind: 'patch', bucket, key, changes: [key], method: 'PATCH' } as const
  return pen.ask({ ...wish, path: [...objectsOf(bucket), key], headers, body: JSON.stringify(fieldsFrom(chance)) })
}

function remove(pen: GcsPen): Operation {
  const { chance } = pen
  const bucket = pen.bucket()
  const key = pen.shownKey(bucket)
  const query = chance.chance(0.02) ? { ifGenerationMatch: '1234567' } : {}
  const wish = { theme: 'objects', kind: 'delete', bucket, key, changes: [key], method: 'DELETE' } as const
  return pen.ask({ ...wish, path: [...objectsOf(bucket), key], query })
}

/** Of a generation, where one is named. */
export function copy(pen: GcsPen, theme: Theme, named: { key: string; id: string } | null): Operation {
  const { chance } = pen
  const [from, bucket] = [named === null ? pen.bucket() : 'versioned', pen.bucket()]
  const source = named?.key ?? pen.shownKey(from)
  const key = pen.key()
  const path = [...objectsOf(from), source, 'rewriteTo', 'b', `‹bucket ${bucket}›`, 'o', key]
  const query = named === null ? {} : { sourceGeneration: named.id }
  // What a copy says of its target replaces what the source said: fake-gcs-server mixes the two.
  const said = chance.chance(0.03)
    ? { headers: { 'content-type': 'application/json' }, body: JSON.stringify(fieldsFrom(chance)) }
    : {}
  const kind = named === null ? 'copy' : 'copy of a generation'
  return pen.ask({ theme, kind, bucket, key, changes: [key], method: 'POST', path, query, ...said })
}

const prefixes = ['', '', 'dir/', 'd', 'dir/sub', 'a', '日', 'nothing', 'q?']

export function list(pen: GcsPen, theme: 'objects' | 'versions'): Operation {
  const { chance } = pen
  const bucket = theme === 'versions' ? 'versioned' : pen.bucket()
  const query: Record<string, string> = theme === 'versions' ? { versions: 'true' } : {}
  const prefix = chance.pick(prefixes)
  if (prefix !== '') query['prefix'] = prefix
  if (chance.chance(0.4)) query['delimiter'] = '/'
  // A page that is cut among the generations of a name, or among common prefixes, is a question of its own.
  const cut = theme === 'versions' ? 0 : query['delimiter'] === undefined ? 0.4 : 0.03
  if (chance.chance(cut)) query['maxResults'] = chance.pick(['1', '2', '3', '4'])
  if (chance.chance(0.15)) query['startOffset'] = chance.pick(['a', 'b', 'dir/', 'dir/x', '日本'])
  // Whether a page that is cut just before its end says so, the documentation does not tell.
  if (query['maxResults'] === undefined && chance.chance(0.15))
    query['endOffset'] = chance.pick(['b', 'dir/y', 'f', '日本'])
  const kind = theme === 'versions' ? 'list generations' : 'list'
  return pen.ask({ theme, kind, bucket, method: 'GET', path: objectsOf(bucket), query })
}

/** Where the listing before was cut. */
export function goOn(pen: GcsPen, { at, kind, theme, bucket, request }: Operation): Operation {
  const query = { ...request.query, pageToken: `‹token ${at}›` }
  return pen.ask({ theme, kind, bucket, method: 'GET', path: request.path, query })
}

function nowhere(pen: GcsPen): Operation {
  const method = pen.chance.pick(['GET', 'DELETE'])
  const bucket = pen.chance.pick(['missing', 'plain'])
  return pen.ask({
    theme: 'objects',
    kind: 'nowhere',
    bucket,
    key: 'missing',
    method,
    path: [...objectsOf(bucket), 'missing'],
  })
}
