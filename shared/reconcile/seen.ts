import { digestText } from '#shared/kernel/digest.ts'
import type { SiteId } from '#shared/kernel/ids.ts'
import type { Key } from '#shared/kernel/key.ts'
import type { Version } from '#shared/kernel/version.ts'
import { asFailure } from '#shared/kernel/failure.ts'
import type { Core } from '#shared/replication/core.ts'
import { controlKey, readText, writeText } from './control.ts'
import { compareKeys } from './key-order.ts'

/** For each site a short name of the version that its listing showed. */
export type Prints = ReadonlyMap<SiteId, string>

/** Which rule, under which terms, and where its memory lies. */
export interface Place {
  /** The first member: its control bucket holds the file. */
  readonly site: SiteId
  readonly rule: string
  /** A digest of all that the rule says: under other terms nothing is remembered. */
  readonly terms: string
  /** The range of keys after this one. */
  readonly from: string
  readonly signal: AbortSignal
}

const format = 1
/** Far above what a range's keys can need; no text of ours is longer. */
const bytesMax = 32 * 1024 * 1024

/**
 * Versions that were found to agree although their listings cannot tell, a sorted file per range of keys. Losing it costs HEADs and nothing
 * else; whatever is not ours, or not of these terms, counts as lost.
 */
export class Seen {
  readonly #core: Core
  readonly #place: Place
  readonly #key: Key
  #known: ReadonlyMap<string, Prints> = new Map()
  #text: string | null = null
  #version: Version | null = null
  /** Whether the control bucket told what there is: else there is no condition to write under. */
  #told = false
  readonly #learnt = new Map<string, Prints>()
  /** Why the file could not be read or kept. */
  trouble: string | null = null

  private constructor(core: Core, place: Place) {
    this.#core = core
    this.#place = place
    this.#key = controlKey('seen', place.rule, digestText(core.hashing, place.from))
  }

  /** One request. */
  static async open(core: Core, place: Place): Promise<Seen> {
    const seen = new Seen(core, place)
    await seen.#read()
    return seen
  }

  /** Whether these very versions agreed. */
  remembers(key: Key, prints: Prints): boolean {
    const before = this.#known.get(key)
    return before !== undefined && includes(before, prints)
  }

  /** These versions agree. What was known of sites that do not answer today is kept where nothing contradicts it. */
  learn(key: Key, prints: Prints): void {
    const before = this.#learnt.get(key) ?? this.#known.get(key)
    const agrees = before !== undefined && [...prints].every(([site, print]) => (before.get(site) ?? print) === print)
    this.#learnt.set(key, agrees ? new Map([...before, ...prints]) : prints)
  }

  /**
   * Keeps what was learnt of the keys after `after` up to `until` in place of what was known of them, and what was known up to `after`;
   * beyond `until` only where the range goes on. One request where anything has changed, else none.
   */
  async close(walked: { readonly after: string; readonly until: string; readonly goesOn: boolean }): Promise<void> {
    if (!this.#told) return
    const beyond = (key: string): boolean => walked.goesOn && compareKeys(key, walked.until) > 0
    const kept = [...this.#known].filter(([key]) => compareKeys(key, walked.after) <= 0 || beyond(key))
    const text = this.#write([...kept, ...this.#learnt].toSorted(([a], [b]) => compareKeys(a, b)))
    if (text === this.#text || (this.#version === null && kept.length + this.#learnt.size === 0)) return
    await this.#trying(() =>
      writeText(this.#core, this.#core.control(this.#place.site), this.#key, text, this.#version, this.#place.signal),
    )
  }

  async #read(): Promise<void> {
    await this.#trying(async () => {
      const { site, signal } = this.#place
      const kept = await readText(this.#core, this.#core.control(site), this.#key, bytesMax, signal)
      this.#told = true
      if (kept === null) return
      this.#version = kept.version
      const known = kept.text === null ? null : this.#parse(kept.text)
      if (known === null)
        this.trouble = `${site}: ${this.#key} is not a memory of these terms; its keys are looked at again`
      else [this.#known, this.#text] = [known, kept.text]
    })
  }

  async #trying(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (thrown) {
      this.trouble = `what was found to agree after ${JSON.stringify(this.#place.from)} was not read or not kept: ${asFailure(thrown).message}`
    }
  }

  #header(): string {
    const { rule, terms, from } = this.#place
    return JSON.stringify({ format, rule, terms, from })
  }

  #write(entries: readonly (readonly [string, Prints])[]): string {
    return [this.#header(), ...entries.map(([key, prints]) => JSON.stringify([key, Object.fromEntries(prints)]))].join(
      '\n',
    )
  }

  #parse(text: string): ReadonlyMap<string, Prints> | null {
    const [header, ...lines] = text.split('\n')
    if (header !== this.#header()) return null
    const entries = lines.map(parseLine)
    return entries.every((entry) => entry !== null) ? new Map(entries) : null
  }
}

function includes(before: Prints, prints: Prints): boolean {
  return [...prints].every(([site, print]) => before.get(site) === print)
}

function parseLine(line: string): readonly [string, Prints] | null {
  const [key, prints] = asPair(line) ?? []
  if (typeof key !== 'string' || typeof prints !== 'object' || prints === null) return null
  const entries = Object.entries(prints) as [SiteId, unknown][]
  return entries.every((entry): entry is [SiteId, string] => typeof entry[1] === 'string')
    ? [key, new Map(entries)]
    : null
}

function asPair(line: string): readonly unknown[] | null {
  try {
    const value: unknown = JSON.parse(line)
    return Array.isArray(value) ? value : null
  } catch {
    return null // Not ours.
  }
}
