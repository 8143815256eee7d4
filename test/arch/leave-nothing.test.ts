import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { afterAll, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
// Within the repository, from where its packages and its own names are found.
mkdirSync(join(root, '.cache'), { recursive: true })
const folder = mkdtempSync(join(root, '.cache', 'leaving-'))
afterAll(() => rmSync(folder, { recursive: true }))

const made = `import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
const make = () => mkdtempSync(join(tmpdir(), 'of-a-law-'))`

/** Helpers as two files share them, and those two files. */
const helpers = {
  hooked: `${made}
import { afterAll } from 'vitest'
const all = []
afterAll(() => all.splice(0).forEach((one) => rmSync(one, { recursive: true })))
export const open = () => void all.push(make())`,
  ended: `${made}
import { atEndOfFile } from '#test/end-of-file.ts'
export const open = () => {
  const one = make()
  atEndOfFile(() => rmSync(one, { recursive: true }))
}`,
  listening: `import { once } from 'node:events'
import { createServer } from 'node:net'
import { afterAll } from 'vitest'
const all = []
afterAll(() => Promise.all(all.splice(0).map((one) => once(one.close(), 'close'))))
export const open = async () => {
  const one = createServer().listen(0, '127.0.0.1')
  all.push(one)
  await once(one, 'listening')
}`,
}

/** Both files in one worker, one after the other, by the configuration of the house. */
function runTwice(helper: keyof typeof helpers): {
  readonly green: boolean
  readonly said: string
  readonly left: readonly string[]
} {
  const [place, temporary] = [join(folder, helper), join(folder, `${helper}-tmp`)]
  for (const made of [join(place, 'test'), temporary]) mkdirSync(made, { recursive: true })
  writeFileSync(join(place, 'test', 'helper.ts'), helpers[helper])
  const law = `import { it } from 'vitest'\nimport { open } from './helper.ts'\nit('opens', () => open())\n`
  for (const name of ['first', 'second']) writeFileSync(join(place, 'test', `${name}.test.ts`), law)
  const program = join(root, 'node_modules/vitest/vitest.mjs')
  const args = ['run', '--configLoader=native', `--config=${join(root, 'vitest.config.ts')}`, `--root=${place}`]
  const env = { ...process.env, TMPDIR: temporary }
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args, '--maxWorkers=1'], {
    cwd: root,
    env,
    encoding: 'utf8',
  })
  return { green: status === 0, said: stripVTControlCharacters(`${stdout}${stderr}`), left: readdirSync(temporary) }
}

it.each([
  ['a folder', 'hooked', /FAIL {2}test\/\w+\.test\.ts[^]*this file leaves behind: found of-a-law-\w+, 0 listening/],
  ['a server that listens', 'listening', /FAIL {2}test\/\w+\.test\.ts[^]*this file leaves behind: found 1 listening/],
] as const)(
  '%s that a helper closes for its first file alone fails the run',
  { timeout: 60_000 },
  (_, helper, words) => {
    const { green, said, left } = runTwice(helper)
    expect(said).toMatch(words)
    expect(said).toMatch(/1 failed.* 1 passed \(2\)/)
    expect({ green, left }).toEqual({ green: false, left: [] })
  },
)

it('what a helper opens for any file and ends by atEndOfFile is gone', { timeout: 60_000 }, () => {
  const { green, said, left } = runTwice('ended')
  expect({ green, left }, said).toEqual({ green: true, left: [] })
})
