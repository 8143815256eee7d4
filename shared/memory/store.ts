import type { Clock } from '#shared/kernel/clock.ts'
import { Failure } from '#shared/kernel/failure.ts'
import type { Key } from '#shared/kernel/key.ts'
import type { Body, Found, Heard, ObjectStore, Write } from '#shared/ports/object-store.ts'
import type { MemoryBucket } from './bucket.ts'
import type { Draft } from './entry.ts'
import type { Profile } from './profiles.ts'

export type Verb = Exclude<keyof ObjectStore, 'site' | 'traits' | 'heard'>

/** One request on its way to the bucket. */
export interface Request {
  readonly verb: Verb
  /** `null` for listings. */
  readonly key: Key | null
  /** Sent along with it. */
  readonly bytes: number
}

/**
 * What lies between the caller and the bucket. It calls `land` when the request arrives there, and settles as `land` did when the
 * answer is back; or never calls it, or settles otherwise, as networks do.
 */
export type Wire = <T>(request: Request, signal: AbortSignal, land: () => T) => Promise<T>

/** What a store asks of its bucket: each verb happens at once and whole, wherever the bytes lie. */
export interface AtOnce extends Pick<
  MemoryBucket,
  | 'site'
  | 'now'
  | 'content'
  | 'head'
  | 'read'
  | 'tags'
  | 'put'
  | 'remove'
  | 'versions'
  | 'list'
  | 'listVersions'
  | 'parts'
  | 'putPart'
  | 'commit'
  | 'discard'
> {
  readonly profile: Pick<Profile, 'traits'>
}

export interface MemoryStoreOptions {
  readonly bucket: AtOnce
  readonly clock: Clock
  /** The tag by which the bucket's changes name this writer. */
  readonly by?: string | null
  /** Bodies arrive in pieces of this many bytes; whole by default. */
  readonly chunkBytes?: number
  readonly wire?: Wire
}

/** A wire of no length. */
const direct: Wire = async (request, signal, land) => {
  if (signal.aborted) throw new Failure('unreachable', `${request.verb}: not sent, ended by the caller`)
  return land()
}

/** A bucket behind the port. */
export function memoryStore(options: MemoryStoreOptions): ObjectStore {
  const { bucket, clock, by = null, chunkBytes = Infinity, wire = direct } = options
  let heard: Heard | null = null

  /** An answer is whatever the bucket said, a refusal included; only then is its date known here. */
  async function ask<T>(verb: Verb, key: Key | null, bytes: number, signal: AbortSignal, act: () => T): Promise<T> {
    let dateMs = 0
    let refusal: unknown = null
    const land = () => {
      dateMs = Math.floor(bucket.now() / 1000) * 1000
      try {
        return act()
      } catch (thrown) {
        refusal = thrown
        throw thrown
      }
    }
    const hear = () => (heard = newest(heard, { dateMs, atMonotonicMs: clock.monotonic(), atWallMs: clock.now() }))
    try {
      const answer = await wire({ verb, key, bytes }, signal, land)
      hear()
      return answer
    } catch (thrown) {
      if (thrown === refusal) hear()
      throw thrown
    }
  }

  async function draft(write: Omit<Write, 'body'>, body: Body): Promise<Draft> {
    const { digests, headers, metadata, tags, storageClass } = write
    return { content: bucket.content(await collect(body)), digests, headers, metadata, tags, storageClass }
  }

  return {
    site: bucket.site,
    traits: bucket.profile.traits,
    heard: () => heard,
    head: (key, signal, version) => ask('head', key, 0, signal, () => bucket.head(key, version)),
    get: async (key, signal, want = {}) => {
      const found = await ask('get', key, 0, signal, () => bucket.read(key, want.version, want.range))
      if (found === null) return null
      return { meta: found.meta, body: once(found.bytes, chunkBytes) } satisfies Found
    },
    tags: (key, version, signal) => ask('tags', key, 0, signal, () => bucket.tags(key, version)),
    put: async (key, write, condition, signal) => {
      const { body } = write
      const sent = await draft(write, body)
      return ask('put', key, body.size, signal, () => bucket.put(key, sent, condition, by))
    },
    remove: (key, since, signal) => ask('remove', key, 0, signal, () => bucket.remove(key, since, by)),
    versions: (key, cursor, signal) => ask('versions', key, 0, signal, () => bucket.versions(key, cursor)),
    list: (query, signal) => ask('list', null, 0, signal, () => bucket.list(query)),
    listVersions: (query, signal) => ask('listVersions', null, 0, signal, () => bucket.listVersions(query)),
    parts: (key, transfer, signal) => ask('parts', key, 0, signal, () => bucket.parts(key, transfer)),
    putPart: async (key, transfer, number, body, digests, signal) => {
      const content = bucket.content(await collect(body))
      return ask('putPart', key, body.size, signal, () => bucket.putPart(key, transfer, number, content, digests))
    },
    commit: (key, transfer, parts, write, condition, signal) =>
      ask('commit', key, 0, signal, () => bucket.commit(key, transfer, parts, write, condition, by)),
    discard: (key, transfer, signal) => ask('discard', key, 0, signal, () => bucket.discard(key, transfer)),
  }
}

/** Answers may overtake each other; the newest date stays. */
function newest(known: Heard | null, fresh: Heard): Heard {
  return known === null || fresh.dateMs >= known.dateMs ? fresh : known
}

/** A body that ends early or late is not what was announced; what it throws itself is its source's failure and passes on. */
async function collect(body: Body): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body.open()) {
    chunks.push(chunk)
    size += chunk.byteLength
    if (size > body.size) break
  }
  if (size !== body.size) throw new Failure('corrupt', `body: found ${size} bytes, expected ${body.size}`)
  if (chunks.length === 1) return chunks[0]!
  const whole = new Uint8Array(size)
  let offset = 0
  for (const chunk of chunks) {
    whole.set(chunk, offset)
    offset += chunk.byteLength
  }
  return whole
}

async function* chunked(bytes: Uint8Array, chunkBytes: number): AsyncGenerator<Uint8Array, void, undefined> {
  if (bytes.byteLength <= chunkBytes) {
    yield bytes
    return
  }
  for (let start = 0; start < bytes.byteLength; start += chunkBytes) yield bytes.subarray(start, start + chunkBytes)
}

/** A second reader would find nothing and take it for an empty object: better refused. */
function once(bytes: Uint8Array, chunkBytes: number): AsyncIterable<Uint8Array> {
  let opened = false
  return {
    [Symbol.asyncIterator]() {
      if (opened) throw new TypeError('a body is read once')
      opened = true
      return chunked(bytes, chunkBytes)
    },
  }
}
