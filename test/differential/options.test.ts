import { expect, it } from 'vitest'
import { parse } from './options.ts'
import { faultsOf } from './report.ts'
import type { Found } from './run.ts'

const parsed = (args: readonly string[], environment: Readonly<Record<string, string>> = {}) =>
  parse(args, environment, 4_711)

it('takes the addresses of the contract where none is given', () => {
  const { options } = parsed(['--gcs', 'http://127.0.0.1:3/'], { ISOBAR_CONTRACT_S3: 'http://127.0.0.1:1' }) as never
  expect(options).toEqual({
    addresses: { s3: 'http://127.0.0.1:1', gcs: 'http://127.0.0.1:3' },
    operations: 10_000,
    seed: 4_711,
    json: false,
  })
})

it('takes the one whose differences are explained among several of the contract, and never another', () => {
  const several = { ISOBAR_CONTRACT_S3: 'moto=http://127.0.0.1:1 minio=http://127.0.0.1:2' }
  expect(parsed([], several)).toMatchObject({ options: { addresses: { s3: 'http://127.0.0.1:2' } } })
  expect(parsed([], { ISOBAR_CONTRACT_S3: 'moto=http://127.0.0.1:1' })).toEqual({
    wrong: expect.stringContaining('no referee') as string,
  })
})

it.each([
  [[], 'no referee'],
  [['--s3', 'minio'], '--s3: found minio'],
  [['--s3', 'http://a', '--operations', '0'], '--operations: found "0"'],
  [['--s3', 'http://a', '--seed', 'x'], '--seed: found "x"'],
  [['--s4', 'http://a'], '--s4'],
])('refuses %j by name', (args, what) => {
  expect(parsed(args)).toEqual({ wrong: expect.stringContaining(what) as string })
})

it('refuses a list of the contract that it cannot read by its name', () => {
  expect(parsed([], { ISOBAR_CONTRACT_S3: 'minio' })).toEqual({
    wrong: expect.stringContaining('ISOBAR_CONTRACT_S3') as string,
  })
})

const clean: Found = {
  operations: 10_000,
  themes: { objects: 6_000, versions: 2_000, parts: 2_000 },
  kinds: new Map(),
  explained: new Map(),
  masked: 199,
  refused: 0,
  findings: [],
  spoken: new Set(),
}

it.each([
  ['a difference without an explanation', { findings: [{}] }],
  ['explanations of two in a hundred operations', { masked: 200 }],
  ['sixteen explanations', { explained: new Map(Array.from({ length: 16 }, (_, i) => [String(i), 1])) }],
  ['fewer than two in ten operations on versions', { themes: { ...clean.themes, versions: 1_999 } }],
  ['fewer than two in ten operations on parts', { themes: { ...clean.themes, parts: 1_999 } }],
  ['a silence that was none', { spoken: new Set(['list: Owner']) }],
])('a run does not hold by %s', (_, wrong) => {
  expect(faultsOf({ found: clean })).toEqual([])
  expect(faultsOf({ found: { ...clean, ...(wrong as Partial<Found>) } })).toHaveLength(1)
})
