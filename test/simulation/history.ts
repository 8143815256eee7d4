/**
 * What is known of a run when it is judged: what users did and what the stores hold and held. Plain data, so that a history can be
 * written by hand; no word of it comes from the code under judgement.
 */
export interface History {
  readonly sites: readonly SiteFacts[]
  readonly rules: readonly RuleFacts[]
  readonly deeds: readonly Deed[]
  /** Every version that ever was, in the order in which they came. */
  readonly versions: readonly Version[]
  /** Every change of what a bucket shows or keeps, in true time. */
  readonly changes: readonly Change[]
  readonly receipts: readonly ReceiptFacts[]
  readonly invocations: readonly InvocationFacts[]
  readonly letters: readonly Letter[]
  readonly passes: readonly PassFacts[]
  /** The one site that is ill where everything else is well. */
  readonly ill: { readonly site: string; readonly fromMs: number; readonly untilMs: number } | null
  readonly rest: Rest
}

export interface SiteFacts {
  readonly id: string
  readonly keeps: 'markers' | 'kept' | 'none'
  /** Two writes of the same bytes cannot be told apart by its conditions. */
  readonly equalBytesEqualEtag: boolean
  readonly datesByBeginning: boolean
  /** By its own clock, and in true time. */
  readonly joinedMs: number | null
  readonly joinedAtMs: number | null
  /** In true time. */
  readonly retiredAtMs: number | null
}

export type RuleFacts =
  | { readonly kind: 'group'; readonly id: string; readonly among: readonly string[]; readonly prefix: string }
  | {
      readonly kind: 'route'
      readonly id: string
      readonly from: string
      readonly to: readonly string[]
      readonly prefix: string
      readonly rename: { readonly from: string; readonly to: string } | null
      /** Only what carries this tag, spelt as versions' tags are. */
      readonly tag: string | null
      readonly deletes: boolean | 'seen'
      readonly foreign: 'leave' | 'replace'
    }

/** One version of one object at one site. */
export interface Version {
  /** Its place in this list. */
  readonly n: number
  readonly site: string
  readonly key: string
  /** Its place in the store's own order. */
  readonly sequence: number
  readonly dateMs: number
  /** What a stamp would call it. */
  readonly id: string
  readonly bornAtMs: number
  readonly marker: boolean
  readonly inParts: boolean
  /** Who wrote it: a user, or our functions. */
  readonly by: 'user' | 'isobar' | 'lifecycle'
  readonly body: string
  /** Headers and user metadata without marks, in one spelling. */
  readonly properties: string
  readonly tags: string
  /** The mark as written, and in which entry. */
  readonly mark: string | null
  readonly entry: 'group' | 'route' | null
  /** Removed for good at that moment. */
  readonly goneAtMs: number | null
}

/** What a user did, as it happened. */
export interface Deed {
  readonly act: number
  readonly kind: string
  readonly site: string
  readonly key: string
  readonly atMs: number
  /** When an upload was begun, an object read; `atMs` otherwise. */
  readonly sinceMs: number
  /** The version that the site showed to the user, by its `n`; `null` for nothing. */
  readonly showed: number | null
  /** What the user was told was stored. */
  readonly wrote: number | null
  readonly deleted: boolean
  /** A delete marker was removed. */
  readonly uncovered: boolean
}

export interface Change {
  readonly atMs: number
  readonly site: string
  readonly key: string
  readonly kind: 'put' | 'delete' | 'remove-version' | 'patch' | 'tags'
  readonly by: 'user' | 'isobar' | 'lifecycle'
  /** The version that came (a delete marker too), was changed or removed. */
  readonly version: number | null
  /** On top before and after, a delete marker counting as nothing. */
  readonly before: number | null
  readonly after: number | null
  /** Our invocation that did it, and whether it was told so. */
  readonly invocation: number | null
}

export interface ReceiptFacts {
  readonly atMs: number
  readonly invocation: number
  readonly action: string
  readonly rule: string
  readonly site: string
  readonly key: string
  readonly loser: { readonly timeMs: number; readonly origin: string; readonly id: string } | null
  readonly why: string
}

export interface InvocationFacts {
  readonly n: number
  readonly cloud: string
  readonly what: string
  readonly startedAtMs: number
  readonly endedAtMs: number | null
  readonly end: 'done' | 'thrown' | 'killed' | 'timeout'
  readonly requests: number
  /** The most requests that were under way at once. */
  readonly width: number
  /** Writes whose answer arrived: changes by this invocation that it was told of. */
  readonly told: readonly number[]
  readonly error: string | null
  /** The most parts of an object that were read between a part's reading and its writing: so many lay in memory. */
  readonly keptParts: number
}

/** A message that its queue gave up. */
export interface Letter {
  readonly atMs: number
  readonly what: string
  readonly poison: 'rule' | 'route' | null
  readonly error: string
}

export interface PassFacts {
  readonly name: 'reconcile' | 'deep' | 'again' | 'again-deep'
  readonly rule: string
  /** Whether it came to its end, however often it had to begin again. */
  readonly whole: boolean
  /** When the pass and all that followed from it had come to rest. */
  readonly restedAtMs: number
  /** The changes that were made from its beginning until then. */
  readonly changesFrom: number
  readonly changesTo: number
}

export interface Rest {
  /** When nothing failed any more. */
  readonly healedAtMs: number
  /** When the last message was gone; `null` if the world never came to rest. */
  readonly quietAtMs: number | null
  readonly requests: number
  readonly eventsOnly: boolean
  readonly poisonSent: number
  readonly landMs: number
}

/** How stories name a version: by its bytes and where it lies. */
export function name(version: Version): string {
  const body = version.marker ? 'a delete marker' : version.body.slice(0, 14).split(' ')[0]!
  const kind = version.by === 'user' ? '' : version.entry === null ? ', lifted' : ', a copy'
  return `${body} (v${version.n} at ${version.site}${kind})`
}
