import type { Operation } from '#test/differential/operation.ts'
import type { AzurePen } from './draw.ts'

const prefixes = ['', '', 'dir/', 'd', 'dir/sub', 'a', '日', 'nothing', 'q?']

export function listQuery({ chance }: AzurePen): Record<string, string> {
  const query: Record<string, string> = { restype: 'container', comp: 'list' }
  const prefix = chance.pick(prefixes)
  if (prefix !== '') query['prefix'] = prefix
  if (chance.chance(0.3)) query['delimiter'] = '/'
  query['maxresults'] = chance.pick(['1', '2', '3', '4', '5000', '5000', '5000'])
  return query
}

/** Where the listing before was cut. */
export function goOn(pen: AzurePen, { at, kind, theme, request }: Operation): Operation {
  return pen.write({ theme, kind, method: 'GET', query: { ...request.query, marker: `‹marker ${at}›` } })
}

export function list(pen: AzurePen): Operation {
  const include = pen.chance.pick([null, null, 'metadata', 'tags', 'metadata,tags', 'uncommittedblobs'])
  const whole = include === 'uncommittedblobs' ? { maxresults: '5000' } : {}
  const query = { ...listQuery(pen), ...whole, ...(include === null ? {} : { include }) }
  return pen.write({ theme: 'objects', kind: 'list', method: 'GET', query })
}
