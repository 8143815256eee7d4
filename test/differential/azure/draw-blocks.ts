import { contentOf, sumOf } from '#test/differential/content.ts'
import type { Operation } from '#test/differential/operation.ts'
import { metadataFrom, propertiesFrom, tierOver } from './draw-blobs.ts'
import type { AzurePen } from './draw.ts'

const kinds = { 'put block': 9, 'put block list': 6, 'get block list': 4 } as const

/** Of one length, as the blocks of one blob must be. */
const ids = ['one', 'two', 'six'].map((name) => Buffer.from(name).toString('base64'))

export function drawBlocks(pen: AzurePen): Operation {
  const { chance, state } = pen
  const kind = chance.weighted<keyof typeof kinds>(kinds)
  const waiting = [...state.waiting].filter(([, blocks]) => blocks.size > 0).map(([key]) => key)
  const key = waiting.length > 0 && chance.chance(0.6) ? chance.pick(waiting) : pen.blockKey()
  switch (kind) {
    case 'put block':
      return putBlock(pen, key)
    case 'put block list':
      return putBlockList(pen, key)
    case 'get block list': {
      const of = [...state.blobs.keys()]
      const shown = of.length > 0 && !chance.chance(0.05) ? chance.pick(of) : key
      const query = { comp: 'blocklist', blocklisttype: chance.pick(['committed', 'uncommitted', 'all']) }
      return pen.write({ theme: 'parts', kind, key: shown, method: 'GET', query })
    }
  }
}

function putBlock(pen: AzurePen, key: string): Operation {
  const { chance } = pen
  const bytes = contentOf(chance.pick([1, 100, 3000, 70_000]), chance.int(0, 5))
  const wrong = Buffer.from('other bytes')
  const headers = {
    ...(chance.chance(0.02) ? { 'content-md5': sumOf('MD5', chance.chance(0.3) ? wrong : bytes) } : {}),
    ...pen.leaseOf(key),
  }
  const query = { comp: 'block', blockid: chance.pick(ids) }
  return pen.write({ theme: 'parts', kind: 'put block', key, method: 'PUT', query, headers, body: bytes })
}

/** Of what waits and what is there, mostly; of what is neither now and then. */
function putBlockList(pen: AzurePen, key: string): Operation {
  const { chance, state } = pen
  const waiting = [...(state.waiting.get(key)?.keys() ?? [])]
  const committed = [...(state.blobs.get(key)?.blocks ?? [])]
  const known = [
    ...waiting.map((id) => element(chance.pick(['Uncommitted', 'Latest']), id)),
    ...committed.map((id) => element(chance.pick(['Committed', 'Latest']), id)),
  ]
  const chosen = chance.chance(0.7) ? chance.shuffled(known).slice(0, 4) : known
  const wrong = chance.chance(0.04) ? [element('Latest', Buffer.from('non').toString('base64'))] : []
  const body = `<?xml version="1.0" encoding="utf-8"?><BlockList>${[...chosen, ...wrong].join('')}</BlockList>`
  const headers = {
    ...(chance.chance(0.97) ? { 'content-md5': sumOf('MD5', Buffer.from(body)) } : {}),
    ...propertiesFrom(chance),
    ...metadataFrom(chance),
    ...(chance.chance(0.15) ? { 'x-ms-tags': 'a=1' } : {}),
    ...(chance.chance(0.97) ? { 'x-ms-blob-content-md5': sumOf('MD5', Buffer.from('as stated')) } : {}),
    ...tierOver(pen, key),
    ...pen.condition(key, true),
    ...pen.leaseOf(key),
  }
  return pen.write({
    theme: 'parts',
    kind: 'put block list',
    key,
    method: 'PUT',
    query: { comp: 'blocklist' },
    headers,
    body,
  })
}

function element(name: string, id: string): string {
  return `<${name}>${id}</${name}>`
}
