import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const main = fileURLToPath(new URL('main.ts', import.meta.url))

function command(...args: string[]) {
  const { PATH } = process.env
  return spawnSync(process.execPath, [main, ...args], { encoding: 'utf8', env: { PATH } })
}

it('without a referee it says which flags give one, and ends with 2', () => {
  const { status, stderr } = command()
  expect(stderr).toContain('no referee: give the address of one by --s3, --azure or --gcs')
  expect(status).toBe(2)
})

it('a referee that does not answer is one line, and ends with 2', () => {
  const { status, stderr, stdout } = command('--gcs', 'http://127.0.0.1:1', '--seed', '1')
  expect(stderr.trim().split('\n')).toHaveLength(2)
  expect(stderr).toContain('http://127.0.0.1:1')
  expect(stdout).toBe('')
  expect(status).toBe(2)
})
