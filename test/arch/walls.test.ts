/**
 * A wall that was never seen to fall may be a painting of one. Here each is broken in a scratch copy of the house,
 * and the check that stands for it must say so.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clouds } from './rooms.ts'
import { type House, folders, readHouse } from './sources.ts'
import * as walls from './walls.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const scratch = mkdtempSync(join(tmpdir(), 'isobar-walls-'))

beforeAll(() => {
  for (const name of ['package.json', '.oxlintrc.json', 'tsconfig.json', 'tsconfig.base.json', ...folders])
    cpSync(join(root, name), join(scratch, name), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(scratch, 'node_modules'))
})
afterAll(() => rmSync(scratch, { recursive: true }))

/** Puts files into the scratch copy (`null` removes one), reads it, and mends it again. */
function broken(changes: Readonly<Record<string, string | null>>): House {
  for (const [path, text] of Object.entries(changes)) {
    if (text === null) rmSync(join(scratch, path), { recursive: true, force: true })
    else write(path, text)
  }
  const house = readHouse(scratch)
  for (const path of Object.keys(changes)) {
    rmSync(join(scratch, path), { recursive: true, force: true })
    if (existsSync(join(root, path))) cpSync(join(root, path), join(scratch, path), { recursive: true })
  }
  return house
}

function write(path: string, text: string): void {
  mkdirSync(dirname(join(scratch, path)), { recursive: true })
  writeFileSync(join(scratch, path), text)
}

describe('the walls that see several files', () => {
  it('refuse an import upwards, from ports into a feature', () => {
    const house = broken({ 'shared/ports/leak.ts': "import type { Plan } from '#shared/replication/plan.ts'\n" })
    expect(walls.importsRunDown(house)).toContain(
      'shared/ports/leak.ts imports shared/replication/plan.ts: shared/ports may see shared/kernel',
    )
  })
  it('refuse an import upwards, from a trigger into main', () => {
    const house = broken({ 'functions/aws/triggers/leak.ts': "export * from '#aws/main.ts'\n" })
    expect(walls.importsRunDown(house).join()).toContain('functions/aws/triggers/leak.ts imports functions/aws/main.ts')
  })
  it('refuse a folder that nobody gave a place', () => {
    const house = broken({ 'shared/attic/box.ts': "import '#shared/kernel/ids.ts'\n" })
    expect(walls.importsRunDown(house).join()).toContain('"shared/attic", which has no row')
  })
  it('refuse a cloud that reaches into another', () => {
    const house = broken({ 'functions/gcp/leak.ts': "import '#azure/event.ts'\n" })
    expect(walls.cloudsStandAlone(house)).toContain(
      'functions/gcp/leak.ts knows another cloud: functions/azure/event.ts',
    )
  })
  it('refuse an SDK in the core, typed or lazy', () => {
    const house = broken({ 'shared/ports/leak.ts': "const sdk = await import('@aws-sdk/client-s3')\n" })
    expect(walls.sharedTakesFewPackages(house).join()).toContain('shared/ports/leak.ts imports @aws-sdk/client-s3')
  })
  it('refuse a clock read through a constructor', () => {
    const house = broken({ 'shared/ports/leak.ts': 'export const born = new Date()\n' })
    expect(walls.sharedReadsNoClock(house).join()).toContain('shared/ports/leak.ts')
  })
  it('refuse a cloud without a room that the others have', () => {
    const all = Object.fromEntries(clouds.map((cloud) => [`functions/${cloud}/event.ts`, 'export {}\n']))
    const house = broken({ ...all, 'functions/gcp/event.ts': null })
    expect(walls.cloudsHaveTheSameRooms(house)).toContain('functions/gcp has no event.ts, and another cloud has')
  })
  it('refuse a decision without laws', () => {
    const house = broken({ 'shared/reconcile/deep/decide.ts': 'export {}\n' })
    expect(walls.decisionsHaveLaws(house).join()).toContain('test/reconcile/deep/decide.test.ts is not there')
  })
  it.each([
    ['chance by another name', 'const { random } = Math\n', 'a use of Math that may be chance'],
    ['chance by a bracket', "export const dice: number = Math['random']()\n", 'a use of Math that may be chance'],
    ['something to wait for', 'export async function wait(): Promise<void> {}\n', 'something to wait for'],
    ['the place that it lies in', 'export const here: string = import.meta.url\n', 'surroundings'],
    ['a memory of earlier decisions', 'let count = 0\nexport const next = (): number => ++count\n', 'memory'],
    ['any function through a constructor', "export const now: unknown = [].at.constructor('')\n", 'any function'],
    ['the locale of its machine', "export const order: number = 'a'.localeCompare('b')\n", 'the locale'],
    ['a neighbour whose name begins like model', "export * from './mirror.ts'\n", 'sees shared/replication/mirror.ts'],
    ['a room whose name begins like kernel', "export * from '#shared/keys/a.ts'\n", 'sees shared/keys/a.ts'],
  ])('refuse a decision by %s', (_what, text, said) => {
    const house = broken({ 'shared/replication/decide-leak.ts': text, 'shared/replication/plan-leak.ts': text })
    const refusals = walls.decisionsArePure(house).join()
    expect(refusals).toContain(said)
    for (const name of ['decide', 'plan']) expect(refusals).toContain(`shared/replication/${name}-leak.ts`)
  })
  it('refuse an embedded cloud that borrows from another', () => {
    const house = broken({ 'local/servers/gcs/leak.ts': "import '#local/servers/s3/xml.ts'\n" })
    expect(walls.cloudsStandAlone(house).join()).toContain('local/servers/gcs/leak.ts knows another cloud')
  })
  it('refuse a checker that borrows from what it judges, at any distance', () => {
    const house = broken({
      'test/simulation/checker-leak.ts': "import './between.ts'\n",
      'test/simulation/between.ts': "import '#shared/replication/decide.ts'\n",
    })
    expect(walls.checkerIsIndependent(house).join()).toContain('it reaches shared/replication/decide.ts')
  })
  it('refuse names without meaning, files without end, tests without a law', () => {
    const house = broken({
      'shared/kernel/utils.ts': 'export class ThingManager {}\n',
      'shared/kernel/endless.ts': '// line\n'.repeat(301),
      'test/kernel/wish.test.ts': "it('should work well', () => {})\n",
    })
    expect(walls.namesSaySomething(house)).toEqual([
      'shared/kernel/utils.ts: name it by what it does',
      'shared/kernel/utils.ts exports ThingManager: name it by what it does',
    ])
    expect(walls.filesAreReadInOneSitting(house).join()).toContain('shared/kernel/endless.ts has 301 lines')
    expect(walls.testsAreLaws(house)).toContain('test/kernel/wish.test.ts: "should work well" is no law')
  })
})

/** Each line breaks one wall that lint holds; they are broken together, because starting lint is what takes time. */
const offences: readonly (readonly [wall: string, file: string, text: string, said: string])[] = [
  [
    'an SDK in the core',
    'shared/replication/lint-sdk.ts',
    "export type { S3Client } from '@aws-sdk/client-s3'",
    'shared knows no cloud',
  ],
  [
    'a runtime in the core',
    'shared/kernel/lint-node.ts',
    "export { readFileSync } from 'node:fs'",
    'shared knows no runtime',
  ],
  [
    'surroundings in the core',
    'shared/kernel/lint-process.ts',
    'export const home: unknown = process',
    'shared knows no runtime',
  ],
  ['an import upwards', 'shared/ports/lint-up.ts', "export { main } from '#aws/main.ts'", 'imports run down only'],
  [
    'the clock in the core',
    'shared/layers/lint-clock.ts',
    'export const now: number = Date.now()',
    'The clock is a port',
  ],
  [
    'a hidden timer in the core',
    'shared/layers/lint-timer.ts',
    'export const soon: AbortSignal = AbortSignal.timeout(9)',
    'The clock is a port',
  ],
  [
    'chance in the core',
    'shared/layers/lint-chance.ts',
    'export const dice: number = Math.random()',
    'Chance is a port',
  ],
  [
    'the clock in a decision',
    'shared/lint/decide.ts',
    'export const now: number = Date.now()',
    'A decision has no clock',
  ],
  [
    'the clock in a decision by another name',
    'shared/lint/alias/decide-alias.ts',
    'const D = Date\nexport const born: unknown = new D()',
    'A decision has no clock',
  ],
  [
    'the clock in a plan through a constructor',
    'shared/lint/born/plan-born.ts',
    'export const born: unknown = new Date()',
    'A decision has no clock',
  ],
  [
    'a time zone in a decision',
    'shared/lint/zone/decide.ts',
    'export const zone: unknown = Intl.DateTimeFormat().resolvedOptions()',
    'A decision has no surroundings',
  ],
  [
    'a timer in a decision',
    'shared/lint/timer/decide.ts',
    'export const timer: unknown = setTimeout',
    "'setTimeout' is not defined",
  ],
  [
    'chance in a decision',
    'shared/lint/chance/decide.ts',
    'export const dice: number = Math.random()',
    'Chance is a port',
  ],
  [
    'a port in a decision',
    'shared/lint/port/decide.ts',
    "export type { Store } from '#shared/ports/object-store.ts'",
    'A decision sees',
  ],
  ['a neighbour in a plan', 'shared/lint/plan.ts', "export { run } from './run.ts'", 'A decision sees'],
  [
    'a step across folders',
    'functions/lint-step.ts',
    "export { idPattern } from '../shared/kernel/ids.ts'",
    'import by name',
  ],
  ['a default export', 'shared/kernel/lint-default.ts', 'export default 1', 'default export'],
  [
    'a promise nobody waits for',
    'functions/lint-lost.ts',
    'export function lose(): void { Promise.reject(new Error()) }',
    'Promises must be awaited',
  ],
]

/** All that a decision may name, of what every runtime has. */
const values = `
  Object Array Number Boolean String Symbol BigInt RegExp Map Set WeakMap WeakSet Error AggregateError
  EvalError RangeError ReferenceError SyntaxError TypeError URIError JSON Math Iterator Proxy Reflect
  Infinity NaN undefined isFinite isNaN parseFloat parseInt decodeURI decodeURIComponent encodeURI
  encodeURIComponent escape unescape ArrayBuffer DataView SuppressedError DisposableStack
  AsyncDisposableStack Uint8Array Int8Array Uint16Array Int16Array Uint32Array Int32Array Uint8ClampedArray
  BigUint64Array BigInt64Array Float16Array Float32Array Float64Array`
  .trim()
  .split(/\s+/)
/** A Node that knows a new one has it refused here before anybody thinks of it. */
const surroundings = [
  ...new Set([...Object.getOwnPropertyNames(globalThis), 'Temporal', 'require', 'self', 'location']),
]
  .filter((name) => /^\w+$/.test(name) && !name.startsWith('__') && !values.includes(name))
  .toSorted()
const namesAll = 'shared/lint/names/decide.ts'

describe('the walls that lint holds', () => {
  let said: { filename: string; message: string; help?: string }[] = []

  beforeAll(() => {
    for (const [, file, text] of offences) write(file, `${text}\n`)
    write(namesAll, surroundings.map((name, i) => `export const a${i}: unknown = ${name}\n`).join(''))
    const lint = spawnSync(join(root, 'node_modules/.bin/oxlint'), ['--format=json', ...folders], {
      cwd: scratch,
      encoding: 'utf8',
    })
    said = (JSON.parse(lint.stdout) as { diagnostics: typeof said }).diagnostics
  }, 90_000)

  it.each(offences)('lint refuses %s', (_wall, file, _text, words) => {
    const here = said.filter(({ filename }) => filename === file).map(({ message, help }) => `${message} ${help ?? ''}`)
    expect(here.join('\n')).toContain(words)
  })

  it('lint refuses a decision every global that is no value, by whatever name it goes on', () => {
    const refused = said.filter(({ filename }) => filename === namesAll).map(({ message }) => message)
    const unsaid = surroundings.filter((name) => !refused.some((message) => message.includes(`'${name}'`)))
    expect(surroundings).toEqual(expect.arrayContaining(['Date', 'Intl', 'performance', 'crypto', 'process']))
    expect(unsaid).toEqual([])
  })
})
