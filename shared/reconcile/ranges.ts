import type { Core } from '#shared/replication/core.ts'
import { type Place, Seen } from './seen.ts'

/** Where the walk stands within a range of remembered keys. */
export interface RangeStart {
  /** The range's keys come after this one. */
  readonly from: string
  /** How many of them were compared before. */
  readonly inRange: number
  /** The last key that was compared. */
  readonly at: string
}

/**
 * The memory of a whole pass, one range of keys at a time. Ranges end at keys chosen by the keys themselves, so that what comes, goes or is
 * lost in one range moves no other: the file of a range is found again by the key before it.
 */
export class Ranges {
  readonly #core: Core
  readonly #place: Omit<Place, 'from'>
  readonly #keeps: boolean
  #from: string
  #inRange: number
  /** Up to here the open memory says what an earlier invocation learnt. */
  #after: string
  #at: string
  #open: Seen | null = null
  readonly troubles: string[] = []

  /** `keeps`: what is learnt is written; otherwise the memory is only read. */
  constructor(core: Core, place: Omit<Place, 'from'>, start: RangeStart, keeps: boolean) {
    this.#core = core
    this.#place = place
    this.#keeps = keeps
    this.#from = start.from
    this.#inRange = start.inRange
    this.#after = this.#at = start.at
  }

  /** How a later invocation finds the place again. */
  get start(): RangeStart {
    return { from: this.#from, inRange: this.#inRange, at: this.#at }
  }

  /** The memory of the range that the walk is in: one request where nobody has asked before. */
  async seen(): Promise<Seen> {
    this.#open ??= await Seen.open(this.#core, { ...this.#place, from: this.#from })
    return this.#open
  }

  /** The walk has passed this key; whether it was the last of its range, which must be closed then. */
  passed(key: string): boolean {
    this.#at = key
    this.#inRange++
    return endsRange(key, this.#inRange, this.#core.limits.reconcileKeys)
  }

  /** Only once all that was begun within the range is done. */
  async close(goesOn: boolean): Promise<void> {
    const seen = this.#open
    if (seen !== null) {
      if (this.#keeps) await seen.close({ after: this.#after, until: this.#at, goesOn })
      if (seen.trouble !== null) this.troubles.push(seen.trouble)
    }
    this.#open = null
    this.#after = this.#at
    if (!goesOn) [this.#from, this.#inRange] = [this.#at, 0]
  }
}

/**
 * About one key in so many ends a range, and which ones do is theirs alone to say; no range is shorter than a quarter of that or longer than
 * twice as much, whatever keys somebody chooses.
 */
function endsRange(key: string, inRange: number, keys: number): boolean {
  return inRange >= 2 * keys || (inRange >= keys / 4 && hash(key) % keys === 0)
}

/** FNV-1a: only has to spread. */
function hash(text: string): number {
  let bits = 0x811c9dc5
  for (let i = 0; i < text.length; i++) bits = Math.imul(bits ^ text.charCodeAt(i), 0x01000193)
  return bits >>> 0
}
