/** From what a face did in its engine to what memory's buckets tell of the same. */
import type { Bucket, Engine, Entry } from '#local/servers/engine/model.ts'
import type { Change } from '#shared/memory/change.ts'
import type { Dumped } from '#shared/memory/dump.ts'
import { parseKey } from '#shared/kernel/key.ts'
import { stampId } from '#shared/kernel/version.ts'
import type { Step } from './watched-engine.ts'
import type { Happened } from './words.ts'

/** What one version says of itself, read from what its face keeps beside the bytes: no driver is asked. */
export interface Reading extends Pick<Dumped, 'id' | 'inParts' | 'softDeleted' | 'headers' | 'metadata' | 'tags'> {
  readonly dateMs: number
}

export type Read = (entry: Entry) => Reading

interface Noted {
  readonly kind: Change['kind']
  readonly entry: Entry
  /** Newest first. */
  readonly held: readonly Entry[]
}

/** Collects what happens in one bucket until somebody asks. */
export class Happenings {
  readonly #engine: Engine
  readonly #read: Read
  readonly #keepsVersions: boolean
  #noted: Noted[] = []
  /** Bytes are read while they are there: of what keeps no versions they soon are not. */
  readonly #bodies = new Map<string, Promise<Uint8Array>>()
  /** A change of metadata by its owner, where it makes a version of its own. */
  patching = false

  constructor(engine: Engine, read: Read, keepsVersions: boolean) {
    this.#engine = engine
    this.#read = read
    this.#keepsVersions = keepsVersions
  }

  note(bucket: Bucket, steps: readonly Step[]): void {
    for (const step of steps) {
      const kind = this.#kindOf(step, steps)
      if (kind === null) continue
      const held = [...bucket.versions(step.key)]
      for (const entry of held) void this.#keep(entry)
      this.#noted.push({ kind, entry: (step.after ?? step.before)!, held })
    }
  }

  async take(): Promise<readonly Happened[]> {
    const noted = this.#noted
    this.#noted = []
    const happened: Happened[] = []
    for (const { kind, entry, held } of noted) {
      const dumped = await Promise.all(held.toReversed().map((one) => this.#dumped(one, held)))
      const { id, dateMs } = this.#read(entry)
      happened.push({
        kind,
        key: parseKey(entry.key),
        id: stampId(id),
        dateMs,
        sequence: entry.order,
        current: isCurrent(entry, held),
        deleteMarker: entry.marker,
        held: dumped,
      })
    }
    return happened
  }

  #kindOf({ key, before, after }: Step, steps: readonly Step[]): Change['kind'] | null {
    if (before === null) return after?.marker === true ? 'delete-marker' : this.patching ? 'patched' : 'put'
    const covered = steps.some((other) => other.key === key && other.before === null)
    if (after === null) return covered ? null : this.#keepsVersions ? 'removed-version' : 'delete'
    if (before.live && !after.live) return covered ? null : 'delete'
    if (before.live !== after.live) return null
    const [was, is] = [this.#read(before), this.#read(after)]
    if (was.softDeleted !== is.softDeleted) return 'removed-version'
    if (JSON.stringify([was.headers, was.metadata]) !== JSON.stringify([is.headers, is.metadata])) return 'patched'
    return JSON.stringify(was.tags) === JSON.stringify(is.tags) ? null : 'tags'
  }

  async #dumped(entry: Entry, held: readonly Entry[]): Promise<Dumped> {
    return {
      ...this.#read(entry),
      key: entry.key,
      current: isCurrent(entry, held),
      deleteMarker: entry.marker,
      sequence: entry.order,
      body: await this.#keep(entry),
      digests: {},
      storageClass: null,
      by: null,
    }
  }

  #keep(entry: Entry): Promise<Uint8Array> {
    const name = `${entry.order} ${entry.key}`
    let body = this.#bodies.get(name)
    if (body === undefined) this.#bodies.set(name, (body = bytesOf(this.#engine.read(entry.content))))
    return body
  }
}

/** On top, a delete marker included. */
function isCurrent(entry: Entry, [newest]: readonly Entry[]): boolean {
  return entry.live || (entry.marker && entry.id === newest?.id)
}

async function bytesOf(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  // What is read may be read into the same memory again.
  for await (const chunk of body) chunks.push(chunk.slice())
  return new Uint8Array(Buffer.concat(chunks))
}
