import files from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { DatabaseSync } from 'node:sqlite'

type Methods = Record<string, (...all: unknown[]) => unknown>

/**
 * Kills this process before the given step: a statement of the index, or an operation on a file. A death at a moment of the clock falls
 * mostly into the long stretches, where little can go wrong; one at a step falls between any two as likely as between others.
 */
export async function dieAt(step: number): Promise<void> {
  let left = step
  const watch = (on: Methods, names: readonly string[]) => {
    for (const name of names) {
      const act = on[name]!
      on[name] = function (this: unknown, ...all) {
        if (--left < 0) process.kill(process.pid, 'SIGKILL')
        return Reflect.apply(act, this, all)
      }
    }
  }
  const statement = new DatabaseSync(':memory:').prepare('SELECT 1')
  watch(DatabaseSync.prototype as unknown as Methods, ['exec'])
  watch(Object.getPrototypeOf(statement) as Methods, ['get', 'run', 'all'])
  const file = await files.open(import.meta.filename)
  watch(Object.getPrototypeOf(file) as Methods, ['write', 'close'])
  await file.close()
  watch(files as unknown as Methods, ['open', 'rename', 'unlink', 'mkdir'])
  syncBuiltinESMExports()
}
