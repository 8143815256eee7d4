import type { Clock } from '#shared/kernel/clock.ts'
import type { SiteId } from '#shared/kernel/ids.ts'
import type { Breakers } from '#shared/ports/breakers.ts'

export interface BreakerOptions {
  readonly clock: Clock
  /** This many failures of a site, one after another, open its breaker. */
  readonly failures: number
  /** So long nobody asks; then one caller does, and what it finds closes the breaker or opens it again. */
  readonly restMs: number
}

interface State {
  failures: number
  /** Nobody asks before this moment. */
  shutUntil: number
}

export function breakers({ clock, failures, restMs }: BreakerOptions): Breakers {
  const states = new Map<SiteId, State>()
  return {
    /** Asking is taking the turn: whoever hears `false` of a breaker that has rested is the one who looks. */
    mayAsk(site) {
      const state = states.get(site)
      if (state === undefined || state.failures < failures) return true
      const now = clock.monotonic()
      if (now < state.shutUntil) return false
      // A looker that was killed never reports: after another rest it is the next one's turn.
      state.shutUntil = now + restMs
      return true
    },
    succeeded: (site) => void states.delete(site),
    failed(site) {
      const state = states.get(site) ?? { failures: 0, shutUntil: 0 }
      states.set(site, state)
      state.failures++
      state.shutUntil = clock.monotonic() + restMs
    },
  }
}
