import type { BlobItem, BlockBlobClient } from '@azure/storage-blob'
import { answered, blockId, both, collect, put, type Question, refused, same, textOf, type World } from './question.ts'

async function history({ container }: World, { name }: BlockBlobClient, more: object = {}): Promise<BlobItem[]> {
  const found = await collect(container.listBlobsFlat({ prefix: name, includeVersions: true, ...more }))
  return found.filter((one) => one.name === name)
}

async function written(blob: BlockBlobClient, ...texts: readonly string[]): Promise<string[]> {
  const ids: string[] = []
  for (const text of texts) ids.push((await put(blob, text)).versionId ?? 'none')
  return ids
}

export const versions: readonly Question[] = [
  {
    ask: 'each write answers with a version id of its own: a time with seven decimals, growing',
    async look({ blob }) {
      const ids = await written(blob(), 'a', 'b', 'c')
      const form = ids.every((id) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z$/.test(id))
      return [form && new Set(ids).size === 3 && ids.toSorted().join() === ids.join(), ids.join(' ')]
    },
  },
  {
    ask: 'include=versions lists oldest first, the current one last and marked, each with its own ETag and length',
    async look(world) {
      const one = world.blob()
      const ids = await written(one, 'a', 'bb', 'ccc')
      const found = await history(world, one)
      const etags = new Set(found.map(({ properties }) => properties.etag))
      return both(
        same(
          found.map(({ versionId }) => versionId),
          ids,
        ),
        same(
          found.map(({ isCurrentVersion }) => isCurrentVersion === true),
          [false, false, true],
        ),
        same(
          found.map(({ properties }) => properties.contentLength),
          [1, 2, 3],
        ),
        same(etags.size, 3),
      )
    },
  },
  {
    ask: 'Get and Head by version id give the bytes, metadata and tags of then',
    async look({ blob }) {
      const one = blob()
      const { versionId } = await put(one, 'then', { metadata: { m: 'then' }, tags: { t: 'then' } })
      await put(one, 'now', { metadata: { m: 'now' }, tags: { t: 'now' } })
      const old = one.withVersion(versionId!)
      const { metadata, isCurrentVersion } = await old.getProperties()
      const found = [await textOf(old), metadata, isCurrentVersion, (await old.getTags()).tags]
      return same(found, ['then', { m: 'then' }, undefined, { t: 'then' }])
    },
  },
  {
    ask: 'the current version answers to its id too, and says that it is current',
    async look({ blob }) {
      const one = blob()
      const { versionId } = await put(one, 'now')
      return same((await one.withVersion(versionId!).getProperties()).isCurrentVersion, true)
    },
  },
  {
    ask: '20 racing plain puts: 20 versions, one of them current',
    async look(world) {
      const one = world.blob()
      const ids = await Promise.all(Array.from({ length: 20 }, (_, i) => written(one, `${i}`)))
      const found = await history(world, one)
      return same(
        [new Set(ids.flat()).size, found.length, found.filter((each) => each.isCurrentVersion).length],
        [20, 20, 1],
      )
    },
  },
  {
    ask: 'Delete leaves every version as a previous one, and none current',
    async look(world) {
      const one = world.blob()
      const ids = await written(one, 'a', 'b')
      await one.delete()
      const found = await history(world, one)
      const plain = await collect(world.container.listBlobsFlat({ prefix: one.name }))
      return both(
        same(
          found.map(({ versionId, isCurrentVersion = false }) => [versionId, isCurrentVersion]),
          ids.map((id) => [id, false]),
        ),
        same([await one.exists(), plain.length], [false, 0]),
        same(await textOf(one.withVersion(ids[1]!)), 'b'),
      )
    },
  },
  {
    ask: 'create-only over a deleted blob goes through; over a current one: 409',
    async look({ blob }) {
      const one = blob()
      await written(one, 'a')
      await one.delete()
      const conditions = { ifNoneMatch: '*' }
      await put(one, 'b', { conditions })
      return refused(() => put(one, 'c', { conditions }), '409 BlobAlreadyExists')
    },
  },
  {
    ask: 'Delete of the current version by its id: 403 OperationNotAllowedOnRootBlob',
    async look({ blob }) {
      const one = blob()
      const [id] = await written(one, 'a')
      return both(
        await refused(() => one.withVersion(id!).delete(), '403 OperationNotAllowedOnRootBlob'),
        await one.exists(),
      )
    },
  },
  {
    ask: 'Delete of a previous version by its id removes it, and leaves the others',
    async look(world) {
      const one = world.blob()
      const [old, now] = await written(one, 'a', 'b')
      await one.withVersion(old!).delete()
      return both(
        same(
          (await history(world, one)).map(({ versionId }) => versionId),
          [now],
        ),
        await refused(() => one.withVersion(old!).download(), '404 BlobNotFound'),
        same(await textOf(one), 'b'),
      )
    },
  },
  {
    ask: 'a deleted version is listed with include=deleted: Deleted, DeletedTime, RemainingRetentionDays',
    async look(world) {
      const one = world.blob()
      const [old] = await written(one, 'a', 'b')
      await one.withVersion(old!).delete()
      const found = (await history(world, one, { includeDeleted: true })).filter(({ deleted }) => deleted)
      const { versionId, properties } = found[0] ?? {}
      const told = [
        found.length,
        versionId,
        properties?.deletedOn instanceof Date,
        (properties?.remainingRetentionDays ?? -1) >= 0,
      ]
      return same(told, [1, old, true, true])
    },
  },
  {
    ask: 'Head of a deleted version: 404, and x-ms-is-soft-deleted',
    async look({ blob, raw }) {
      const one = blob()
      const [old] = await written(one, 'a', 'b')
      await one.withVersion(old!).delete()
      const said = await raw('HEAD', `/${one.name}`, { query: `versionid=${encodeURIComponent(old!)}` })
      return both(answered(said, '404'), same(said.headers['x-ms-is-soft-deleted'], 'true'))
    },
  },
  {
    ask: 'Undelete brings deleted versions back, and makes none of them current',
    async look(world) {
      const one = world.blob()
      const [old] = await written(one, 'a', 'b')
      await one.delete()
      await one.withVersion(old!).delete()
      await one.undelete()
      return both(same((await history(world, one)).length, 2), !(await one.exists()))
    },
  },
  {
    ask: 'Set Metadata makes a version, and leaves the old one as it was',
    async look(world) {
      const one = world.blob()
      const { versionId } = await put(one, 'a', { metadata: { m: '1' }, tags: { t: '1' } })
      const changed = await one.setMetadata({ m: '2' })
      const old = await one.withVersion(versionId!).getProperties()
      const { tagCount } = await one.getProperties()
      return both(
        changed.versionId !== versionId && changed.versionId !== undefined,
        same([old.metadata, tagCount, (await history(world, one)).length], [{ m: '1' }, 1, 2]),
      )
    },
  },
  {
    ask: 'Set Properties makes no version: the same id, another ETag',
    async look(world) {
      const one = world.blob()
      const { versionId, etag } = await put(one, 'a')
      await one.setHTTPHeaders({ blobContentType: 'a/b' })
      const found = await one.getProperties()
      return both(found.etag !== etag, same([found.versionId, (await history(world, one)).length], [versionId, 1]))
    },
  },
  {
    ask: 'Set Tags makes no version, and is of one version',
    async look(world) {
      const one = world.blob()
      const [old] = await written(one, 'a', 'b')
      await one.withVersion(old!).setTags({ t: 'old' })
      const tags = [(await one.withVersion(old!).getTags()).tags, (await one.getTags()).tags]
      return same([...tags, (await history(world, one)).length], [{ t: 'old' }, {}, 2])
    },
  },
  {
    ask: 'Put Block List makes a version',
    async look(world) {
      const one = world.blob()
      await written(one, 'a')
      await one.stageBlock(blockId(1), 'x', 1)
      const { versionId } = await one.commitBlockList([blockId(1)])
      return same((await history(world, one)).at(-1)?.versionId, versionId ?? 'none')
    },
  },
  {
    ask: 'a version copied over the blob is a new version with its bytes and metadata',
    async look(world) {
      const one = world.blob()
      const { versionId } = await put(one, 'then', { metadata: { m: 'then' } })
      await put(one, 'now')
      await (await one.beginCopyFromURL(one.withVersion(versionId!).url)).pollUntilDone()
      const { metadata } = await one.getProperties()
      return same([await textOf(one), metadata, (await history(world, one)).length], ['then', { m: 'then' }, 3])
    },
  },
  {
    ask: 'versions in pages of one: nothing lost, nothing twice',
    async look(world) {
      const one = world.blob()
      const ids = await written(one, 'a', 'b', 'c')
      const found: (string | undefined)[] = []
      const pages = world.container
        .listBlobsFlat({ prefix: one.name, includeVersions: true })
        .byPage({ maxPageSize: 1 })
      for await (const page of pages) found.push(...page.segment.blobItems.map(({ versionId }) => versionId))
      return same(found, ids)
    },
  },
  {
    ask: 'include=versions,metadata,tags shows both of every version',
    async look(world) {
      const one = world.blob()
      await put(one, 'a', { metadata: { Name: 'a' }, tags: { t: 'a' } })
      await put(one, 'b', { metadata: { Name: 'b' }, tags: { t: 'b' } })
      const found = await history(world, one, { includeMetadata: true, includeTags: true })
      return same(
        found.map(({ metadata, tags }) => [metadata, tags]),
        ['a', 'b'].map((text) => [{ Name: text }, { t: text }]),
      )
    },
  },
  {
    ask: 'a version id that is unknown: 404; one that is no time: 400',
    async look({ blob, raw }) {
      const one = blob()
      await written(one, 'a')
      const unknown = await raw('GET', `/${one.name}`, { query: 'versionid=2020-01-01T00%3A00%3A00.0000000Z' })
      const malformed = await raw('GET', `/${one.name}`, { query: 'versionid=yesterday' })
      return both(answered(unknown, '404 BlobNotFound'), answered(malformed, '400'))
    },
  },
  {
    ask: 'a write that names a version is refused, not taken for one of the blob: 400',
    async look({ blob, raw }) {
      const one = blob()
      const [old] = await written(one, 'a', 'b')
      const query = `versionid=${encodeURIComponent(old!)}`
      const headers = { 'x-ms-blob-type': 'BlockBlob' }
      const told = [
        answered(await raw('PUT', `/${one.name}`, { query, headers, body: 'c' }), '400'),
        answered(await raw('PUT', `/${one.name}`, { query: `${query}&comp=metadata` }), '400'),
      ]
      return both(...told, same(await textOf(one), 'b'))
    },
  },
  {
    ask: 'versions and blocks that wait under their name are listed in pages of one, nothing lost',
    async look(world) {
      const one = world.blob()
      const ids = await written(one, 'a', 'b')
      await one.delete()
      await one.stageBlock(blockId(1), 'x', 1)
      const found: unknown[] = []
      const asked = { prefix: one.name, includeVersions: true, includeUncommitedBlobs: true }
      for await (const { segment } of world.container.listBlobsFlat(asked).byPage({ maxPageSize: 1 })) {
        found.push(...segment.blobItems.map(({ versionId, properties }) => versionId ?? properties.contentLength))
      }
      return same(found, [...ids, 0])
    },
  },
  {
    ask: 'a refused write leaves no version',
    async look(world) {
      const one = world.blob()
      await written(one, 'a')
      await refused(() => put(one, 'b', { conditions: { ifNoneMatch: '*' } }), '409')
      return same((await history(world, one)).length, 1)
    },
  },
]
