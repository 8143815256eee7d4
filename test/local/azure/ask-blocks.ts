import type { BlockBlobClient } from '@azure/storage-blob'
import { answered, blockId, both, collect, put, type Question, refused, same, textOf } from './question.ts'

const stage = async (blob: BlockBlobClient, n: number, text: string) =>
  blob.stageBlock(blockId(n), text, Buffer.byteLength(text))
const list = (...entries: readonly (readonly [string, number])[]) =>
  `<?xml version="1.0"?><BlockList>${entries.map(([tag, n]) => `<${tag}>${blockId(n)}</${tag}>`).join('')}</BlockList>`

export const blocks: readonly Question[] = [
  {
    ask: 'blocks that wait make no blob: Get, Head and listing know none',
    async look({ blob, container }) {
      const one = blob()
      await stage(one, 1, 'waits')
      const listed = await collect(container.listBlobsFlat({ prefix: one.name }))
      return both(
        await refused(() => one.download(), '404 BlobNotFound'),
        !(await one.exists()),
        same(listed.length, 0),
      )
    },
  },
  {
    ask: 'Get Block List tells what waits and what was committed, with sizes',
    async look({ blob }) {
      const one = blob()
      await stage(one, 1, 'a')
      await stage(one, 2, 'bc')
      await one.commitBlockList([blockId(2), blockId(1)])
      await stage(one, 3, 'def')
      const found = await one.getBlockList('all')
      const sizes = (all?: readonly { name: string; size: number }[]) => all?.map(({ name, size }) => `${name}:${size}`)
      return both(
        same(sizes(found.committedBlocks), [`${blockId(2)}:2`, `${blockId(1)}:1`]),
        same(sizes(found.uncommittedBlocks), [`${blockId(3)}:3`]),
      )
    },
  },
  {
    ask: 'Get Block List of a name that nothing waits under: 404',
    look: ({ blob }) => refused(() => blob().getBlockList('all'), '404 BlobNotFound'),
  },
  {
    ask: 'the blob has the order of the list, not of the upload',
    async look({ blob }) {
      const one = blob()
      for (const n of [1, 2, 3]) await stage(one, n, String(n))
      await one.commitBlockList([3, 1, 2].map(blockId))
      return same(await textOf(one), '312')
    },
  },
  {
    ask: 'a list that names an unknown block: 400 InvalidBlockList, and the blob stays',
    async look({ blob }) {
      const one = blob()
      await put(one, 'stays')
      await stage(one, 1, 'x')
      const told = await refused(() => one.commitBlockList([1, 9].map(blockId)), '400 InvalidBlockList')
      return both(told, same(await textOf(one), 'stays'))
    },
  },
  {
    ask: 'committed blocks and new ones make one blob',
    async look({ blob }) {
      const one = blob()
      for (const n of [1, 2]) await stage(one, n, `old${n} `)
      await one.commitBlockList([1, 2].map(blockId))
      await stage(one, 3, 'new3 ')
      await one.commitBlockList([2, 3, 1].map(blockId))
      return same(await textOf(one), 'old2 new3 old1 ')
    },
  },
  {
    ask: 'Latest takes what waits, Committed what was committed, of one id',
    async look({ blob, raw }) {
      const one = blob()
      await stage(one, 1, 'old')
      await one.commitBlockList([blockId(1)])
      await stage(one, 1, 'new')
      const committed = await raw('PUT', `/${one.name}`, { query: 'comp=blocklist', body: list(['Committed', 1]) })
      const first = await textOf(one)
      await stage(one, 1, 'new')
      await raw('PUT', `/${one.name}`, { query: 'comp=blocklist', body: list(['Latest', 1]) })
      return both(answered(committed, '201'), same([first, await textOf(one)], ['old', 'new']))
    },
  },
  {
    ask: 'Uncommitted of a block that is only committed: 400 InvalidBlockList',
    async look({ blob, raw }) {
      const one = blob()
      await stage(one, 1, 'old')
      await one.commitBlockList([blockId(1)])
      return answered(
        await raw('PUT', `/${one.name}`, { query: 'comp=blocklist', body: list(['Uncommitted', 1]) }),
        '400 InvalidBlockList',
      )
    },
  },
  {
    ask: 'Put Blob forgets the blocks that waited',
    async look({ blob }) {
      const one = blob()
      await stage(one, 1, 'x')
      await put(one, 'whole')
      return same((await one.getBlockList('uncommitted')).uncommittedBlocks?.length ?? 0, 0)
    },
  },
  {
    ask: 'Put Block List forgets the blocks that it does not name',
    async look({ blob }) {
      const one = blob()
      for (const n of [1, 2]) await stage(one, n, String(n))
      await one.commitBlockList([blockId(1)])
      const { committedBlocks, uncommittedBlocks = [] } = await one.getBlockList('all')
      return same([committedBlocks?.length, uncommittedBlocks.length], [1, 0])
    },
  },
  {
    ask: 'the same id again replaces the block',
    async look({ blob }) {
      const one = blob()
      await stage(one, 1, 'first')
      await stage(one, 1, 'second')
      await one.commitBlockList([blockId(1)])
      return same(await textOf(one), 'second')
    },
  },
  {
    ask: 'a block id of another length: 400 InvalidBlobOrBlock',
    async look({ blob }) {
      const one = blob()
      await stage(one, 1, 'x')
      const longer = Buffer.from('0000000002').toString('base64')
      return refused(() => one.stageBlock(longer, 'y', 1), '400 InvalidBlobOrBlock')
    },
  },
  {
    ask: 'a block id that is no base64: 400',
    async look({ blob, raw }) {
      return answered(await raw('PUT', `/${blob().name}`, { query: 'comp=block&blockid=%21%21', body: 'x' }), '400')
    },
  },
  {
    ask: 'an empty block: 400',
    look: ({ blob }) => refused(() => blob().stageBlock(blockId(1), '', 0), '400'),
  },
  {
    ask: 'an empty list makes an empty blob',
    async look({ blob }) {
      const one = blob()
      await one.commitBlockList([])
      return same((await one.getProperties()).contentLength, 0)
    },
  },
  {
    ask: 'a list that is no XML, or no block list: 400',
    async look({ blob, raw }) {
      const one = blob()
      await stage(one, 1, 'x')
      const told = []
      const unclosed = `<BlockList><Latest>${blockId(1)}</Latest>`
      for (const body of [unclosed, '<Other />', '<!DOCTYPE x [<!ENTITY a "b">]><BlockList />']) {
        told.push(answered(await raw('PUT', `/${one.name}`, { query: 'comp=blocklist', body }), '400'))
      }
      return both(...told, !(await one.exists()))
    },
  },
  {
    ask: 'headers, metadata, tags and tier given at commit are kept',
    async look({ blob }) {
      const one = blob()
      await stage(one, 1, 'x')
      const blobHTTPHeaders = { blobContentType: 'a/b', blobCacheControl: 'no-cache' }
      await one.commitBlockList([blockId(1)], { blobHTTPHeaders, metadata: { m: '1' }, tags: { t: '2' }, tier: 'Cool' })
      const found = await one.getProperties()
      const { contentType, cacheControl, metadata, tagCount, accessTier } = found
      return same(
        [contentType, cacheControl, metadata, tagCount, accessTier],
        ['a/b', 'no-cache', { m: '1' }, 1, 'Cool'],
      )
    },
  },
  {
    ask: 'Delete of a name under which only blocks wait: 202, and they are gone',
    async look({ blob }) {
      const one = blob()
      await stage(one, 1, 'x')
      await one.delete()
      return refused(() => one.getBlockList('uncommitted'), '404')
    },
  },
  {
    ask: 'include=uncommittedblobs lists the name, of no length',
    async look({ blob, container }) {
      const one = blob()
      await stage(one, 1, 'x')
      const found = await collect(container.listBlobsFlat({ prefix: one.name, includeUncommitedBlobs: true }))
      return same(
        found.map(({ name, properties }) => [name, properties.contentLength]),
        [[one.name, 0]],
      )
    },
  },
  {
    ask: 'Put Block From URL takes a range of another blob',
    async look({ blob }) {
      const [from, to] = [blob(), blob()]
      await put(from, '0123456789')
      const { BlobSASPermissions } = await import('@azure/storage-blob')
      const url = await from.generateSasUrl({
        permissions: BlobSASPermissions.parse('r'),
        expiresOn: new Date(Date.now() + 60_000),
      })
      await to.stageBlockFromURL(blockId(1), url, 2, 3)
      await to.commitBlockList([blockId(1)])
      return same(await textOf(to), '234')
    },
  },
]
