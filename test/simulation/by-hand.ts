import { startMs } from './epoch.ts'
import type { Change, Deed, History, InvocationFacts, PassFacts, Version } from './history.ts'

type Open<T> = { -readonly [K in keyof T]: T[K] }

interface Writing {
  readonly body: string
  readonly properties?: string
  readonly tags?: string
  /** Its own date; by default the moment. */
  readonly dateMs?: number
  readonly id?: string
}

/** A history written by hand, a deed at a time: two equals, `a` and `b`, and a vault that a route fills from `a`. */
export class ByHand {
  readonly #versions: Open<Version>[] = []
  readonly #changes: Change[] = []
  readonly #deeds: Deed[] = []
  readonly #invocations: Open<InvocationFacts>[] = []
  readonly #tops = new Map<string, number>()
  readonly #more: Partial<Open<History>> = {}
  #nowMs = 0

  at(ms: number): this {
    this.#nowMs = ms
    return this
  }

  with(more: Partial<History>): this {
    Object.assign(this.#more, more)
    return this
  }

  userWrites(site: string, writing: Writing, key = 'g/k'): Version {
    const showed = this.#tops.get(`${site} ${key}`) ?? null
    const version = this.#place(site, key, { ...writing, by: 'user', mark: null, entry: null }, null)
    this.#deeds.push(this.#deed('write', site, key, showed, { wrote: version.n }))
    return version
  }

  userDeletes(site: string, key = 'g/k'): void {
    const showed = this.#tops.get(`${site} ${key}`) ?? null
    this.#remove(site, key, 'user', null)
    this.#deeds.push(this.#deed('delete', site, key, showed, { deleted: true }))
  }

  /** Our copy of a version; with other bytes than it has, if the history wants that. */
  weCopy(
    to: string,
    of: Version,
    options: Partial<Writing> & {
      readonly told?: boolean
      readonly entry?: 'group' | 'route'
      readonly key?: string
      /** When its function began, and what it had seen was still there. */
      readonly beganMs?: number
    } = {},
  ): Version {
    const { entry = 'group', key = of.key, id, beganMs = this.#nowMs } = options
    const mark = `1;0;${of.dateMs.toString(36)};${of.site};${of.id};key;ncontent;properties;w;nonce;o`
    const invocation = this.#invocation(options.told ?? true)
    this.#invocations[invocation]!.startedAtMs = beganMs
    const { body, properties, tags } = { ...of, ...options }
    return this.#place(to, key, { body, properties, tags, ...(id && { id }), by: 'isobar', mark, entry }, invocation)
  }

  weDelete(site: string, key = 'g/k', { beganMs = this.#nowMs }: { readonly beganMs?: number } = {}): void {
    const invocation = this.#invocation(true)
    this.#invocations[invocation]!.startedAtMs = beganMs
    this.#remove(site, key, 'isobar', invocation)
  }

  weReport(site: string, loser: Version): this {
    const { timeMs, origin, id } = { timeMs: loser.dateMs, origin: loser.site, id: loser.id }
    return this.with({
      receipts: [
        ...(this.#more.receipts ?? []),
        {
          atMs: this.#nowMs,
          invocation: this.#invocations.length - 1,
          action: 'conflict',
          rule: 'equals',
          site,
          key: loser.key,
          loser: { timeMs, origin, id },
          why: 'by hand',
        },
      ],
    })
  }

  /** The version is no longer there. */
  vanishes(version: Version): void {
    this.#versions[version.n]!.goneAtMs = this.#nowMs
  }

  invocation(facts: Partial<InvocationFacts>): this {
    this.#invocation(true)
    Object.assign(this.#invocations.at(-1)!, facts)
    return this
  }

  passes(name: PassFacts['name'], from: number, to: number): PassFacts {
    return { name, rule: 'equals', whole: true, restedAtMs: this.#nowMs, changesFrom: from, changesTo: to }
  }

  get changesSoFar(): number {
    return this.#changes.length
  }

  history(): History {
    const site = (id: string): History['sites'][number] => ({
      id,
      keeps: id === 'vault' ? 'none' : 'kept',
      equalBytesEqualEtag: false,
      datesByBeginning: false,
      joinedMs: null,
      joinedAtMs: null,
      retiredAtMs: null,
    })
    return {
      sites: ['a', 'b', 'vault'].map(site),
      rules: [
        { kind: 'group', id: 'equals', among: ['a', 'b'], prefix: 'g/' },
        {
          kind: 'route',
          id: 'safe',
          from: 'a',
          to: ['vault'],
          prefix: 'r/',
          rename: null,
          tag: null,
          deletes: true,
          foreign: 'leave',
        },
      ],
      deeds: this.#deeds,
      versions: this.#versions,
      changes: this.#changes,
      receipts: [],
      invocations: this.#invocations,
      letters: [],
      passes: [],
      ill: null,
      rest: {
        healedAtMs: this.#nowMs,
        quietAtMs: this.#nowMs,
        requests: 0,
        eventsOnly: false,
        poisonSent: 0,
        landMs: 0,
      },
      ...this.#more,
    }
  }

  #deed(kind: string, site: string, key: string, showed: number | null, more: Partial<Deed>): Deed {
    const atMs = this.#nowMs
    return {
      act: this.#deeds.length,
      kind,
      site,
      key,
      atMs,
      sinceMs: atMs,
      showed,
      wrote: null,
      deleted: false,
      uncovered: false,
      ...more,
    }
  }

  #invocation(told: boolean): number {
    const n = this.#invocations.length
    this.#invocations.push({
      n,
      cloud: 'a',
      what: 'by hand',
      startedAtMs: this.#nowMs,
      endedAtMs: this.#nowMs,
      end: 'done',
      requests: 1,
      width: 1,
      told: told ? [this.#changes.length] : [],
      error: null,
      keptParts: 0,
    })
    return n
  }

  #place(
    site: string,
    key: string,
    writing: Partial<Writing> & Pick<Version, 'by' | 'mark' | 'entry'>,
    invocation: number | null,
  ): Version {
    const n = this.#versions.length
    const {
      body = '',
      properties = '',
      tags = '',
      dateMs = startMs + this.#nowMs,
      id = `id${n}`,
      by,
      mark,
      entry,
    } = writing
    const version = {
      n,
      site,
      key,
      sequence: n,
      dateMs,
      id,
      bornAtMs: this.#nowMs,
      marker: false,
      inParts: false,
      by,
      body,
      properties,
      tags,
      mark,
      entry,
      goneAtMs: null,
    }
    this.#versions.push(version)
    const before = this.#tops.get(`${site} ${key}`) ?? null
    this.#tops.set(`${site} ${key}`, n)
    this.#changes.push({ atMs: this.#nowMs, site, key, kind: 'put', by, version: n, before, after: n, invocation })
    return version
  }

  #remove(site: string, key: string, by: Change['by'], invocation: number | null): void {
    const before = this.#tops.get(`${site} ${key}`) ?? null
    this.#tops.delete(`${site} ${key}`)
    this.#changes.push({
      atMs: this.#nowMs,
      site,
      key,
      kind: 'delete',
      by,
      version: null,
      before,
      after: null,
      invocation,
    })
  }
}
