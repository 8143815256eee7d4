import { comparePlaces, type Place, placeOf, type Worth } from './checker-order.ts'
import type { Change, Deed, History, RuleFacts, SiteFacts, Version } from './history.ts'

/** An event is worked on within this time, or only looked into. */
const freshMs = 12_000

export type GroupFacts = Extract<RuleFacts, { kind: 'group' }>

/** One key of one group: what users wrote and deleted, worked out from their deeds and the stores alone. */
export class KeyFacts {
  readonly history: History
  readonly group: GroupFacts
  readonly key: string
  readonly versions: readonly Version[]
  readonly changes: readonly Change[]
  readonly deeds: readonly Deed[]
  /** Users' versions, and those that stand for one: lifted, or brought by a route. */
  readonly natives: readonly Version[]
  readonly members: readonly string[]
  readonly #sites: ReadonlyMap<string, SiteFacts>
  readonly #shown: ReadonlySet<number>
  readonly #origins = new Map<number, Version | null>()

  constructor(history: History, group: GroupFacts, key: string, sites: ReadonlyMap<string, SiteFacts>) {
    this.history = history
    this.group = group
    this.key = key
    this.#sites = sites
    const here = new Set(group.among)
    this.versions = history.versions.filter((version) => version.key === key && here.has(version.site))
    this.changes = history.changes.filter((change) => change.key === key && here.has(change.site))
    this.deeds = [
      ...history.deeds.filter((deed) => deed.key === key && here.has(deed.site)),
      ...this.#removedByRoutes(here),
    ]
    this.natives = this.versions.filter((version) => !version.marker && isNative(version))
    this.members = group.among.filter((id) => isEqual(sites.get(id)))
    this.#shown = new Set(this.changes.flatMap(({ after }) => (after === null ? [] : [after])))
  }

  /** What a route removes in a group is removed for the group as if by a user. Routes into a group run in a cloud that is none of its members. */
  #removedByRoutes(here: ReadonlySet<string>): readonly Deed[] {
    return this.changes.flatMap((change) => {
      const cloud =
        change.kind === 'delete' && change.invocation !== null
          ? this.history.invocations[change.invocation]!.cloud
          : null
      if (cloud === null || here.has(cloud)) return []
      const { site, key, atMs, before } = change
      return [
        {
          act: -1,
          kind: 'route',
          site,
          key,
          atMs,
          sinceMs: atMs,
          showed: before,
          wrote: null,
          deleted: true,
          uncovered: false,
        },
      ]
    })
  }

  site(id: string): SiteFacts {
    return this.#sites.get(id)!
  }

  version(n: number | null): Version | null {
    return n === null ? null : this.history.versions[n]!
  }

  /** Whether anybody could ever see it: an upload dated by its beginning may be born behind a newer version. */
  wasShown(version: Version): boolean {
    return this.#shown.has(version.n)
  }

  /** What a site shows in the end. */
  top(site: string): Version | null {
    return this.version(this.changes.findLast((change) => change.site === site)?.after ?? null)
  }

  /** The user's version that a version is, or is a copy of; `null` for bytes that nobody wrote. */
  origin(version: Version): Version | null {
    if (isNative(version)) return version
    const known = this.#origins.get(version.n)
    if (known !== undefined) return known
    const origin = this.#findOrigin(version)
    this.#origins.set(version.n, origin)
    return origin
  }

  place(version: Version): Place | null {
    const origin = this.origin(version)
    return origin === null ? null : placeOf(origin)
  }

  /** Of several with the same bytes the one that the mark names, the latest where a store names equal bytes of one second alike; where it names none of them, the latest that can have been copied. */
  #findOrigin(version: Version): Version | null {
    const alike = this.natives.filter((native) => sameContent(native, version) && native.bornAtMs <= version.bornAtMs)
    if (alike.length < 2) return alike[0] ?? null
    const named = namedBy(version.mark)
    const found = alike.findLast(
      (native) => native.site === named?.site && native.dateMs === named.timeMs && native.id === named.id,
    )
    return found ?? alike.reduce((a, b) => (comparePlaces(placeOf(a), placeOf(b)) < 0 ? b : a))
  }

  /** What a deletion by a user is worth: the stamp of what it deleted. */
  worthOfDeletion(deed: Deed): Worth | null {
    const showed = this.version(deed.showed)
    const origin = showed === null ? null : this.origin(showed)
    if (showed === null || origin === null) return null
    const twins = this.isOlderThanJoining(showed)
      ? this.natives.filter(
          (native) => sameContent(native, showed) && native.bornAtMs < deed.atMs && this.isAdoptable(showed, native),
        )
      : []
    const greatest = [origin, ...twins].reduce((a, b) => (comparePlaces(placeOf(a), placeOf(b)) < 0 ? b : a))
    return { dead: true, place: placeOf(greatest), version: greatest }
  }

  /** Only what was written before the site joined can have been there already. */
  isAdoptable(there: Version, copy: Version): boolean {
    const origin = this.origin(copy)
    return origin !== null && origin.dateMs < this.site(there.site).joinedMs!
  }

  /** Written so long before the site joined that its event was worked on before, too. */
  isLongThere(there: Version, copy: Version): boolean {
    const origin = this.origin(copy)
    const { joinedAtMs } = this.site(there.site)
    return (
      origin !== null && joinedAtMs !== null && this.isAdoptable(there, copy) && origin.bornAtMs < joinedAtMs - freshMs
    )
  }

  /** It lay in its bucket before that bucket joined: equal to the winner, it counts as a copy of it. */
  isOlderThanJoining(version: Version): boolean {
    const { joinedMs } = this.site(version.site)
    return joinedMs !== null && version.by === 'user' && version.dateMs < joinedMs
  }
}

/** Who is still there, and keeps versions: nothing is settled with anybody else. */
function isEqual(site: SiteFacts | undefined): boolean {
  return site !== undefined && site.retiredAtMs === null && site.keeps !== 'none'
}

/** A version that is news in a group: everything but what our group protocol wrote with its mark. */
export function isNative(version: Version): boolean {
  return version.by === 'user' || version.entry !== 'group'
}

/** Bytes, headers and user metadata. */
export function sameContent(a: Version, b: Version): boolean {
  return a.body === b.body && a.properties === b.properties
}

/** Whether a copy says that it was written over something: nobody looks below it. */
export function saysOver(version: Version): boolean {
  return version.entry === 'group' && (version.mark ?? '').split(';')[10] === 'o'
}

/** What a mark says of its original, read here by its documented order of fields alone. */
export function namedBy(
  mark: string | null,
): { readonly timeMs: number; readonly site: string; readonly id: string } | null {
  const [, , time, site, id] = (mark ?? '').split(';')
  if (time === undefined || site === undefined || id === undefined) return null
  return { timeMs: parseInt(time, 36), site, id }
}
