import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const started: ChildProcess[] = []
/** A law that fails may leave one that never ends. */
afterEach(() => started.splice(0).forEach((child) => child.kill('SIGKILL')))

/** Runs a command of ours, sends it a signal once it has said that it began, and tells how it ended. */
async function interrupted(
  args: readonly string[],
  begun: string,
  signal: NodeJS.Signals,
  env: NodeJS.ProcessEnv = {},
) {
  const child = spawn(process.execPath, args, { cwd: root, env: { ...process.env, ...env } })
  started.push(child)
  const texts = { out: '', said: '' }
  const hear = (name: keyof typeof texts) => (text: string) => {
    const before = texts.out + texts.said
    texts[name] += text
    if (!before.includes(begun) && (texts.out + texts.said).includes(begun)) setTimeout(() => child.kill(signal), 300)
  }
  child.stdout.setEncoding('utf8').on('data', hear('out'))
  child.stderr.setEncoding('utf8').on('data', hear('said'))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, ...texts }
}

const judging = `
import { endWithUs, run } from '#prove/command.ts'
endWithUs()
const running = run('node', ['-e', 'setTimeout(() => {}, 60_000)'])
console.log('begun')
console.log('judged', await running)`

it.each([
  ['SIGINT', 130, '\ninterrupted\n'],
  ['SIGTERM', 143, '\ninterrupted\n'],
  ['SIGHUP', 129, ''],
] as const)('what %s ended is not judged: the code is %i', async (signal, code, said) => {
  const args = ['--input-type=module', '-e', judging]
  expect(await interrupted(args, 'begun', signal)).toEqual({ code, out: 'begun\n', said })
})

it.each([
  ['SIGINT', 130],
  ['SIGHUP', 129],
] as const)('a proof that %s ends says no verdict and leaves no folder', { timeout: 60_000 }, async (signal, code) => {
  const temporary = mkdtempSync(join(tmpdir(), 'isobar-interrupted-'))
  const args = ['prove/main.ts', 'house', '--only', '1']
  const ended = await interrupted(args, '1. a fresh clone on a clean machine: `npm ci` ...\n', signal, {
    TMPDIR: temporary,
  })
  expect({ code: ended.code, out: ended.out }).toEqual({ code, out: '' })
  expect(ended.said).not.toMatch(/held/i)
  expect(readdirSync(temporary)).toEqual([])
  rmSync(temporary, { recursive: true })
})
