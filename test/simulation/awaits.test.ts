import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, expect, it } from 'vitest'
import { Awaits } from './awaits.ts'
import { spared, stale } from './awaits-spared.ts'

const folder = mkdtempSync(join(tmpdir(), 'isobar-awaits-'))
afterAll(() => rmSync(folder, { recursive: true }))

function awaitsIn(text: string): Awaits {
  mkdirSync(join(folder, 'replication'), { recursive: true })
  writeFileSync(join(folder, 'replication/a.ts'), text)
  return new Awaits(pathToFileURL(`${folder}/`), ['replication'])
}

const text = `/** await nothing */
export async function* all(ask: () => Promise<string[]>, pages: AsyncIterable<string>): AsyncIterable<string> {
  const both = [await ask(), await ask()]
  for await (const page of pages) {
    console.log(page, 'await nobody')
  }
  yield* pages
  await Promise.all(
    both.map(async (one) => (await ask()).concat(one)),
  )
}
function* plain(): Iterable<number> { yield* [1] }
`

it('every await of a file is found by its syntax, whatever it waits for and whatever that is called', () => {
  expect(awaitsIn(text).all.map(({ where, text: code }) => `${where} ${code.split('\n')[0]!}`)).toEqual([
    'replication/a.ts:3:17 await ask()',
    'replication/a.ts:3:30 await ask()',
    'replication/a.ts:4 for await (const page of pages) ',
    'replication/a.ts:7 yield* pages',
    'replication/a.ts:8 await Promise.all(',
    'replication/a.ts:9 await ask()',
  ])
})

it('a death is counted at the innermost await that holds its place, and nowhere in the body of a loop', () => {
  const awaits = awaitsIn(text)
  expect(awaits.at('replication/a.ts:3:36')?.where).toBe('replication/a.ts:3:30')
  expect(awaits.at('replication/a.ts:9:37')?.where).toBe('replication/a.ts:9')
  expect(awaits.at('replication/a.ts:9:10')?.where).toBe('replication/a.ts:8')
  expect(awaits.at('replication/a.ts:5:5')).toBeNull()
})

it('no rule leaves out an await that is gone, or more than one', () => {
  const { all } = new Awaits()
  expect(stale(all)).toEqual([])
  expect(all.filter((one) => spared(one, all) !== null)).toHaveLength(6)
})
