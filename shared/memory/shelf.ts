import type { Version } from '#shared/kernel/version.ts'
import type { Traits } from '#shared/ports/object-store.ts'
import { type Entry, isPinned } from './entry.ts'
import type { Profile } from './profiles.ts'

/** The versions of one key, oldest first, and which of them shows. */
export class Shelf {
  readonly #history: Traits['history']
  readonly entries: Entry[] = []
  /** When somebody last wrote this key, for stores that count. */
  lastWriteMs: number = -Infinity
  #top: Entry | null = null

  constructor(history: Traits['history']) {
    this.#history = history
  }

  /** The version on view; `null` under a delete marker. */
  get current(): Entry | null {
    return this.#top === null || this.#top.marker ? null : this.#top
  }

  /** A delete marker on top is current too, as in S3's listings. */
  isCurrent(entry: Entry): boolean {
    return entry === this.#top
  }

  find(profile: Profile, pinned: Version): Entry | null {
    return this.entries.findLast((entry) => isPinned(profile, entry, pinned)) ?? null
  }

  /** Takes its place by its turn: what began before the current version is born behind it. */
  add(entry: Entry, nowMs: number): void {
    if (this.#history === 'none') this.entries.length = 0
    let place = this.entries.length
    while (place > 0 && this.entries[place - 1]!.sequence > entry.sequence) place--
    this.entries.splice(place, 0, entry)
    if (place === this.entries.length - 1) this.#show(entry, nowMs)
    else entry.keptSinceMs = nowMs
  }

  /** The current version leaves the view without a successor; a store with a history keeps it. */
  clear(nowMs: number): void {
    if (this.#history === 'none') this.entries.length = 0
    this.#show(null, nowMs)
  }

  /** Removes one version for good. Where deletions are markers, the one before shows again. */
  drop(entry: Entry, nowMs: number): void {
    this.entries.splice(this.entries.indexOf(entry), 1)
    if (this.isCurrent(entry)) this.#show((this.#history === 'markers' && this.entries.at(-1)) || null, nowMs)
  }

  #show(entry: Entry | null, nowMs: number): void {
    if (this.#top !== null) this.#top.keptSinceMs = nowMs
    if (entry !== null) entry.keptSinceMs = null
    this.#top = entry
  }
}
