import { answered, both, put, type Question, refusal, refused, same, textOf } from './question.ts'

export const contents: readonly Question[] = [
  {
    ask: 'Content-Type, -Encoding, -Language, -Disposition and Cache-Control come back as sent',
    async look({ blob }) {
      const one = blob()
      const sent = ['text/x-odd; charset=utf-8', 'zstd', 'fr', 'inline; filename="a b"', 'max-age=9, public']
      const [blobContentType, blobContentEncoding, blobContentLanguage, blobContentDisposition, blobCacheControl] =
        sent as [string, string, string, string, string]
      await put(one, 'x', {
        blobHTTPHeaders: {
          blobContentType,
          blobContentEncoding,
          blobContentLanguage,
          blobContentDisposition,
          blobCacheControl,
        },
      })
      const found = await one.getProperties()
      const { contentType, contentEncoding, contentLanguage, contentDisposition, cacheControl } = found
      return same([contentType, contentEncoding, contentLanguage, contentDisposition, cacheControl], sent)
    },
  },
  {
    ask: 'a blob of which nobody named a type is application/octet-stream',
    async look({ blob, raw }) {
      const one = blob()
      await raw('PUT', `/${one.name}`, { body: 'x', headers: { 'x-ms-blob-type': 'BlockBlob' } })
      return same((await one.getProperties()).contentType, 'application/octet-stream')
    },
  },
  {
    ask: 'metadata: the case of names and values is kept, an empty value too',
    async look({ blob, raw }) {
      const one = blob()
      const headers = {
        'x-ms-blob-type': 'BlockBlob',
        'x-ms-meta-Mixed_Case1': 'Value IN Case; a=b',
        'x-ms-meta-_empty': '',
      }
      const said = await raw('PUT', `/${one.name}`, { body: 'x', headers })
      const { headers: found } = await raw('HEAD', `/${one.name}`)
      const values = [found['x-ms-meta-mixed_case1'], found['x-ms-meta-_empty']]
      return both(answered(said, '201'), same(values, ['Value IN Case; a=b', '']))
    },
  },
  {
    ask: 'metadata names that are no C# identifiers: 400 InvalidMetadata',
    async look({ blob }) {
      const one = blob()
      const told = []
      for (const name of ['my-key', '1st', 'a.b'])
        told.push(await refused(() => put(one, 'x', { metadata: { [name]: 'v' } }), '400 InvalidMetadata'))
      return both(...told, !(await one.exists()))
    },
  },
  {
    ask: 'metadata above 8 KiB: 400 MetadataTooLarge; just below it goes through',
    async look({ blob }) {
      const one = blob()
      const told = await refused(() => put(one, 'x', { metadata: { big: 'v'.repeat(8190) } }), '400 MetadataTooLarge')
      return both(told, same(await refusal(() => put(one, 'x', { metadata: { big: 'v'.repeat(8000) } })), '200'))
    },
  },
  {
    ask: 'metadata values outside ASCII: 400',
    async look({ blob, raw }) {
      const headers = { 'x-ms-blob-type': 'BlockBlob', 'x-ms-meta-word': 'caf\u00e9' }
      return answered(await raw('PUT', `/${blob().name}`, { body: 'x', headers }), '400', '403')
    },
  },
  {
    ask: 'Set Metadata replaces all of it, changes the ETag, and leaves bytes and headers',
    async look({ blob }) {
      const one = blob()
      const { etag } = await put(one, 'bytes', { metadata: { old: '1' }, blobHTTPHeaders: { blobContentType: 'a/b' } })
      const changed = await one.setMetadata({ fresh: '2' })
      const { metadata, contentType } = await one.getProperties()
      return both(
        etag !== changed.etag,
        same([metadata, contentType, await textOf(one)], [{ fresh: '2' }, 'a/b', 'bytes']),
      )
    },
  },
  {
    ask: 'Set Properties clears what it does not name, changes the ETag, and leaves metadata',
    async look({ blob }) {
      const one = blob()
      const blobHTTPHeaders = { blobContentType: 'a/b', blobCacheControl: 'no-cache' }
      const { etag } = await put(one, 'x', { metadata: { m: '1' }, blobHTTPHeaders })
      const changed = await one.setHTTPHeaders({ blobContentType: 'c/d' })
      const { metadata, contentType, cacheControl } = await one.getProperties()
      return both(etag !== changed.etag, same([metadata, contentType, cacheControl], [{ m: '1' }, 'c/d', undefined]))
    },
  },
  {
    ask: 'tags: with the put and by their own call; Get and Head tell how many',
    async look({ blob }) {
      const one = blob()
      await put(one, 'x', { tags: { a: '1', 'b c': 'd+e:/=_.-' } })
      const first = await one.getTags()
      const { tagCount } = await one.getProperties()
      await one.setTags({ k: 'v' })
      return same([first.tags, tagCount, (await one.getTags()).tags], [{ a: '1', 'b c': 'd+e:/=_.-' }, 2, { k: 'v' }])
    },
  },
  {
    ask: 'tags: eleven, a letter outside their alphabet, a name of 129 or a value of 257 letters: 400 each',
    async look({ blob }) {
      const one = blob()
      await put(one, 'x')
      const eleven = Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`k${i}`, 'v']))
      const told = []
      for (const tags of [
        eleven,
        { k: 'caf\u00e9' },
        { 'k,': 'v' },
        { ['k'.repeat(129)]: 'v' },
        { k: 'v'.repeat(257) },
      ]) {
        told.push(await refused(() => one.setTags(tags), '400'))
      }
      return both(...told, same((await one.getTags()).tags, {}))
    },
  },
  {
    ask: 'tags of ten, 128 and 256 letters go through',
    async look({ blob }) {
      const one = blob()
      const tags = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`${i}`.padEnd(128, 'k'), 'v'.repeat(256)]))
      await put(one, 'x')
      await one.setTags(tags)
      return same((await one.getTags()).tags, tags)
    },
  },
  {
    ask: 'an overwrite that names no tags and no metadata leaves none',
    async look({ blob }) {
      const one = blob()
      await put(one, 'x', { tags: { a: '1' }, metadata: { m: '1' } })
      await put(one, 'y')
      const { metadata, tagCount } = await one.getProperties()
      return same([metadata, tagCount], [{}, undefined])
    },
  },
  {
    ask: 'ranges: the middle, an open end, an end beyond the end',
    async look({ blob, raw }) {
      const one = blob()
      await put(one, '0123456789')
      const read = async (range: string) => {
        const { status, headers, body } = await raw('GET', `/${one.name}`, { headers: { 'x-ms-range': range } })
        return `${status} ${body.toString()} ${headers['content-range']}`
      }
      const found = [await read('bytes=5-7'), await read('bytes=8-'), await read('bytes=8-99')]
      return same(found, ['206 567 bytes 5-7/10', '206 89 bytes 8-9/10', '206 89 bytes 8-9/10'])
    },
  },
  {
    ask: 'a range beyond the end, or of an empty blob: 416 InvalidRange',
    async look({ blob, raw }) {
      const [one, empty] = [blob(), blob()]
      await Promise.all([put(one, '0123456789'), put(empty, '')])
      const beyond = await raw('GET', `/${one.name}`, { headers: { 'x-ms-range': 'bytes=10-' } })
      const nothing = await raw('GET', `/${empty.name}`, { headers: { 'x-ms-range': 'bytes=0-' } })
      return both(answered(beyond, '416 InvalidRange'), answered(nothing, '416 InvalidRange'))
    },
  },
  {
    ask: 'x-ms-range is asked before Range',
    async look({ blob, raw }) {
      const one = blob()
      await put(one, '0123456789')
      const { body } = await raw('GET', `/${one.name}`, { headers: { 'x-ms-range': 'bytes=1-2', range: 'bytes=5-6' } })
      return same(body.toString(), '12')
    },
  },
  {
    ask: 'a tier is kept and told; of the archive nothing is read: 409 BlobArchived',
    async look({ blob }) {
      const one = blob()
      await put(one, 'cold', { tier: 'Cool' })
      const { accessTier } = await one.getProperties()
      await one.setAccessTier('Archive')
      const told = await refused(() => one.download(), '409 BlobArchived')
      await put(one, 'again')
      return both(told, same([accessTier, await textOf(one)], ['Cool', 'again']))
    },
  },
  {
    ask: 'a tier that was set outlives what is written over it, unless the write names another',
    async look({ blob }) {
      const [one, from] = [blob(), blob()]
      const tier = async () => (await one.getProperties()).accessTier
      await put(from, 'hot', { tier: 'Hot' })
      await put(one, 'cool', { tier: 'Cool' })
      await put(one, 'again')
      const kept = [await tier()]
      await (await one.beginCopyFromURL(from.url)).pollUntilDone()
      kept.push(await tier())
      await put(one, 'hot', { tier: 'Hot' })
      return same([...kept, await tier()], ['Cool', 'Cool', 'Hot'])
    },
  },
  {
    ask: 'an archived blob changes neither metadata nor properties, and takes no blocks: 409 BlobArchived',
    async look({ blob }) {
      const one = blob()
      await put(one, 'cold', { metadata: { m: '1' }, tier: 'Archive' })
      return both(
        await refused(() => one.setMetadata({ m: '2' }), '409 BlobArchived'),
        await refused(() => one.setHTTPHeaders({}), '409 BlobArchived'),
        await refused(() => one.stageBlock('MQ==', 'x', 1), '409 BlobArchived'),
        same((await one.getProperties()).metadata, { m: '1' }),
      )
    },
  },
  {
    ask: 'Copy Blob takes bytes, headers and metadata, and no tags',
    async look({ blob }) {
      const [from, to] = [blob(), blob()]
      await put(from, 'bytes', { metadata: { m: '1' }, tags: { t: '1' }, blobHTTPHeaders: { blobContentType: 'a/b' } })
      await (await to.beginCopyFromURL(from.url)).pollUntilDone()
      const { metadata, contentType, tagCount, copyStatus } = await to.getProperties()
      return same(
        [await textOf(to), metadata, contentType, tagCount, copyStatus],
        ['bytes', { m: '1' }, 'a/b', undefined, 'success'],
      )
    },
  },
  {
    ask: 'how a blob was copied is forgotten with its next metadata or properties',
    async look({ blob }) {
      const [from, one, other] = [blob(), blob(), blob()]
      await put(from, 'bytes')
      const copied = [one, other].map(async (to) => (await to.beginCopyFromURL(from.url)).pollUntilDone())
      await Promise.all(copied)
      await one.setMetadata({ m: '1' })
      await other.setHTTPHeaders({ blobContentType: 'a/b' })
      const found = await Promise.all([one, other].map((to) => to.getProperties()))
      return same(
        found.map(({ copyId }) => copyId),
        [undefined, undefined],
      )
    },
  },
  {
    ask: 'Copy Blob with metadata of its own takes none from the source',
    async look({ blob }) {
      const [from, to] = [blob(), blob()]
      await put(from, 'bytes', { metadata: { m: '1' } })
      await (await to.beginCopyFromURL(from.url, { metadata: { own: '2' } })).pollUntilDone()
      return same((await to.getProperties()).metadata, { own: '2' })
    },
  },
  {
    ask: 'a snapshot is a read by its conditions: of a blob that is still the one named, none is taken, 304',
    async look({ blob }) {
      const one = blob()
      const { etag } = await put(one, 'x')
      return refused(() => one.createSnapshot({ conditions: { ifNoneMatch: etag! } }), '304')
    },
  },
  {
    ask: 'a snapshot stays as the blob was; the blob is not deleted without it: 409 SnapshotsPresent',
    async look({ blob }) {
      const one = blob()
      await put(one, 'then')
      const { snapshot } = await one.createSnapshot()
      await put(one, 'now')
      const then = await textOf(one.withSnapshot(snapshot!))
      const told = await refused(() => one.delete(), '409 SnapshotsPresent')
      await one.delete({ deleteSnapshots: 'include' })
      return both(told, same(then, 'then'), !(await one.exists()))
    },
  },
]
