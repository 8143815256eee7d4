/**
 * Around each file of laws: it has a temporary folder of its own, and when its laws are over nothing lies in it and no server listens.
 * The runner loads this anew for every file, which it does with no other module.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { afterAll } from 'vitest'
import { endFile } from './end-of-file.ts'

const outer = tmpdir()
const folder = mkdtempSync(join(outer, 'isobar-laws-'))
process.env['TMPDIR'] = folder
const listeningBefore = listening()

// It was asked for first, so it runs last: after the hooks of the file itself.
afterAll(async () => {
  try {
    await endFile()
    // What was closed just now is gone for good when the loop has come round.
    for (let i = 0; i < 2; i++) await turn()
    // Programs that a law starts may keep what they compiled, where Node keeps it for all.
    const left = readdirSync(folder).filter((name) => name !== 'node-compile-cache')
    const open = listening() - listeningBefore
    if (left.length > 0 || open > 0)
      throw new Error(
        `this file leaves behind: found ${[...left, `${open} listening`].join(', ')}, expected no folder and no server; ` +
          'close them in a hook of the file, or by atEndOfFile where a helper opened them',
      )
  } finally {
    process.env['TMPDIR'] = outer
    rmSync(folder, { recursive: true })
  }
})

function listening(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'TCPServerWrap').length
}
