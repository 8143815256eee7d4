import type { Operation } from '#test/differential/operation.ts'
import { metadataFrom, readHeaders } from './draw-blobs.ts'
import { listQuery } from './draw-listings.ts'
import type { AzurePen } from './draw.ts'

const kinds = { take: 5, get: 6, head: 3, delete: 3, list: 4, tags: 0 } as const

export function drawSnapshots(pen: AzurePen): Operation {
  const { chance, state } = pen
  const kind = chance.weighted<keyof typeof kinds>(kinds)
  const taken = [...state.blobs].flatMap(([key, { snapshots }]) => snapshots.map((snapshot) => ({ key, snapshot })))
  if (kind === 'list') return list(pen)
  if (kind === 'take' || taken.length === 0) return take(pen)
  const { key, snapshot } = chance.pick(taken)
  const common = { theme: 'versions', kind: `${kind} a snapshot`, key, query: { snapshot } } as const
  if (kind === 'delete') return pen.write({ ...common, method: 'DELETE' })
  const reads = kind === 'head' ? 'head' : 'get'
  const { range, 'x-ms-range': own } = readHeaders(pen, key, reads)
  const headers = { ...(range === undefined ? {} : { range }), ...(own === undefined ? {} : { 'x-ms-range': own }) }
  const named = 'range' in headers || 'x-ms-range' in headers ? 'get a range of a snapshot' : common.kind
  return pen.write({ ...common, kind: named, method: reads.toUpperCase(), headers })
}

function take(pen: AzurePen): Operation {
  const key = pen.shownKey()
  const headers = { ...metadataFrom(pen.chance), ...pen.condition(key, false), ...pen.leaseOf(key) }
  return pen.write({
    theme: 'versions',
    kind: 'take a snapshot',
    key,
    method: 'PUT',
    query: { comp: 'snapshot' },
    headers,
  })
}

function list(pen: AzurePen): Operation {
  const { delimiter: _, ...query } = listQuery(pen)
  const include = pen.chance.pick(['snapshots', 'snapshots,metadata'])
  // A page that ends among the snapshots of one blob is a question of its own.
  const maxresults = pen.chance.chance(0.03) ? '2' : '5000'
  return pen.write({
    theme: 'versions',
    kind: 'list snapshots',
    method: 'GET',
    query: { ...query, include, maxresults },
  })
}
