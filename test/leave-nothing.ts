/**
 * Around each file of laws: it has a temporary folder of its own, and when its laws are over nothing lies in it and no server listens.
 * The runner loads this anew for every file, which it does with no other module.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { afterAll, expect } from 'vitest'
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
    const left = readdirSync(folder)
    const remedy =
      'this file leaves something behind: close it in a hook of the file, or by atEndOfFile where a helper opened it'
    expect({ left, listening: listening() - listeningBefore }, remedy).toEqual({ left: [], listening: 0 })
  } finally {
    process.env['TMPDIR'] = outer
    rmSync(folder, { recursive: true })
  }
})

function listening(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'TCPServerWrap').length
}
