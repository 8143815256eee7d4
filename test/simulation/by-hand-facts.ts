import type { Change, Deed, History, InvocationFacts, SiteFacts, Version } from './history.ts'

export interface Writing {
  readonly body: string
  readonly properties?: string
  readonly tags?: string
  /** Its own date; by default the moment. */
  readonly dateMs?: number
  readonly id?: string
  readonly inParts?: boolean
  /** Born behind what shows: nobody sees it. */
  readonly buried?: boolean
  /** Which entry carries a mark that came along. */
  readonly entry?: 'group' | 'route'
}

/** How a function of ours did something. */
export interface Doing {
  readonly told?: boolean
  /** When it began, and what it had seen was still there. */
  readonly beganMs?: number
  /** Whose functions did it. */
  readonly cloud?: string
}

export interface Copying extends Partial<Writing>, Doing {
  readonly key?: string
  readonly mark?: string
  readonly onto?: 'absent' | 'over'
}

/** What a history written by hand says of a thing where it says nothing else. */
export function siteFacts(id: string): SiteFacts {
  return {
    id,
    keeps: id === 'vault' ? 'none' : 'kept',
    equalBytesEqualEtag: false,
    datesByBeginning: false,
    joinedMs: null,
    joinedAtMs: null,
    retiredAtMs: null,
  }
}

export function ruleFacts(among: readonly string[]): History['rules'] {
  return [
    { kind: 'group', id: 'equals', among, prefix: 'g/' },
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
  ]
}

export function deedFacts(more: Pick<Deed, 'act' | 'kind' | 'site' | 'key' | 'atMs' | 'showed'> & Partial<Deed>): Deed {
  return { sinceMs: more.atMs, wrote: null, deleted: false, uncovered: false, ...more }
}

export function invocationFacts(more: Pick<InvocationFacts, 'n' | 'startedAtMs'>): InvocationFacts {
  return {
    cloud: 'a',
    what: 'by hand',
    endedAtMs: more.startedAtMs,
    end: 'done',
    requests: 1,
    width: 1,
    told: [],
    error: null,
    keptParts: 0,
    ...more,
  }
}

export function versionFacts(
  more: Pick<Version, 'n' | 'site' | 'key' | 'dateMs' | 'bornAtMs' | 'by'> & Partial<Version>,
): Version {
  return {
    sequence: more.n,
    id: `id${more.n}`,
    marker: false,
    inParts: false,
    body: '',
    properties: '',
    tags: '',
    mark: null,
    entry: null,
    goneAtMs: null,
    ...more,
  }
}

export function changeFacts(more: Pick<Change, 'atMs' | 'site' | 'key' | 'kind' | 'by'> & Partial<Change>): Change {
  return { version: null, before: null, after: null, invocation: null, ...more }
}
