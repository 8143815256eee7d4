import { expect } from 'vitest'
import type { Clock } from '#shared/kernel/clock.ts'
import type { Hashing } from '#shared/kernel/digest.ts'
import { Failure } from '#shared/kernel/failure.ts'
import { type Key, parseKey } from '#shared/kernel/key.ts'
import type { Version } from '#shared/kernel/version.ts'
import type {
  Body,
  Condition,
  KeptVersion,
  Listed,
  ListQuery,
  ObjectMeta,
  ObjectStore,
  Part,
  Write,
} from '#shared/ports/object-store.ts'

/** What the contract asks of whoever runs it against a store. */
export interface Subject {
  readonly store: ObjectStore
  readonly hashing: Hashing
  readonly clock: Clock
  /** The same bucket with credentials that it refuses; `null` where the run has none. */
  readonly forbidden: ObjectStore | null
  /** A bucket that is not there; `null` where none can be missing. */
  readonly nowhere: ObjectStore | null
  /** The same bucket by a way on which answers can be lost; `null` where none can be put between. */
  readonly lossy: Lossy | null
  /** Writes to one name must be a second apart. */
  readonly paced: boolean
  /** S3's stated exception: its condition is the content's digest. */
  readonly equalBytesSatisfy: boolean
  /** Whether a commit of other bytes than it states is refused. Azure's block lists are taken at their word. */
  readonly checksCommits: boolean
  /** So many versions of one key do not fit on one page; `null` where it would take too many. */
  readonly versionsBeyondPage: number | null
}

export interface Lossy {
  readonly store: ObjectStore
  /** Each request arrives, and nothing of its answer comes back, until `act` has ended. */
  losing<T>(act: () => Promise<T>): Promise<T>
}

export type Make = () => Promise<Subject>

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

export const never: AbortSignal = new AbortController().signal
export const absent: Condition = { if: 'absent' }

export function since(version: Version): Condition {
  return { if: 'unchanged', since: version }
}

export function bytes(text: string): Uint8Array {
  return encoder.encode(text)
}

/** Pieces, because no store may rely on bodies that come whole. */
export function bodyOf(content: Uint8Array, size: number = content.byteLength): Body {
  return {
    size,
    async *open() {
      const middle = content.byteLength >> 1
      if (middle > 0) yield content.subarray(0, middle)
      yield content.subarray(middle)
    },
  }
}

export async function bytesOf(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks = await Array.fromAsync(body)
  const whole = new Uint8Array(chunks.reduce((size, chunk) => size + chunk.byteLength, 0))
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.byteLength
  }
  return whole
}

export async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  return decoder.decode(await bytesOf(body))
}

/** A key below a prefix of this run's own, so that a store need not be empty. */
export function keys(): { prefix: string; key: (text: string) => Key } {
  const prefix = `contract/${crypto.randomUUID().slice(0, 8)}/`
  return { prefix, key: (text) => parseKey(prefix + text) }
}

/** How it failed: with a `Failure`, or the port is broken. */
export async function failed(act: Promise<unknown>): Promise<Failure> {
  const thrown = await act.then(
    (answer) => expect.fail(`found ${JSON.stringify(answer)}, expected a Failure`),
    (reason: unknown) => reason,
  )
  expect(thrown).toBeInstanceOf(Failure)
  return thrown as Failure
}

/** A store as the laws use it: whole texts, checksums filled in, and the patience that one write per second and name asks for. */
export class Desk {
  readonly subject: Subject
  readonly store: ObjectStore

  constructor(subject: Subject) {
    this.subject = subject
    this.store = subject.store
  }

  digests(content: Uint8Array): Write['digests'] {
    const { digest } = this.store.traits
    const hasher = this.subject.hashing.hasher(digest)
    hasher.update(content)
    return { [digest]: hasher.digest() }
  }

  write(content: string | Uint8Array, said: Partial<Write> = {}): Write {
    const body = typeof content === 'string' ? bytes(content) : content
    const plain = { headers: {}, metadata: {}, tags: {}, storageClass: null }
    return { ...plain, body: bodyOf(body), digests: this.digests(body), ...said }
  }

  async put(key: Key, content: string, condition: Condition = absent, said: Partial<Write> = {}): Promise<ObjectMeta> {
    return this.patiently(() => this.store.put(key, this.write(content, said), condition, never))
  }

  /** One version after another. */
  async overwrite(key: Key, ...contents: string[]): Promise<ObjectMeta[]> {
    const metas: ObjectMeta[] = []
    for (const content of contents) {
      const before = metas.at(-1) ?? (await this.store.head(key, never))
      metas.push(await this.put(key, content, before === null ? absent : since(before.version)))
    }
    return metas
  }

  async remove(key: Key, version: Version): Promise<void> {
    return this.patiently(() => this.store.remove(key, version, never))
  }

  async text(key: Key, version?: Version): Promise<string | null> {
    const found = await this.store.get(key, never, version === undefined ? {} : { version })
    return found === null ? null : textOf(found.body)
  }

  async history(key: Key): Promise<KeptVersion[]> {
    const found: KeptVersion[] = []
    for (let cursor: string | null = null, pages = 0; pages < 1000; pages++) {
      const page = await this.store.versions(key, cursor, never)
      found.push(...page.versions)
      if (page.next === null) return found
      cursor = page.next
    }
    return expect.fail('a history of more than 1,000 pages')
  }

  async list(query: Partial<ListQuery> & { prefix: string }): Promise<{ objects: Listed[]; pages: number }> {
    const objects: Listed[] = []
    let cursor: string | null = null
    for (let pages = 1; pages < 1000; pages++) {
      const page = await this.store.list({ after: '', max: 1000, ...query, cursor }, never)
      objects.push(...page.objects)
      if (page.next === null) return { objects, pages }
      cursor = page.next
    }
    return expect.fail('a listing of more than 1,000 pages')
  }

  async putPart(key: Key, transfer: string, number: number, content: Uint8Array): Promise<Part> {
    return this.store.putPart(key, transfer, number, bodyOf(content), this.digests(content), never)
  }

  /** Before acts that are sent all at once, or whose answers are lost. */
  async pause(): Promise<void> {
    if (this.subject.paced) await this.subject.clock.sleep(1100)
  }

  /** One write per second and name is a limit, not an outcome. */
  async patiently<T>(act: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await act()
      } catch (thrown) {
        if (!(thrown instanceof Failure) || thrown.kind !== 'throttled' || attempt === 5) throw thrown
        await this.subject.clock.sleep(1100)
      }
    }
  }
}
