import type { SiteId } from './ids.ts'

/**
 * What can go wrong, classified once at the driver's edge.
 * `conflict`: a condition did not hold; an outcome to look at, not an error.
 * `unknown`: a write was sent and its answer lost; only who knows stamps may read back and tell.
 */
export type FailureKind =
  | 'absent'
  | 'conflict'
  | 'unknown'
  | 'denied'
  | 'throttled'
  | 'unreachable'
  | 'corrupt'
  | 'invalid'

/** Whether the trouble is this one object's (a lease, a hold, an archive tier) or the whole site's. */
export type FailureScope = 'key' | 'site'

/** `soon`: look again in this invocation. `later`: the queue brings it back, uncounted. `never`: a person must act. */
export type Patience = 'soon' | 'later' | 'never'

/** The one retry table. Nothing else in Isobar decides whether a failure is tried again. */
const patience: Readonly<Record<FailureKind, Readonly<Record<FailureScope, Patience>>>> = {
  absent: { key: 'soon', site: 'later' },
  conflict: { key: 'soon', site: 'soon' },
  unknown: { key: 'soon', site: 'soon' },
  corrupt: { key: 'soon', site: 'soon' },
  denied: { key: 'never', site: 'later' },
  throttled: { key: 'later', site: 'later' },
  unreachable: { key: 'later', site: 'later' },
  invalid: { key: 'never', site: 'never' },
}

export interface FailureDetails {
  readonly site?: SiteId
  readonly scope?: FailureScope
  readonly cause?: unknown
}

/** The only error that crosses a port. Its message says what failed, where, and what was expected. */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly kind: FailureKind
  readonly scope: FailureScope
  readonly site: SiteId | null

  constructor(kind: FailureKind, message: string, details: FailureDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.kind = kind
    this.scope = details.scope ?? (kind === 'denied' || kind === 'unreachable' || kind === 'throttled' ? 'site' : 'key')
    this.site = details.site ?? null
  }

  get patience(): Patience {
    return patience[this.kind][this.scope]
  }
}

/** Takes what was thrown as a `Failure`; anything else is a defect of ours and goes on its way untouched. */
export function asFailure(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown
  throw thrown
}
