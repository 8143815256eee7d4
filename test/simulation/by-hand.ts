import {
  changeFacts,
  type Copying,
  deedFacts,
  type Doing,
  invocationFacts,
  ruleFacts,
  siteFacts,
  versionFacts,
  type Writing,
} from './by-hand-facts.ts'
import { startMs } from './epoch.ts'
import type { Change, Deed, History, InvocationFacts, PassFacts, ReceiptFacts, SiteFacts, Version } from './history.ts'

type Open<T> = { -readonly [K in keyof T]: T[K] }

/** A history written by hand, a deed at a time: two equals, `a` and `b`, and a vault that a route fills from `a`. */
export class ByHand {
  readonly #versions: Open<Version>[] = []
  readonly #changes: Change[] = []
  readonly #deeds: Deed[] = []
  readonly #receipts: ReceiptFacts[] = []
  readonly #invocations: Open<InvocationFacts>[] = []
  readonly #tops = new Map<string, number>()
  readonly #sites = new Map(['a', 'b', 'c', 'vault'].map((id) => [id, siteFacts(id)]))
  readonly #among: readonly string[]
  #more: Partial<History> = {}
  #nowMs = 0

  constructor(among: readonly string[] = ['a', 'b']) {
    this.#among = among
  }

  at(ms: number): this {
    this.#nowMs = ms
    return this
  }

  with(more: Partial<History>): this {
    this.#more = { ...this.#more, ...more }
    return this
  }

  site(id: string, facts: Partial<SiteFacts>): this {
    this.#sites.set(id, { ...this.#sites.get(id)!, ...facts })
    return this
  }

  /** In true time and, with no skew by hand, by its own clock. */
  joins(site: string, atMs: number): this {
    return this.site(site, { joinedAtMs: atMs, joinedMs: startMs + atMs })
  }

  /** What buries an upload came after its user had looked. */
  userWrites(site: string, writing: Writing, key = 'g/k'): Version {
    const showed = writing.buried === true ? null : this.#top(site, key)
    const version = this.#place(site, key, 'user', writing, null)
    this.#deed('write', site, key, showed, { wrote: version.n })
    return version
  }

  /** `marker`: the deletion leaves one. */
  userDeletes(site: string, key = 'g/k', { marker = false }: { readonly marker?: boolean } = {}): void {
    const showed = this.#top(site, key)
    this.#remove(site, key, 'user', null)
    if (marker) this.#version({ site, key, by: 'user', dateMs: startMs + this.#nowMs, marker })
    this.#deed('delete', site, key, showed, { deleted: true })
  }

  /** Of what shows, in the way of the store: the same version under the same name and date. */
  userPatches(version: Version, properties: string): Version {
    const { site, key, n } = version
    const patched = this.#version({ ...version, by: 'user', properties })
    this.#tops.set(`${site} ${key}`, patched.n)
    this.#change({ site, key, kind: 'patch', by: 'user', version: patched.n, before: n, after: patched.n })
    this.#deed('patch', site, key, n, { wrote: patched.n })
    return patched
  }

  /** Of what shows. */
  userTags({ site, key, n }: Version, tags: string): this {
    this.#versions[n]!.tags = tags
    this.#change({ site, key, kind: 'tags', by: 'user', version: n, before: n, after: n })
    this.#deed('tag', site, key, n, {})
    return this
  }

  /** Removes the marker of a deletion, and what it covered shows again. */
  userUncovers(version: Version): void {
    const { site, key, n } = version
    this.#tops.set(`${site} ${key}`, n)
    this.#change({ site, key, kind: 'remove-version', by: 'user', before: null, after: n })
    this.#deed('undelete', site, key, null, { uncovered: true })
  }

  /** A version is removed for good, and what lay below it shows. */
  isTakenAway(version: Version, below: Version, by: Change['by'] = 'lifecycle'): void {
    const { site, key, n } = version
    this.#tops.set(`${site} ${key}`, below.n)
    this.#change({ site, key, kind: 'remove-version', by, version: n, before: n, after: below.n })
  }

  /** Our copy of a version; with other bytes than it has, if the history wants that. */
  weCopy(to: string, of: Version, options: Copying = {}): Version {
    const { entry = 'group', key = of.key, id, onto = 'over' } = options
    const named = `1;0;${of.dateMs.toString(36)};${of.site};${of.id};key;ncontent;properties;w;nonce;${onto[0]}`
    const { mark, body, properties, tags } = { ...of, mark: named, ...options }
    const writing = { body, properties, tags, ...(id !== undefined && { id }), mark, entry }
    return this.#place(to, key, 'isobar', writing, this.#invocation(options))
  }

  /** Written over the key again as a user's, with no mark. */
  weLift(of: Version, options: Partial<Writing> & Doing = {}): Version {
    const { body, properties, tags } = { ...of, ...options }
    const { dateMs = startMs + this.#nowMs, id } = options
    const writing = { body, properties, tags, dateMs, ...(id !== undefined && { id }) }
    return this.#place(of.site, of.key, 'isobar', writing, this.#invocation(options))
  }

  weDelete(site: string, key = 'g/k', doing: Doing = {}): void {
    this.#remove(site, key, 'isobar', this.#invocation(doing))
  }

  weReport(site: string, { dateMs: timeMs, site: origin, id, key }: Version, more: Partial<ReceiptFacts> = {}): this {
    this.#receipts.push({
      atMs: this.#nowMs,
      invocation: this.#invocations.length - 1,
      action: 'conflict',
      rule: 'equals',
      site,
      key,
      loser: { timeMs, origin, id },
      why: 'by hand',
      ...more,
    })
    return this
  }

  /** The version is no longer there. */
  vanishes(version: Version): void {
    this.#versions[version.n]!.goneAtMs = this.#nowMs
  }

  /** An invocation of which only this is known, or more of the last one. */
  invocation(facts: Partial<InvocationFacts>): this {
    this.#invocation({})
    return this.lastInvocation(facts)
  }

  lastInvocation(facts: Partial<InvocationFacts>): this {
    Object.assign(this.#invocations.at(-1)!, facts)
    return this
  }

  /** A pass that ends now and began before the change of that number. */
  passes(name: PassFacts['name'], from: number = this.changesSoFar, more: Partial<PassFacts> = {}): this {
    const pass = { name, rule: 'equals', whole: true, restedAtMs: this.#nowMs, changesFrom: from, ...more }
    return this.with({ passes: [...(this.#more.passes ?? []), { changesTo: this.changesSoFar, ...pass }] })
  }

  get changesSoFar(): number {
    return this.#changes.length
  }

  history(more: Partial<History> = {}): History {
    const rest = { healedAtMs: this.#nowMs, quietAtMs: this.#nowMs, requests: 0 }
    return {
      sites: [...this.#sites.values()],
      rules: ruleFacts(this.#among),
      deeds: this.#deeds,
      versions: this.#versions,
      changes: this.#changes,
      receipts: this.#receipts,
      invocations: this.#invocations,
      letters: [],
      passes: [],
      ill: null,
      rest: { ...rest, eventsOnly: false, poisonSent: 0, landMs: 0 },
      ...this.#more,
      ...more,
    }
  }

  #top(site: string, key: string): number | null {
    return this.#tops.get(`${site} ${key}`) ?? null
  }

  #deed(kind: string, site: string, key: string, showed: number | null, more: Partial<Deed>): void {
    this.#deeds.push(deedFacts({ act: this.#deeds.length, kind, site, key, atMs: this.#nowMs, showed, ...more }))
  }

  /** It is told of the change that comes next. */
  #invocation({ told = true, beganMs = this.#nowMs, cloud = 'a' }: Doing): number {
    const n = this.#invocations.length
    const facts = invocationFacts({ n, startedAtMs: beganMs })
    this.#invocations.push({ ...facts, endedAtMs: this.#nowMs, cloud, told: told ? [this.changesSoFar] : [] })
    return n
  }

  #version(facts: Omit<Parameters<typeof versionFacts>[0], 'n' | 'bornAtMs'>): Version {
    const version = versionFacts({ ...facts, n: this.#versions.length, bornAtMs: this.#nowMs })
    this.#versions.push(version)
    return version
  }

  #place(
    site: string,
    key: string,
    by: 'user' | 'isobar',
    { buried = false, ...writing }: Partial<Writing & Pick<Version, 'mark' | 'entry'>>,
    invocation: number | null,
  ): Version {
    const version = this.#version({ dateMs: startMs + this.#nowMs, ...writing, site, key, by })
    const before = this.#top(site, key)
    const after = buried ? before : version.n
    if (after !== null) this.#tops.set(`${site} ${key}`, after)
    this.#change({ site, key, kind: 'put', by, version: version.n, before, after, invocation })
    return version
  }

  #remove(site: string, key: string, by: Change['by'], invocation: number | null): void {
    const before = this.#top(site, key)
    this.#tops.delete(`${site} ${key}`)
    this.#change({ site, key, kind: 'delete', by, before, invocation })
  }

  #change(facts: Omit<Parameters<typeof changeFacts>[0], 'atMs'>): void {
    this.#changes.push(changeFacts({ ...facts, atMs: this.#nowMs }))
  }
}
