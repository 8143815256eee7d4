import type { Digests, Hashing } from '#shared/kernel/digest.ts'
import { Failure, type FailureKind, type FailureScope } from '#shared/kernel/failure.ts'
import type { SiteId } from '#shared/kernel/ids.ts'
import type { Key } from '#shared/kernel/key.ts'
import type { Change, ChangeListener } from './change.ts'
import { type Content, reported } from './content.ts'
import { type Draft, type Entry, metaOf, newEntry, newMarker, versionOf } from './entry.ts'
import { Ledger } from './ledger.ts'
import { Naming, type Turn } from './names.ts'
import { Pages } from './pages.ts'
import type { Looks, Profile } from './profiles.ts'
import { Shelf } from './shelf.ts'

export interface BucketOptions {
  readonly site: SiteId
  readonly profile: Profile
  readonly hashing: Hashing
  /** This store's own clock, in milliseconds since 1970. */
  readonly now: () => number
  /** Cloud Storage's one write per second and name; users' own writes are counted, and never refused. */
  readonly paced?: boolean
}

/** How a version comes to be. */
export interface Birth {
  readonly by: string | null
  readonly looks: Looks
  /** Taken earlier by what began earlier. */
  readonly turn?: Turn
  /** The contents of its parts, where its ETag is not that of the whole. */
  readonly parts?: readonly Content[]
  /** Carried along by a copy, instead of what an upload would report. */
  readonly digests?: Digests
  readonly kind?: Change['kind']
}

/** The state of one bucket and the few ways in which it changes. Conditions are its callers' concern. */
export class Vault {
  readonly site: SiteId
  readonly profile: Profile
  readonly hashing: Hashing
  readonly now: () => number
  readonly paced: boolean
  readonly shelves: Map<Key, Shelf> = new Map()
  readonly pages: Pages
  readonly ledger: Ledger
  readonly naming: Naming
  readonly listeners: ChangeListener[] = []

  constructor({ site, profile, hashing, now, paced = false }: BucketOptions) {
    this.site = site
    this.profile = profile
    this.hashing = hashing
    this.now = now
    this.paced = paced
    this.pages = new Pages(profile, this.shelves)
    this.ledger = new Ledger(profile)
    this.naming = new Naming(profile)
  }

  current(key: Key): Entry | null {
    return this.shelves.get(key)?.current ?? null
  }

  shelf(key: Key): Shelf {
    const there = this.shelves.get(key)
    if (there !== undefined) return there
    const shelf = new Shelf(this.profile.traits.history)
    this.pages.add(key)
    this.shelves.set(key, shelf)
    return shelf
  }

  place(key: Key, draft: Draft, birth: Birth): Entry {
    const { profile } = this
    const { looks, by, parts = null } = birth
    const nowMs = this.now()
    const names = this.naming.names(birth.turn ?? this.naming.turn(nowMs), draft.content, parts)
    const digests = birth.digests ?? reported(profile, draft.content, looks, draft.digests)
    const entry = newEntry(key, names, draft, { digests, inParts: profile.tellsParts && looks === 'parts', by })
    this.#put(entry, nowMs)
    this.tell(birth.kind ?? 'put', entry, by)
    return entry
  }

  /** A deletion: a marker on top, or the current version out of view. Only markers can lie over what is absent already. */
  withdraw(key: Key, by: string | null): void {
    const nowMs = this.now()
    if (this.profile.traits.history === 'markers') {
      const marker = newMarker(key, this.naming.names(this.naming.turn(nowMs), null, null), by)
      this.#put(marker, nowMs)
      this.tell('delete-marker', marker, by)
      return
    }
    const shelf = this.shelves.get(key)
    if (shelf === undefined || shelf.current === null) return
    const gone = shelf.current
    shelf.clear(nowMs)
    shelf.lastWriteMs = nowMs
    this.tell('delete', gone, by)
  }

  drop(entry: Entry, by: string | null): void {
    const shelf = this.shelf(entry.key)
    shelf.drop(entry, this.now())
    this.tell('removed-version', entry, by)
  }

  tell(kind: Change['kind'], entry: Entry, by: string | null): void {
    if (this.listeners.length === 0) return
    const { key, id, dateMs, marker } = entry
    const change: Change = {
      kind,
      key,
      id,
      version: versionOf(this.profile, entry),
      dateMs,
      atMs: this.now(),
      current: this.shelf(key).isCurrent(entry),
      deleteMarker: marker,
      by,
      meta: marker ? null : metaOf(this.profile, entry),
    }
    for (const listener of this.listeners) listener(change)
  }

  failure(kind: FailureKind, message: string, scope: FailureScope = 'key'): Failure {
    return new Failure(kind, message, { site: this.site, scope })
  }

  #put(entry: Entry, nowMs: number): void {
    const shelf = this.shelf(entry.key)
    shelf.add(entry, nowMs)
    shelf.lastWriteMs = nowMs
    if (this.profile.writesForgetParts) this.ledger.forget(entry.key)
  }
}
