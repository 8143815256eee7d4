import type { Bucket } from '@google-cloud/storage'
import { beforeAll, describe, expect, it } from 'vitest'
import { Desk, refused } from './desk.ts'

/** In the order of their bytes: U+FFFD sorts before an emoji, and behind it in UTF-16. */
const names = ['a', 'a b', 'a.b', 'a/', 'a/1', 'a/2/x', 'ab', 'b/1', 'é', '\uFFFD', '😀']

describe('listings of Cloud Storage', () => {
  let desk: Desk
  let bucket: Bucket
  beforeAll(async () => {
    desk = await Desk.open()
    bucket = await desk.bucket()
    for (const name of names.toReversed()) await desk.put(bucket, name, 'x')
  })

  /** The names and the common prefixes, page after page. */
  async function list(query: Record<string, string>, of = bucket): Promise<{ names: string[]; prefixes: string[] }> {
    const all = { names: [] as string[], prefixes: [] as string[] }
    for (let token: string | undefined, pages = 0; pages < 50; pages++) {
      const asked = new URLSearchParams({ ...query, ...(token === undefined ? {} : { pageToken: token }) })
      const { json } = await desk.ask('GET', `/storage/v1/b/${of.name}/o?${asked.toString()}`)
      all.names.push(...(json.items ?? []).map(({ name }) => name))
      all.prefixes.push(...(json.prefixes ?? []))
      token = json.nextPageToken
      if (token === undefined) return all
    }
    return expect.fail('a listing of more than 50 pages')
  }
  const pageSizes = ['1', '2', '3', '1000']

  it('are in the order of UTF-8 bytes, in pages of any size', async () => {
    for (const maxResults of pageSizes) expect((await list({ maxResults })).names).toEqual(names)
  })

  it('roll up what follows a delimiter', async () => {
    for (const maxResults of pageSizes) {
      const top = await list({ delimiter: '/', maxResults })
      expect(top).toEqual({ names: names.filter((name) => !name.includes('/')), prefixes: ['a/', 'b/'] })
      const below = await list({ delimiter: '/', prefix: 'a/', maxResults })
      expect(below).toEqual({ names: ['a/', 'a/1'], prefixes: ['a/2/'] })
      const trailing = await list({ delimiter: '/', includeTrailingDelimiter: 'true', maxResults })
      expect(trailing.names).toEqual(names.filter((name) => name === 'a/' || !name.includes('/')))
    }
  })

  it('are what a filter by name and offsets says, for each offset and page size', async () => {
    const byte = (name: string) => Buffer.from(name)
    const offsets = ['', 'a', 'a/', 'a/1', 'a/2/', 'a0', 'b/1', '😀', '😁']
    for (const startOffset of offsets) {
      for (const endOffset of offsets) {
        const within = names.filter(
          (name) =>
            Buffer.compare(byte(name), byte(startOffset)) >= 0 &&
            (endOffset === '' || Buffer.compare(byte(name), byte(endOffset)) < 0),
        )
        const rolled = within.filter((name) => name.includes('/')).map((name) => name.slice(0, name.indexOf('/') + 1))
        for (const maxResults of ['1', '1000']) {
          const query = { startOffset, endOffset, maxResults }
          expect((await list(query)).names).toEqual(within)
          expect((await list({ ...query, versions: 'true' })).names).toEqual(within)
          for (const versions of ['false', 'true']) {
            expect(await list({ ...query, delimiter: '/', versions })).toEqual({
              names: within.filter((name) => !name.includes('/')),
              prefixes: [...new Set(rolled)],
            })
          }
        }
      }
    }
  })

  it('of versions are by name, and the generations of one name oldest first, across pages', async () => {
    const versioned = await desk.bucket({ versioning: { enabled: true } })
    for (const name of ['b', 'a', 'b', 'a/x', 'b', 'a']) await desk.put(versioned, name, 'x')
    await versioned.file('a').delete()
    const whole = await desk.generations(versioned)
    expect(whole.map(([name, live]) => [name, live])).toEqual([
      ['a', false],
      ['a', false],
      ['a/x', true],
      ['b', false],
      ['b', false],
      ['b', true],
    ])
    const sorted = whole.toSorted(([a, , g], [b, , h]) => (a < b ? -1 : a > b ? 1 : Number(g) - Number(h)))
    expect(whole).toEqual(sorted)
    for (const maxResults of pageSizes) {
      expect((await list({ versions: 'true', maxResults }, versioned)).names).toEqual(whole.map(([name]) => name))
      expect((await list({ maxResults }, versioned)).names).toEqual(['a/x', 'b'])
    }
  })

  it('are read by the SDK', async () => {
    const [files] = await bucket.getFiles()
    expect(files.map(({ name }) => name)).toEqual(names)
    const [, , answer] = await bucket.getFiles({ delimiter: '/', autoPaginate: false })
    expect((answer as { prefixes: string[] }).prefixes).toEqual(['a/', 'b/'])
  })

  it('refuse a token that is none, and what they do not do', async () => {
    for (const query of [
      'pageToken=x',
      'pageToken=e30',
      'pageToken=W10',
      'maxResults=x',
      'versions=1',
      'matchGlob=a*',
    ]) {
      const answer = await desk.ask('GET', `/storage/v1/b/${bucket.name}/o?${query}`)
      expect(refused(answer)).toEqual([400, 'invalidParameter'])
    }
    expect(refused(await desk.ask('GET', '/storage/v1/b/no-such-bucket/o'))).toEqual([404, 'notFound'])
  })
})
