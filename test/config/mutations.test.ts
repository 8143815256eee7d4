import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConfigError } from '#shared/config/issue.ts'
import { parseConfig } from '#shared/config/load.ts'
import { issuesOf, type Json } from './documents.ts'
import { harm } from './oracle.ts'

const example = readFileSync(new URL('../../docs/isobar.config.example.json', import.meta.url), 'utf8')
const words = ['a', 'x/', 'x/a.dcm', 'a.json', 'a.tmp', 'patients/', 'incoming/', 'out/', 'scans/']

type Tree = { [name: string]: Tree } | Tree[] | string | number | boolean | null
type Step = string | number
type Damage = (parent: Record<Step, unknown>, step: Step, other: unknown) => void

function steps(tree: Tree, above: readonly Step[] = []): readonly (readonly Step[])[] {
  if (typeof tree !== 'object' || tree === null) return []
  const names: readonly Step[] = Array.isArray(tree) ? [...tree.keys()] : Object.keys(tree)
  return names.flatMap((name) => {
    const path = [...above, name]
    return [path, ...steps((tree as Record<Step, Tree>)[name] ?? null, path)]
  })
}

function at(tree: Tree, path: readonly Step[]): unknown {
  return path.reduce<unknown>((value, step) => (value as Record<Step, unknown> | undefined)?.[step], tree)
}

const values: readonly Json[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e300,
  '',
  'aws',
  'gone',
  'a/',
  '**',
  [],
  ['aws'],
  {},
  { id: 'x' },
]
const damages: readonly fc.Arbitrary<Damage>[] = [
  fc.constant((parent, step) =>
    Array.isArray(parent) ? void parent.splice(Number(step), 1) : void delete parent[step],
  ),
  fc.constantFrom(...values).map((value) => (parent, step) => void (parent[step] = structuredClone(value))),
  fc
    .constantFrom('extra', 'toString', 'a b', '\u001b[2K')
    .map((name) => (parent) => void Object.assign(parent, { [name]: 'secret' })),
  fc.constant((parent, step, other) => void (parent[step] = structuredClone(other))),
  fc.constant((parent, step) => {
    if (Array.isArray(parent)) parent.push(structuredClone(parent[Number(step)]))
  }),
]

const damaged: fc.Arbitrary<Tree> = fc
  .array(fc.tuple(fc.nat(), fc.nat(), fc.oneof(...damages)), { minLength: 1, maxLength: 3 })
  .map((blows) => {
    const tree = JSON.parse(example) as Tree
    for (const [here, there, damage] of blows) {
      const paths = steps(tree)
      const path = paths[here % paths.length]
      const other = paths[there % paths.length]
      if (path === undefined || other === undefined) continue
      damage(at(tree, path.slice(0, -1)) as Record<Step, unknown>, path.at(-1) ?? '', at(tree, other))
    }
    return tree
  })

/** The steps of a printed path, by a reading of its own. */
function pathOf(text: string): readonly Step[] {
  if (text === '(the whole document)') return []
  const parts = text.match(/\[\d+\]|\["(?:[^"\\]|\\.)*"\]|[^.[\]]+/g) ?? []
  return parts.map((part) => {
    if (!part.startsWith('[')) return part
    return JSON.parse(part.slice(1, -1)) as Step
  })
}

describe('a damaged configuration', () => {
  it('is refused at a place that is in it or missing from it, or is sound all the same', () => {
    const count = { accepted: 0, refused: 0 }
    fc.assert(
      fc.property(damaged, (tree) => {
        const issues = issuesOf(tree)
        count[issues.length === 0 ? 'accepted' : 'refused'] += 1
        expect(issues.length === 0 ? harm(tree as never, words) : []).toEqual([])
        for (const { path, found, expected } of issues) {
          const place = pathOf(path)
          const parent = at(tree, place.slice(0, -1))
          expect(typeof parent === 'object' && parent !== null, `${path}: ${found}, ${expected}`).toBe(true)
          expect(found === 'nothing' && at(tree, place) !== undefined, path).toBe(false)
        }
      }),
      { numRuns: 1_500 },
    )
    expect(Math.min(count.accepted, count.refused)).toBeGreaterThan(50)
  })
})

const hostile = fc.constantFrom(
  '\u001b[31mred\u001b[0m',
  'a\nreplicate: found nothing',
  '\u0000\u0007\u0008',
  '\u202egnp.exe',
  '\u2028\u2029\u0085',
  '\ud800',
  '\u200b\u00ad\ufeff',
  'x'.repeat(10_000),
)

describe('hostile text', () => {
  it('is never printed as it is: one line a mistake, nothing that a terminal obeys, and no line without end', () => {
    fc.assert(
      fc.property(fc.nat(), hostile, fc.constantFrom('value', 'name', 'both'), (pick, text, where) => {
        const tree = JSON.parse(example) as Tree
        const paths = steps(tree)
        const path = paths[pick % paths.length] ?? []
        const parent = at(tree, path.slice(0, -1)) as Record<Step, unknown>
        if (where !== 'name') parent[path.at(-1) ?? ''] = text
        if (where !== 'value' && !Array.isArray(parent)) parent[text] = text
        const message = refusal(JSON.stringify(tree))
        expect(message.replaceAll('\n', '')).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u)
        const lines = message.split('\n').slice(1)
        expect(lines.filter((line) => !/^ {2}\S.*: found .+, expected .+$/.test(line))).toEqual([])
        expect(Math.max(0, ...lines.map(({ length }) => length))).toBeLessThan(600)
      }),
      { numRuns: 1_000 },
    )
  })

  it.each([
    ['a password', 'https://user:hunter2@s3.example'],
    ['a password with an at sign', 'https://user:hunter2@x@s3.example'],
    ['a signature', 'https://s3.example/?X-Amz-Signature=hunter2'],
    ['a password with a question mark', 'https://user:hunter2?x@s3.example'],
    ['a signature with an at sign', 'https://s3.example/?Signature=a@hunter2'],
    ['a password without a scheme', 'user:hunter2@s3.example'],
  ])('is no place to print %s of an endpoint', (_what, endpoint) => {
    const message = refusal(example.replace('https://s3.cellar.example:9000', endpoint))
    expect(message).toContain('sites.cellar.endpoint: found ')
    expect(message).not.toContain('hunter2')
  })

  it('nor the value of a field that there is not', () => {
    const message = refusal(example.replace('"kind": "gcs"', '"kind": "gcs", "secretKey": "hunter2"'))
    expect(message).toContain('sites.gcp.secretKey: found an unknown field')
    expect(message).not.toContain('hunter2')
  })

  it('is counted, not printed for ever', () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`field${at}`, 1]))
    const message = refusal(JSON.stringify(many))
    expect(message).toContain('502 mistakes')
    expect(message.split('\n')).toHaveLength(52)
  })
})

function refusal(text: string): string {
  try {
    parseConfig(text)
    return ''
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
}
