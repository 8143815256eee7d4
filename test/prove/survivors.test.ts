import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { judgeMutants } from '#prove/house/mutation.ts'
import { explain, type Mutant, rangesOf, readRows } from '#prove/house/survivors.ts'

const page = `
### \`shared/a.ts\`
| source | survive | why |
|---|---|---|
| \`a < b \\|\\| c\` | 1 | same: equal ones never come so far |
| \`\` \`text\` \`\` | 1 | words |
`
const source = 'const x =\n  a < b ||\n  c\nsay(`text`)\n'

function mutant(line: number, column: number, length: number, more: Partial<Mutant> = {}): Mutant {
  const location = { start: { line, column }, end: { line, column: column + length } }
  return { status: 'Survived', mutatorName: 'EqualityOperator', replacement: 'a <= b', location, ...more }
}

const small = mutant(2, 3, 'a < b'.length)

function faults(mutants: readonly Mutant[], text = page): readonly string[] {
  return explain({ 'shared/a.ts': { source, mutants } }, readRows(text)).faults
}

describe('a mutant that survives', () => {
  it('is explained where it lies in a piece that is quoted, however that is broken into lines', () => {
    expect(readRows(page).map(({ piece }) => piece)).toEqual(['a < b || c', '`text`'])
    expect(faults([small])).toEqual([])
  })

  it('is not, elsewhere in the file', () => {
    expect(faults([small, mutant(1, 1, 5)])).toEqual(['shared/a.ts:1: `const` as `a <= b`: not explained'])
  })

  it('is not where more survive there than the page counts', () => {
    expect(faults([small, mutant(2, 3, 1)])[0]).toBe('shared/a.ts, `a < b || c`: 1 are explained, 2 survive')
  })

  it('is not by a row that says it is open, or gives no reason that counts', () => {
    expect(faults([small], page.replace('same:', '**open**:'))).toHaveLength(1)
    expect(faults([small], page.replace('same:', 'sometimes:'))).toHaveLength(1)
  })

  it('is one that no law ever ran, too', () => {
    expect(faults([mutant(1, 1, 5, { status: 'NoCoverage' })])).toHaveLength(1)
    expect(faults([mutant(1, 1, 5, { status: 'Killed' })])).toEqual([])
  })

  it('leaves a row behind that speaks of nothing once its source is gone', () => {
    expect(faults([], page.replace('a < b', 'a < z'))).toHaveLength(1)
    expect(faults([], page.replace('shared/a.ts', 'shared/gone.ts'))).toHaveLength(2)
  })
})

describe('the mutation run', () => {
  const killed = Array.from({ length: 99 }, () => mutant(1, 1, 5, { status: 'Killed' }))
  const judged = (...more: readonly Mutant[]) =>
    judgeMutants({ files: { 'shared/a.ts': { source, mutants: [...killed, ...more] } } }, page, 60)

  it('tells how many there are of every status', () => {
    const ignored = mutant(1, 1, 1, {
      status: 'Ignored',
      statusReason: 'Static mutant (and "ignoreStatic" was enabled)',
    })
    expect(judged(small, ignored)).toMatchObject({
      held: true,
      figure: expect.stringContaining(
        '99 killed, 0 timed out, 1 survived, 0 without coverage, 1 ignored, being static',
      ),
    })
  })

  it.each(['CompileError', 'RuntimeError', 'Pending', 'Ignored'])('does not hold where one ends as %s', (status) => {
    expect(judged(mutant(1, 1, 1, { status })).held).toBe(false)
  })

  it('does not hold below 85 of a hundred', () => {
    const survivors = Array.from({ length: 20 }, () => small)
    expect(
      judgeMutants(
        { files: { 'shared/a.ts': { source, mutants: [...killed, ...survivors] } } },
        page.replace('| 1 | same', '| 20 | same'),
        60,
      ).held,
    ).toBe(false)
  })
})

it('every piece that docs/mutation-survivors.md quotes is in its file, for a reason that counts', () => {
  const root = new URL('../../', import.meta.url)
  const rows = readRows(readFileSync(new URL('docs/mutation-survivors.md', root), 'utf8'))
  expect(rows.length).toBeGreaterThan(0)
  const files = Object.fromEntries(
    rows.map(({ file }) => [file, { source: readFileSync(new URL(file, root), 'utf8'), mutants: [] }]),
  )
  expect(explain(files, rows).faults).toEqual([])
  expect(rows.filter(({ file, piece }) => rangesOf(files[file]!.source, piece).length === 0)).toEqual([])
})
