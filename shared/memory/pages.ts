import type { Key } from '#shared/kernel/key.ts'
import type { KeptVersion, Listed, ListPage, ListQuery, VersionPage } from '#shared/ports/object-store.ts'
import { type Entry, keptOf, metaOf } from './entry.ts'
import { type KeyOrder, keyOrder } from './key-order.ts'
import type { Profile } from './profiles.ts'
import type { Shelf } from './shelf.ts'

/** Every key that ever was, in listing order, and the pages cut from it. */
export class Pages {
  readonly #profile: Profile
  readonly #compare: KeyOrder
  readonly #shelves: ReadonlyMap<Key, Shelf>
  readonly #keys: Key[] = []

  constructor(profile: Profile, shelves: ReadonlyMap<Key, Shelf>) {
    this.#profile = profile
    this.#compare = keyOrder(profile.traits.listingOrder)
    this.#shelves = shelves
  }

  add(key: Key): void {
    this.#keys.splice(this.#from(key), 0, key)
  }

  /** The place of the first key that is not before the text. */
  #from(text: string): number {
    let [low, high] = [0, this.#keys.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#compare(this.#keys[middle]!, text) < 0) low = middle + 1
      else high = middle
    }
    return low
  }

  *#below(prefix: string, after: string): Generator<[Key, Shelf]> {
    const start = this.#compare(after, prefix) < 0 ? prefix : after
    for (let i = this.#from(start); i < this.#keys.length; i++) {
      const key = this.#keys[i]!
      if (!key.startsWith(prefix)) return
      if (key !== after) yield [key, this.#shelves.get(key)!]
    }
  }

  objects(query: ListQuery): ListPage {
    const most = Math.min(query.max, this.#profile.pageMax)
    const objects: Listed[] = []
    for (const [key, { current }] of this.#below(query.prefix, query.cursor ?? query.after)) {
      if (current === null) continue
      if (objects.length === most) return { objects, next: objects.at(-1)?.key ?? null }
      objects.push(this.#listed(key, current))
    }
    return { objects, next: null }
  }

  /** Without metadata a listing tells of the content only what the ETag does. */
  #listed(key: Key, entry: Entry): Listed {
    const meta = metaOf(this.#profile, entry)
    const { id, dateMs, size, digests } = meta
    if (this.#profile.listsMetadata) return { key, id, dateMs, size, digests, meta }
    const { md5 } = digests
    return { key, id, dateMs, size, digests: md5 === undefined ? {} : { md5 }, meta: null }
  }

  history(key: Key, cursor: string | null): VersionPage {
    const shelf = this.#shelves.get(key)
    const versions = shelf === undefined ? [] : this.#inOrder(shelf)
    return this.#cut(
      cursor === null ? versions : this.#past(versions, Number(cursor)),
      this.#profile.pageMax,
      (entry) => String(entry.sequence),
    )
  }

  histories(query: ListQuery): VersionPage {
    const most = Math.min(query.max, this.#profile.pageMax)
    const [sequence, key] = query.cursor === null ? [null, query.after] : splitCursor(query.cursor)
    const found: Entry[] = []
    const open = sequence === null ? undefined : this.#shelves.get(key as Key)
    if (open !== undefined && sequence !== null) found.push(...this.#past(this.#inOrder(open), sequence))
    for (const [, shelf] of this.#below(query.prefix, key)) {
      if (found.length > most) break
      found.push(...this.#inOrder(shelf))
    }
    return this.#cut(found, most, (entry) => `${entry.sequence} ${entry.key}`)
  }

  #inOrder({ entries }: Shelf): readonly Entry[] {
    return this.#profile.traits.newestFirst ? entries.toReversed() : entries
  }

  #past(entries: readonly Entry[], sequence: number): readonly Entry[] {
    const { newestFirst } = this.#profile.traits
    return entries.filter((entry) => (newestFirst ? entry.sequence < sequence : entry.sequence > sequence))
  }

  #cut(entries: readonly Entry[], most: number, cursor: (last: Entry) => string): VersionPage {
    const page = entries.length > most ? entries.slice(0, most) : entries
    const versions: KeptVersion[] = page.map((entry) =>
      keptOf(this.#profile, entry, this.#shelves.get(entry.key)!.isCurrent(entry)),
    )
    const last = page.at(-1)
    return { versions, next: entries.length > most && last !== undefined ? cursor(last) : null }
  }
}

function splitCursor(cursor: string): [sequence: number, key: string] {
  const space = cursor.indexOf(' ')
  return [Number(cursor.slice(0, space)), cursor.slice(space + 1)]
}
