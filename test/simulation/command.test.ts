import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, it } from 'vitest'
import { counted } from './counted.ts'
import { generate, worldNames } from './generate.ts'

const main = fileURLToPath(new URL('main.ts', import.meta.url))

const started: ChildProcess[] = []
/** A law that fails may leave one that never ends. */
afterEach(() => started.splice(0).forEach((child) => child.kill('SIGKILL')))

function start(...args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  started.push(child)
  return child
}

async function end(child: ChildProcess): Promise<{ code: number | null; out: string; said: string }> {
  const texts = { out: '', said: '' }
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (texts.out += text))
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (texts.said += text))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, ...texts }
}

it('what cannot be run is said in one line, without a stack', async () => {
  const { code, out, said } = await end(start('--world', 'late', '--events-only'))
  expect({ code, out, lines: said.trim().split('\n').length }).toEqual({ code: 2, out: '', lines: 1 })
})

it.each([
  ['one process', ['--jobs', '1']],
  ['two processes', ['--jobs', '2']],
])('Ctrl-C in %s ends the run with what was found so far', { timeout: 90_000 }, async (_, jobs) => {
  const child = start('--seeds', '900000000', '--from', '1', '--output', 'json', ...jobs)
  child.stderr?.once('data', () => setTimeout(() => child.kill('SIGINT'), 500))
  const { code, out, said } = await end(child)
  const summary = JSON.parse(out) as { seeds: number; violations: number }
  expect(code).toBe(130)
  expect(summary.seeds).toBeGreaterThan(0)
  expect(summary.violations).toBe(0)
  expect(said).toContain(`interrupted after ${summary.seeds} of 900000000 seeds`)
})

it(
  'a variant that is caught names the command that tells its world, and that command breaks the same law',
  { timeout: 90_000 },
  async () => {
    const hunted = await end(start('--break', 'dead-below-alive', '--from', '250', '--seeds', '20'))
    const command = /replay: npm run sim -- (--break dead-below-alive --seed (\d+))$/m.exec(hunted.out)
    expect(hunted.out).toMatch(/law 5 \(Deletes are safe\), seed \d+, after \d+ seeds/)
    const told = await end(start(...command![1]!.split(' ')))
    expect(told.out).toContain(`seed ${command![2]}, a world of`)
    expect(told.out).toMatch(/^BROKEN law 5 \(Deletes are safe\)/m)
    expect([hunted.code, told.code]).toEqual([0, 0])
  },
)

it('a world that was asked for by name comes up, however seldom it does by itself', () => {
  const seeds = Array.from({ length: 300 }, (_, seed) => seed)
  const seen = new Set(seeds.map((seed) => generate(seed, { eventsOnly: false, worlds: worldNames }).world))
  expect(worldNames.filter((name) => !seen.has(name))).toEqual([])
})

it('one is told in the singular', () => {
  expect([0, 1, 2].map((count) => counted(count, 'seed'))).toEqual(['0 seeds', '1 seed', '2 seeds'])
  expect(counted(1, 'was', 'were')).toBe('1 was')
})
