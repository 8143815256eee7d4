import { headerRefused, Refusal } from './errors.ts'

export interface Lease {
  readonly id: string
  /** `null`: without end. */
  readonly durationMs: number | null
  readonly sinceMs: number
  /** When somebody broke it, or it will be broken. */
  readonly brokenAtMs: number | null
}

export type LeaseState = 'available' | 'leased' | 'expired' | 'breaking' | 'broken'

export function stateOf(lease: Lease | null, nowMs: number): LeaseState {
  if (lease === null) return 'available'
  if (lease.brokenAtMs !== null) return lease.brokenAtMs > nowMs ? 'breaking' : 'broken'
  return lease.durationMs === null || lease.sinceMs + lease.durationMs > nowMs ? 'leased' : 'expired'
}

export function isHeld(lease: Lease | null, nowMs: number): boolean {
  const state = stateOf(lease, nowMs)
  return state === 'leased' || state === 'breaking'
}

/** What a write must bring while a lease holds; and who brings an id must hold the lease. */
export function checkLease(lease: Lease | null, given: string | undefined, nowMs: number): void {
  const held = isHeld(lease, nowMs)
  if (given === undefined) {
    if (held) throw new Refusal('LeaseIdMissing')
    return
  }
  if (lease === null) throw new Refusal('LeaseNotPresentWithBlobOperation')
  if (lease.id !== given.toLowerCase()) {
    throw new Refusal(held ? 'LeaseIdMismatchWithBlobOperation' : 'LeaseNotPresentWithBlobOperation')
  }
  if (!held) throw new Refusal('LeaseLost')
}

/** A read needs no lease; one that names an id must name the right one. */
export function checkReadLease(lease: Lease | null, given: string | undefined, nowMs: number): void {
  if (given !== undefined) checkLease(lease, given, nowMs)
}

export function acquired(lease: Lease | null, proposed: string, durationMs: number | null, nowMs: number): Lease {
  const state = stateOf(lease, nowMs)
  if (state === 'breaking') throw new Refusal('LeaseIsBreakingAndCannotBeAcquired')
  if (state === 'leased' && lease?.id !== proposed) throw new Refusal('LeaseAlreadyPresent')
  return { id: proposed, durationMs, sinceMs: nowMs, brokenAtMs: null }
}

export function renewed(lease: Lease | null, id: string, nowMs: number): Lease {
  const own = owned(lease, id)
  if (own.brokenAtMs !== null) throw new Refusal('LeaseIsBrokenAndCannotBeRenewed')
  return { ...own, sinceMs: nowMs }
}

export function changed(lease: Lease | null, id: string, proposed: string, nowMs: number): Lease {
  const state = stateOf(lease, nowMs)
  if (lease === null || state === 'expired' || state === 'broken') {
    throw new Refusal('LeaseNotPresentWithLeaseOperation')
  }
  if (state === 'breaking') throw new Refusal('LeaseIsBreakingAndCannotBeChanged')
  // Who changed it already may say so again.
  if (lease.id !== id && lease.id !== proposed) throw new Refusal('LeaseIdMismatchWithLeaseOperation')
  return { ...lease, id: proposed }
}

export function released(lease: Lease | null, id: string): null {
  owned(lease, id)
  return null
}

/** `periodMs`: how long it may still hold; without one, as long as it would have, and a lease without end not at all. */
export function broken(lease: Lease | null, periodMs: number | null, nowMs: number): Lease {
  const state = stateOf(lease, nowMs)
  if (lease === null) throw new Refusal('LeaseNotPresentWithLeaseOperation')
  if (state === 'expired' || state === 'broken') return { ...lease, brokenAtMs: lease.brokenAtMs ?? nowMs }
  const end = lease.brokenAtMs ?? (lease.durationMs === null ? null : lease.sinceMs + lease.durationMs)
  const remainingMs = end === null ? null : end - nowMs
  const waitMs = Math.min(periodMs ?? remainingMs ?? 0, remainingMs ?? Infinity)
  return { ...lease, brokenAtMs: nowMs + waitMs }
}

function owned(lease: Lease | null, id: string): Lease {
  if (lease === null) throw new Refusal('LeaseNotPresentWithLeaseOperation')
  if (lease.id !== id) throw new Refusal('LeaseIdMismatchWithLeaseOperation')
  return lease
}

/** 15 to 60 seconds, or -1 for no end. */
export function durationOf(header: string | undefined): number | null {
  if (header === undefined) throw new Refusal('MissingRequiredHeader', { HeaderName: 'x-ms-lease-duration' })
  if (header === '-1') return null
  const seconds = /^\d{1,4}$/.test(header) ? Number(header) : NaN
  if (!(seconds >= 15 && seconds <= 60)) throw headerRefused('x-ms-lease-duration', header)
  return seconds * 1000
}

export function breakPeriodOf(header: string | undefined): number | null {
  if (header === undefined) return null
  const seconds = /^\d{1,4}$/.test(header) ? Number(header) : NaN
  if (!(seconds >= 0 && seconds <= 60)) throw headerRefused('x-ms-lease-break-period', header)
  return seconds * 1000
}
