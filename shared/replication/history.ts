import { Failure } from '#shared/kernel/failure.ts'
import type { Key } from '#shared/kernel/key.ts'
import type { KeptVersion, ObjectMeta, ObjectStore } from '#shared/ports/object-store.ts'

/**
 * One key's history at one site, newest first, read a page or a version at a time and within bounds.
 * Listings of some stores show no metadata: there each version that is looked at costs one HEAD.
 */
export class History {
  readonly #store: ObjectStore
  readonly #key: Key
  readonly #signal: AbortSignal
  readonly #bounds: { readonly historyPages: number; readonly historyHeads: number }
  readonly #metas = new Map<KeptVersion, ObjectMeta | null>()
  #versions: readonly KeptVersion[] = []
  #next: string | null = null
  #pages = 0

  constructor(
    store: ObjectStore,
    key: Key,
    signal: AbortSignal,
    bounds: { readonly historyPages: number; readonly historyHeads: number },
  ) {
    this.#store = store
    this.#key = key
    this.#signal = signal
    this.#bounds = bounds
  }

  /** The version at this depth, 0 the newest; `null` below the oldest. */
  async at(depth: number): Promise<KeptVersion | null> {
    while (depth >= this.#versions.length && (this.#pages === 0 || this.#next !== null)) await this.#turnPage()
    return this.#versions[depth] ?? null
  }

  /** `null` for a delete marker and for a version that is gone meanwhile. */
  async metaOf(kept: KeptVersion): Promise<ObjectMeta | null> {
    if (kept.deleteMarker || kept.meta !== null) return kept.meta
    const known = this.#metas.get(kept)
    if (known !== undefined) return known
    if (this.#metas.size >= this.#bounds.historyHeads) throw this.#tooDeep()
    const meta = await this.#store.head(this.#key, this.#signal, kept.version)
    this.#metas.set(kept, meta)
    return meta
  }

  /** A store that lists the oldest first tells its newest version only on its last page: all pages, or nothing is known. */
  async #turnPage(): Promise<void> {
    do {
      if (this.#pages >= this.#bounds.historyPages) throw this.#tooDeep()
      const page = await this.#store.versions(this.#key, this.#next, this.#signal)
      this.#pages++
      this.#next = page.next
      this.#versions = this.#store.traits.newestFirst
        ? [...this.#versions, ...page.versions]
        : [...page.versions.toReversed(), ...this.#versions]
    } while (!this.#store.traits.newestFirst && this.#next !== null)
  }

  #tooDeep(): Failure {
    return new Failure(
      'denied',
      `${this.#store.site}: the history of this key is longer than ${this.#bounds.historyPages} pages or ${this.#bounds.historyHeads} versions; nothing is deleted or overwritten by itself. Remove old versions, then replicate the key by hand`,
      { site: this.#store.site, scope: 'key' },
    )
  }
}
