import { asFailure, Failure } from '#shared/kernel/failure.ts'
import { type Key, ownPrefix, parseKey } from '#shared/kernel/key.ts'
import type { Version } from '#shared/kernel/version.ts'
import { timed } from '#shared/layers/timed.ts'
import type { ObjectStore } from '#shared/ports/object-store.ts'
import { noteOf, textOf } from '#shared/ports/text.ts'
import { probe, probeVersion, refusalFor, type Tools } from './probe.ts'

/** So long a proof is good for: a store that was set up anew since is found out within it. */
const validMs = 7 * 86_400_000
/** A store that broke a promise is not asked again sooner: what it lacks a person must mend, and the question is a dozen requests. */
const brokenRestMs = 600_000
/** What we write is shorter; what is longer is not ours. */
const noteBytesMax = 4_096
const bounds = { lookMs: 2_000, writeMs: 10_000 }

export interface ProofOptions {
  /** The driver's own store: the proof is about it, and its layers would wait for the proof. */
  readonly store: ObjectStore
  /** Of which bucket, set up how: a note about another one counts for nothing. */
  readonly about: string
  /** Where the note lies. */
  readonly notes: { readonly store: ObjectStore; readonly name: 'bucket' | 'control' }
  /** What must hold before the note may be written; nothing where the store proves itself in its own bucket. */
  readonly first?: Proof
  readonly tools: Tools
}

interface Note {
  readonly at: number
  readonly about: string
  readonly probe: number
}

/**
 * That a store keeps its promises, found out once for a process, and for all processes of a week where a note can be kept. It is asked for by
 * whoever is about to write; several who ask at once share one answer.
 */
export class Proof {
  readonly #options: ProofOptions
  readonly #store: ObjectStore
  readonly #notes: ObjectStore
  readonly #key: Key
  #asked: Promise<void> | null = null
  #broken: { readonly failure: Failure; readonly untilMs: number } | null = null

  constructor(options: ProofOptions) {
    const { store, notes, tools } = options
    this.#options = options
    this.#store = timed(store, tools.clock, bounds)
    this.#notes = timed(notes.store, tools.clock, bounds)
    this.#key = parseKey(`${ownPrefix}proofs/${store.site}/${notes.name}`)
  }

  /**
   * Throws what keeps us from writing: `denied` for the site where a promise is broken, or the trouble met on the way. Whoever asks may give
   * up; the answer is still found for the others.
   */
  async hold(signal: AbortSignal): Promise<void> {
    this.#asked ??= this.#find().catch((thrown: unknown) => {
      this.#asked = null
      throw thrown
    })
    await givenUp(this.#asked, signal, this.#store)
  }

  async #find(): Promise<void> {
    const { clock } = this.#options.tools
    if (this.#broken !== null && clock.monotonic() < this.#broken.untilMs) throw this.#broken.failure
    const never = new AbortController().signal
    const note = await this.#read(never)
    if (note.fresh) return
    const findings = await probe(this.#store, this.#options.tools, never).catch((thrown: unknown) => {
      throw notWritten(asFailure(thrown))
    })
    const failure = refusalFor(this.#store, findings)
    if (failure !== null) {
      this.#broken = { failure, untilMs: clock.monotonic() + brokenRestMs }
      throw failure
    }
    await this.#keep(note.over, never)
  }

  /** Whatever is wrong with a note, the probe says more. */
  async #read(signal: AbortSignal): Promise<{ readonly fresh: boolean; readonly over: Version | null }> {
    try {
      const found = await this.#notes.get(this.#key, signal)
      if (found === null) return { fresh: false, over: null }
      const { size, version } = found.meta
      const fresh = size <= noteBytesMax && this.#isFresh(await textOf(found.body))
      return { fresh, over: version }
    } catch (thrown) {
      asFailure(thrown)
      return { fresh: false, over: null }
    }
  }

  #isFresh(text: string): boolean {
    const { about, tools } = this.#options
    const note = noteIn(text)
    // Clocks differ: a note from somewhat ahead of us is a note all the same.
    return note?.about === about && note.probe === probeVersion && Math.abs(tools.clock.now() - note.at) < validMs
  }

  /** A note that cannot be kept costs the next process a probe, and nothing else: who was faster, or what broke, does not matter here. */
  async #keep(over: Version | null, signal: AbortSignal): Promise<void> {
    const { about, first, tools } = this.#options
    const note: Note = { at: tools.clock.now(), about, probe: probeVersion }
    const write = noteOf(JSON.stringify(note), this.#notes, tools.hashing)
    try {
      await first?.hold(signal)
      const condition = over === null ? ({ if: 'absent' } as const) : ({ if: 'unchanged', since: over } as const)
      await this.#notes.put(this.#key, write, condition, signal)
    } catch (thrown) {
      asFailure(thrown)
    }
  }
}

/** What stopped the proof, in the words of one who was about to write: its own write was not sent, so nothing about it is `unknown`. */
function notWritten({ kind, site, message, cause }: Failure): Failure {
  const said = kind === 'denied' || kind === 'throttled' ? kind : 'unreachable'
  return new Failure(said, `not written to before it has proved what it enforces: ${message}`, {
    ...(site === null ? {} : { site }),
    scope: 'site',
    cause,
  })
}

async function givenUp(answer: Promise<void>, signal: AbortSignal, { site }: ObjectStore): Promise<void> {
  const left = () =>
    new Failure('unreachable', `${site}: not sent, ended by the caller while the store was proving what it enforces`, {
      site,
      scope: 'key',
    })
  if (signal.aborted) throw left()
  const { promise, reject } = Promise.withResolvers<never>()
  const leave = () => reject(left())
  signal.addEventListener('abort', leave, { once: true })
  try {
    await Promise.race([answer, promise])
  } finally {
    signal.removeEventListener('abort', leave)
  }
}

function noteIn(text: string): Note | null {
  try {
    const found = JSON.parse(text) as Partial<Note> | null
    return typeof found?.at === 'number' && typeof found.about === 'string' && typeof found.probe === 'number'
      ? (found as Note)
      : null
  } catch {
    return null
  }
}
