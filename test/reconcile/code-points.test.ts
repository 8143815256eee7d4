import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseKey } from '#shared/kernel/key.ts'
import { CodePoints } from '#shared/reconcile/code-points.ts'
import type { Feed } from '#shared/reconcile/feed.ts'
import { compareKeys } from '#shared/reconcile/key-order.ts'
import type { Row } from '#shared/reconcile/model.ts'

/** A store that lists in UTF-16 order, as Azure does, and counts its pages. */
class Utf16Feed implements Feed {
  pages = 0
  readonly #keys: readonly string[]
  readonly page: number
  #after = ''

  constructor(keys: readonly string[], page: number) {
    this.#keys = [...new Set(keys)].toSorted((a, b) => (a < b ? -1 : 1))
    this.page = page
  }

  get over(): boolean {
    return !this.#keys.some((key) => key > this.#after)
  }

  seek(after: string): void {
    if (!after.isWellFormed()) throw new Error(`no store takes ${JSON.stringify(after)}`)
    this.#after = after
  }

  async read(): Promise<readonly Row[] | null> {
    this.pages++
    const rows = this.#keys.filter((key) => key > this.#after).slice(0, this.page)
    this.#after = rows.at(-1) ?? this.#after
    return rows.length === 0
      ? null
      : rows.map((key) => ({ key: parseKey(key), shown: null, buriedMs: -Infinity, entries: 1, cut: false }))
  }
}

async function told(
  feed: Utf16Feed,
  options: { prefix?: string; after?: string; heldMax?: number } = {},
): Promise<readonly string[]> {
  const { prefix = '', after = '', heldMax = 3 } = options
  const ordered = new CodePoints(feed, { prefix, after, heldMax })
  const keys: string[] = []
  for (let rows = await ordered.read(); rows !== null; rows = await ordered.read()) {
    keys.push(...rows.map(({ key }) => key))
    expect(rows.length).toBeLessThanOrEqual(feed.page + heldMax) // No more than this was ever in memory.
    if (feed.pages > 10_000) throw new Error('it does not come to an end')
  }
  return keys
}

const letter = fc.constantFrom(
  'a',
  '/',
  '\uD7FF',
  '\u{10000}',
  '😀',
  '\u{10FFFD}',
  '\u{10FFFF}',
  '\uE000',
  'ｱ',
  '\uFFFD',
  '\uFFFF',
)
const name = fc.array(letter, { minLength: 1, maxLength: 5 }).map((letters) => letters.join(''))

describe('a listing in UTF-16 order told in the order of code points', () => {
  it('tells every key once and in order, whatever the page, the bound and the key it goes on from', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(name, { maxLength: 60 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 0, max: 6 }),
        fc.option(name),
        async (keys, page, heldMax, after) => {
          const expected = [...new Set(keys)].filter((key) => compareKeys(key, after ?? '') > 0).toSorted(compareKeys)
          expect(await told(new Utf16Feed(keys, page), { after: after ?? '', heldMax })).toEqual(expected)
        },
      ),
      { numRuns: 3_000 },
    )
  })

  it('goes on from any key of its own as if it had never stopped', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(name, { minLength: 1, maxLength: 25 }),
        fc.integer({ min: 0, max: 4 }),
        async (keys, heldMax) => {
          const all = await told(new Utf16Feed(keys, 4), { heldMax })
          for (const [i, after] of all.entries())
            expect(await told(new Utf16Feed(keys, 4), { after, heldMax })).toEqual(all.slice(i + 1))
        },
      ),
      { numRuns: 500 },
    )
  })

  it('costs nothing where no key has a character above U+FFFF', async () => {
    const keys = Array.from({ length: 100 }, (_, i) => `photos/ｱ${i}`)
    const feed = new Utf16Feed(keys, 10)
    await told(feed)
    expect(feed.pages).toBe(11)
  })

  it('holds a few emoji in memory, at no cost', async () => {
    const keys = Array.from({ length: 100 }, (_, i) => [`chat/${i}/😀`, `chat/${i}/ｱ`]).flat()
    const feed = new Utf16Feed(keys, 10)
    expect(await told(feed)).toEqual(keys.toSorted(compareKeys))
    expect(feed.pages).toBe(21)
  })

  it('reads a folder of more emoji than it may hold twice, and only its place is kept', async () => {
    const emoji = Array.from({ length: 500 }, (_, i) => `photos/😀${1000 + i}`)
    const feed = new Utf16Feed([...emoji, 'photos/ｱ', 'photos/a', 'z'], 10)
    expect(await told(feed, { heldMax: 10 })).toEqual(['photos/a', 'photos/ｱ', ...emoji, 'z'])
    expect(feed.pages).toBeLessThan(60)
  })

  it('does not read again what it passes by when it goes on in the middle of a large folder', async () => {
    const kana = Array.from({ length: 500 }, (_, i) => `photos/ｱ${1000 + i}`)
    const emoji = Array.from({ length: 500 }, (_, i) => `photos/😀${1000 + i}`)
    const feed = new Utf16Feed([...kana, ...emoji], 10)
    expect(await told(feed, { after: kana[489]!, heldMax: 10 })).toEqual([...kana.slice(490), ...emoji])
    expect(feed.pages).toBeLessThan(60)
  })
})
