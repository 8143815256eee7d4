import type { SiteId } from '#shared/kernel/ids.ts'
import type { Failure } from '#shared/kernel/failure.ts'
import { asFailure } from '#shared/kernel/failure.ts'
import type { Key } from '#shared/kernel/key.ts'
import { compareKeys } from './key-order.ts'
import type { Row } from './model.ts'

/** A member's rows in the order of code points. */
export interface Rows {
  /** The next rows, perhaps none; `null` at the end. */
  read(): Promise<readonly Row[] | null>
  /** Whether it is known that nothing is left to read. */
  readonly over: boolean
}

/** One key, and what each member's listing has of it. */
export interface Line {
  readonly key: Key
  readonly seats: readonly Seat[]
}

export interface Seat {
  readonly site: SiteId
  readonly row: Row | null
}

interface Stream {
  readonly site: SiteId
  readonly source: Rows
  rows: readonly Row[]
  at: number
  ended: boolean
}

/** Members' listings side by side, a page of each in memory. */
export class Merge {
  #streams: readonly Stream[]

  constructor(members: ReadonlyMap<SiteId, Rows>) {
    this.#streams = [...members].map(([site, source]) => ({ site, source, rows: [], at: 0, ended: false }))
  }

  get sites(): readonly SiteId[] {
    return this.#streams.map(({ site }) => site)
  }

  /** From now on the others are compared without it. */
  drop(site: SiteId): void {
    this.#streams = this.#streams.filter((stream) => stream.site !== site)
  }

  /** Reads on wherever a page is used up, at all of them at once. Whoever fails must be dropped: what it lists is unknown, not absent. */
  async fill(): Promise<ReadonlyMap<SiteId, Failure>> {
    const failures = new Map<SiteId, Failure>()
    await Promise.all(
      this.#streams.filter(isDry).map(async (stream) => {
        try {
          await refill(stream)
        } catch (thrown) {
          failures.set(stream.site, asFailure(thrown))
        }
      }),
    )
    return failures
  }

  get isDry(): boolean {
    return this.#streams.some(isDry)
  }

  /** Whether it is known, without a request, that no key is left. */
  get isOver(): boolean {
    return this.#streams.every(({ rows, at, ended }) => ended && at >= rows.length)
  }

  /** The next key of all; `null` at the end. Only when nothing is dry. */
  next(): Line | null {
    let least: Key | null = null
    for (const { rows, at } of this.#streams) {
      const key = rows[at]?.key
      if (key !== undefined && (least === null || compareKeys(key, least) < 0)) least = key
    }
    if (least === null) return null
    const seats: Seat[] = []
    for (const stream of this.#streams) {
      const row = stream.rows[stream.at]
      const here = row?.key === least
      if (here) stream.at++
      seats.push({ site: stream.site, row: here ? row : null })
    }
    return { key: least, seats }
  }
}

function isDry({ rows, at, ended }: Stream): boolean {
  return at >= rows.length && !ended
}

async function refill(stream: Stream): Promise<void> {
  while (isDry(stream)) {
    const rows = await stream.source.read()
    stream.ended = rows === null || stream.source.over
    stream.rows = rows ?? []
    stream.at = 0
  }
}
