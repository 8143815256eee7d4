import { describe, expect, it } from 'vitest'
import { siteId } from '#shared/kernel/ids.ts'
import { circleOf } from '#shared/replication/believe.ts'
import { glimpse, glimpseOf, isOfRow, isYoung, originalOf } from '#shared/reconcile/glimpse.ts'
import type { Row } from '#shared/reconcile/model.ts'
import { look, scopeOf } from '#shared/replication/observe.ts'
import { plant, stampAt } from '#test/replication/plant.ts'
import { key, oneGroup, Trio } from '#test/replication/trio.ts'

const azure = siteId('azure')
const name = key('k')

/** A copy at Azure of what Cloud Storage showed at `stampMs`, and the row that a listing has of it. */
async function copy(onto: 'absent' | 'over', more: Partial<Row> = {}) {
  const trio = new Trio()
  const stampMs = trio.clock.ms - 1_000
  const meta = plant(trio, 'azure', stampAt('gcp', stampMs), { mark: { onto } })
  const shown = { id: meta.id, dateMs: meta.dateMs, size: meta.size, meta }
  const row: Row = { key: name, shown, buriedMs: -Infinity, entries: 1, cut: false, ...more }
  const circle = circleOf(trio.core.config, trio.group)
  const seen = (one: Row) => glimpse(trio.core, circle, azure, name, one)
  return { trio, stampMs, row, seen, meta }
}

describe('a copy in a listing', () => {
  it.each([
    ['absent', -1, false],
    ['absent', 0, true],
    ['absent', 1, true],
    ['over', 1, false],
  ] as const)(
    'written where %s was, over what was deleted there %i ms after its stamp, is suspect: %s',
    async (onto, ms, suspect) => {
      const { trio, stampMs, row, seen } = await copy(onto)
      await trio.pass(0)
      const over = { ...row, buriedMs: stampMs + ms }
      expect(seen(over)).toMatchObject({ shows: 'replica', suspect })
      const scope = scopeOf(trio.core, circleOf(trio.core.config, trio.group), name, new AbortController().signal)
      expect(glimpseOf(await look(scope, trio.at('azure').store), over)).toEqual(seen(over))
    },
  )

  it('is not read where its history was cut before it', async () => {
    const { trio, row, seen } = await copy('over', { cut: true })
    await trio.pass(0)
    expect(seen(row)).toEqual({ site: azure, shows: 'unread' })
  })

  it('is doubtful while its store has told no time: nobody knows its age', async () => {
    const { trio, row, seen } = await copy('over')
    expect(seen(row)).toEqual({ site: azure, shows: 'doubtful' })
    await trio.pass(0)
    expect(seen(row)).toMatchObject({ shows: 'replica' })
  })

  it('is young for ten seconds, by its own store’s clock', async () => {
    const { trio, row } = await copy('over')
    expect(isYoung(trio.core, azure, row)).toBe(false)
    await trio.pass(9_999)
    expect(isYoung(trio.core, azure, row)).toBe(true)
    await trio.pass(1)
    expect(isYoung(trio.core, azure, row)).toBe(false)
  })

  it('is what a HEAD shows where id and date are the same, or nothing is shown by either', async () => {
    const { row, meta } = await copy('over')
    expect(isOfRow(meta, row)).toBe(true)
    expect(isOfRow({ ...meta, dateMs: meta.dateMs + 1 }, row)).toBe(false)
    expect(isOfRow({ ...meta, id: stampAt('gcp', 1, 'other').id }, row)).toBe(false)
    expect([isOfRow(null, row), isOfRow(meta, null), isOfRow(null, null)]).toEqual([false, false, true])
  })
})

describe('what a route takes of its source, as far as a listing tells,', () => {
  it.each([
    ['all of it, without filters', {}, 1, 0, true],
    ['nobody knows, where no size is told', {}, null, 0, null],
    ['none that is too large', { size: { max: 9 } }, 10, 0, false],
    ['none that is too large, whatever its tags', { size: { max: 9 }, tags: { a: '1' } }, 10, 1, false],
    ['one of the right size', { size: { max: 9 } }, 9, 0, true],
    ['none without size, perhaps', { size: { min: 1 } }, null, 0, null],
    ['none with fewer tags than it asks for', { tags: { a: '1', b: '2' } }, 1, 1, false],
    ['only its tags can tell, where there are as many', { tags: { a: '1', b: '2' } }, 1, 2, null],
    ['only its tags can tell, where the listing shows none', { tags: { a: '1' } }, 1, null, null],
  ] as const)('is %s', async (_what, filters, size, tagCount, admitted) => {
    const document = { ...oneGroup, replicate: [{ id: 'r', from: 'azure', to: ['aws'], ...filters }] }
    const trio = new Trio(document)
    const meta = { ...trio.at('azure').user.put(name, new Uint8Array(1)), tagCount: tagCount ?? 0 }
    const shown = { id: meta.id, dateMs: meta.dateMs, size, meta: tagCount === null ? null : meta }
    const row: Row = { key: name, shown, buriedMs: -Infinity, entries: 1, cut: false }
    expect(originalOf(trio.core, trio.config.routes[0]!, row)?.admitted).toBe(admitted)
  })
})
