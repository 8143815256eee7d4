import type { Feed } from './feed.ts'
import { compareKeys, firstDifference, isBeyondSurrogates, isSurrogate } from './key-order.ts'
import type { Rows } from './merge.ts'
import type { Row } from './model.ts'

/** The last character before the surrogates: after it come a prefix's characters above U+FFFF, in UTF-16 order. */
const beforeSurrogates = '\uD7FF'
/** The last characters, above U+FFFF and up to it, that every protocol can carry. */
const lastAbove = '\u{10FFFD}'
const lastBelow = '\uFFFD'

/** Keys of one prefix whose next character is above U+FFFF: they wait until the others of that prefix have passed. */
interface Hold {
  readonly prefix: string
  /** `null` where there were too many: they are read again when it is their turn. */
  rows: Row[] | null
}

/**
 * Turns a listing in UTF-16 order into one in the order of code points, in constant memory. The two differ only where, after a common
 * prefix, one key has a character above U+FFFF and the other one from U+E000 to U+FFFF: those above are listed first and belong last.
 * Few of them are held; of many only the place is, at the price of three listings more.
 */
export class CodePoints implements Rows {
  readonly #feed: Feed
  /** What all keys begin with does not order them. */
  readonly #base: number
  readonly #heldMax: number
  /** All up to here were told before. */
  #floor: string
  readonly #holds: Hold[] = []
  #held = 0
  #ended = false

  constructor(feed: Feed, options: { readonly prefix: string; readonly after: string; readonly heldMax: number }) {
    this.#feed = feed
    this.#base = options.prefix.length
    this.#heldMax = options.heldMax
    this.#floor = options.after
    feed.seek(this.#firstPending(this.#base) ?? options.after)
  }

  get over(): boolean {
    return this.#ended || (this.#feed.over && this.#holds.length === 0)
  }

  /** The next rows, perhaps none; `null` at the end. */
  async read(): Promise<readonly Row[] | null> {
    if (this.#ended) return null
    const page = await this.#feed.read()
    const out: Row[] = []
    if (page === null) this.#ended = this.#leave('', out)
    else this.#take(page, out)
    return out
  }

  #take(page: readonly Row[], out: Row[]): void {
    for (const row of page) {
      if (compareKeys(row.key, this.#floor) <= 0) continue
      if (!this.#leave(row.key, out) || !this.#place(row, out)) return // The feed reads elsewhere now; it comes by here again.
    }
    const last = page.at(-1)?.key
    if (last !== undefined && compareKeys(last, this.#floor) <= 0) this.#skip(last)
  }

  /** Lets go of what waited for prefixes that are over; false where that must be read again. '' ends them all. */
  #leave(key: string, out: Row[]): boolean {
    for (;;) {
      const hold = this.#holds.at(-1)
      if (hold === undefined || (key !== '' && key.startsWith(hold.prefix))) return true
      this.#holds.pop()
      if (hold.rows === null) {
        this.#floor = `${hold.prefix}\uD800` // Before all that waits, after all else of the prefix. Never sent: no store takes half a character.
        this.#feed.seek(hold.prefix + beforeSurrogates)
        return false
      }
      this.#held -= hold.rows.length
      out.push(...hold.rows.toSorted((a, b) => compareKeys(a.key, b.key)))
    }
  }

  /** Tells the row or holds it; false where too many are held, and the rest of them is skipped. */
  #place(row: Row, out: Row[]): boolean {
    const at = this.#placeOfHold(row.key)
    if (at === -1) {
      out.push(row)
      return true
    }
    const prefix = row.key.slice(0, at)
    let hold = this.#holds.at(-1)
    if (hold?.prefix !== prefix) this.#holds.push((hold = { prefix, rows: [] }))
    if (hold.rows === null) return true
    hold.rows.push(row)
    if (++this.#held <= this.#heldMax) return true
    const longest = this.#holds.reduce((a, b) => ((b.rows?.length ?? 0) > (a.rows?.length ?? 0) ? b : a))
    this.#held -= longest.rows?.length ?? 0
    longest.rows = null
    if (longest !== hold) return true
    this.#feed.seek(prefix + lastAbove)
    return false
  }

  /** Where the first character above U+FFFF stands before which others may still come; -1 where there is none. */
  #placeOfHold(key: string): number {
    for (let i = this.#base; i < key.length; i++) {
      if (!isSurrogate(key.charCodeAt(i))) continue
      const passed = isSurrogate(this.#floor.charCodeAt(i)) && key.startsWith(this.#floor.slice(0, i))
      if (!passed) return i
      i++
    }
    return -1
  }

  /** A whole page had been told before: goes to the next place where something new can stand. */
  #skip(last: string): void {
    const at = firstDifference(last, this.#floor)
    const target =
      isBeyondSurrogates(last.charCodeAt(at)) && isSurrogate(this.#floor.charCodeAt(at))
        ? this.#floor.slice(0, at) + lastBelow
        : (this.#firstPending(isBeyondSurrogates(last.charCodeAt(at)) ? at + 1 : at) ?? this.#floor)
    if (target > last && target.isWellFormed()) this.#feed.seek(target)
  }

  /** The first prefix of the floor, from here on, whose characters above U+FFFF are still to come. */
  #firstPending(from: number): string | null {
    for (let i = Math.max(from, this.#base); i < this.#floor.length; i++) {
      if (isBeyondSurrogates(this.#floor.charCodeAt(i))) return this.#floor.slice(0, i) + beforeSurrogates
    }
    return null
  }
}
