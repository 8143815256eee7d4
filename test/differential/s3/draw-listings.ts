import type { Operation } from '#test/differential/operation.ts'
import type { S3Pen } from './draw.ts'

const prefixes = ['', '', 'dir/', 'd', 'dir/sub', 'a', '日', 'nothing', 'q?']

export function listQuery({ chance }: S3Pen, sizeName: 'max-keys' | 'max-uploads'): Record<string, string> {
  const query: Record<string, string> = {}
  const prefix = chance.pick(prefixes)
  if (prefix !== '') query['prefix'] = prefix
  if (chance.chance(0.3) && sizeName === 'max-keys') query['delimiter'] = chance.pick(['/', '/', '/', 'i'])
  // S3's own greatest page of uploads is a thousand.
  if (chance.chance(0.4) || sizeName === 'max-uploads') query[sizeName] = chance.pick(['1', '2', '3', '4', '1000'])
  // MinIO takes these for something else: `docs/decisions` tells what is not asked.
  if (query['delimiter'] === 'i') delete query[sizeName]
  if (prefix === 'a' && query[sizeName] === '1') query[sizeName] = '2'
  if (chance.chance(0.5)) query['encoding-type'] = 'url'
  return query
}

/** Where the listing before was cut. With writes between, some servers tell what was there before them. */
export function goOn(pen: S3Pen, { at, bucket, request }: Operation): Operation {
  const query = { ...request.query, 'continuation-token': `‹token ${at}›` }
  return pen.write({ theme: 'objects', kind: 'list', bucket, method: 'GET', query })
}

export function list(pen: S3Pen): Operation {
  const { chance } = pen
  const common = { theme: 'objects', kind: 'list', method: 'GET' } as const
  const query: Record<string, string> = { 'list-type': '2', ...listQuery(pen, 'max-keys') }
  const places = query['delimiter'] === undefined ? ['a', 'dir/', 'dir/x', 'b', '日本'] : ['a', 'dir/', 'b']
  const after = query['delimiter'] !== 'i' && chance.chance(0.2) ? { 'start-after': chance.pick(places) } : {}
  return pen.write({ ...common, bucket: pen.bucket(), query: { ...query, ...after } })
}

/** Behind the prefix, and in no common prefix. */
function markerFrom({ chance }: S3Pen, { prefix = '', delimiter }: Record<string, string>): string {
  const marker = chance.pick(['a', 'dir/', 'dir/x', 'dir/sub/z', 'b', '日本'])
  const inside = delimiter !== undefined && marker.includes('/', prefix.length)
  return marker.startsWith(prefix) && !inside ? marker : `${prefix}b`
}

export function listOld(pen: S3Pen): Operation {
  const query = listQuery(pen, 'max-keys')
  if (query['delimiter'] !== 'i' && pen.chance.chance(0.3)) query['marker'] = markerFrom(pen, query)
  return pen.write({ theme: 'objects', kind: 'list as of old', bucket: pen.bucket(), method: 'GET', query })
}
