import type { BlockBlobClient } from '@azure/storage-blob'
import { blockId, both, no, put, type Question, refusal, refused, same, textOf, type World } from './question.ts'

const asNew = { conditions: { ifNoneMatch: '*' } }
const wrong = { conditions: { ifMatch: no } }

/** Five rounds of twenty writers at once, of whom one may win. */
async function race(
  world: World,
  begin: (blob: BlockBlobClient) => Promise<object>,
): Promise<readonly [boolean, string]> {
  let told = ''
  for (let round = 0; round < 5; round++) {
    const blob = world.blob()
    const conditions = await begin(blob)
    const text = (writer: number) => `writer ${writer} `.repeat(2000)
    const writers = Array.from({ length: 20 }, (_, i) => refusal(() => put(blob, text(i), { conditions })))
    const outcomes = await Promise.all(writers)
    const winners = outcomes.flatMap((outcome, i) => (outcome === '200' ? [i] : []))
    told = `${winners.length} won; the others: ${[...new Set(outcomes.filter((one) => one !== '200'))].join(', ')}`
    if (winners.length !== 1 || (await textOf(blob)) !== text(winners[0]!)) return [false, told]
  }
  return [true, told]
}

/** Writers who each read, add one and write if nobody else did, until they have done so often enough. */
async function increments(world: World, writers: number, each: number): Promise<readonly [boolean, string]> {
  const blob = world.blob()
  await put(blob, '0')
  const work = async () => {
    for (let done = 0; done < each;) {
      const { headers, body } = await world.raw('GET', `/${blob.name}`)
      const next = String(Number(body.toString()) + 1)
      const outcome = await refusal(() => put(blob, next, { conditions: { ifMatch: headers['etag']! } }))
      if (outcome === '200') done++
    }
  }
  await Promise.all(Array.from({ length: writers }, work))
  return same(await textOf(blob), String(writers * each))
}

export const conditions: readonly Question[] = [
  {
    ask: 'Put If-None-Match:* over a blob: 409 BlobAlreadyExists, and the blob stays',
    async look({ blob }) {
      const one = blob()
      await put(one, 'first', asNew)
      const told = await refused(() => put(one, 'second', asNew), '409 BlobAlreadyExists')
      return both(told, same(await textOf(one), 'first'))
    },
  },
  {
    ask: 'Put If-Match with a wrong ETag: 412 ConditionNotMet, and the blob stays',
    async look({ blob }) {
      const one = blob()
      await put(one, 'first')
      const told = await refused(() => put(one, 'second', wrong), '412 ConditionNotMet')
      return both(told, same(await textOf(one), 'first'))
    },
  },
  {
    ask: 'Put If-Match where there is no blob: 412, and none is made',
    async look({ blob }) {
      const one = blob()
      return both(await refused(() => put(one, 'x', wrong), '412'), !(await one.exists()))
    },
  },
  {
    ask: 'Put If-Match with the right ETag goes through',
    async look({ blob }) {
      const one = blob()
      const { etag } = await put(one, 'first')
      await put(one, 'second', { conditions: { ifMatch: etag! } })
      return same(await textOf(one), 'second')
    },
  },
  {
    ask: 'Put If-None-Match with its own ETag: 412, with another it goes through',
    async look({ blob }) {
      const one = blob()
      const { etag } = await put(one, 'first')
      const told = await refused(() => put(one, 'second', { conditions: { ifNoneMatch: etag! } }), '412')
      await put(one, 'third', { conditions: { ifNoneMatch: no } })
      return both(told, same(await textOf(one), 'third'))
    },
  },
  {
    ask: 'an ETag without quotes conditions as one with them',
    async look({ blob, raw }) {
      const one = blob()
      const { etag } = await put(one, 'first')
      const bare = etag!.replaceAll('"', '')
      const right = await raw('GET', `/${one.name}`, { headers: { 'if-match': bare } })
      const other = await raw('GET', `/${one.name}`, { headers: { 'if-match': no.replaceAll('"', '') } })
      return same([right.status, other.status], [200, 412])
    },
  },
  {
    ask: 'the same bytes again give another ETag',
    async look({ blob }) {
      const one = blob()
      const etags = [(await put(one, 'same')).etag, (await put(one, 'same')).etag]
      return [etags[0] !== etags[1] && etags.every((etag) => /^"0x8[0-9A-F]+"$/.test(etag!)), etags.join(' ')]
    },
  },
  {
    ask: 'a blob deleted and made again does not satisfy its old ETag',
    async look({ blob }) {
      const one = blob()
      const { etag } = await put(one, 'same')
      await one.delete()
      await put(one, 'same')
      return refused(() => put(one, 'x', { conditions: { ifMatch: etag! } }), '412')
    },
  },
  {
    ask: '20 racing create-only writers: one winner, 5 of 5',
    look: (world) => race(world, async () => ({ ifNoneMatch: '*' })),
  },
  {
    ask: '20 racing If-Match writers: one winner, 5 of 5',
    look: (world) => race(world, async (blob) => ({ ifMatch: (await put(blob, 'base')).etag })),
  },
  { ask: '50 racing compare-and-swap increments: none is lost', look: (world) => increments(world, 5, 10) },
  {
    ask: 'Delete If-Match with a wrong ETag: 412; with the right one it goes through',
    async look({ blob }) {
      const one = blob()
      const { etag } = await put(one, 'x')
      const told = await refused(() => one.delete(wrong), '412 ConditionNotMet')
      await one.delete({ conditions: { ifMatch: etag! } })
      return both(told, !(await one.exists()))
    },
  },
  {
    ask: 'Delete If-Match where there is no blob: 404 or 412',
    look: ({ blob }) => refused(() => blob().delete(wrong), '404 BlobNotFound', '412 ConditionNotMet'),
  },
  {
    ask: 'Put Block List If-None-Match:* over a blob: 409 BlobAlreadyExists',
    async look({ blob }) {
      const one = blob()
      await put(one, 'first')
      await one.stageBlock(blockId(1), 'second', 6)
      const told = await refused(() => one.commitBlockList([blockId(1)], asNew), '409 BlobAlreadyExists')
      return both(told, same(await textOf(one), 'first'))
    },
  },
  {
    ask: 'Put Block List If-Match with a wrong ETag: 412, and the blocks wait on',
    async look({ blob }) {
      const one = blob()
      await put(one, 'first')
      await one.stageBlock(blockId(1), 'second', 6)
      const told = await refused(() => one.commitBlockList([blockId(1)], wrong), '412 ConditionNotMet')
      const { uncommittedBlocks } = await one.getBlockList('uncommitted')
      return both(told, same(uncommittedBlocks?.length, 1))
    },
  },
  {
    ask: 'Set Metadata, Set Properties, Snapshot If-Match with a wrong ETag: 412 each',
    async look({ blob }) {
      const one = blob()
      await put(one, 'x')
      return both(
        await refused(() => one.setMetadata({ a: 'b' }, wrong), '412'),
        await refused(() => one.setHTTPHeaders({ blobContentType: 'a/b' }, wrong), '412'),
        await refused(() => one.createSnapshot(wrong), '412'),
      )
    },
  },
  {
    ask: 'Get and Head If-None-Match with its own ETag: 304',
    async look({ blob, raw }) {
      const one = blob()
      const headers = { 'if-none-match': (await put(one, 'x')).etag! }
      const said = [await raw('GET', `/${one.name}`, { headers }), await raw('HEAD', `/${one.name}`, { headers })]
      return same(
        said.map(({ status }) => status),
        [304, 304],
      )
    },
  },
  {
    ask: 'Get If-Match with a wrong ETag: 412',
    async look({ blob }) {
      const one = blob()
      await put(one, 'x')
      return refused(() => one.download(0, undefined, wrong), '412 ConditionNotMet')
    },
  },
  {
    ask: 'Get If-Modified-Since its own date: 304; If-Unmodified-Since a minute before: 412',
    async look({ blob }) {
      const one = blob()
      const { lastModified } = await put(one, 'x')
      const before = new Date(lastModified!.getTime() - 60_000)
      return both(
        await refused(() => one.download(0, undefined, { conditions: { ifModifiedSince: lastModified! } }), '304'),
        await refused(() => one.download(0, undefined, { conditions: { ifUnmodifiedSince: before } }), '412'),
        same(await refusal(() => one.download(0, undefined, { conditions: { ifModifiedSince: before } })), '200'),
      )
    },
  },
  {
    ask: 'Put If-Unmodified-Since a minute before: 412; If-Modified-Since its own date: 412',
    async look({ blob }) {
      const one = blob()
      const { lastModified } = await put(one, 'x')
      const before = new Date(lastModified!.getTime() - 60_000)
      return both(
        await refused(() => put(one, 'y', { conditions: { ifUnmodifiedSince: before } }), '412'),
        await refused(() => put(one, 'y', { conditions: { ifModifiedSince: lastModified } }), '412'),
      )
    },
  },
  {
    ask: 'Put with If-Match and If-None-Match: 400 MultipleConditionHeadersNotSupported',
    async look({ blob }) {
      const one = blob()
      const { etag } = await put(one, 'x')
      const conditions = { ifMatch: etag!, ifNoneMatch: no }
      return refused(() => put(one, 'y', { conditions }), '400 MultipleConditionHeadersNotSupported')
    },
  },
  {
    ask: 'Get If-None-Match:* : 400 UnsatisfiableCondition',
    async look({ blob }) {
      const one = blob()
      await put(one, 'x')
      return refused(() => one.download(0, undefined, asNew), '400 UnsatisfiableCondition')
    },
  },
  {
    ask: 'Copy If-None-Match:* over a blob: 409; with a wrong source ETag: 412',
    async look({ blob }) {
      const [from, to] = [blob(), blob()]
      await Promise.all([put(from, 'from'), put(to, 'to')])
      const copy = async (options: object) => (await to.beginCopyFromURL(from.url, options)).pollUntilDone()
      const told = [
        await refused(() => copy(asNew), '409'),
        await refused(() => copy({ sourceConditions: { ifMatch: no } }), '412'),
      ]
      return both(...told, same(await textOf(to), 'to'))
    },
  },
  {
    ask: 'tags, tier and a lease change no ETag and no date',
    async look({ blob }) {
      const one = blob()
      const { etag, lastModified } = await put(one, 'x')
      await one.setTags({ a: 'b' })
      await one.setAccessTier('Cool')
      const lease = one.getBlobLeaseClient()
      await lease.acquireLease(15)
      await lease.releaseLease()
      const found = await one.getProperties()
      return same([found.etag, found.lastModified], [etag, lastModified])
    },
  },
]
