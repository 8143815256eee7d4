import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')

function told(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8', timeout: 20_000 })
  return { status, stdout, stderr }
}

const commands = [
  ['npm run check', ['prove/check.ts']],
  ['npm test', ['prove/check.ts', '--with-tests']],
  ['npm run fix', ['prove/fix.ts']],
  ['npm run schema', ['prove/schema.ts']],
] as const

it.each(commands)('%s refuses what it does not know, and runs nothing', (name, args) => {
  for (const strange of ['--foo', 'foo', '--help=foo']) {
    const { status, stdout, stderr } = told(...args, strange)
    expect({ strange, status, stdout }).toEqual({ strange, status: 2, stdout: '' })
    expect(stderr).toMatch(/foo|--help/)
    expect(stderr).toContain(name)
  }
})

it.each(commands)('%s says by --help what it does, and runs nothing', (name, args) => {
  const { status, stdout, stderr } = told(...args, '--help')
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(stdout.split('\n').some((line) => line.startsWith(name))).toBe(true)
})

it.each(['0x10', ' 16 ', '0', '1.0', '1e0', ''])(
  'a promise is named by its plain number alone: %j is refused',
  (text) => {
    const { status, stderr } = told('prove/main.ts', 'house', '--only', text)
    expect(status).toBe(2)
    expect(stderr).toContain(`--only: found ${JSON.stringify(text)}, expected a number from 1 to `)
  },
)
