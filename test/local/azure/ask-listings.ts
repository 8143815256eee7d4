import type { ContainerClient } from '@azure/storage-blob'
import { answered, both, collect, put, type Question, refused, same, type World } from './question.ts'

/** In the order of UTF-16 units, which is not that of UTF-8: an emoji sorts before U+FF5E. */
const ordered = ['B', 'a-b', 'a.b', 'a/b', 'a/c', 'a0', 'b', 'z', '\u00e9', '\u{1f600}', '\uff5e']

async function filled({ fresh }: World, names: readonly string[] = ordered): Promise<ContainerClient> {
  const container = await fresh()
  for (const name of names) await put(container.getBlockBlobClient(name), name)
  return container
}

async function flat(container: ContainerClient, options: object = {}): Promise<string[]> {
  return (await collect(container.listBlobsFlat(options))).map(({ name }) => name)
}

async function folders(container: ContainerClient, prefix = '', size = 5000): Promise<string[]> {
  const found: string[] = []
  for await (const { segment } of container.listBlobsByHierarchy('/', { prefix }).byPage({ maxPageSize: size })) {
    found.push(...(segment.blobPrefixes ?? []).map(({ name }) => name), ...segment.blobItems.map(({ name }) => name))
  }
  return found
}

export const listings: readonly Question[] = [
  {
    ask: 'a listing is in the order of UTF-16 units',
    look: async (world) => same(await flat(await filled(world)), ordered),
  },
  {
    ask: 'in pages of two: the same order, nothing lost',
    async look(world) {
      const container = await filled(world)
      const found: string[] = []
      let longest = 0
      for await (const { segment } of container.listBlobsFlat().byPage({ maxPageSize: 2 })) {
        found.push(...segment.blobItems.map(({ name }) => name))
        longest = Math.max(longest, segment.blobItems.length)
      }
      return both(same(found, ordered), same(longest, 2))
    },
  },
  {
    ask: 'a delimiter rolls names up into prefixes',
    async look(world) {
      const container = await filled(world, ['a', 'a/b', 'a/c', 'b/c/d', 'z'])
      return same(
        [(await folders(container)).toSorted(), await folders(container, 'b/')],
        [['a', 'a/', 'b/', 'z'], ['b/c/']],
      )
    },
  },
  {
    ask: 'with a delimiter in pages of one: nothing lost, no prefix twice',
    async look(world) {
      const container = await filled(world, ['a', 'a/b', 'a/c', 'b/c/d', 'z'])
      return same((await folders(container, '', 1)).toSorted(), ['a', 'a/', 'b/', 'z'])
    },
  },
  {
    ask: 'blobs, prefixes and names under which only blocks wait come in one order, in pages of one too',
    async look(world) {
      const container = await filled(world, ['a', 'c/x', 'e'])
      for (const name of ['b', 'd/x', 'd/y', 'f']) await container.getBlockBlobClient(name).stageBlock('MQ==', 'x', 1)
      const query = 'restype=container&comp=list&delimiter=%2F&include=uncommittedblobs'
      const page = async (more: string) => {
        const { body } = await world.raw('GET', `/../${container.containerName}`, { query: query + more })
        const marker = /<NextMarker>(.*?)<\/NextMarker>/.exec(body.toString())?.[1]
        return { names: [...body.toString().matchAll(/<Name>(.*?)<\/Name>/g)].map(([, name]) => name), marker }
      }
      const whole = await page('')
      const paged: unknown[] = []
      for (let marker: string | undefined = ''; marker !== undefined;) {
        const found = await page(`&maxresults=1${marker === '' ? '' : `&marker=${encodeURIComponent(marker)}`}`)
        if (found.names.length > 1 || paged.length > 9) return [false, `a page of ${found.names.join()}`]
        paged.push(...found.names)
        marker = found.marker
      }
      const wanted = ['a', 'b', 'c/', 'd/', 'e', 'f']
      return same([whole.names, paged], [wanted, wanted])
    },
  },
  {
    ask: 'a prefix is exact, in case and in every letter',
    async look(world) {
      const container = await filled(world, ['ab', 'aB', 'a%', 'a_', 'b'])
      return same([await flat(container, { prefix: 'aB' }), await flat(container, { prefix: 'a%' })], [['aB'], ['a%']])
    },
  },
  {
    ask: 'startFrom begins with the name itself',
    look: async (world) =>
      same(await flat(await filled(world), { startFrom: 'a0' }), ordered.slice(ordered.indexOf('a0'))),
  },
  {
    ask: 'the last page has an empty NextMarker; a listing of nothing is empty',
    async look(world) {
      const container = await world.fresh()
      const { body } = await world.raw('GET', `/../${container.containerName}`, {
        query: 'restype=container&comp=list',
      })
      return [/<Blobs ?\/>.*<NextMarker ?\/>/.test(body.toString()), body.toString().slice(0, 200)]
    },
  },
  {
    ask: 'maxresults of 0, or of what is no number: 400',
    async look({ raw }) {
      const list = (max: string) => raw('GET', '', { query: `restype=container&comp=list&maxresults=${max}` })
      return both(answered(await list('0'), '400'), answered(await list('many'), '400'))
    },
  },
  {
    ask: 'a marker that no listing gave: 400',
    async look({ raw }) {
      const list = (marker: string) => raw('GET', '', { query: `restype=container&comp=list&marker=${marker}` })
      const forged = `2%21${Buffer.from('{"key":5}').toString('base64url')}`
      return both(answered(await list('2%21made-up'), '400'), answered(await list(forged), '400'))
    },
  },
  {
    ask: 'include=metadata,tags shows both, with the case of names kept',
    async look(world) {
      const container = await world.fresh()
      await put(container.getBlockBlobClient('a'), 'x', { metadata: { Mixed_Case: 'V <&> v' }, tags: { 'T t': 'v=1' } })
      const [found] = await collect(container.listBlobsFlat({ includeMetadata: true, includeTags: true }))
      return same([found?.metadata, found?.tags], [{ Mixed_Case: 'V <&> v' }, { 'T t': 'v=1' }])
    },
  },
  {
    ask: 'a listing shows what Head shows: ETag, length, MD5, type, date',
    async look(world) {
      const container = await world.fresh()
      const blob = container.getBlockBlobClient('a')
      await put(blob, 'bytes', { blobHTTPHeaders: { blobContentType: 'a/b' } })
      const [found] = await collect(container.listBlobsFlat())
      const head = await blob.getProperties()
      const md5 = (bytes?: Uint8Array) => Buffer.from(bytes ?? []).toString('base64')
      const { etag, contentLength, contentMD5, contentType, lastModified } = found!.properties
      return same(
        [`"${etag}"`, contentLength, md5(contentMD5), contentType, lastModified],
        [head.etag, head.contentLength, md5(head.contentMD5), head.contentType, head.lastModified],
      )
    },
  },
  {
    ask: 'a name that XML cannot hold is listed encoded whole, and says so',
    async look(world) {
      const container = await filled(world, ['dir/odd \uffff 100%'])
      const { body } = await world.raw('GET', `/../${container.containerName}`, {
        query: 'restype=container&comp=list',
      })
      const found = /<Name Encoded="true">(.*?)<\/Name>/.exec(body.toString())?.[1]
      return same(found, 'dir%2Fodd%20%EF%BF%BF%20100%25')
    },
  },
  {
    ask: 'List Containers: by prefix, in pages, with metadata',
    async look(world) {
      const made = await Promise.all([world.fresh(), world.fresh()])
      await made[0].setMetadata({ m: '1' })
      const wanted = made.map(({ containerName }) => containerName)
      const found: (readonly [string, unknown])[] = []
      for await (const page of world.service
        .listContainers({ prefix: 'fresh-', includeMetadata: true })
        .byPage({ maxPageSize: 1 })) {
        found.push(...page.containerItems.map(({ name, metadata }) => [name, metadata] as const))
      }
      const own = found.filter(([name]) => wanted.includes(name))
      return both(same(own.length, 2), same(own.find(([name]) => name === wanted[0])?.[1], { m: '1' }))
    },
  },
  {
    ask: 'a container made twice: 409; deleted it is gone, with what was in it; made again it is empty',
    async look(world) {
      const container = await filled(world, ['a', 'b'])
      const told = await refused(() => container.create(), '409 ContainerAlreadyExists')
      await container.delete()
      const gone = await refused(() => container.getBlockBlobClient('a').download(), '404 ContainerNotFound')
      await container.create()
      return both(told, gone, same(await flat(container), []))
    },
  },
]
