import fc from 'fast-check'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { Statement } from '#local/servers/engine/database.ts'
import type { Bucket, Entry, ListPage, ListQuery } from '#local/servers/engine/model.ts'
import { Gone } from '#local/servers/engine/pieces.ts'
import { type Desk, desk, entry, pieces } from './desk.ts'

/** Few letters, so that keys are prefixes of others; the rest are where byte orders part ways, and where escaping goes wrong. */
const letters = [
  'a',
  'b',
  '/',
  '//',
  '.',
  'é',
  'e\u0301',
  '💚',
  '\uffff',
  '\ue000',
  '\u0000',
  '\u0001',
  '%2F',
  ' ',
  'z',
]
const word = fc.array(fc.constantFrom(...letters), { maxLength: 5 }).map((all) => all.join(''))

interface Shelf {
  readonly key: string
  readonly orders: readonly number[]
  /** Which of them is live; none where there is none of that number. */
  readonly live: number
  readonly markers: boolean
}

const shelves: fc.Arbitrary<Shelf[]> = fc.uniqueArray(
  fc.record({
    key: word,
    orders: fc.uniqueArray(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 12 }),
    live: fc.nat(14),
    markers: fc.boolean(),
  }),
  { selector: ({ key }) => key, maxLength: 25 },
)

const place: fc.Arbitrary<ListQuery['after']> = fc.oneof(
  fc.constant(null),
  word.map((key) => ({ key })),
  fc.record({ key: word, order: fc.integer({ min: 0, max: 21 }) }),
  word.filter((text) => text !== '').map((commonPrefix) => ({ commonPrefix })),
)

const queries: fc.Arbitrary<ListQuery> = fc.record({
  prefix: fc.oneof({ weight: 2, arbitrary: fc.constant('') }, word),
  delimiter: fc.constantFrom(null, '/', '/', '//', 'a', '💚', '\uffff', ''),
  after: place,
  max: fc.oneof(fc.nat(4), fc.constant(1000)),
  sorted: fc.constantFrom('utf8', 'utf16'),
  what: fc.constantFrom('live', 'all'),
  newestFirst: fc.boolean(),
})

/** Most places that a face asks for are where a page ended: at an entry that is there, or was. */
const asks: fc.Arbitrary<(entries: readonly Entry[]) => ListQuery> = fc
  .tuple(queries, fc.nat(), fc.boolean())
  .map(([query, pick, there]) => (entries) => {
    const entry = entries[pick % Math.max(1, entries.length)]
    if (!there || entry === undefined) return query
    return { ...query, after: { key: entry.key, order: entry.order } }
  })

const inOrder = {
  utf8: (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b)),
  utf16: (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0),
}

interface Item {
  readonly place: NonNullable<ListQuery['after']>
  readonly entry: Entry | null
}

/** All that the query asks for, written down without an index: places, and what stands there. */
function naively(entries: readonly Entry[], query: ListQuery): Item[] {
  const { prefix, delimiter, after, what, newestFirst } = query
  const compare = inOrder[query.sorted]
  const sorted = entries
    .filter((one) => one.key.startsWith(prefix) && (what === 'all' || (one.live && !one.marker)))
    .toSorted((a, b) => compare(a.key, b.key) || (newestFirst ? b.order - a.order : a.order - b.order))
    .filter(({ key, order }) => {
      if (after === null) return true
      if ('commonPrefix' in after) return !key.startsWith(after.commonPrefix) && compare(key, after.commonPrefix) > 0
      const rank = compare(key, after.key)
      if (rank !== 0 || what === 'live' || after.order === undefined) return rank > 0
      return newestFirst ? order < after.order : order > after.order
    })
  const seen = new Set<string>()
  return sorted.flatMap((one): Item[] => {
    const at = delimiter === null || delimiter === '' ? -1 : one.key.indexOf(delimiter, prefix.length)
    if (at === -1)
      return [{ place: what === 'all' ? { key: one.key, order: one.order } : { key: one.key }, entry: one }]
    const commonPrefix = one.key.slice(0, at + delimiter!.length)
    if (seen.has(commonPrefix)) return []
    seen.add(commonPrefix)
    return [{ place: { commonPrefix }, entry: null }]
  })
}

function pageOf(items: readonly Item[], query: ListQuery): ListPage {
  const page = items.slice(0, query.max)
  return {
    entries: page.flatMap(({ entry }) => entry ?? []),
    commonPrefixes: page.flatMap(({ place }) => ('commonPrefix' in place ? [place.commonPrefix] : [])),
    more: items.length > page.length,
    end: page.at(-1)?.place ?? query.after,
  }
}

const everything: ListQuery = {
  prefix: '',
  delimiter: null,
  after: null,
  max: 1000,
  sorted: 'utf8',
  what: 'live',
  newestFirst: true,
}

describe('a listing', () => {
  let at: Desk
  let buckets = 0
  beforeAll(async () => {
    at = await desk()
  })

  function filled(of: readonly Shelf[]): { bucket: Bucket; entries: Entry[] } {
    at.engine.createBucket(`filled-${++buckets}`, {})
    const bucket = at.engine.bucket(`filled-${buckets}`)!
    const entries = of.flatMap(({ key, orders, live, markers }) =>
      orders.map((order, index) => entry(key, order, { live: index === live, marker: markers && order % 3 === 0 })),
    )
    bucket.transact((change) => {
      for (const one of entries) change.add(one)
    })
    return { bucket, entries }
  }

  it('is what the naive one is, in both orders and of both kinds, from any place', () => {
    fc.assert(
      fc.property(shelves, fc.array(asks, { minLength: 1, maxLength: 20 }), (of, several) => {
        const { bucket, entries } = filled(of)
        for (const ask of several) {
          const query = ask(entries)
          expect(bucket.list(query)).toEqual(pageOf(naively(entries, query), query))
        }
      }),
      { numRuns: 300 },
    )
  })

  it('in pages is the whole: each begins exactly where the one before ended', () => {
    fc.assert(
      fc.property(shelves, queries, fc.integer({ min: 1, max: 3 }), (of, query, max) => {
        const { bucket, entries } = filled(of)
        const seen: ListPage[] = []
        for (let after = query.after; ;) {
          const page = bucket.list({ ...query, after, max })
          seen.push(page)
          if (!page.more) break
          expect(page.entries.length + page.commonPrefixes.length).toBe(max)
          after = page.end
        }
        const all = naively(entries, query)
        expect(seen.flatMap((page) => page.entries)).toEqual(all.flatMap(({ entry }) => entry ?? []))
        const rolled = all.flatMap(({ place }) => ('commonPrefix' in place ? [place.commonPrefix] : []))
        expect(seen.flatMap((page) => page.commonPrefixes)).toEqual(rolled)
      }),
      { numRuns: 300 },
    )
  })

  it('goes on right where keys and versions are many more than a step', () => {
    const many = Array.from({ length: 700 }, (_, index) => ({
      key: `k${index}`,
      orders: [1, 2],
      live: 0,
      markers: false,
    }))
    const deep = { key: 'k5', orders: Array.from({ length: 900 }, (_, index) => index + 1), live: 0, markers: true }
    const { bucket, entries } = filled([...many.filter(({ key }) => key !== 'k5'), deep])
    for (const sorted of ['utf8', 'utf16'] as const) {
      for (const what of ['live', 'all'] as const) {
        for (const newestFirst of [true, false]) {
          const query = { ...everything, sorted, what, newestFirst, max: 10_000 }
          expect(bucket.list(query)).toEqual(pageOf(naively(entries, query), query))
        }
      }
    }
  })

  it.each(['utf8', 'utf16'] as const)(
    'skips what it rolls up: ten thousand keys cost no more than five (%s)',
    (sorted) => {
      at.engine.createBucket(`wide-${sorted}`, {})
      const bucket = at.engine.bucket(`wide-${sorted}`)!
      bucket.transact((change) => {
        for (const folder of ['a', 'b', 'c']) {
          for (let index = 0; index < 10_000; index++) change.add(entry(`${folder}/${index}`, 1))
        }
        change.add(entry('d', 1))
      })
      for (const what of ['live', 'all'] as const) {
        const read = vi.spyOn(Statement.prototype, 'all')
        try {
          const page = bucket.list({ ...everything, delimiter: '/', sorted, what })
          expect([page.commonPrefixes, page.entries.length]).toEqual([['a/', 'b/', 'c/'], 1])
          const rows = read.mock.results.reduce((total, { value }) => total + (value as unknown[]).length, 0)
          expect(rows).toBeLessThan(50)
        } finally {
          read.mockRestore()
        }
      }
    },
  )

  it('of contents of very many pieces carries none of them until it is asked', async () => {
    const parts = await Promise.all(Array.from({ length: 500 }, async () => at.engine.take(pieces('x'), [])))
    const content = at.engine.join(parts)
    const { bucket } = filled([])
    bucket.transact((change) => change.add(entry('key', 1, { content })))
    const read = vi.spyOn(Statement.prototype, 'all')
    let listed: Entry[]
    try {
      listed = (['live', 'all'] as const).flatMap((what) => bucket.list({ ...everything, what }).entries)
      expect(JSON.stringify(read.mock.results).length).toBeLessThan(5000)
    } finally {
      read.mockRestore()
    }
    expect(listed[0]!.content).toEqual(content)
    bucket.transact((change) => change.erase('key', 'v1'))
    expect(listed[0]!.content.pieces).toHaveLength(500)
    expect(() => listed[1]!.content.pieces).toThrow(Gone)
  })

  it('of what is live walks no versions', () => {
    const lists = (versions: number) => {
      const orders = Array.from({ length: versions }, (_, index) => index + 1)
      const { bucket } = filled([{ key: 'key', orders, live: 0, markers: false }])
      const times = Array.from({ length: 30 }, () => {
        const begin = performance.now()
        expect(bucket.list(everything).entries).toHaveLength(1)
        return performance.now() - begin
      })
      return Math.min(...times)
    }
    const [few, many] = [lists(1), lists(30_000)]
    expect(many).toBeLessThan(few * 20)
  })
})
