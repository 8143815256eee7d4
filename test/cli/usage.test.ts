import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { grouped, isobar, root, sitesAt } from './isobar.ts'

const config = grouped(sitesAt({ s3: 'http://127.0.0.1:1', azure: 'http://127.0.0.1:2', gcs: 'http://127.0.0.1:3' }))

describe('a command that was not understood ends with 2, says why on standard error, and shows no stack', () => {
  it.each<[string, readonly string[], RegExp]>([
    ['no command', [], /^Usage: isobar /],
    ['a command that there is not', ['docter'], /^error: unknown command 'docter'\n\(Did you mean doctor\?\)/],
    ['a flag that there is not', ['doctor', '--sites', 's3'], /^error: unknown option '--sites'/],
    ['a flag without its value', ['doctor', '--config'], /^error: option '--config <path>' argument missing/],
    ['an argument too many', ['doctor', 'aws'], /^error: too many arguments/],
    [
      'a form that there is not',
      ['doctor', '--output', 'xml'],
      /^error: .*'xml' is invalid. Allowed choices are table, json/,
    ],
    ['no configuration', ['doctor'], /^--config, ISOBAR_CONFIG: found nothing, expected the path of a configuration/],
    [
      'a file that is not there',
      ['doctor', '--config', '/no/such'],
      /^--config: found "\/no\/such", the path of a file that cannot be read/,
    ],
    [
      'a configuration that is refused',
      ['doctor', '--config', '{"sites":{}}'],
      /^the text in --config: the configuration is refused/,
    ],
    [
      'a site that there is not',
      ['doctor', '--config', config, '--site', 'gsc'],
      /^--site: found "gsc", expected one of the sites in use: s3, azure, gcs \(did you mean "gcs"\?\)/,
    ],
  ])('%s', async (_, args, said) => {
    const { code, stdout, stderr } = await isobar(args)
    expect(stderr).toMatch(said)
    expect([code, stdout, /^ {4}at /m.test(stderr)]).toEqual([2, '', false])
  })
})

it('help is a result: it teaches the flags, the variables, the exit codes, and shows examples', async () => {
  const { code, stdout, stderr } = await isobar(['doctor', '--help'])
  expect([code, stderr]).toEqual([0, ''])
  for (const word of [
    '--config',
    '--site',
    '--output',
    'ISOBAR_CONFIG',
    'ISOBAR_SITE_',
    'Exit: 0',
    '130',
    'isobar doctor --site',
  ]) {
    expect(stdout).toContain(word)
  }
})

it('the package names the command, and npx finds it', () => {
  const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { bin: Record<string, string> }
  expect(bin).toEqual({ isobar: 'cli/isobar.js' })
  expect(readFileSync(join(root, bin['isobar']!), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/)
})
