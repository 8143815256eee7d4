import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { configSource } from '#functions/config.ts'
import { sites } from './synthesized.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

function synth(configuration: string, more: Readonly<Record<string, string>> = {}, args: readonly string[] = []) {
  const env = { ...process.env, ISOBAR_CONFIG: configuration, ...more }
  const options = { cwd: root, env, encoding: 'utf8' } as const
  const { status, stderr } = spawnSync(process.execPath, ['cdk/aws/main.ts', ...args], options)
  return { status, said: stderr.trim().split('\n') }
}

const example = 'docs/isobar.config.example.json'
const inward = JSON.stringify({ sites, replicate: [{ id: 'in', from: 'gcp', to: ['aws'] }] })

it.each([
  ['nothing to set up in AWS', inward, [], 'replicate: found no rule that starts at an S3 bucket of this account'],
  ['a context value that can be none', example, ['-c', 'isobar:existing=perhaps'], 'isobar:existing: found "perhaps"'],
  ['a flag that there is not', example, ['--bogus'], "Unknown option '--bogus'"],
] as const)('%s is refused in one line, without a stack', { timeout: 60_000 }, (_, configuration, args, line) => {
  expect(synth(configuration, {}, args)).toEqual({ status: 2, said: [expect.stringContaining(line)] })
})

it.each([
  ['a file', 'file', 'EEXIST'],
  ['a place below a file', 'file/out', 'ENOTDIR'],
  ['nothing', '', 'ENOENT'],
])('%s for a folder of the templates is refused in one line, without a stack', { timeout: 60_000 }, (_, name, code) => {
  const folder = mkdtempSync(join(tmpdir(), 'isobar-outdir-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'file'), '')
  const outdir = name === '' ? '' : join(folder, name)
  const line = `CDK_OUTDIR: found ${JSON.stringify(outdir)}, expected a folder to write to (${code})`
  expect(synth(example, { CDK_OUTDIR: outdir })).toEqual({ status: 2, said: [line] })
})

it('a refused configuration is named by where it was read', { timeout: 60_000 }, () => {
  const { status, said } = synth('{}')
  expect([status, said[0]]).toEqual([2, 'the text in ISOBAR_CONFIG: the configuration is refused (2 mistakes):'])
})

it('a configuration is named by its file, or by the variable where that holds it', () => {
  const sources = [' {"sites":{}}', '[]', ' my config.json '].map((text) => configSource({ ISOBAR_CONFIG: text }))
  expect(sources).toEqual(['the text in ISOBAR_CONFIG', 'the text in ISOBAR_CONFIG', 'my config.json'])
})
