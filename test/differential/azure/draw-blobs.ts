import { contentOf, sumOf } from '#test/differential/content.ts'
import type { Operation } from '#test/differential/operation.ts'
import type { Stream } from '#test/simulation/random.ts'
import { list } from './draw-listings.ts'
import { guidOf, type AzurePen } from './draw.ts'

const kinds = {
  put: 20,
  get: 16,
  head: 10,
  delete: 6,
  'set metadata': 5,
  'set properties': 3,
  'get tags': 3,
  'set tags': 3,
  'set tier': 1,
  copy: 5,
  lease: 4,
  list: 12,
  nowhere: 1,
} as const

export function drawBlobs(pen: AzurePen): Operation {
  const kind = pen.chance.weighted<keyof typeof kinds>(kinds)
  switch (kind) {
    case 'put':
      return put(pen)
    case 'get':
    case 'head':
      return read(pen, kind)
    case 'delete':
      return remove(pen)
    case 'set metadata':
    case 'set properties':
      return change(pen, kind)
    case 'get tags':
      return pen.write({ theme: 'objects', kind, key: pen.shownKey(), method: 'GET', query: { comp: 'tags' } })
    case 'set tags':
      return setTags(pen)
    case 'set tier':
      return setTier(pen)
    case 'copy':
      return copy(pen)
    case 'lease':
      return lease(pen)
    case 'list':
      return list(pen)
    case 'nowhere':
      return nowhere(pen)
  }
}

/** What writers say beside the bytes, as headers. */
export function propertiesFrom(chance: Stream): Record<string, string> {
  const said: Record<string, string> = {}
  const maybe = (p: number, name: string, values: readonly string[]) => {
    if (chance.chance(p)) said[name] = chance.pick(values)
  }
  maybe(0.5, 'x-ms-blob-content-type', ['text/plain', 'application/json; charset=utf-8', 'x/y'])
  maybe(0.2, 'x-ms-blob-cache-control', ['no-cache', 'max-age=60, public'])
  maybe(0.2, 'x-ms-blob-content-disposition', ['inline', 'attachment; filename="a b.txt"'])
  maybe(0.15, 'x-ms-blob-content-language', ['en', 'de-CH, fr'])
  maybe(0.15, 'x-ms-blob-content-encoding', ['gzip', 'x-own'])
  return said
}

export function metadataFrom(chance: Stream): Record<string, string> {
  return {
    ...(chance.chance(0.3) ? { 'x-ms-meta-a': chance.pick(['1', 'two words', 'ends=with;marks', '<x> & "y"']) } : {}),
    ...(chance.chance(0.2) ? { 'x-ms-meta-Bc_D': chance.pick(['-', 'UPPER lower']) } : {}),
  }
}

/** Azurite forgets a tier that was set under what is written: most writes name one again. */
export function tierOver({ chance, state }: AzurePen, key: string): Record<string, string> {
  const named = state.blobs.get(key)?.tiered === true && chance.chance(0.98)
  return named ? { 'x-ms-access-tier': chance.pick(['Hot', 'Cool']) } : {}
}

const sizes = [0, 1, 5, 100, 1000, 1000, 70_000]

function put(pen: AzurePen): Operation {
  const { chance } = pen
  const key = pen.key()
  const bytes = contentOf(chance.pick(sizes), chance.int(0, 5))
  const wrong = Buffer.from('other bytes')
  const headers = {
    'x-ms-blob-type': 'BlockBlob',
    ...propertiesFrom(chance),
    ...metadataFrom(chance),
    ...(chance.chance(0.15) ? { 'x-ms-tags': chance.pick(['a=1', 'a=1&b=two%20words', 'k=']) } : {}),
    ...(chance.chance(0.3) ? { 'content-md5': sumOf('MD5', chance.chance(0.05) ? wrong : bytes) } : {}),
    ...tierOver(pen, key),
    ...pen.condition(key, true),
    ...pen.leaseOf(key),
  }
  return pen.write({ theme: 'objects', kind: 'put', key, method: 'PUT', headers, body: bytes })
}

function read(pen: AzurePen, kind: 'get' | 'head'): Operation {
  const key = pen.shownKey()
  const headers = readHeaders(pen, key, kind)
  const ranged = 'range' in headers || 'x-ms-range' in headers
  return pen.write({ theme: 'objects', kind: ranged ? 'get a range' : kind, key, method: kind.toUpperCase(), headers })
}

const past = 'Sat, 01 Jan 2000 00:00:00 GMT'

/** A range and a condition of a read. */
export function readHeaders({ chance, state }: AzurePen, key: string, kind: 'get' | 'head'): Record<string, string> {
  const etag = state.blobs.get(key)?.etag ?? '"0x8D000000000001"'
  const headers: Record<string, string> = {}
  if (kind === 'get' && chance.chance(0.3)) {
    headers[chance.pick(['range', 'x-ms-range'])] = chance.pick([
      'bytes=0-0',
      'bytes=2-7',
      'bytes=50-',
      'bytes=0-99999',
      'bytes=90000-',
    ])
    if (chance.chance(0.2)) headers['x-ms-range-get-content-md5'] = 'true'
  }
  const conditions: Record<string, string>[] = [
    { 'if-match': etag },
    { 'if-match': '"0x8D000000000001"' },
    { 'if-none-match': etag },
    { 'if-none-match': '"0x8D000000000001"' },
    { 'if-modified-since': past },
    { 'if-unmodified-since': past },
  ]
  return { ...headers, ...(state.blobs.has(key) && chance.chance(0.25) ? chance.pick(conditions) : {}) }
}

function remove(pen: AzurePen): Operation {
  const { chance, state } = pen
  const key = pen.shownKey()
  const snapshots = (state.blobs.get(key)?.snapshots.length ?? 0) > 0
  const headers = {
    ...pen.condition(key, false),
    ...pen.leaseOf(key),
    ...(snapshots && chance.chance(0.7) ? { 'x-ms-delete-snapshots': chance.pick(['include', 'only']) } : {}),
  }
  return pen.write({ theme: 'objects', kind: 'delete', key, method: 'DELETE', headers })
}

function change(pen: AzurePen, kind: 'set metadata' | 'set properties'): Operation {
  const { chance, state } = pen
  // Azurite tells on how a blob was copied: most changes are of others.
  const key =
    [pen.shownKey(), pen.shownKey(), pen.shownKey()].find(
      (one) => state.blobs.get(one)?.made.kind !== 'copy' || chance.chance(0.1),
    ) ?? pen.key()
  // What a request does not name is cleared, and Azurite keeps the MD5.
  const md5 = chance.chance(0.03) ? {} : { 'x-ms-blob-content-md5': sumOf('MD5', Buffer.from('as stated')) }
  const said = kind === 'set metadata' ? metadataFrom(chance) : { ...md5, ...propertiesFrom(chance) }
  const headers = { ...said, ...pen.condition(key, false), ...pen.leaseOf(key) }
  const query = { comp: kind === 'set metadata' ? 'metadata' : 'properties' }
  return pen.write({ theme: 'objects', kind, key, method: 'PUT', query, headers })
}

function setTags(pen: AzurePen): Operation {
  const { chance } = pen
  const key = pen.shownKey()
  const set = chance.pick([['a'], ['a', 'b c'], [], ['x+y=', 'z']])
  const inner = set.map((name, i) => `<Tag><Key>${name}</Key><Value>${i}</Value></Tag>`).join('')
  const body = `<?xml version="1.0" encoding="utf-8"?><Tags><TagSet>${inner}</TagSet></Tags>`
  const headers = { 'content-type': 'application/xml', ...pen.leaseOf(key) }
  return pen.write({ theme: 'objects', kind: 'set tags', key, method: 'PUT', query: { comp: 'tags' }, headers, body })
}

function setTier(pen: AzurePen): Operation {
  const headers = { 'x-ms-access-tier': pen.chance.pick(['Hot', 'Cool']) }
  // Whether a lease stands against it, the documentation does not tell.
  const free = [...pen.state.blobs].filter(([, { lease }]) => lease === null).map(([key]) => key)
  const key = free.length === 0 ? pen.key() : pen.chance.pick(free)
  return pen.write({ theme: 'objects', kind: 'set tier', key, method: 'PUT', query: { comp: 'tier' }, headers })
}

function copy(pen: AzurePen): Operation {
  const { chance, state } = pen
  const source = pen.shownKey()
  const tiered = state.blobs.get(source)?.tiered ?? false
  const key =
    [pen.key(), pen.key(), source].find((one) => {
      const there = state.blobs.get(one)
      return there?.broken !== true && (tiered || there?.tiered !== true)
    }) ?? 'a b'
  const path = source.split('/').map(encodeURIComponent).join('/')
  const headers = {
    'x-ms-copy-source': `‹base›/‹container›/${path}`,
    // Azurite takes from the source whether a tier was set.
    ...(tiered === chance.chance(0.98) ? { 'x-ms-access-tier': chance.pick(['Hot', 'Cool']) } : {}),
    ...(chance.chance(0.3) ? metadataFrom(chance) : {}),
    // Two reasons to refuse have no order that the documentation tells.
    ...(state.blobs.has(source) ? { ...pen.condition(key, true), ...pen.leaseOf(key) } : pen.ownLease(key)),
  }
  return pen.write({ theme: 'objects', kind: 'copy', key, method: 'PUT', headers })
}

/** Without an end: what time does to leases is asked by laws of their own. */
function lease(pen: AzurePen): Operation {
  const { chance, state } = pen
  const leased = [...state.blobs].filter(([, { lease }]) => lease !== null)
  const shown = [...state.blobs]
  if (shown.length === 0) return put(pen)
  const [key, blob] = leased.length > 0 && chance.chance(0.8) ? chance.pick(leased) : chance.pick(shown)
  const id = blob.lease ?? guidOf(pen.at)
  const action =
    blob.lease === null ? 'acquire' : chance.pick(['release', 'release', 'break', 'renew', 'change', 'acquire'])
  const headers: Record<string, string> = { 'x-ms-lease-action': action }
  if (action === 'acquire')
    Object.assign(headers, { 'x-ms-lease-duration': '-1', 'x-ms-proposed-lease-id': guidOf(pen.at) })
  else if (action === 'break') headers['x-ms-lease-break-period'] = '0'
  else headers['x-ms-lease-id'] = id
  if (action === 'change') headers['x-ms-proposed-lease-id'] = guidOf(pen.at)
  return pen.write({
    theme: 'objects',
    kind: `lease: ${action}`,
    key,
    method: 'PUT',
    query: { comp: 'lease' },
    headers,
  })
}

/** What names nothing, or is no name. */
function nowhere(pen: AzurePen): Operation {
  const { chance } = pen
  const common = { theme: 'objects', kind: 'nowhere' } as const
  const key = chance.pick(['missing-1', 'missing/2'])
  const method = chance.pick(['GET', 'HEAD', 'DELETE'])
  if (chance.chance(0.5)) return pen.write({ ...common, key, method })
  return pen.write({ ...common, key, method: 'PUT', query: { comp: 'metadata' } })
}
