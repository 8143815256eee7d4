import type { ListQuery } from '#local/servers/engine/model.ts'
import type { Call } from './calls.ts'
import { parameterRefused, Refusal } from './errors.ts'

const pageMax = 5000

const datasets = [
  'snapshots',
  'metadata',
  'uncommittedblobs',
  'copy',
  'deleted',
  'tags',
  'versions',
  'immutabilitypolicy',
  'legalhold',
] as const

export type Dataset = (typeof datasets)[number]

/** What List Blobs is asked for. */
export interface Wanted {
  readonly prefix: string
  readonly delimiter: string | null
  readonly include: ReadonlySet<Dataset>
  /** As it was asked; a page is bounded by `max` anyhow. */
  readonly maxResults: number | null
  readonly max: number
  readonly marker: string
  readonly after: ListQuery['after']
}

export function wantedOf({ query }: Pick<Call, 'query'>): Wanted {
  const maxResults = maxResultsOf(query.get('maxresults'))
  const delimiter = query.get('delimiter') ?? ''
  const marker = query.get('marker') ?? ''
  return {
    prefix: query.get('prefix') ?? '',
    delimiter: delimiter === '' ? null : delimiter,
    include: includedBy(query.get('include') ?? ''),
    maxResults,
    max: Math.min(maxResults ?? pageMax, pageMax),
    marker,
    after: marker === '' ? startOf(query.get('startfrom') ?? '') : placeOf(marker),
  }
}

export function maxResultsOf(asked: string | undefined): number | null {
  if (asked === undefined) return null
  const details = { QueryParameterName: 'maxresults', QueryParameterValue: asked }
  if (!/^\d{1,9}$/.test(asked) || Number(asked) === 0) throw new Refusal('OutOfRangeQueryParameterValue', details)
  return Number(asked)
}

function includedBy(list: string): ReadonlySet<Dataset> {
  const included = new Set<Dataset>()
  for (const name of list.toLowerCase().split(',')) {
    const dataset = datasets.find((one) => one === name)
    if (dataset !== undefined) included.add(dataset)
    else if (name !== '') throw parameterRefused('include', name)
  }
  return included
}

/** `startFrom` itself is listed: a page begins before the oldest version of that name. */
function startOf(name: string): ListQuery['after'] {
  return name === '' ? null : { key: name, order: -1 }
}

/** Opaque to clients, who send it back as it is. */
export function markerOf(place: ListQuery['after']): string {
  return place === null ? '' : `2!${Buffer.from(JSON.stringify(place)).toString('base64url')}`
}

function placeOf(marker: string): ListQuery['after'] {
  try {
    const place: unknown = JSON.parse(Buffer.from(marker.replace(/^2!/, ''), 'base64url').toString())
    if (isPlace(place)) return place
  } catch {
    // Not one of ours.
  }
  throw parameterRefused('marker', marker)
}

function isPlace(place: unknown): place is NonNullable<ListQuery['after']> {
  if (typeof place !== 'object' || place === null) return false
  const text = 'key' in place ? place.key : 'commonPrefix' in place ? place.commonPrefix : null
  const order = 'order' in place ? place.order : 0
  return typeof text === 'string' && text.isWellFormed() && typeof order === 'number'
}
