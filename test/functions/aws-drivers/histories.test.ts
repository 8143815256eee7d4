import { DeleteObjectCommand, PutBucketVersioningCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { type Key, parseKey } from '#shared/kernel/key.ts'
import type { KeptVersion, ObjectStore } from '#shared/ports/object-store.ts'
import { absent, bench, failed, key, never, storeAt, write } from './bench.ts'
import { embedded } from './embedded.ts'
import { answer } from './scripted-server.ts'

const there = embedded()

async function put(Key: string, Body = Key): Promise<void> {
  await there().user.send(new PutObjectCommand({ Bucket: 'bucket', Key, Body }))
}

async function remove(Key: string): Promise<void> {
  await there().user.send(new DeleteObjectCommand({ Bucket: 'bucket', Key }))
}

async function history(store: ObjectStore, key: Key): Promise<KeptVersion[]> {
  const versions: KeptVersion[] = []
  for (let cursor: string | null = null, pages = 0; ; pages++) {
    const page = await store.versions(key, cursor, never)
    versions.push(...page.versions)
    if (page.next === null) return versions
    expect(pages).toBeLessThan(20)
    cursor = page.next
  }
}

const story = (versions: readonly KeptVersion[]) =>
  versions.map(({ deleteMarker }) => (deleteMarker ? 'marker' : 'version'))

describe('a history', () => {
  it('tells versions and markers as they lie upon each other, all within one second', async () => {
    for (const name of ['x', 'xy', 'x/y'])
      for (const act of [put, put, remove, put, remove, remove, put]) await act(name)
    const versions = await history(there().store, parseKey('x'))
    expect(story(versions)).toEqual(['version', 'marker', 'marker', 'version', 'marker', 'version', 'version'])
    expect(versions.map(({ key }) => key)).toEqual(Array<string>(7).fill('x'))
    expect(versions.map(({ current }) => current)).toEqual([true, false, false, false, false, false, false])
  })

  it('says of each version that it left when the next one came, also across pages', async () => {
    const name = parseKey('left')
    for (let i = 0; i < 12; i++) {
      await (i % 4 === 3 ? remove(name) : put(name, `${i}`))
      there().ahead(2000)
    }
    const versions = await history(there().store, name)
    expect(versions).toHaveLength(12)
    expect(versions[0]!.leftMs).toBeNull()
    expect(versions.slice(1).map(({ leftMs }) => leftMs)).toEqual(versions.slice(0, -1).map(({ dateMs }) => dateMs))
    const { versions: all } = await there().store.listVersions(
      { prefix: 'left', after: '', cursor: null, max: 1000 },
      never,
    )
    expect(all).toEqual(versions.slice(0, 5))
  })

  it('dates a version as a HEAD does, by the second, where a store lists finer than that', async () => {
    const entry = '<ETag>"e"</ETag><Size>1</Size><LastModified>2026-11-24T09:00:00.789Z</LastModified>'
    const { store } = await bench(({ target }, socket) => {
      const body = target.includes('versions')
        ? `<ListVersionsResult><IsTruncated>false</IsTruncated><Version><Key>a key</Key><VersionId>v1</VersionId><IsLatest>true</IsLatest>${entry}</Version></ListVersionsResult>`
        : `<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>a key</Key>${entry}</Contents></ListBucketResult>`
      socket.write(answer(200, {}, body))
    })
    const dateMs = Date.UTC(2026, 10, 24, 9)
    expect((await history(store, key)).map((one) => one.dateMs)).toEqual([dateMs])
    const { objects } = await store.list({ prefix: '', after: '', cursor: null, max: 10 }, never)
    expect(objects.map((one) => one.dateMs)).toEqual([dateMs])
  })

  it('is short where the keys that begin so are many: their pages are not turned', async () => {
    await put('many')
    for (let i = 0; i < 12; i++) await put(`many${i}`)
    const page = await there().store.versions(parseKey('many'), null, never)
    expect(page.versions.map(({ key }) => key)).toEqual(['many'])
    expect(page.next).toBeNull()
    expect(await there().store.versions(parseKey('man'), null, never)).toEqual({ versions: [], next: null })
  })

  it('names a marker by its own id, and pins to it nothing', async () => {
    const name = parseKey('marked')
    await put(name)
    await remove(name)
    const [marker, version] = await history(there().store, name)
    expect(marker).toMatchObject({ deleteMarker: true, current: true, inParts: false, meta: null })
    expect(marker!.version).toBe(`|${marker!.id}`)
    expect(version!.version).toBe(`${version!.id}|${version!.version.split('|')[1]}`)
    expect(await there().store.head(name, never, marker!.version)).toBeNull()
    expect(await there().store.get(name, never, { version: marker!.version })).toBeNull()
    expect(await failed(there().store.tags(name, marker!.version, never))).toMatchObject({ kind: 'absent' })
  })

  it('names what was written before versions were kept, and takes no later one of that name for it', async () => {
    const { user, face } = there()
    const name = parseKey('early')
    const store = storeAt(face.url, { bucket: 'plain' })
    const send = async (Body: string) => user.send(new PutObjectCommand({ Bucket: 'plain', Key: name, Body }))
    const set = async (Status: 'Enabled' | 'Suspended') =>
      user.send(new PutBucketVersioningCommand({ Bucket: 'plain', VersioningConfiguration: { Status } }))
    await send('before')
    await set('Enabled')
    await send('kept')
    const [, before] = await history(store, name)
    expect(before!.version).toMatch(/\|null$/)
    expect(await store.head(name, never, before!.version)).toMatchObject({ size: 6 })
    await set('Suspended')
    await send('another of that name')
    expect(await store.head(name, never, before!.version)).toBeNull()
  })

  it('of a bucket that keeps none is what it shows', async () => {
    const { plain } = there()
    const name = parseKey('only')
    expect(await history(plain, name)).toEqual([])
    const meta = await plain.put(name, write(), absent, never)
    await plain.put(parseKey('only-one-more'), write(), absent, never)
    const { version, id, dateMs } = meta
    const common = { version, id, dateMs, current: true, deleteMarker: false, leftMs: null, inParts: false, meta: null }
    expect(await history(plain, name)).toEqual([{ key: name, ...common }])
    const page = await plain.listVersions({ prefix: 'only', after: name, cursor: null, max: 5 }, never)
    expect(page.versions.map(({ key }) => key)).toEqual(['only-one-more'])
  })

  it('goes on after a key in the order of bytes', async () => {
    for (const name of ['o/a', 'o/b', 'o/é', 'o/😀', 'o/\uE000']) await put(name)
    const page = await there().store.listVersions({ prefix: 'o/', after: 'o/b', cursor: null, max: 10 }, never)
    expect(page.versions.map(({ key }) => key)).toEqual(['o/é', 'o/\uE000', 'o/😀'])
  })
})

describe('what lists', () => {
  it('refuses a cursor that is none of its own', async () => {
    for (const cursor of ['', '[]', '["a"]', '["a","b",1,2]', '{}']) {
      expect(await failed(there().store.versions(key, cursor, never))).toMatchObject({ kind: 'invalid' })
    }
  })

  it('is unreadable where it says more entries than it has, or fewer', async () => {
    const entry = (name: string) =>
      `<${name}><Key>a</Key><VersionId>1</VersionId><IsLatest>true</IsLatest><LastModified>2026-11-24T09:00:00.000Z</LastModified><ETag>"e"</ETag></${name}>`
    const list = (content: string) => `<ListVersionsResult>${content}</ListVersionsResult>`
    const { store } = await bench(({ target }, socket) => {
      const more = target.includes('max-keys=1&') ? '<Owner><Version>!</Version></Owner>' : ''
      socket.write(answer(200, {}, list(entry('Version') + entry('DeleteMarker') + more)))
    })
    const query = { prefix: '', after: '', cursor: null }
    expect((await store.listVersions({ ...query, max: 2 }, never)).versions).toHaveLength(2)
    expect(await failed(store.listVersions({ ...query, max: 1 }, never))).toMatchObject({ kind: 'unreachable' })
  })

  it('reads names as they are from a store that does not encode them', async () => {
    const content =
      '<Contents><Key>a+b%20&amp;c</Key><ETag>"e"</ETag><LastModified>2026-11-24T09:00:00.000Z</LastModified><Size>1</Size></Contents>'
    const { store } = await bench(
      (_, socket) => void socket.write(answer(200, {}, `<ListBucketResult>${content}</ListBucketResult>`)),
    )
    const page = await store.list({ prefix: '', after: '', cursor: null, max: 1 }, never)
    expect(page.objects.map(({ key }) => key)).toEqual(['a+b%20&c'])
  })

  it('says the same of an object as HEAD, and no digest that depends on how it is encrypted', async () => {
    const name = parseKey('listed')
    const meta = await there().store.put(name, write(), absent, never)
    await wait(1)
    const { objects } = await there().store.list({ prefix: name, after: '', cursor: null, max: 1 }, never)
    expect(objects).toEqual([{ key: name, id: meta.id, dateMs: meta.dateMs, size: meta.size, digests: {}, meta: null }])
  })
})
