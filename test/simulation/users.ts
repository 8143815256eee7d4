import { digestText } from '#shared/kernel/digest.ts'
import { type SiteId, siteId } from '#shared/kernel/ids.ts'
import { type Key, parseKey } from '#shared/kernel/key.ts'
import { groupEntry, readMark, writeMark } from '#shared/kernel/mark.ts'
import { stampId } from '#shared/kernel/version.ts'
import type { KeptVersion, ObjectMeta } from '#shared/ports/object-store.ts'
import { digestProperties } from '#shared/replication/properties.ts'
import { actOf, bodyOf } from './bytes.ts'
import type { Deed, Version } from './history.ts'
import type { Act } from './plan.ts'
import type { World } from './world.ts'
import type { Site } from './world-site.ts'

type ActOf<K extends Act['kind']> = Extract<Act, { kind: K }>

/** A restore of a replica within seconds of its writing is taken for the replica (stated in the design): our users are no faster. */
const restoreAfterMs = 6_000

/** Everybody who uses the buckets directly, with no thought of Isobar. */
export class Users {
  readonly #world: World
  /** Who waits for a replica, by the act whose bytes it carries and the site. */
  readonly #waiting = new Map<string, ActOf<'react'>[]>()

  constructor(world: World) {
    this.#world = world
    for (const act of world.plan.acts) {
      if (act.kind === 'react') this.#await(act)
      else world.timeline.at(act.atMs, () => this.#act(act))
    }
  }

  #await(act: ActOf<'react'>): void {
    const name = `${act.to} ${act.site} ${act.key}`
    this.#waiting.set(name, [...(this.#waiting.get(name) ?? []), act])
  }

  /** A version of ours became visible. */
  saw(version: Version): void {
    if (this.#waiting.size === 0) return
    const name = `${actOf(version.body)} ${version.site} ${version.key}`
    const acts = this.#waiting.get(name)
    if (acts === undefined) return
    this.#waiting.delete(name)
    for (const act of acts) this.#world.timeline.after(act.delayMs, () => this.#act(act))
  }

  #act(act: Act): void {
    const site = this.#world.sites.get(siteId(act.site))!
    const key = parseKey(act.key)
    const showed = this.#world.recorder.top(act.site, act.key)
    const did = (more: Partial<Deed>) => this.#note(act, showed, more)
    switch (act.kind) {
      case 'write':
        return did(
          this.#put(
            site,
            key,
            bodyOf(act.id, act.size),
            act.tags ? { kind: act.id % 3 === 0 ? 'cold' : 'hot', team: `t${act.id}` } : {},
            act.headers ? { contentType: `text/${act.id}` } : {},
          ),
        )
      case 'found':
        return did(this.#find(act, site, key))
      case 'overwrite':
        this.#world.timeline.after(act.thinkMs, () =>
          this.#note(act, showed, { ...this.#put(site, key, bodyOf(act.id, act.size), {}, {}), sinceMs: act.atMs }),
        )
        return
      case 'react':
        if (act.how === 'overwrite') return did(this.#put(site, key, bodyOf(act.id, 'small'), {}, {}))
        return showed === null ? undefined : this.#delete(site, key, did)
      case 'delete':
        return showed === null ? undefined : this.#delete(site, key, did)
      case 'undelete':
        return this.#undelete(site, key, showed, did)
      case 'restore':
        return this.#restore(act, site, key, showed, did)
      case 'copy': {
        if (this.#isFresh(site, site.bucket.head(key))) return
        const meta = site.user.copy(key, parseKey(act.to))
        return meta === null
          ? undefined
          : this.#note({ ...act, key: act.to }, this.#shownBefore(act.site, act.to), {
              wrote: this.#last(site, act.to),
            })
      }
      case 'tamper':
        return this.#tamper(act, site, key, did)
      case 'forge':
        return did(this.#forge(act, site, key))
      case 'upload':
        return this.#upload(act, site, key, showed)
      case 'tag':
        return showed !== null && site.user.setTags(key, { team: `t${act.id}` }) ? did({}) : undefined
      case 'patch':
        return this.#patch(act, site, key, showed, did)
    }
  }

  #note(act: Act, showed: Version | null, more: Partial<Deed>): void {
    const { recorder, timeline, coverage } = this.#world
    const atMs = timeline.nowMs
    coverage.act(act.kind)
    recorder.deeds.push({
      act: act.id,
      kind: act.kind,
      site: act.site,
      key: act.key,
      atMs,
      sinceMs: atMs,
      showed: showed?.n ?? null,
      wrote: null,
      deleted: false,
      uncovered: false,
      ...more,
    })
  }

  /** The newest version that a user wrote here: what the store has just answered. */
  #last(site: Site, key: string): number {
    const { versions } = this.#world.recorder
    const last = versions.at(-1)!
    if (last.site !== site.id || last.key !== key) throw new Error(`no version of ${key} came to ${site.id}`)
    return last.n
  }

  /** What a key showed before the change that has just been made. */
  #shownBefore(site: string, key: string): Version | null {
    const { changes, versions } = this.#world.recorder
    const last = changes.at(-1)!
    if (last.site !== site || last.key !== key) throw new Error(`nothing changed at ${key} of ${site}`)
    return last.before === null ? null : versions[last.before]!
  }

  #put(
    site: Site,
    key: Key,
    bytes: Uint8Array,
    tags: Readonly<Record<string, string>>,
    headers: ObjectMeta['headers'],
    metadata: ObjectMeta['metadata'] = {},
  ): Partial<Deed> {
    site.user.put(key, bytes, { tags, headers, metadata })
    return { wrote: this.#last(site, key) }
  }

  /** Uploaded in parts here, in one request there: the same bytes, and perhaps no checksum that both stores know. */
  #find(act: ActOf<'found'>, site: Site, key: Key): Partial<Deed> {
    const bytes = bodyOf(act.twin, act.twin % 2 === 0 ? 'small' : 'large')
    if (!act.parts) return this.#put(site, key, bytes, {}, {})
    const upload = site.user.begin(key)
    upload.part(bytes)
    upload.complete()
    return { wrote: this.#last(site, key) }
  }

  #delete(site: Site, key: Key, did: (more: Partial<Deed>) => void): void {
    site.user.delete(key)
    did({ deleted: true })
  }

  #undelete(site: Site, key: Key, showed: Version | null, did: (more: Partial<Deed>) => void): void {
    if (showed !== null) return
    const markers = site.bucket.profile.traits.history === 'markers'
    if (!markers && this.#tooFresh(site, this.#kept(site, key).at(-1))) return
    if (!site.user.undelete(key)) return
    did(markers ? { uncovered: true } : { wrote: this.#last(site, key) })
  }

  /** Everything kept of the key, oldest first. */
  #kept(site: Site, key: Key): readonly KeptVersion[] {
    const { versions } = site.bucket.versions(key, null)
    const oldestFirst = site.bucket.profile.traits.newestFirst ? versions.toReversed() : versions
    return oldestFirst.filter(({ deleteMarker }) => !deleteMarker)
  }

  #tooFresh(site: Site, kept: KeptVersion | undefined): boolean {
    return kept === undefined || this.#isFresh(site, site.bucket.head(kept.key, kept.version))
  }

  /** By its mark: a copy of a copy carries it along. */
  #isFresh(site: Site, meta: ObjectMeta | null): boolean {
    const mark = readMark(meta?.metadata[groupEntry]?.replace(/^2;/, '1;') ?? '')
    return mark !== null && mark !== 'newer' && site.bucket.now() - mark.writtenMs < restoreAfterMs
  }

  #restore(
    act: ActOf<'restore'>,
    site: Site,
    key: Key,
    showed: Version | null,
    did: (more: Partial<Deed>) => void,
  ): void {
    const older = this.#kept(site, key).filter(({ current }) => !current)
    const chosen = older.at(-1 - act.depth) ?? older.at(-1)
    if (this.#tooFresh(site, chosen) || chosen === undefined) return
    if (this.#world.plan.world === 'restores' && site.bucket.profile.traits.datesByBeginning && act.id % 2 === 0)
      return this.#restoreInParts(act, site, key, showed, chosen)
    if (site.user.restore(key, chosen.version) !== null) did({ wrote: this.#last(site, key) })
  }

  /** By one who reads it and uploads it again, mark and all. */
  #restoreInParts(act: Act, site: Site, key: Key, showed: Version | null, { version }: KeptVersion): void {
    const { timeline } = this.#world
    const kept = site.bucket.read(key, version)
    if (kept === null) return
    const { metadata, headers } = kept.meta
    const upload = site.user.begin(key, { metadata, headers })
    const sinceMs = timeline.nowMs
    timeline.after(2_000, () => {
      upload.part(kept.bytes)
      upload.complete()
      this.#note(act, showed, { wrote: this.#last(site, key), sinceMs })
    })
  }

  #tamper(act: ActOf<'tamper'>, site: Site, key: Key, did: (more: Partial<Deed>) => void): void {
    const shown = site.bucket.read(key)
    if (shown === null) return
    const { metadata, headers } = shown.meta
    if (act.what === 'bytes') did(this.#put(site, key, bodyOf(act.id, 'small'), {}, headers, metadata))
    else did(this.#put(site, key, shown.bytes, {}, headers, { ...metadata, note: `changed by ${act.id}` }))
  }

  /** All of it is right but the date, which is two hours from now. */
  #forge(act: ActOf<'forge'>, site: Site, key: Key): Partial<Deed> {
    const bytes = bodyOf(act.id, 'small')
    const algorithm = site.bucket.profile.traits.digest
    const { hashing } = this.#world.ground
    const hasher = hashing.hasher(algorithm)
    hasher.update(bytes)
    const origin = this.#world.plan.sites.at(act.id % this.#world.plan.sites.length)!.id as SiteId
    const now = site.bucket.now()
    const mark = writeMark({
      stamp: { epoch: 0, timeMs: now + 7_200_000, origin, id: stampId(`forged${act.id}`) },
      key: digestText(hashing, key),
      algorithm,
      content: hasher.digest(),
      properties: digestProperties(hashing, { headers: {}, metadata: {} }),
      writtenMs: Math.floor(now),
      nonce: `forged${act.id}`,
      onto: 'over',
    })
    return this.#put(site, key, bytes, {}, {}, { [groupEntry]: mark })
  }

  #upload(act: ActOf<'upload'>, site: Site, key: Key, showed: Version | null): void {
    const { timeline } = this.#world
    const upload = site.user.begin(key)
    const sinceMs = timeline.nowMs
    timeline.after(act.forMs, () => {
      const bytes = bodyOf(act.id, act.size)
      const half = bytes.length >> 1
      upload.part(bytes.subarray(0, half))
      upload.part(bytes.subarray(half))
      upload.complete()
      this.#note(act, showed, { wrote: this.#last(site, key), sinceMs })
    })
  }

  #patch(act: ActOf<'patch'>, site: Site, key: Key, showed: Version | null, did: (more: Partial<Deed>) => void): void {
    const current = site.bucket.head(key)
    if (current === null || showed === null) return
    site.user.patch(key, { metadata: { ...current.metadata, note: `patched by ${act.id}` } })
    did({ wrote: this.#last(site, key) })
  }
}
