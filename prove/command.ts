import { type ChildProcess, spawn } from 'node:child_process'
import { once as event } from 'node:events'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'

/** The folder that holds package.json. */
export const root: string = fileURLToPath(new URL('..', import.meta.url))

export interface Run {
  readonly command: string
  /** `null` when it was ended by a signal, by its time limit for instance, or could not be started. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  readonly seconds: number
}

export interface RunOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  readonly minutes?: number
  /** Hand the output on as it comes instead of keeping it. */
  readonly live?: boolean
}

const running = new Set<ChildProcess>()
let ending = false
const never: Promise<never> = Promise.withResolvers<never>().promise

/** Runs one command to its end. Never throws: that a command is missing is an outcome to report. */
export async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Run> {
  if (ending) await never // Nothing new is begun while we go.
  const began = performance.now()
  const child = spawn(command, args, {
    cwd: options.cwd ?? root,
    env: { ...surroundings(), ...options.env },
    stdio: ['ignore', options.live ? 'inherit' : 'pipe', options.live ? 'inherit' : 'pipe'],
    // A group of its own, so that what it starts itself can be ended with it.
    detached: process.platform !== 'win32',
  })
  running.add(child)
  // Its own `timeout` would keep this process alive where the command cannot even be started.
  const bound = setTimeout(() => end(child), (options.minutes ?? 10) * 60_000)
  const output = { stdout: '', stderr: '' }
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (output.stdout += text))
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (output.stderr += text))
  const code = await new Promise<number | null>((resolve) => {
    child.once('close', resolve)
    child.once('error', (error) => {
      output.stderr += error.message
      resolve(null)
    })
  })
  clearTimeout(bound)
  running.delete(child)
  if (ending) await never // What we ended has failed at nothing: nobody is to judge it.
  return { command: [command, ...args].join(' '), code, ...output, seconds: (performance.now() - began) / 1000 }
}

/** Ours, without Isobar's own variables: what somebody exported an hour ago decides neither what is tested nor how much. */
function surroundings(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('ISOBAR_')))
}

function end(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  if (process.platform === 'win32') child.kill('SIGKILL')
  else process.kill(-child.pid, 'SIGKILL')
}

/** Where we are told to end, all that runs ends with us, `cleanUp` is still done, and nothing is said of what was not finished. */
export function endWithUs(cleanUp: () => Promise<void> = async () => undefined): void {
  for (const [signal, code] of [
    ['SIGHUP', 129],
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    process.once(signal, () => {
      ending = true
      if (signal !== 'SIGHUP') console.error('\ninterrupted') // A terminal that was closed takes no word.
      const ended = [...running].map((child) => event(child, 'close'))
      for (const child of running) end(child)
      void Promise.allSettled(ended)
        .then(cleanUp)
        .finally(() => process.exit(code))
    })
  }
}

/** What a reader needs of a failure: the error if one is named, else the last lines of what was said. */
export function lastWords(result: Run, lines = 3): string {
  const said = stripVTControlCharacters(`${result.stdout}\n${result.stderr}`)
  const words = said.split('\n').filter((line) => line.trim() !== '')
  const error = words.find((line) => /^(?:\w*Error|npm error)\b/.test(line))
  return error ?? (words.slice(-lines).join(' / ') || `no output, exit ${result.code}`)
}
