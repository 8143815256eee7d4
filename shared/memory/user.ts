import type { Key } from '#shared/kernel/key.ts'
import type { Version } from '#shared/kernel/version.ts'
import type { Headers, ObjectMeta } from '#shared/ports/object-store.ts'
import type { MemoryBucket } from './bucket.ts'
import { type Content, joined } from './content.ts'
import { type Draft, draftOf, type Entry, metaOf } from './entry.ts'
import { refuseManyTags, refuseWideMetadata } from './fitness.ts'
import type { Turn } from './names.ts'
import type { Vault } from './vault.ts'

/** What a user says of an upload beside its bytes. */
export interface Said {
  readonly headers?: Headers
  readonly metadata?: Readonly<Record<string, string>>
  readonly tags?: Readonly<Record<string, string>>
  readonly storageClass?: string | null
  /** As a client sends it; only an upload in parts to a store that does not compute its own has use for one. */
  readonly md5?: string
}

/** An upload that takes its time; nobody sees it before it is complete. */
export interface Upload {
  part(bytes: Uint8Array): void
  complete(): ObjectMeta
}

/** A user of the bucket and everything that one can do without a condition. */
export class User {
  readonly #bucket: MemoryBucket
  readonly #vault: Vault

  constructor(bucket: MemoryBucket) {
    this.#bucket = bucket
    this.#vault = bucket.vault
  }

  put(key: Key, bytes: Uint8Array, said: Said = {}): ObjectMeta {
    return this.#bucket.put(key, this.#draft(bytes, said), null)
  }

  delete(key: Key): void {
    this.#bucket.remove(key, null)
  }

  /**
   * Removes one version for good; on S3 a delete marker too, which uncovers what lies below. False where there is none such or the
   * store refuses (Azure's current version).
   */
  removeVersion(key: Key, version: Version): boolean {
    const { profile } = this.#vault
    const shelf = this.#vault.shelves.get(key)
    const entry = shelf?.find(profile, version) ?? null
    if (shelf === undefined || entry === null || entry.softDeleted) return false
    if (shelf.isCurrent(entry) && profile.removingCurrent === 'refused') return false
    if (profile.softDelete) {
      entry.softDeleted = true
      this.#vault.tell('removed-version', entry, null)
    } else {
      this.#vault.drop(entry, null)
    }
    return true
  }

  /** Brings back what was deleted last: S3 by removing the delete marker, elsewhere by copying the newest kept version. False where nothing was. */
  undelete(key: Key): boolean {
    const { profile } = this.#vault
    const shelf = this.#vault.shelves.get(key)
    if (shelf === undefined || shelf.current !== null) return false
    const newest = shelf.entries.findLast((entry) => !entry.marker && !entry.softDeleted)
    if (newest === undefined) return false
    if (profile.traits.history === 'markers') {
      while (shelf.entries.at(-1)?.marker === true) this.#vault.drop(shelf.entries.at(-1)!, null)
      return true
    }
    this.#copy(newest, key)
    return true
  }

  /** Copies an old version over its key, metadata and all; `null` where it is gone. */
  restore(key: Key, version: Version): ObjectMeta | null {
    const entry = this.#vault.shelves.get(key)?.find(this.#vault.profile, version) ?? null
    return entry === null || entry.marker || entry.softDeleted ? null : this.#copy(entry, key)
  }

  /** Copies what a key shows to another key, metadata and all; `null` where nothing shows. */
  copy(from: Key, to: Key): ObjectMeta | null {
    const current = this.#vault.current(from)
    return current === null ? null : this.#copy(current, to)
  }

  /** Where a store dates by the beginning, the upload takes its date and its place now. */
  begin(key: Key, said: Said = {}): Upload {
    const vault = this.#vault
    const { traits, looks } = vault.profile
    const turn: Turn | undefined = traits.datesByBeginning ? vault.naming.turn(vault.now()) : undefined
    const parts: Content[] = []
    return {
      part: (bytes) => void parts.push(this.#bucket.content(bytes)),
      complete: () => {
        const draft = { ...this.#draft(new Uint8Array(0), said), content: joined(parts, vault.hashing) }
        const birth = { by: null, looks: looks.upload, ...(looks.upload === 'parts' ? { parts } : {}) }
        return metaOf(vault.profile, vault.place(key, draft, turn === undefined ? birth : { ...birth, turn }))
      },
    }
  }

  /** Other headers or metadata for the same bytes, in the way of this store; `null` where nothing shows. */
  patch(
    key: Key,
    change: { readonly headers?: Headers; readonly metadata?: Readonly<Record<string, string>> },
  ): ObjectMeta | null {
    const vault = this.#vault
    const current = vault.current(key)
    if (current === null) return null
    const { headers = current.headers, metadata = current.metadata } = change
    refuseWideMetadata(vault.profile, key, metadata, { site: vault.site })
    const draft = { ...draftOf(current), headers, metadata }
    if (vault.profile.patches === 'in-place') {
      Object.assign(current, { headers, metadata, meta: null, metageneration: current.metageneration + 1 })
      vault.tell('patched', current, null)
      return metaOf(vault.profile, current)
    }
    if (vault.profile.patches === 'copy')
      return metaOf(vault.profile, vault.place(key, draft, { by: null, looks: 'single' }))
    return metaOf(vault.profile, vault.place(key, draft, { by: null, ...carried(current), kind: 'patched' }))
  }

  /** Other tags for the same version; false where nothing shows. */
  setTags(key: Key, tags: Readonly<Record<string, string>>): boolean {
    const vault = this.#vault
    const current = vault.current(key)
    if (current === null) return false
    refuseManyTags(vault.profile, key, tags, { site: vault.site })
    Object.assign(current, { tags, meta: null, metageneration: current.metageneration + 1 })
    vault.tell('tags', current, null)
    return true
  }

  #draft(bytes: Uint8Array, said: Said): Draft {
    const { headers = {}, metadata = {}, tags = {}, storageClass = null, md5 } = said
    const digests = md5 === undefined ? {} : { md5 }
    return { content: this.#bucket.content(bytes), digests, headers, metadata, tags, storageClass }
  }

  /** A copy by S3 is one upload again; elsewhere it keeps what was known of the content. */
  #copy(from: Entry, to: Key): ObjectMeta {
    const birth = this.#vault.profile.patches === 'copy' ? { looks: 'single' as const } : carried(from)
    return metaOf(this.#vault.profile, this.#vault.place(to, draftOf(from), { by: null, ...birth }))
  }
}

function carried({ inParts, digests }: Entry): { looks: 'parts' | 'single'; digests: Entry['digests'] } {
  return { looks: inParts ? 'parts' : 'single', digests }
}
