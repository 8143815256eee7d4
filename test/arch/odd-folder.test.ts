import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { folders } from './sources.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const scratch = mkdtempSync(join(tmpdir(), 'isobar-odd-'))
/** What means something in an address, in a pattern, or to a shell. */
const house = join(scratch, 'a #b?c%41[d] (e)')

beforeAll(() => {
  mkdirSync(house)
  for (const name of [
    'package.json',
    'package-lock.json',
    'tsconfig.base.json',
    'vitest.config.ts',
    'docs',
    ...folders,
  ])
    cpSync(join(root, name), join(house, name), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(house, 'node_modules'))
})
afterAll(() => rmSync(scratch, { recursive: true }))

function run(command: string, ...args: readonly string[]) {
  const env = { ...process.env, NO_COLOR: '1', ISOBAR_CONFIG: 'docs/isobar.config.example.json' }
  return spawnSync(command, args, { cwd: house, env, encoding: 'utf8' })
}

it.each([
  ['the simulation', ['test/simulation/main.ts', '--seeds', '5', '--from', '1'], /^5 seeds with reconcile: 0 broken/m],
  [
    'a broken variant is caught',
    ['test/simulation/main.ts', '--break', 'dead-below-alive', '--from', '258', '--seeds', '1'],
    /^dead-below-alive +law 5/m,
  ],
  ['synth writes', ['cdk/aws/main.ts'], /^wrote isobar-aws\.template\.json to .*a #b\?c%41\[d\] \(e\)\/cdk\.out$/m],
  [
    'the laws',
    ['node_modules/vitest/vitest.mjs', 'run', '--configLoader', 'native', 'test/kernel/ids.test.ts'],
    /Tests +\d+ passed/,
  ],
])('in a folder whose name means something elsewhere too, %s', { timeout: 90_000 }, (_, args, said) => {
  const { status, stdout, stderr } = run(process.execPath, ...args)
  expect(`${stdout}\n${stderr}`).toMatch(said)
  expect(status).toBe(0)
})
