import type { SiteId } from '#shared/kernel/ids.ts'
import type { Digests } from '#shared/kernel/digest.ts'
import type { Key } from '#shared/kernel/key.ts'
import type { Version } from '#shared/kernel/version.ts'
import type {
  Condition,
  ListPage,
  ListQuery,
  ObjectMeta,
  Part,
  Range,
  TransferId,
  VersionPage,
} from '#shared/ports/object-store.ts'
import type { ChangeListener } from './change.ts'
import { Content } from './content.ts'
import { type Dumped, dumpOf } from './dump.ts'
import { type Draft, type Entry, metaOf, type Refusal, satisfies } from './entry.ts'
import { refuseChanged, refuseUnfit } from './fitness.ts'
import type { Profile } from './profiles.ts'
import { type BucketOptions, Vault } from './vault.ts'

/** Writes to one name come no closer together, where the store counts. */
const paceMs = 1000

/**
 * One bucket as a state machine: each verb happens at once and whole. It is the specification of a store, with the manners of one cloud.
 * Everything a user may do beside is in user.ts.
 */
export class MemoryBucket {
  /** For `user.ts` alone. */
  readonly vault: Vault

  constructor(options: BucketOptions) {
    this.vault = new Vault(options)
  }

  get site(): SiteId {
    return this.vault.site
  }

  get profile(): Profile {
    return this.vault.profile
  }

  now(): number {
    return this.vault.now()
  }

  content(bytes: Uint8Array): Content {
    return new Content(bytes, this.vault.hashing)
  }

  onChange(listener: ChangeListener): void {
    this.vault.listeners.push(listener)
  }

  head(key: Key, pinned?: Version): ObjectMeta | null {
    const entry = this.#find(key, pinned)
    return entry === null ? null : metaOf(this.profile, entry)
  }

  read(key: Key, pinned?: Version, range?: Range): { readonly meta: ObjectMeta; readonly bytes: Uint8Array } | null {
    const entry = this.#find(key, pinned)
    if (entry === null || entry.content === null) return null
    if (entry.refusal === 'archived') throw this.vault.failure('denied', `${key} is archived: restore it to read it`)
    return { meta: metaOf(this.profile, entry), bytes: cut(entry.content.bytes, range) }
  }

  tags(key: Key, pinned: Version): Readonly<Record<string, string>> {
    const entry = this.#find(key, pinned)
    if (entry === null) throw this.vault.failure('absent', `${key}: the version whose tags were asked for is gone`)
    return entry.tags
  }

  /** Without a condition it is a user's write. */
  put(key: Key, draft: Draft, condition: Condition | null, by: string | null = null): ObjectMeta {
    const details = { site: this.site }
    refuseUnfit(this.profile, key, draft, details)
    refuseChanged(key, draft, details)
    this.#admit(key, condition)
    return metaOf(this.profile, this.vault.place(key, draft, { by, looks: 'single' }))
  }

  /** Without a version it is a user's deletion: absent is done, though S3 puts one more marker over it. */
  remove(key: Key, since: Version | null, by: string | null = null): void {
    this.#admit(key, since === null ? null : { if: 'unchanged', since })
    this.vault.withdraw(key, by)
  }

  versions(key: Key, cursor: string | null): VersionPage {
    return this.vault.pages.history(key, cursor)
  }

  list(query: ListQuery): ListPage {
    return this.vault.pages.objects(query)
  }

  listVersions(query: ListQuery): VersionPage {
    return this.vault.pages.histories(query)
  }

  parts(key: Key, transfer: TransferId): readonly Part[] {
    return this.vault.ledger.list(key, transfer)
  }

  putPart(key: Key, transfer: TransferId, number: number, content: Content, digests: Digests): Part {
    const details = { site: this.site }
    refuseChanged(`part ${number} of ${key}`, { content, digests }, details)
    return this.vault.ledger.hold(key, transfer, number, content, details)
  }

  /** A refused commit keeps its parts: the condition may hold next time. */
  commit(
    key: Key,
    transfer: TransferId,
    parts: readonly Part[],
    write: Omit<Draft, 'content'>,
    condition: Condition,
    by: string | null = null,
  ): ObjectMeta {
    const { ledger, profile, hashing } = this.vault
    const details = { site: this.site }
    this.#admit(key, condition)
    const draft = { ...write, content: ledger.assemble(key, transfer, parts, hashing, details) }
    refuseUnfit(profile, key, draft, details)
    if (profile.digestsParts) refuseChanged(key, draft, details)
    ledger.discard(key, transfer)
    return metaOf(profile, this.vault.place(key, draft, { by, looks: profile.looks.commit }))
  }

  discard(key: Key, transfer: TransferId): void {
    this.vault.ledger.discard(key, transfer)
  }

  /** From now on the current version refuses what such a version refuses, to everyone; `null` ends it. False where nothing shows. */
  refuse(key: Key, refusal: Refusal | null): boolean {
    const current = this.vault.current(key)
    if (current === null) return false
    current.refusal = refusal
    return true
  }

  /** Lifecycle: what left the view this long ago is gone, and so is a delete marker that covers nothing any more. */
  expire(retentionMs: number): void {
    const before = this.now() - retentionMs
    for (const shelf of this.vault.shelves.values()) {
      for (const entry of shelf.entries.filter(({ keptSinceMs }) => keptSinceMs !== null && keptSinceMs <= before)) {
        this.vault.drop(entry, 'lifecycle')
      }
      const [alone, ...others] = shelf.entries
      if (alone?.marker === true && others.length === 0 && alone.dateMs <= before) this.vault.drop(alone, 'lifecycle')
    }
  }

  /** All that it holds, current and kept, each key's oldest first. */
  dump(key?: Key): Dumped[] {
    const shelves = key === undefined ? [...this.vault.shelves.values()] : [this.vault.shelf(key)]
    return shelves.flatMap((shelf) => shelf.entries.map((entry) => dumpOf(entry, shelf.isCurrent(entry))))
  }

  #find(key: Key, pinned: Version | undefined): Entry | null {
    if (pinned === undefined) return this.vault.current(key)
    const entry = this.vault.shelves.get(key)?.find(this.profile, pinned) ?? null
    return entry === null || entry.marker || entry.softDeleted ? null : entry
  }

  /** Asks pace, condition and refusals in the order in which a cloud does. */
  #admit(key: Key, condition: Condition | null): void {
    const { vault } = this
    const shelf = vault.shelves.get(key)
    if (shelf === undefined && condition?.if !== 'unchanged') return
    const current = shelf?.current ?? null
    if (vault.paced && condition !== null && shelf !== undefined && vault.now() - shelf.lastWriteMs < paceMs) {
      throw vault.failure('throttled', `${key}: written less than ${paceMs} ms ago`)
    }
    if (condition?.if === 'absent' && current !== null)
      throw vault.failure('conflict', `${key}: found one, expected none`)
    if (condition?.if === 'unchanged' && (current === null || !satisfies(vault.profile, current, condition.since))) {
      throw vault.failure('conflict', `${key}: found ${current?.token ?? 'none'}, expected ${condition.since}`)
    }
    if (current?.refusal === 'lease' || current?.refusal === 'hold') {
      throw vault.failure('denied', `${key}: under a ${current.refusal}, which a person must end`)
    }
  }
}

function cut(bytes: Uint8Array, range: Range | undefined): Uint8Array {
  return range === undefined ? bytes : bytes.subarray(range.start, Math.min(range.end, bytes.byteLength))
}
