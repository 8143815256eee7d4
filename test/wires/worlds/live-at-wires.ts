import type { Hashing } from '#shared/kernel/digest.ts'
import type { Plan } from '#test/simulation/plan.ts'
import { live, type Lived, type RequestLine } from '#test/simulation/simulate.ts'
import type { Across } from './across.ts'
import { WiredGround } from './wired-ground.ts'

export interface LivedAtWires extends Lived {
  /** Asked of the drivers, each perhaps several on the wire. */
  readonly asked: number
  /** Of those, by processes that died with them. */
  readonly last: number
}

/** Lives through a plan at embedded clouds and judges it. To be called outside microtasks alone. */
export function liveAtWires(
  plan: Plan,
  across: Across,
  hashing: Hashing,
  requests: RequestLine[] | null = null,
): LivedAtWires {
  const ground = new WiredGround(plan, across, hashing)
  try {
    const lived = live(plan, { ...(requests !== null && { requests }), ground })
    const defects = ground.defects.map((what) => ({ law: 0 as const, key: null, site: null, atMs: null, what }))
    return {
      ...lived,
      violations: [...defects, ...lived.violations],
      asked: ground.requests,
      last: ground.lastRequests,
    }
  } finally {
    ground.close()
  }
}
