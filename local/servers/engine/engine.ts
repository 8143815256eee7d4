/**
 * The one object engine. What it keeps is in model.ts; how a face uses it:
 *
 *     const engine = await openEngine({ folder, now })                  // one process a folder; sweeps what a dead one left
 *     engine.createBucket('photos', { versioning: true })
 *     const bucket = engine.bucket('photos')                            // `null`: there is none
 *
 *     const content = await engine.take(body, ['md5', 'crc32'])         // a body to disk; nobody sees it
 *     try {
 *       if (content.sums.md5 !== asked) throw refusal('BadDigest')
 *       bucket.transact((change) => {                                   // decide and write, with nothing in between
 *         const former = change.live(key)
 *         if (former !== null && ifNoneMatch === '*') throw refusal('PreconditionFailed')
 *         const order = change.nextOrder()
 *         if (former !== null) change.update(key, former.id, { live: false, leftMs: now() })
 *         change.add({ key, id: idOf(order), order, live: true, marker: false, dateMs, leftMs: null, content, attributes })
 *       })
 *     } catch (error) {
 *       await engine.release(content)                                   // does nothing to what was adopted
 *       throw error
 *     }
 *
 *     for await (const bytes of engine.read(entry.content, { start: 0, end: 10 })) ...
 *     const whole = engine.join(parts.map(({ content }) => content))    // no byte moves; `crc…` sums are combined
 *
 * - `transact` throws `Gone` (pieces.ts) where the bucket, or a content that it adds, was erased since it was looked up: answer as to a
 *   latecomer. A copy therefore looks its source up within the transaction. `read` holds what it reads from the call on.
 * - Keys and prefixes are text: half a surrogate pair is a `RangeError`.
 * - `nextOrder` counts microseconds of `now`, and on from its last where those have not moved: it can serve as a generation.
 * - What `read` answers is read once, or let go through its iterator's `return`, as `for await` does.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { Buckets } from './buckets.ts'
import { openDatabase } from './database.ts'
import { PieceFiles } from './files.ts'
import type { Engine } from './model.ts'
import { Pieces } from './pieces.ts'

export interface EngineOptions {
  readonly folder: string
  readonly now: () => number
}

export async function openEngine({ folder, now }: EngineOptions): Promise<Engine> {
  await mkdir(folder, { recursive: true })
  const database = openDatabase(join(folder, 'index.sqlite'))
  try {
    const pieces = new Pieces(database, await PieceFiles.in(folder))
    await pieces.sweep()
    return engineOf(database, pieces, new Buckets(database, pieces, now))
  } catch (error) {
    database.close()
    throw error
  }
}

function engineOf(database: DatabaseSync, pieces: Pieces, buckets: Buckets): Engine {
  return {
    createBucket: (name, attributes) => buckets.create(name, attributes),
    bucket: (name) => buckets.find(name),
    buckets: () => buckets.all(),
    removeBucket: (name) => buckets.remove(name),
    take: (body, sums) => pieces.take(body, sums),
    release: (content) => pieces.release(content),
    join: (contents) => pieces.join(contents),
    pack: (content) => pieces.pack(content),
    read: (content, range) => pieces.read(content, range),
    async close() {
      if (!database.isOpen) return
      await pieces.close()
      if (database.isOpen) database.close()
    },
  }
}
