import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEngine } from '#local/servers/engine/engine.ts'
import type { Engine } from '#local/servers/engine/model.ts'

/** An engine on a folder of its own, which goes when it is closed. */
export async function engineOnDisk(now: () => number = Date.now): Promise<Engine> {
  const folder = await mkdtemp(join(tmpdir(), 'isobar-engine-'))
  const engine = await openEngine({ folder, now })
  return {
    ...engine,
    async close() {
      await engine.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
