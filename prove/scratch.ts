import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from './promise.ts'

let made: string | undefined

/** The one folder for all that the runs leave behind, outside of this repository. */
export const scratch: () => Promise<string> = once(async () => (made = await mkdtemp(join(tmpdir(), 'isobar-prove-'))))

export async function removeScratch(): Promise<void> {
  if (made !== undefined) await rm(made, { recursive: true, force: true })
}
