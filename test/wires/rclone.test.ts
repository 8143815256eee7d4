import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadHashing } from '#shared/kernel/hashing.ts'
import { siteId } from '#shared/kernel/ids.ts'
import { parseKey } from '#shared/kernel/key.ts'
import { absent, bytesOf, Desk, never, type Subject } from '#test/contract/subject.ts'
import { kinds } from '#test/local/doors.ts'
import { numberOf } from '#test/number-of.ts'
import { type Clouds, startClouds } from './clouds.ts'
import { files } from './corpus.ts'
import { inexpressible, rcloneBy } from './rclone.ts'

const program = process.env['ISOBAR_RCLONE']
const count = numberOf('ISOBAR_RCLONE_FILES', 1_000)
const seed = numberOf('ISOBAR_CORPUS_SEED', Date.now() % 1e9, 0)
const all = files(count, seed)

let clouds: Clouds
let folder: string
let rclone: ReturnType<typeof rcloneBy>
beforeAll(async () => {
  if (program === undefined) return
  folder = await mkdtemp(join(tmpdir(), 'isobar-rclone-'))
  clouds = await startClouds()
  rclone = rcloneBy(program, clouds.url)
})
afterAll(async () => {
  if (program === undefined) return
  await clouds.close()
  await rm(folder, { recursive: true })
})

it('ISOBAR_RCLONE names the program of another client', async ({ skip }) => {
  skip(program === undefined, 'none was named')
  expect(await rclone('version')).toBe('')
})

describe.each(program === undefined ? [] : kinds)(
  `rclone and ${count} files (seed ${seed}) at the embedded %s`,
  (kind) => {
    const left = inexpressible.filter(({ at }) => at.includes(kind))
    const mine = new Map([...all].filter(([path]) => !left.some(({ fits }) => fits(path))))

    it('leaves out at most one in twenty, each for a reason', () => {
      expect(all.size).toBe(count)
      expect(mine.size).toBeGreaterThanOrEqual(count * 0.95)
    })

    it('writes what the driver reads, byte for byte, under the same names', async () => {
      const from = join(folder, `${kind}-in`)
      await lay(from, mine)
      const store = await clouds.store(kind, 'written-by-rclone', siteId('here'))
      await rclone('copy', from, `${kind}:written-by-rclone`)
      expect(await rclone('check', '--download', from, `${kind}:written-by-rclone`)).toContain(' 0 differences found')
      const odd: string[] = []
      for (const [path, content] of mine) {
        const found = await store.get(parseKey(path), never)
        if (found === null || Buffer.compare(await bytesOf(found.body), content) !== 0) odd.push(path)
      }
      expect(odd).toEqual([])
    }, 300_000)

    it('reads what the driver writes, byte for byte, under the same names', async () => {
      const to = join(folder, `${kind}-out`)
      const store = await clouds.store(kind, 'written-by-isobar', siteId('here'))
      const desk = new Desk({ store, hashing: await loadHashing() } as Subject)
      for (const [path, content] of mine) await store.put(parseKey(path), desk.write(content), absent, never)
      await rclone('copy', `${kind}:written-by-isobar`, to)
      expect(await rclone('check', '--download', `${kind}:written-by-isobar`, to)).toContain(' 0 differences found')
      const odd: string[] = []
      for (const [path, content] of mine) {
        const found = await readFile(join(to, path)).catch(() => null)
        if (found === null || Buffer.compare(found, content) !== 0) odd.push(path)
      }
      expect(odd).toEqual([])
    }, 300_000)
  },
)

async function lay(folder: string, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  for (const [path, content] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), content)
  }
}
