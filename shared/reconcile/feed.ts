import type { Key } from '#shared/kernel/key.ts'
import type { KeptVersion, Listed, ObjectStore } from '#shared/ports/object-store.ts'
import type { Row } from './model.ts'

/** A member's keys below a prefix, page by page, in the store's own order. */
export interface Feed {
  /** Reading goes on after this text, wherever it was. */
  seek(after: string): void
  /** `null` once nothing is left; a page may be empty and not be the last. */
  read(): Promise<readonly Row[] | null>
  /** Whether it is known that nothing is left. */
  readonly over: boolean
}

export interface FeedOptions {
  readonly store: ObjectStore
  readonly prefix: string
  readonly pageKeys: number
  /** A key with more pages of versions than this is passed over. */
  readonly historyPages: number
  readonly signal: AbortSignal
}

/** What the members show now. */
export function listingFeed({ store, prefix, pageKeys, signal }: FeedOptions): Feed {
  const pages = pagesOf((after, cursor) => store.list({ prefix, after, cursor, max: pageKeys }, signal))
  return {
    seek: (after) => pages.seek(after),
    get over() {
      return pages.over
    },
    read: async () => (await pages.turn())?.objects.map(rowOf) ?? null,
  }
}

function rowOf(listed: Listed): Row {
  return { key: listed.key, shown: listed, buriedMs: -Infinity, entries: 1, cut: false }
}

/** What the members show now and what they keep. The last key of a page may go on with the next: its row waits for that. */
export function historyFeed({ store, prefix, pageKeys, historyPages, signal }: FeedOptions): Feed {
  const pages = pagesOf((after, cursor) => store.listVersions({ prefix, after, cursor, max: pageKeys }, signal))
  let open: Fold | null = null
  const close = (rows: Row[]): void => {
    if (open !== null) rows.push(open.row())
    open = null
  }
  return {
    get over() {
      return pages.over
    },
    seek(after) {
      open = null
      pages.seek(after)
    },
    async read() {
      const page = await pages.turn()
      if (page === null) return null
      const rows: Row[] = []
      for (const version of page.versions) {
        if (open?.key !== version.key) close(rows)
        open ??= new Fold(version.key, store.traits)
        open.add(version)
      }
      if (page.next === null) close(rows)
      else if (open !== null && open.entries > historyPages * pageKeys) {
        rows.push(open.cut())
        this.seek(open.key)
      }
      return rows
    },
  }
}

/** One key's versions, in whichever order its store lists them, as one row. */
class Fold {
  readonly key: Key
  entries = 0
  readonly #newestFirst: boolean
  readonly #markers: boolean
  #shown: KeptVersion | null = null
  #buriedMs = -Infinity
  #underMarker = false

  constructor(key: Key, traits: ObjectStore['traits']) {
    this.key = key
    this.#newestFirst = traits.newestFirst
    this.#markers = traits.history === 'markers' && traits.newestFirst
  }

  add(version: KeptVersion): void {
    this.entries++
    if (version.deleteMarker) this.#underMarker = true
    else if (version.current) this.#shown = version
    // Where deletions leave markers, what lies directly below the current version was overtaken, never deleted.
    else if (!this.#markers || this.#underMarker) this.#buriedMs = Math.max(this.#buriedMs, version.dateMs)
  }

  /** So many versions that the rest is not read. What of it was deleted may be as great as anything. */
  cut(): Row {
    return { ...this.row(), buriedMs: Infinity, cut: !this.#newestFirst }
  }

  row(): Row {
    const shown = this.#shown === null ? null : { ...this.#shown, size: this.#shown.meta?.size ?? null }
    return { key: this.key, shown, buriedMs: this.#buriedMs, entries: this.entries, cut: false }
  }
}

interface Pages<Page> {
  seek(after: string): void
  turn(): Promise<Page | null>
  readonly over: boolean
}

/** Pages of a listing that can be begun again elsewhere. */
function pagesOf<Page extends { readonly next: string | null }>(
  fetch: (after: string, cursor: string | null) => Promise<Page>,
): Pages<Page> {
  let from = ''
  let cursor: string | null = null
  let over = false
  return {
    get over() {
      return over
    },
    seek(after) {
      from = after
      cursor = null
      over = false
    },
    async turn() {
      if (over) return null
      const page = await fetch(from, cursor)
      cursor = page.next
      over = cursor === null
      return page
    },
  }
}
