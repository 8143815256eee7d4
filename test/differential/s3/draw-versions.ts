import type { Operation } from '#test/differential/operation.ts'
import { listQuery } from './draw-listings.ts'
import { copy, inXml, readHeaders, tags } from './draw-objects.ts'
import type { S3Pen } from './draw.ts'
import { ofBody } from './voice.ts'

const kinds = { get: 5, head: 4, delete: 3, 'delete several': 1, list: 6, copy: 2, tags: 2 } as const

/** What names a version, or lists them. */
export function drawVersions(pen: S3Pen): Operation {
  const kind = pen.chance.weighted<keyof typeof kinds>(kinds)
  const removes = kind === 'delete' || kind === 'delete several'
  // What the deletion of a version answers that is not there, the documentation does not tell.
  const version = pen.version(kind === 'get' || kind === 'head' || kind === 'delete', removes ? 0 : 0.08)
  if (version === null || kind === 'list') return list(pen)
  const { key, id } = version
  const query = { versionId: id }
  const common = { theme: 'versions', bucket: 'versioned', key, query } as const
  switch (kind) {
    case 'get':
    case 'head': {
      const headers = readHeaders(pen, version.version)
      return pen.write({ ...common, kind: `${kind} a version`, method: kind.toUpperCase(), headers })
    }
    case 'delete':
      return pen.write({ ...common, kind: 'delete a version', changes: [key], method: 'DELETE' })
    case 'delete several':
      return removeSeveral(pen, [version, pen.version(false, 0) ?? version])
    case 'copy':
      return copy(pen, 'versions', version)
    case 'tags':
      return tags(pen, 'versions', version)
  }
}

function removeSeveral(pen: S3Pen, versions: readonly { readonly key: string; readonly id: string }[]): Operation {
  const named = [...new Map(versions.map((one) => [one.id, one])).values()]
  const objects = named.map(({ key, id }) => `<Object><Key>${inXml(key)}</Key><VersionId>${id}</VersionId></Object>`)
  const body = `<Delete>${objects.join('')}</Delete>`
  const changes = [...new Set(named.map(({ key }) => key))]
  const wish = { theme: 'versions', kind: 'delete several versions', bucket: 'versioned', changes } as const
  return pen.write({ ...wish, method: 'POST', query: { delete: '' }, headers: { 'content-md5': ofBody }, body })
}

function list(pen: S3Pen): Operation {
  const { chance, state } = pen
  const common = { theme: 'versions', kind: 'list versions', bucket: 'versioned', method: 'GET' } as const
  const query: Record<string, string> = { versions: '', ...listQuery(pen, 'max-keys') }
  const all = state.all('versioned')
  if (all.length === 0 || chance.chance(0.6)) return pen.write({ ...common, query })
  const { key, version } = chance.pick(all)
  if (!key.startsWith(query['prefix'] ?? '')) delete query['prefix']
  if (key.includes('/')) delete query['delimiter']
  query['key-marker'] = key
  if (query['delimiter'] === undefined && chance.chance(0.6)) query['version-id-marker'] = version.id
  return pen.write({ ...common, query })
}
