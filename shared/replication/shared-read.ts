import { type Algorithm, compareDigests, type Digests } from '#shared/kernel/digest.ts'
import { Failure } from '#shared/kernel/failure.ts'
import type { Core } from './core.ts'
import { bodyOf, compareWithSource, digestAll, hashersFor } from './load.ts'
import type { Body } from '#shared/ports/object-store.ts'
import type { Source } from './move.ts'
import { type PartPlan, rangeOf } from './plan.ts'
import type { Lane } from './seal.ts'

export interface ReadPart {
  readonly body: Body
  readonly digests: Digests
}

/**
 * Reads each part of the source once, however many targets want it. Nobody waits for a slower one: a lane that falls further behind
 * than the lead leaves the shared read, and its parts are read for it alone and compared with what the others were given.
 */
export class SharedRead {
  readonly #core: Core
  readonly #source: Source
  readonly #plan: PartPlan
  readonly #signal: AbortSignal
  readonly #algorithms: readonly Algorithm[]
  readonly #whole: ReturnType<typeof hashersFor>
  /** By part number; what it was when first read. */
  readonly #digests = new Map<number, Digests>()
  readonly #firsts = new Map<number, Promise<ReadPart>>()
  readonly #window = new Map<number, Promise<ReadPart>>()
  readonly #positions = new Map<Lane, number>()
  #total = 0
  #wholeDigests: Digests | null = null

  constructor(core: Core, source: Source, plan: PartPlan, lanes: readonly Lane[], signal: AbortSignal) {
    this.#core = core
    this.#source = source
    this.#plan = plan
    this.#signal = signal
    const told = Object.keys(source.meta.digests) as Algorithm[]
    this.#algorithms = [...new Set([...told, ...lanes.map(({ store }) => store.traits.digest)])]
    this.#whole = hashersFor(core, this.#algorithms)
    for (const lane of lanes) this.#positions.set(lane, 1)
  }

  /** Lanes ask for parts in order, from 1. */
  part(lane: Lane, number: number): Promise<ReadPart> {
    if (this.#positions.has(lane)) this.#positions.set(lane, number)
    const read = this.#window.get(number) ?? this.#firsts.get(number) ?? this.#read(number)
    this.#leaveBehind()
    return read
  }

  /** A lane that ended or failed holds no part back. */
  leave(lane: Lane): void {
    this.#positions.delete(lane)
    this.#leaveBehind()
  }

  /** Of the whole object, once every part was read; throws `corrupt` where they are not the source's. */
  whole(): Digests {
    this.#wholeDigests ??= digestAll(this.#whole)
    compareWithSource(this.#source.store, this.#source.meta, this.#total, this.#wholeDigests)
    return this.#wholeDigests
  }

  #read(number: number): Promise<ReadPart> {
    const first = number > this.#digests.size
    const read = this.#fetch(number, first)
    if (!first) return read
    // Nobody else reads it first meanwhile; whoever asks after a failure reads it again.
    this.#firsts.set(number, read)
    this.#window.set(number, read)
    read.then(
      () => this.#firsts.delete(number),
      () => this.#firsts.delete(number) && this.#window.delete(number),
    )
    return read
  }

  async #fetch(number: number, first: boolean): Promise<ReadPart> {
    const { store, meta } = this.#source
    const range = rangeOf(this.#plan, number, meta.size)
    const found = await store.get(meta.key, this.#signal, { version: meta.version, range })
    if (found === null) throw new Failure('absent', `${store.site}: the version to copy is gone`, { site: store.site })
    const hashers = hashersFor(this.#core, this.#algorithms)
    const chunks: Uint8Array[] = []
    let size = 0
    for await (const chunk of found.body) {
      for (const hasher of hashers.values()) hasher.update(chunk)
      chunks.push(chunk)
      size += chunk.byteLength
    }
    const digests = digestAll(hashers)
    this.#compare(number, size, range.end - range.start, digests)
    if (first) this.#note(number, chunks, size, digests)
    return { body: bodyOf(chunks, size), digests }
  }

  /** Parts are first read in order, because each lane asks in order. */
  #note(number: number, chunks: readonly Uint8Array[], size: number, digests: Digests): void {
    this.#digests.set(number, digests)
    this.#total += size
    for (const chunk of chunks) for (const hasher of this.#whole.values()) hasher.update(chunk)
  }

  #compare(number: number, size: number, expected: number, digests: Digests): void {
    const known = this.#digests.get(number)
    if (size === expected && (known === undefined || compareDigests(known, digests) === 'same')) return
    throw new Failure('corrupt', `${this.#source.store.site}: part ${number} arrived with other bytes than expected`, {
      site: this.#source.store.site,
    })
  }

  #leaveBehind(): void {
    const leader = Math.max(...this.#positions.values())
    const lead = Math.max(1, Math.floor(this.#core.limits.leadBytes / this.#plan.partBytes))
    for (const [lane, position] of this.#positions) if (position < leader - lead) this.#positions.delete(lane)
    const last = Math.min(...this.#positions.values())
    for (const number of this.#window.keys()) if (number < last) this.#window.delete(number)
  }
}
