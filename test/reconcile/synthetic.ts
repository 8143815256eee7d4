import { digestText } from '#shared/kernel/digest.ts'
import { Failure } from '#shared/kernel/failure.ts'
import { siteId } from '#shared/kernel/ids.ts'
import { type Key, parseKey } from '#shared/kernel/key.ts'
import { groupEntry, writeMark } from '#shared/kernel/mark.ts'
import { stampId, version } from '#shared/kernel/version.ts'
import { gcs, s3 } from '#shared/memory/profiles.ts'
import type { Listed, ListPage, ListQuery, ObjectStore } from '#shared/ports/object-store.ts'
import { digestProperties } from '#shared/replication/properties.ts'
import { cheapHashing } from '#test/simulation/cheap-hashing.ts'
import { stampAt } from '#test/replication/plant.ts'

const startMs = Date.UTC(2026, 0, 1)
const properties = digestProperties(cheapHashing, { headers: {}, metadata: {} })

/** A bucket of any size that exists only while it is listed, and answers nothing else. */
export function synthetic(
  site: 'aws' | 'gcp',
  count: number,
  nowMs: number,
): { readonly store: ObjectStore; readonly lists: () => number } {
  let lists = 0
  const refuse = (verb: string) => async (): Promise<never> => {
    throw new Failure('invalid', `${site}: ${verb} was sent, and listings should have been enough`)
  }
  const store: ObjectStore = {
    site: siteId(site),
    traits: site === 'aws' ? s3.traits : gcs.traits,
    heard: () => ({ dateMs: nowMs, atMonotonicMs: nowMs, atWallMs: nowMs }),
    list: async (query) => {
      lists++
      return page(query, count, site === 'aws' ? original : copy)
    },
    head: refuse('head'),
    get: refuse('get'),
    tags: refuse('tags'),
    put: refuse('put'),
    remove: refuse('remove'),
    versions: refuse('versions'),
    listVersions: refuse('listVersions'),
    parts: refuse('parts'),
    putPart: refuse('putPart'),
    commit: refuse('commit'),
    discard: refuse('discard'),
  }
  return { store, lists: () => lists }
}

function page({ after, cursor, max }: ListQuery, count: number, make: (i: number) => Listed): ListPage {
  const start = cursor === null ? (after === '' ? 0 : Number(after.slice('objects/'.length)) + 1) : Number(cursor)
  const end = Math.min(count, start + max)
  const objects = Array.from({ length: Math.max(0, end - start) }, (_, i) => make(start + i))
  return { objects, next: end < count ? String(end) : null }
}

function nameOf(i: number): Key {
  return parseKey(`objects/${String(i).padStart(9, '0')}`)
}

function original(i: number): Listed {
  return { key: nameOf(i), id: stampId(`etag${i}`), dateMs: startMs + i * 1_000, size: 1, digests: {}, meta: null }
}

function copy(i: number): Listed {
  const key = nameOf(i)
  const dateMs = startMs + i * 1_000 + 1_500
  const stamp = stampAt('aws', startMs + i * 1_000, `etag${i}`)
  const mark = writeMark({
    stamp,
    key: digestText(cheapHashing, key),
    algorithm: 'crc32c',
    content: `sum${i}`,
    properties,
    writtenMs: dateMs,
    nonce: 'n',
    onto: 'absent',
  })
  const meta = {
    key,
    version: version(`g${i}`),
    id: stampId(`g${i}`),
    dateMs,
    size: 1,
    digests: { crc32c: `sum${i}` },
    leftMs: null,
    inParts: false,
    tagCount: 0,
    headers: {},
    metadata: { [groupEntry]: mark },
  }
  return { key, id: meta.id, dateMs, size: 1, digests: meta.digests, meta }
}
