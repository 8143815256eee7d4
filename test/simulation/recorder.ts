import { groupEntry, routeEntry } from '#shared/kernel/mark.ts'
import type { Change as BucketChange } from '#shared/memory/change.ts'
import type { Dumped } from '#shared/memory/dump.ts'
import type { Receipt } from '#shared/replication/model.ts'
import { textOf } from './bytes.ts'
import type { Change, Deed, InvocationFacts, Letter, PassFacts, ReceiptFacts, Version } from './history.ts'
import type { Timeline } from './timeline.ts'
import type { Site } from './world-site.ts'

type Open<T> = { -readonly [K in keyof T]: T[K] }

export type OpenInvocation = Open<InvocationFacts> & { told: number[] }

/** One key at one site, as it is known so far. */
interface Shown {
  readonly bySequence: Map<number, Open<Version>>
  top: number | null
}

/** Writes down everything that the checker may know. */
export class Recorder {
  readonly versions: Open<Version>[] = []
  readonly changes: Change[] = []
  readonly deeds: Open<Deed>[] = []
  readonly receipts: ReceiptFacts[] = []
  readonly invocations: OpenInvocation[] = []
  readonly letters: Letter[] = []
  readonly passes: PassFacts[] = []
  requests = 0
  /** Told of each request, and answers with who is told of its end: for stories that show every request. */
  traced: ((invocation: number | null, request: string) => (end: string) => void) | null = null
  /** The invocation whose request is landing right now. */
  acting: OpenInvocation | null = null
  readonly #timeline: Timeline
  readonly #shown = new Map<string, Shown>()

  constructor(timeline: Timeline) {
    this.#timeline = timeline
  }

  /** The version on top; `null` under a delete marker. */
  top(site: string, key: string): Version | null {
    const n = this.#shown.get(`${site} ${key}`)?.top ?? null
    return n === null ? null : this.versions[n]!
  }

  changed(site: Site, change: BucketChange): void {
    const { key } = change
    const shown = this.#shownAt(site, key)
    const before = shown.top
    const held = site.bucket.dump(key)
    let version: Open<Version> | null = null
    shown.top = null
    for (const dumped of held) {
      let known = shown.bySequence.get(dumped.sequence)
      if (known === undefined) {
        known = this.#versionOf(site, dumped)
        shown.bySequence.set(dumped.sequence, known)
        version = known
      } else if (change.kind === 'patched' && dumped.current && version === null) {
        // Changed in place, it is another version to us under the same name: what was there before was not a user's, perhaps.
        known = this.#versionOf(site, dumped)
        shown.bySequence.set(dumped.sequence, known)
        version = known
      }
      if (dumped.current && !dumped.deleteMarker) shown.top = known.n
    }
    const kind = kinds[change.kind]
    if (kind === 'remove-version') version = this.#markGone(shown, held)
    if (kind === 'tags') version = shown.top === null ? null : this.#retagged(shown.top, held)
    const by = this.acting !== null ? 'isobar' : change.by === 'lifecycle' ? 'lifecycle' : 'user'
    const { nowMs: atMs } = this.#timeline
    const invocation = this.acting?.n ?? null
    this.changes.push({
      atMs,
      site: site.id,
      key,
      kind,
      by,
      version: version?.n ?? null,
      before,
      after: shown.top,
      invocation,
    })
  }

  receipt(invocation: number, receipt: Receipt): void {
    const { action, rule, site, key, loser, why } = receipt
    this.receipts.push({ atMs: this.#timeline.nowMs, invocation, action, rule, site, key, loser, why })
  }

  #shownAt(site: Site, key: string): Shown {
    const name = `${site.id} ${key}`
    let shown = this.#shown.get(name)
    if (shown === undefined) this.#shown.set(name, (shown = { bySequence: new Map(), top: null }))
    return shown
  }

  #versionOf(site: Site, dumped: Dumped): Open<Version> {
    const version: Open<Version> = {
      n: this.versions.length,
      site: site.id,
      key: dumped.key,
      sequence: dumped.sequence,
      dateMs: dumped.dateMs,
      id: dumped.id,
      bornAtMs: this.#timeline.nowMs,
      marker: dumped.deleteMarker,
      inParts: dumped.inParts,
      by: this.acting === null ? 'user' : 'isobar',
      body: textOf(dumped.body),
      goneAtMs: null,
      ...described(dumped),
    }
    this.versions.push(version)
    return version
  }

  #markGone(shown: Shown, held: readonly Dumped[]): Open<Version> | null {
    for (const [sequence, version] of shown.bySequence) {
      if (version.goneAtMs !== null) continue
      const there = held.find((dumped) => dumped.sequence === sequence)
      if (there !== undefined && !there.softDeleted) continue
      version.goneAtMs = this.#timeline.nowMs
      return version
    }
    return null
  }

  #retagged(top: number, held: readonly Dumped[]): Open<Version> {
    const version = this.versions[top]!
    const dumped = held.find(({ sequence }) => sequence === version.sequence)
    if (dumped !== undefined) version.tags = spelt(dumped.tags)
    return version
  }
}

const kinds: Readonly<Record<BucketChange['kind'], Change['kind']>> = {
  put: 'put',
  delete: 'delete',
  'delete-marker': 'delete',
  'removed-version': 'remove-version',
  patched: 'patch',
  tags: 'tags',
}

function described(dumped: Dumped): Pick<Version, 'properties' | 'tags' | 'mark' | 'entry'> {
  const { [groupEntry]: group, [routeEntry]: route, ...metadata } = dumped.metadata
  const entry = group !== undefined ? 'group' : route !== undefined ? 'route' : null
  return {
    properties: `${spelt(dumped.headers)} ${spelt(metadata)}`,
    tags: spelt(dumped.tags),
    mark: group ?? route ?? null,
    entry,
  }
}

/** One spelling for the same entries in any order. */
function spelt(entries: object): string {
  const names = Object.keys(entries)
  if (names.length === 0) return ''
  return names
    .toSorted()
    .map((name) => `${name}=${String((entries as Record<string, unknown>)[name])}`)
    .join(',')
}
