/** A world as data: all that will be tried in it. The same plan always gives the same run; a shrunk plan is a smaller list. */
export interface Plan {
  readonly seed: number
  readonly world: WorldName
  /** No event is lost, nothing is reconciled: events alone must suffice. */
  readonly eventsOnly: boolean
  readonly sites: readonly SitePlan[]
  readonly rules: readonly RulePlan[]
  readonly keys: readonly string[]
  readonly acts: readonly Act[]
  readonly faults: readonly Fault[]
  readonly timers: readonly Timer[]
  readonly rollout: Rollout | null
  /** No request lands later than this after it was sent, and no message comes back sooner. */
  readonly landMs: number
}

export type WorldName =
  | 'weather' // a little of everything
  | 'races' // users who answer at once
  | 'skew' // clocks up to a minute apart
  | 'late' // requests that land up to 50 s after they were sent
  | 'lives' // short lives, repeated events
  | 'second' // many acts in one second
  | 'copies' // users who copy, restore, change and forge replicas
  | 'large' // objects in parts
  | 'restores' // users who restore the same bytes all the time
  | 'join' // a site joins with data in it
  | 'retire' // a site leaves
  | 'rollout' // two versions of code and configuration at once
  | 'routes' // routes, chains, trees
  | 'feeds' // a group that feeds a route, a route into a group
  | 'hung' // one target answers nothing
  | 'bare' // a member that keeps no versions, though a group needs them
  | 'tags' // tags and metadata changed in place
  | 'calm' // nothing fails

export type Cloud = 's3' | 'azure' | 'gcs'

export interface SitePlan {
  readonly id: string
  readonly cloud: Cloud
  readonly versioned: boolean
  /** How far its clock is off. */
  readonly skewMs: number
  /** One way. */
  readonly latencyMs: number
  /** When it joined, in a world's time; what lies in it from before may be adopted. `null`: there from the start. */
  readonly joinedAtMs: number | null
  /** From this moment on it is retired; `null`: never. */
  readonly retiresAtMs: number | null
  /** Our functions write here from an account of their own, whose events the rule filters. */
  readonly ownAccount: boolean
  /** One write a second and name. */
  readonly paced: boolean
}

export type RulePlan = GroupPlan | RoutePlan

export interface GroupPlan {
  readonly kind: 'group'
  readonly id: string
  readonly among: readonly string[]
  readonly prefix: string
}

export interface RoutePlan {
  readonly kind: 'route'
  readonly id: string
  readonly from: string
  readonly to: readonly string[]
  readonly prefix: string
  readonly rename: { readonly from: string; readonly to: string } | null
  /** Only what carries this tag. */
  readonly tag: 'kind=hot' | null
  readonly deletes: boolean | 'seen'
  readonly foreign: 'leave' | 'replace'
}

/** Up to 64 bytes go as one blind write; up to 128 as one write; above, in parts. */
export type Size = 'small' | 'middling' | 'large'

/** What a user tries. Its id stands in the bytes that it writes, so that they name their act for ever. */
export type Act = ActAt &
  (
    | { readonly kind: 'write'; readonly size: Size; readonly tags: boolean; readonly headers: boolean }
    /** Reads, thinks, writes over what was read. */
    | { readonly kind: 'overwrite'; readonly size: Size; readonly thinkMs: number }
    | { readonly kind: 'delete' }
    | { readonly kind: 'undelete' }
    /** Copies an older version over the key, metadata and all: the `depth`-th below the top. */
    | { readonly kind: 'restore'; readonly depth: number }
    /** Copies what shows to another key, metadata and all. */
    | { readonly kind: 'copy'; readonly to: string }
    /** Changes what shows and keeps the rest, the mark included. */
    | { readonly kind: 'tamper'; readonly what: 'bytes' | 'metadata' }
    /** Writes new bytes under a well-made mark that claims a date far in the future. */
    | { readonly kind: 'forge' }
    /** An upload in parts that takes its time. */
    | { readonly kind: 'upload'; readonly forMs: number; readonly size: Size }
    /** Changes metadata in place, in the way of the store. */
    | { readonly kind: 'patch' }
    /** Changes the tags of what shows, in place. */
    | { readonly kind: 'tag' }
    /** Acts on a replica of another act's bytes the moment it arrives here. */
    | { readonly kind: 'react'; readonly to: number; readonly delayMs: number; readonly how: 'overwrite' | 'delete' }
    /** Lies in the bucket before the world begins; the same `twin` means the same bytes at several sites. */
    | { readonly kind: 'found'; readonly twin: number; readonly parts: boolean }
  )

interface ActAt {
  readonly id: number
  readonly atMs: number
  readonly site: string
  readonly key: string
}

/** What goes wrong. Those with a `count` strike the next requests or events that fit. */
export type Fault = { readonly id: number; readonly atMs: number } & (
  | RequestFault
  | WindowFault
  | EventFault
  | Kill
  | Poison
)

export interface RequestFault {
  readonly kind:
    | 'lost-request'
    | 'lost-answer'
    | 'late-request'
    | 'race'
    | 'throttle'
    | 'flip-read'
    | 'flip-write'
    | 'broken-read'
  readonly site: string
  readonly count: number
  /** How late it lands, for `late-request`; when the connection is reset, for what is lost. */
  readonly ms: number
  /** Otherwise the caller hears nothing until it gives up. */
  readonly reset: boolean
}

export interface WindowFault {
  /** `outage`: refuses at once or hangs. `partition`: from one cloud's functions alone. `slow`: every request. `congested`: writes alone. `denied`: the permission is gone. */
  readonly kind: 'outage' | 'partition' | 'slow' | 'congested' | 'denied'
  readonly site: string
  /** Whose functions meet it; `null`: anybody's. A `partition` always names one. */
  readonly cloud: string | null
  readonly forMs: number
  readonly hang: boolean
  readonly ms: number
}

export interface EventFault {
  readonly kind: 'event-lost' | 'event-twice' | 'event-late' | 'message-twice'
  readonly site: string
  readonly count: number
  readonly ms: number
}

/** A function of this site's cloud dies at its `after`-th call from now on, of this verb or of any; `get pinned`, `pass head` are finer names. */
export interface Kill {
  readonly kind: 'kill'
  readonly site: string
  readonly verb: string | null
  readonly after: number
  /** Whether the request was sent: then it still lands. */
  readonly sent: boolean
}

export interface Poison {
  readonly kind: 'poison'
  readonly site: string
  readonly what: 'rule' | 'route'
}

/** A pass over a rule, begun by a timer while the world is still at it. */
export interface Timer {
  readonly atMs: number
  readonly site: string
  readonly rule: string
  readonly deep: boolean
}

/** From `atMs` on new processes run the new version; processes that are warm keep the old one until `untilMs`. */
export interface Rollout {
  readonly atMs: number
  readonly untilMs: number
  readonly what: 'parts' | 'mark'
}
