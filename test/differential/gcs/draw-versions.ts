import type { Operation } from '#test/differential/operation.ts'
import { copy, list, rangeFrom } from './draw-objects.ts'
import { objectsOf, type GcsPen } from './draw.ts'

const kinds = { get: 5, head: 5, delete: 3, copy: 2, list: 6 } as const

/** What names a generation, or lists them. */
export function drawVersions(pen: GcsPen): Operation {
  const { chance, state } = pen
  const kind = chance.weighted<keyof typeof kinds>(kinds)
  const all = state.all('versioned')
  if (kind === 'list' || all.length === 0) return list(pen, 'versions')
  const { key: own, generation } = chance.pick(all)
  const key = chance.chance(0.05) ? pen.key() : own
  if (kind === 'copy') return copy(pen, 'versions', { key, id: generation.id })
  const query = { generation: generation.id }
  const common = { theme: 'versions', bucket: 'versioned', key, path: [...objectsOf('versioned'), key] } as const
  if (kind === 'delete')
    return pen.ask({ ...common, kind: 'delete a generation', changes: [key], method: 'DELETE', query })
  if (kind === 'head') return pen.ask({ ...common, kind: 'head a generation', method: 'GET', query })
  const range = rangeFrom(pen, generation.size)
  const named = 'range' in range ? 'get a range of a generation' : 'get a generation'
  return pen.ask({ ...common, kind: named, method: 'GET', query: { ...query, alt: 'media' }, headers: range })
}
